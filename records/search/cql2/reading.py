"""Reading a filter: CQL2 text and CQL2 JSON, both into the JSON encoding, bounded before anything recurses."""

from __future__ import annotations

import math
import re
from typing import Any

import cql2
import orjson

from config.errors import InvalidParameter

MAX_TEXT_CHARACTERS = 4_000
MAX_JSON_BYTES = 200_000
MAX_DEPTH = 50
"""Operations or brackets within one another."""
MAX_NODES = 20_000
"""Values, objects and lists of a filter together."""

_LITERAL = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_UNARY = re.compile(r"(?:\bNOT\b\s*|[-+]\s*){20,}", re.IGNORECASE)
_SHOWN = 200

Node = Any
"""A filter or a part of it in the JSON encoding: an operation, a literal or a list."""


def from_text(text: str) -> Node:
    """The JSON encoding of CQL2 text; raises InvalidParameter, saying where the text stops being CQL2."""
    if len(text) > MAX_TEXT_CHARACTERS:
        remedy = f"at most {MAX_TEXT_CHARACTERS} characters; POST a longer filter as JSON"
        raise InvalidParameter("filter", f"{len(text)} characters", remedy)
    _require_shallow(text)
    try:
        node = cql2.parse_text(text).to_json()
    except (cql2.ParseError, cql2.ValidationError, ValueError) as error:
        raise InvalidParameter("filter", text[:_SHOWN], f"it is no CQL2 text: {_first_words(error)}") from error
    _require_small(node)
    return node


def from_document(node: Node) -> Node:
    """A filter that has been read as part of a JSON document; raises InvalidParameter unless its size is bounded.

    `null` is no filter of CQL2 (21-065r2, Annex B): a client that writes it has lost its own.
    """
    if node is None:
        raise InvalidParameter("filter", "null", "a filter is an operation, or true or false; leave it out to find all")
    _require_small(node)
    return node


def from_json(encoded: bytes | str) -> Node:
    """A filter in CQL2 JSON; raises InvalidParameter unless it is JSON of a bounded size."""
    if len(encoded) > MAX_JSON_BYTES:
        raise InvalidParameter("filter", f"{len(encoded)} bytes", f"at most {MAX_JSON_BYTES} bytes are read")
    try:
        node = orjson.loads(encoded)
    except orjson.JSONDecodeError as error:
        text = encoded.decode(errors="replace") if isinstance(encoded, bytes) else encoded
        raise InvalidParameter("filter", text[:_SHOWN], f"it is no JSON: {error}") from error
    return from_document(node)


def _require_shallow(text: str) -> None:
    """Refuse nesting that the parser, which recurses without a bound, could not survive."""
    bare = _LITERAL.sub("''", text)
    depth = deepest = 0
    for character in bare:
        depth += (character in "([") - (character in ")]")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise InvalidParameter("filter", text[:_SHOWN], f"its brackets are nested more than {MAX_DEPTH} deep")
    if _UNARY.search(bare):
        raise InvalidParameter("filter", text[:_SHOWN], "it repeats NOT or a sign too often; leave pairs of them out")


def _require_small(root: Node) -> None:
    here, nodes = [root], 0
    for _ in range(MAX_DEPTH):
        nodes += len(here)
        if nodes > MAX_NODES:
            raise InvalidParameter("filter", f"more than {MAX_NODES} values", "ask for less at a time")
        _require_texts(here)
        here = [member for holder in here for member in members(holder)]
        if not here:
            return
    raise InvalidParameter("filter", "a deep expression", f"it is nested more than {MAX_DEPTH} deep")


def members(holder: Node) -> list[Node]:
    """The parts right below a node."""
    if isinstance(holder, dict):
        return list(holder.values())
    return holder if isinstance(holder, list) else []


def _require_texts(values: list[Node]) -> None:
    for value in values:
        if isinstance(value, str) and "\x00" in value:
            raise InvalidParameter("filter", value, "it holds the character U+0000, which no record has")
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidParameter("filter", value, "a finite number is needed")


def _first_words(error: Exception) -> str:
    """What the parser says, on one line and without its drawing of the place."""
    lines = [line.strip(" |^-=") for line in str(error).splitlines()]
    place = lines[0].removeprefix("> ") if lines else ""
    message = next((line for line in lines if line.startswith("expected")), lines[-1] if lines else "")
    return f"at line:column {place}, {message[:_SHOWN]}" if message.startswith("expected") else " ".join(lines)[:_SHOWN]
