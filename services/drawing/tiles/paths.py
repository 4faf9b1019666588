"""The paths of tiles and maps: what all of one kind of request share, and which of them a request means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from starlette.types import Scope

_MAX_KEY = 2000
"""Bytes of a path, query and Accept above which nothing is kept."""
_PARTS = 4
_OF_TILES = "/map/tiles/"
_DIGITS = 10
_PLACE = (b"tilematrix", b"tilerow", b"tilecol")
_PIXELS = (b"bbox", b"width", b"height")
_GET_MAP = b"request=getmap"


class TileKey(NamedTuple):
    """The parts that all requests of one plan share: path without its last three parts, ending, query, and Accept.

    Whatever the choice of granule, style and format depends on stands here, except for what the catalogue holds.
    """

    path: str
    ending: str
    query: bytes
    accept: bytes


class SplitPath(NamedTuple):
    """A request for a tile or a map in its parts.

    Attributes:
        key: What all of its kind share.
        texts: The digits of matrix, row and column; of a map, box, columns and rows as written.
        identity: The path, with the digits where they stand in the query: what its entity tag names a tile by.
        is_plannable: Whether the path says by itself what it shows.
    """

    key: TileKey
    texts: tuple[str, ...]
    identity: str
    is_plannable: bool = True


def split_path(scope: Scope, path: str) -> SplitPath | None:
    """Split a request for a tile or a map into its parts; None if it is not like one.

    The path is the one below the service's prefix. Of several Accept headers the first counts, as it does in the route.
    """
    if len(path) + len(scope["query_string"]) > _MAX_KEY:
        return None
    if path.endswith("/wmts"):
        return _split_keywords(scope, path)
    if path.endswith("/wms"):
        return _split_map(scope, path)
    if path.startswith(("/xyz/", "/wmts/")) or "/wmts/" in path:
        return _split_file(scope, path, column_first=path.startswith("/xyz/"))
    return _split_negotiated(scope, path) if path.startswith("/collections/") and _OF_TILES in path else None


def _split_negotiated(scope: Scope, path: str) -> SplitPath | None:
    """A path whose format is said by the query or by Accept."""
    accept = b", ".join(value for name, value in scope["headers"] if name == b"accept")
    parts = path.rsplit("/", 3)
    if len(parts) < _PARTS or len(accept) > _MAX_KEY:
        return None
    head, matrix, row, column = parts
    key = TileKey(path=head, ending="", query=scope["query_string"], accept=accept)
    return _tile(key, (matrix, row, column), path)


def _split_file(scope: Scope, path: str, *, column_first: bool) -> SplitPath | None:
    """A path that ends like the name of a file, as in `/2/1/3.png`."""
    parts = path.rsplit("/", 3)
    if len(parts) < _PARTS:
        return None
    head, matrix, second, third = parts
    third, _, ending = third.partition(".")
    row, column = (third, second) if column_first else (second, third)
    key = TileKey(path=head, ending=ending, query=scope["query_string"], accept=b"")
    return _tile(key, (matrix, row, column), path)


def _tile(key: TileKey, numbers: tuple[str, str, str], identity: str, *, is_plannable: bool = True) -> SplitPath | None:
    """The tile of three numbers; None if one of them is none."""
    if not all(number.isascii() and number.isdecimal() and len(number) <= _DIGITS for number in numbers):
        return None
    return SplitPath(key, numbers, identity, is_plannable)


def _split_keywords(scope: Scope, path: str) -> SplitPath | None:
    """The keywords of WMTS (OGC 07-057r7, 7.2.2)."""
    parts = _keywords(scope["query_string"], _PLACE)
    if parts is None:
        return None
    texts, rest = parts
    matrix, row, column = (text.decode("latin-1") for text in texts)
    key = TileKey(path=path, ending="", query=rest, accept=b"")
    return _tile(key, (matrix, row, column), f"{path}/{matrix}/{row}/{column}", is_plannable=False)


def _split_map(scope: Scope, path: str) -> SplitPath | None:
    """The keywords of GetMap (OGC 06-042, 7.3.2)."""
    parts = _keywords(scope["query_string"], _PIXELS)
    if parts is None or _GET_MAP not in parts[1].lower():
        return None
    texts, rest = parts
    key = TileKey(path=path, ending="", query=rest, accept=b"")
    return SplitPath(key, tuple(unquote_plus(text.decode("latin-1")) for text in texts), path, is_plannable=False)


def _keywords(query: bytes, names: tuple[bytes, ...]) -> tuple[list[bytes], bytes] | None:
    """The values of some keywords, and the query without them.

    Names are in any case, of repeated ones the first counts. None where one is missing, and for escapes in names, which
    may stand for the same keywords.
    """
    values: dict[bytes, bytes] = {}
    rest = []
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if (name := name.lower()) in names:
            values.setdefault(name, value)
        elif b"%" in name:
            return None
        else:
            rest.append(pair)
    if len(values) < len(names):
        return None
    return [values[name] for name in names], b"&".join(rest)
