"""What is wrong with settings, in a sentence that says where it stands and what may be meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic_core import ErrorDetails

type Location = tuple[str, ...]
"""Where a setting is: ("data_dir",) or ("server", "port")."""

_LEAST_LIKENESS = 0.6
_PYDANTIC = "Input should be "
_WORDS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "list_type": "a list",
}
_MOST_SHOWN = 60
"""Characters of a value in a message."""


@dataclass(frozen=True)
class SettingsFile:
    """The YAML file of settings: which line each of them stands on."""

    path: str
    lines: dict[Location, int] = field(default_factory=dict)


def read_lines(path: str) -> SettingsFile:
    """The lines of a file of settings; raises OSError, ValueError and yaml.YAMLError."""
    document = yaml.compose(Path(path).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    return SettingsFile(path, dict(_lines(document, ())))


def _lines(node: yaml.Node | None, above: Location) -> list[tuple[Location, int]]:
    lines: list[tuple[Location, int]] = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*above, str(key.value))
            lines += [(place, key.start_mark.line + 1), *_lines(value, place)]
    return lines


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Words for what is wrong with settings.

    Attributes:
        prefix: Of the variables of the environment.
        known: Every setting.
        variables: The names of the variables that are set, in capitals.
        file: The file of settings, if there is one.
        secret: Settings whose values no message shows.
    """

    prefix: str
    known: Collection[Location]
    variables: Collection[str]
    file: SettingsFile | None
    secret: Collection[Location] = ()

    def sentence(self, error: ErrorDetails) -> str:
        """What is wrong with one setting, and where."""
        place = tuple(str(part) for part in error["loc"])
        line = self._line(place)
        name = ".".join(place) if line else self._variable(place) if place else "settings"
        where = f"{self.file.path}, line {line}: " if line and self.file else ""
        return f"{where}{name}: {self._cause(error, place, in_file=bool(line))}"

    def _cause(self, error: ErrorDetails, place: Location, *, in_file: bool) -> str:
        groups = {location[:1] for location in self.known if len(location) > 1}
        if error["type"] == "extra_forbidden":
            return f"there is no such setting; {self._meant(place, groups, in_file=in_file)}"
        if place in groups and error["type"] in ("model_type", "dict_type"):
            member = next(location for location in self.known if location[:1] == place)
            example = ".".join(member) if in_file else self._variable(member)
            return f"it is a group of settings and has no value of its own; set its members, such as {example}"
        message = error["msg"].removeprefix("Value error, ")
        if message.startswith(_PYDANTIC) and place not in self.secret:
            meant = _WORDS.get(error["type"], message.removeprefix(_PYDANTIC))
            return f"it is {repr(error['input'])[:_MOST_SHOWN]}, and should be {meant}"
        return message

    def _meant(self, place: Location, groups: Collection[Location], *, in_file: bool) -> str:
        """The setting that is most like one that there is not."""
        names = {".".join(location): location for location in (*self.known, *groups)}
        near = get_close_matches(".".join(place), names, n=1, cutoff=_LEAST_LIKENESS)
        if not near:
            return "`graticule settings` lists them"
        return f"did you mean {near[0] if in_file else self._variable(names[near[0]])}?"

    def _line(self, place: Location) -> int | None:
        """The line of a setting, or of its group, unless a variable sets it."""
        if self.file is None or not place or {self._variable(place), self._variable(place[:1])} & set(self.variables):
            return None
        return next((self.file.lines[p] for p in (place, place[:1]) if p in self.file.lines), None)

    def _variable(self, place: Location) -> str:
        return self.prefix + "_".join(place).upper()


def not_yaml(path: str, error: Exception) -> str:
    """What is wrong with a file of settings that is no YAML, or no mapping."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        reason = "it holds no settings such as `server:` with `port: 8080` below" if _is_shape(error) else str(error)
        return f"{path}: {reason}"
    return (
        f"{path}, line {mark.line + 1}, column {mark.column + 1}: no YAML: {getattr(error, 'problem', None) or error}"
    )


def _is_shape(error: Exception) -> bool:
    return isinstance(error, TypeError | ValueError) and not isinstance(error, UnicodeDecodeError)
