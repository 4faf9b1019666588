"""The paths of tiles: what all tiles of one kind of request share, and which of them a request means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from starlette.types import Scope

_MAX_KEY = 2000
"""Bytes of a path, query and Accept above which nothing is kept."""
_PARTS = 4
_OF_TILES = "/map/tiles/"
_PLACE = (b"tilematrix", b"tilerow", b"tilecol")


class TileKey(NamedTuple):
    """The parts that all requests of one plan share: path without its last three parts, ending, query, and Accept.

    Whatever the choice of granule, style and format depends on stands here, except for what the catalogue holds.
    """

    path: str
    ending: str
    query: bytes
    accept: bytes


class SplitPath(NamedTuple):
    """A tile request in its parts.

    Attributes:
        key: What all tiles of its kind share.
        numbers: Matrix, row and column as written.
        identity: The path, with the numbers where they stand in the query: what its entity tag names the tile by.
    """

    key: TileKey
    numbers: tuple[str, str, str]
    identity: str


def split_path(scope: Scope, path: str) -> SplitPath | None:
    """Split a tile request into its parts; None if it is not like a tile.

    The path is the one below the service's prefix. Of several Accept headers the first counts, as it does in the route.
    """
    if len(path) + len(scope["query_string"]) > _MAX_KEY:
        return None
    if path.endswith("/wmts"):
        return _split_keywords(scope, path)
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
    return SplitPath(key, (matrix, row, column), path)


def _split_file(scope: Scope, path: str, *, column_first: bool) -> SplitPath | None:
    """A path that ends like the name of a file, as in `/2/1/3.png`."""
    parts = path.rsplit("/", 3)
    if len(parts) < _PARTS:
        return None
    head, matrix, second, third = parts
    third, _, ending = third.partition(".")
    row, column = (third, second) if column_first else (second, third)
    key = TileKey(path=head, ending=ending, query=scope["query_string"], accept=b"")
    return SplitPath(key, (matrix, row, column), path)


def _split_keywords(scope: Scope, path: str) -> SplitPath | None:
    """The keywords of WMTS (OGC 07-057r7, 7.2.2): names in any case, of repeated ones the first counts."""
    numbers: dict[bytes, str] = {}
    rest = []
    for pair in scope["query_string"].split(b"&"):
        name, _, value = pair.partition(b"=")
        if (name := name.lower()) in _PLACE:
            numbers.setdefault(name, value.decode("latin-1"))
        else:
            rest.append(pair)
    if len(numbers) < len(_PLACE):
        return None
    matrix, row, column = (numbers[name] for name in _PLACE)
    key = TileKey(path=path, ending="", query=b"&".join(rest), accept=b"")
    return SplitPath(key, (matrix, row, column), f"{path}/{matrix}/{row}/{column}")
