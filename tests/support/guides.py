"""The guides as their readers use them: blocks of code, and addresses."""

from __future__ import annotations

import re
from importlib import resources
from typing import Final

from services.portal.pages.guides import GUIDES, WRITTEN_BASE

LANGUAGES: Final = ("en", "zh")
_FENCE: Final = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ADDRESS: Final = re.compile(rf"{WRITTEN_BASE}(/[^\s\"'`<>]*)")


def text(name: str, language: str = "en") -> str:
    """A guide as it is written."""
    return (resources.files("services.portal") / "guides" / f"{name}.{language}.md").read_text("utf-8")


def blocks(name: str, language: str = "en") -> list[tuple[str, str]]:
    """Programming language and code of each block of a guide."""
    return _FENCE.findall(text(name, language))


def code(name: str, programming_language: str) -> list[str]:
    """The blocks of one programming language."""
    return [body for kind, body in blocks(name) if kind == programming_language]


def addresses() -> list[str]:
    """The paths, with their queries, of all addresses of the service in the guides."""
    return sorted({path for name in GUIDES for path in _ADDRESS.findall(text(name))})
