"""A short YAML file that people write, read with care: bounded, UTF-8, without aliases, each member with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from config.errors import InvalidDeclaration

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
"""Levels of lists and mappings: the deepest member of a declaration, a class's title, is on the fifth."""

Lines = dict[tuple[str, ...], int]
"""The line (from 1) of each member of a document, by its path."""


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """The document of a YAML or JSON file and its members' lines; raises InvalidDeclaration, naming the line."""
    text = _text(path)
    try:
        _require_plain(text, path)
        return yaml.safe_load(text), _line_index(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise InvalidDeclaration(f"{path}: {where}{getattr(error, 'problem', error)}") from error
    except ValueError as error:  # such as the date 2001-02-30
        raise InvalidDeclaration(f"{path}: {error}; put text that is no number and no date in quotes") from error


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        cause = f"{path}: cannot be read: {error.strerror}"
        raise InvalidDeclaration(f"{cause}; check the path and its permissions") from error
    if len(content) > MAX_BYTES:
        raise InvalidDeclaration(f"{path}: larger than {MAX_BYTES} bytes; a declaration is a short file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        cause = f"{path}: line {line}: the byte 0x{content[error.start]:02x} at {error.start} is not UTF-8"
        raise InvalidDeclaration(f"{cause}; save the file as UTF-8 (it may be GBK or another encoding)") from error


def _require_plain(text: str, path: Path) -> None:
    """Refuse what makes a short file costly to read: aliases, and members nested beyond any declaration."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise InvalidDeclaration(f"{path}: line {line}: anchors (&) and aliases (*) are not read; write it out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InvalidDeclaration(f"{path}: line {line}: nested deeper than {MAX_DEPTH} levels")


def _line_index(text: str) -> Lines:
    index: Lines = {}

    def walk(node: yaml.Node | None, path: tuple[str, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                index[(*path, str(key.value))] = key.start_mark.line + 1
                walk(value, (*path, str(key.value)))
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                index[(*path, str(number))] = value.start_mark.line + 1
                walk(value, (*path, str(number)))

    walk(yaml.compose(text, Loader=yaml.SafeLoader), ())
    return index
