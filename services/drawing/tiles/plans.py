"""Plans: all that the tiles of one kind of request have in common, resolved once so that the next one is drawn at once.

A plan is made when titiler's way has resolved a request, and holds as long as the catalogue gives the same dataset. It
is kept only where every tile of its key shows the same granule: what a tile of a mosaic shows depends on where it lies,
and is resolved for each. It says how to draw, never who may see: each use needs its own access decision.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from titiler.core.resources.enums import ImageType

from cog.reading.opener import close_all, open_raster
from cog.tiles import proven
from cog.tiles.encode import encode, npy
from cog.tiles.read import read_cells, read_first
from cog.tiles.render import Drawing, Painter
from cog.tiles.source import ImageRequest, RasterSource
from services.drawing.formats import MEDIA_TYPES
from services.drawing.rendering import FILES
from services.drawing.tiles.matrices import CRS_NAME, CRS_URI, Address, matrices
from services.drawing.tiles.turns import Pace

if TYPE_CHECKING:
    from starlette.types import Scope

    from records.datasets.models import Style
    from services.drawing.freshness import Freshness
    from services.drawing.rendering import Rendering
    from services.selection.pictures import PictureSource

log = logging.getLogger(__name__)

MAX_PLANS = 1024
"""Plans kept by a process. One with two-byte values holds a table of 64 KiB."""
_MAX_KEY = 2000
"""Bytes of a path, query and Accept above which nothing is kept."""
_PARTS = 4
_PLACE = (b"tilematrix", b"tilerow", b"tilecol")
PLANNED = frozenset({*FILES, ImageType.npy})
"""The formats that are written here; the others are GDAL's."""


Limits = tuple[tuple[int, int, int, int], ...]
"""(first row, last row, first column, last column) of the tiles of each matrix of a set, all inclusive."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TilePlan:
    """All that is needed to draw any tile of one kind of request.

    Attributes:
        source: The COG.
        dtype: numpy name of its stored values.
        drawing: The way from values to colours; None: they stay values.
        image: The format.
        matrix_set: The tile matrix set.
        size: Edge of a tile in pixels; None: the matrix set's own.
        indexes: The bands, from 1; None: all but alpha.
        freshness: All that its entity tags depend on.
        limits: The tiles that may be drawn; None: all.
        pace: The time that its tiles take.
    """

    source: RasterSource
    dtype: str
    drawing: Drawing | None
    image: ImageType
    matrix_set: str
    size: int | None
    indexes: tuple[int, ...] | None
    freshness: Freshness
    limits: Limits | None = None
    pace: Pace = field(default_factory=Pace)

    @cached_property
    def _painter(self) -> Painter | None:
        return None if self.drawing is None else Painter(self.source, self.dtype, self.drawing)

    def holds(self, matrix: int, row: int, column: int) -> bool:
        """Whether there is such a tile in the matrix set, within the limits."""
        levels = matrices(self.matrix_set)
        if not (matrix < len(levels) and row < levels[matrix].rows and column < levels[matrix].columns):
            return False
        if self.limits is None:
            return True
        top, bottom, left, right = self.limits[matrix]
        return top <= row <= bottom and left <= column <= right

    def bounds(self, where: Address) -> tuple[float, float, float, float]:
        """(west, south, east, north) of a tile, in the CRS of the matrix set."""
        return matrices(self.matrix_set)[where.matrix].bounds(where.row, where.column)

    def draw(self, where: Address) -> bytes | None:
        """Draw the tile; None where rio-tiler must. Raises what `read_cells` raises."""
        size = self.size or matrices(self.matrix_set)[where.matrix].tile
        request = ImageRequest(
            bounds=self.bounds(where), crs=CRS_NAME[self.matrix_set], shape=(size, size), indexes=self.indexes
        )
        cells = read_first(self.source, request)
        if cells is None:
            with open_raster(self.source.path, self.source.version) as raster:
                cells = read_cells(self.source, raster, request)
        if cells is None:
            return None
        if self._painter is None:
            return npy(cells.image())
        picture = self._painter.paint(cells)
        return None if picture is None else encode(picture, FILES[self.image])

    def headers(self, where: Address) -> dict[str, str]:
        """Headers that locate the tile."""
        return {
            "Content-Bbox": ",".join(map(str, self.bounds(where))),
            "Content-Crs": f"<{CRS_URI[self.matrix_set]}>",
        }

    def raw_headers(self, where: Address, length: int) -> list[tuple[bytes, bytes]]:
        """`headers` and the headers of the content, of `length` bytes, as ASGI has them."""
        bbox = ",".join(map(str, self.bounds(where)))
        return [*self._raw, (b"content-bbox", bbox.encode()), (b"content-length", str(length).encode())]

    @cached_property
    def _raw(self) -> tuple[tuple[bytes, bytes], ...]:
        crs = f"<{CRS_URI[self.matrix_set]}>"
        return (b"content-type", MEDIA_TYPES[self.image].encode()), (b"content-crs", crs.encode())


def plan_of(
    picture: PictureSource,
    style: Style,
    rendering: Rendering,
    image: ImageType,
    matrix_set: str,
    freshness: Freshness,
    limits: Limits | None = None,
) -> TilePlan | None:
    """Plan the tiles of a resolved request; None where only titiler's way can draw it. Raises InvalidParameter."""
    if not isinstance(picture.raster, RasterSource) or image not in PLANNED or not rendering.is_plain:
        return None
    coloring = rendering.coloring(picture.variable, style, image)
    drawing = None
    if image in FILES:
        drawing = Drawing(ranges=coloring.ranges, colors=coloring.colormap or None, logarithmic=coloring.logarithmic)
    elif coloring.colormap or coloring.ranges:
        return None
    return TilePlan(
        source=picture.raster,
        dtype=picture.variable.dtype,
        drawing=drawing,
        image=image,
        matrix_set=matrix_set,
        size=rendering.tilesize,
        indexes=rendering.bands,
        freshness=freshness,
        limits=limits,
    )


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
    return _split_negotiated(scope, path) if path.startswith("/collections/") else None


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


class TilePlans:
    """The plans of an application, the most recently used ones, and the thread that draws slow tiles by them.

    One thread: pixels keep a core busy, and two threads of one process would only take turns. What is not planned is
    drawn in the threads that answer all other requests.
    """

    def __init__(self) -> None:
        self._plans: OrderedDict[TileKey, TilePlan] = OrderedDict()
        self._lock = threading.Lock()
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="tiles")
        self.is_on = proven.is_proven()
        self.drawn = 0
        """Tiles drawn by a plan."""
        self.left = 0
        """Tiles of a plan that rio-tiler had to draw."""
        if not self.is_on:
            log.warning("tiles are drawn by rio-tiler alone: identity was not proved on %s", proven.unproven_versions())

    def close(self) -> None:
        """End the thread, and close what it and the calling thread, the event loop's, hold open."""
        self.pool.submit(close_all)
        self.pool.shutdown()
        close_all()

    def get(self, key: TileKey) -> TilePlan | None:
        """The plan of a key, if there is one."""
        with self._lock:
            plan = self._plans.get(key)
            if plan is not None:
                self._plans.move_to_end(key)
            return plan

    def learn(self, key: TileKey, plan: TilePlan) -> None:
        """Keep a plan."""
        with self._lock:
            self._plans[key] = plan
            while len(self._plans) > MAX_PLANS:
                self._plans.popitem(last=False)

    def forget(self, key: TileKey) -> None:
        """Drop the plan of a key."""
        with self._lock:
            self._plans.pop(key, None)

    def __len__(self) -> int:
        return len(self._plans)
