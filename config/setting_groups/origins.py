"""Where each setting came from, how it is shown, and which variables of the environment mean nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, SecretStr

from config.settings import CONFIG_VARIABLE, PREFIX, Settings, flat, locations, setting_name

_TESTS = PREFIX + "TEST_"
_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^/?#@\s:]*):[^\s]*@", re.IGNORECASE)
"""Up to the last @: a password that is not percent-encoded is hidden whole."""
_PASSWORD_PARAMETER = re.compile(
    r"(?P<before>[?&](?:ssl)?(?:password|passwd|pwd|secret|token)=)[^&#\s]*", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A setting as an operator may see it."""

    name: str
    """The environment variable that sets it."""

    value: Any
    """Its value, fit for JSON, secrets hidden."""

    origin: str
    """`default`, `environment`, or the YAML file's path."""


def shown(settings: Settings, environment: Mapping[str, str]) -> list[Shown]:
    """Every setting, in the order of their declaration."""
    document, path = _document(environment)
    variables = {name.upper() for name in environment}
    return [
        Shown(name=setting_name(where), value=presentable(value), origin=_origin(where, variables, document, path))
        for where, value in flat(settings).items()
    ]


def presentable(value: Any) -> Any:
    """A value fit for JSON and for other people's eyes: no password, also none inside a URL."""
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        masked = without_password(secret)
        return masked if masked != secret or "://" in secret or not secret else "***"
    if isinstance(value, str):
        return without_password(value)
    if isinstance(value, list):
        return [presentable(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def without_password(text: str) -> str:
    """A text whose URLs show *** for their passwords."""
    return _PASSWORD_PARAMETER.sub(r"\g<before>***", _PASSWORD.sub(r"\g<before>:***@", text))


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each variable with our prefix that sets nothing, with the nearest one that would."""
    names = known_variables()
    unknown = sorted(v for v in environment if v.upper().startswith(PREFIX) and v.upper() not in names)
    return [_guess(name, names) for name in unknown if not name.upper().startswith(_TESTS)]


def known_variables() -> set[str]:
    """Every environment variable that sets something."""
    groups = {PREFIX + n.upper() for n, f in Settings.model_fields.items() if _is_group(f.annotation)}
    return {setting_name(where) for where in locations()} | groups | {CONFIG_VARIABLE}


def _is_group(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _guess(name: str, names: set[str]) -> str:
    near = get_close_matches(name.upper(), sorted(names), n=1, cutoff=0.8)
    hint = f"; did you mean {near[0]}?" if near else "; `graticule settings` lists those that do"
    return f"{name} sets nothing{hint}"


def _document(environment: Mapping[str, str]) -> tuple[Mapping[str, Any], str]:
    path = environment.get(CONFIG_VARIABLE, "")
    if not path:
        return {}, ""
    return yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}, path


def _origin(where: tuple[str, ...], variables: set[str], document: Mapping[str, Any], path: str) -> str:
    if setting_name(where) in variables or (len(where) > 1 and setting_name(where[:1]) in variables):
        return "environment"
    inner: Any = document
    for part in where:
        if not isinstance(inner, Mapping) or part not in inner:
            return "default"
        inner = inner[part]
    return path
