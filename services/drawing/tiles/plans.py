"""Plans: all that the tiles of one kind of request have in common, resolved once so that the next one is drawn at once.

A plan is made when titiler's way has resolved a request, and holds as long as the catalogue gives the same dataset. It
is kept only where every tile of its key shows the same file. What a tile of a mosaic shows depends on where it lies,
and is resolved for each, but coarse ones show the overview across its sheets: their plan ends at a matrix. It says how
to draw, never who may see: each use needs its own access decision.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from titiler.core.resources.enums import ImageType

from cog.reading.opener import close_all, open_raster
from cog.tiles import proven
from cog.tiles.encode import encode, npy
from cog.tiles.placed import read_placed
from cog.tiles.read import read_cells, read_first
from cog.tiles.render import Drawing, Painter, table_bytes
from cog.tiles.source import ImageRequest, RasterSource
from services.drawing.formats import MEDIA_TYPES
from services.drawing.rendering import FILES
from services.drawing.tiles.matrices import Address
from services.drawing.tiles.turns import Pace

if TYPE_CHECKING:
    from cog.tiles.encode import Picture
    from cog.tiles.source import ImageCells
    from records.datasets.models import Dataset, Style
    from services.access.principal import Principal
    from services.drawing.freshness import Freshness
    from services.drawing.rendering import Rendering
    from services.drawing.tiles.extents import Box
    from services.drawing.tiles.matrices import MatrixSet, TileLimits
    from services.drawing.tiles.paths import SplitPath, TileKey
    from services.selection.opening.pictures import PictureSource
    from services.web.context import Context

log = logging.getLogger(__name__)

MAX_PLANS = 4096
"""Plans kept by a process."""
MAX_BYTES = 48 * 2**20
"""Bytes that they take, about."""
PLANNING_THREADS = 4
_PLAN_BYTES = 6_000
"""Memory of a plan without tables, with its key and its dataset's share, about."""
PLANNED = frozenset({*FILES, ImageType.npy})
"""The formats that are written here; the others are GDAL's."""


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
        finest: The last matrix that it draws, because finer tiles show other files; None: all.
    """

    source: RasterSource
    dtype: str
    drawing: Drawing | None
    image: ImageType
    matrix_set: MatrixSet
    size: int | None
    indexes: tuple[int, ...] | None
    freshness: Freshness
    limits: TileLimits | None = None
    pace: Pace = field(default_factory=Pace)
    finest: int | None = None

    @cached_property
    def _painter(self) -> Painter | None:
        return None if self.drawing is None else Painter(self.source, self.dtype, self.drawing)

    @property
    def memory(self) -> int:
        """Bytes that it takes once it has drawn, about: colours, and tables of all values of up to two bytes."""
        if self.drawing is None:
            return _PLAN_BYTES
        return _PLAN_BYTES + table_bytes(self.dtype)

    def holds(self, matrix: int, row: int, column: int) -> bool:
        """Whether there is such a tile in the matrix set, within the limits."""
        if self.finest is not None and matrix > self.finest:
            return False
        level = self.matrix_set.matrices.get(matrix)
        if level is None or not (row < level.rows and column < level.columns):
            return False
        if self.limits is None:
            return True
        top, bottom, left, right = self.limits[matrix]
        return top <= row <= bottom and left <= column <= right

    def draw(self, where: Address) -> bytes | None:
        """Draw the tile; None where rio-tiler must. Raises what `read_cells` raises."""
        cells = self._cells(where)
        if cells is None:
            return None
        if self._painter is None:
            return npy(cells.image())
        picture = self._painter.paint(cells)
        return None if picture is None else encode(picture, FILES[self.image])

    def picture(self, where: Address) -> Picture | None:
        """The tile before it is encoded; None where rio-tiler must draw, and where values are no picture."""
        cells = None if self._painter is None else self._cells(where)
        return None if cells is None or self._painter is None else self._painter.paint(cells)

    def _cells(self, where: Address) -> ImageCells | None:
        size = self.size or self.matrix_set.matrices[where.matrix].tile
        request = ImageRequest(bounds=where.bounds, crs=self.matrix_set.crs, shape=(size, size), indexes=self.indexes)
        cells = read_first(self.source, request)
        if cells is not None:
            return cells
        with open_raster(self.source.path, self.source.version) as raster:
            return read_cells(self.source, raster, request) or read_placed(self.source, raster, request)

    def headers(self, where: Address) -> dict[str, str]:
        """Headers that locate the tile."""
        return location_headers(where, where.bounds)

    def raw_headers(self, where: Address, length: int) -> list[tuple[bytes, bytes]]:
        """`headers` and the headers of the content, of `length` bytes, as ASGI has them."""
        bbox = ",".join(map(str, self.matrix_set.in_crs_order(where.bounds)))
        return [*self._raw, (b"content-bbox", bbox.encode()), (b"content-length", str(length).encode())]

    @cached_property
    def _raw(self) -> tuple[tuple[bytes, bytes], ...]:
        kind, crs = (b"content-type", MEDIA_TYPES[self.image].encode()), self.matrix_set.crs_uri
        return (kind,) if crs is None else (kind, (b"content-crs", f"<{crs}>".encode()))


def location_headers(where: Address, box: Box) -> dict[str, str]:
    """Headers that locate a tile: a box (x before y) in the order of its CRS, and that CRS if it is registered."""
    crs = where.matrix_set.crs_uri
    headers = {"Content-Bbox": ",".join(map(str, where.matrix_set.in_crs_order(box)))}
    return headers if crs is None else headers | {"Content-Crs": f"<{crs}>"}


def plan_of(
    picture: PictureSource,
    style: Style,
    rendering: Rendering,
    image: ImageType,
    matrix_set: MatrixSet,
    freshness: Freshness,
    limits: TileLimits | None = None,
) -> TilePlan | None:
    """Plan the tiles of a resolved request; None where only titiler's way can draw it. Raises InvalidParameter."""
    if not isinstance(picture.raster, RasterSource) or image not in PLANNED or not rendering.is_plain:
        return None
    coloring = rendering.coloring(picture.variable, style, image)
    drawing = None
    if image in FILES:
        drawing = coloring.drawing()
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


@dataclass(frozen=True, kw_only=True)
class Planning:
    """What planning came to.

    Attributes:
        dataset: As the catalogue held it.
        plan: The plan of all tiles of the kind; None where the route has to draw each.
    """

    dataset: Dataset
    plan: TilePlan | None


PlanTile = Callable[["Context", "Principal", "SplitPath"], Planning | None]
"""Plans the tiles of a path before its first request passes the framework; None for a path that it does not know."""


class TilePlans:
    """The plans of an application, the most recently used ones, and the threads that make them and draw slow tiles.

    One thread draws: pixels keep a core busy, and two threads of one process would only take turns. Few plan, since
    they wait for the database. What is not planned is drawn in the threads that answer all other requests.

    Args:
        planners: Make plans of paths.
    """

    def __init__(self, planners: Sequence[PlanTile] = ()) -> None:
        self.planners = planners
        self._plans: OrderedDict[TileKey, TilePlan] = OrderedDict()
        self._left_out: OrderedDict[TileKey, Dataset] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="tiles")
        self.planning = ThreadPoolExecutor(PLANNING_THREADS, thread_name_prefix="plans")
        self.is_on = proven.is_proven()
        self.drawn = 0
        """Tiles drawn by a plan."""
        self.left = 0
        """Tiles of a plan that rio-tiler had to draw."""
        if not self.is_on:
            log.warning("tiles are drawn by rio-tiler alone: identity was not proved on %s", proven.unproven_versions())

    def close(self) -> None:
        """End the thread, and close what it and the calling thread, the event loop's, hold open."""
        self.planning.shutdown()
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

    def plan(self, context: Context, principal: Principal, split: SplitPath) -> TilePlan | None:
        """Plan the tiles of a path and keep the plan; None where the route has to answer.

        Blocking: asks the database. Raises what the route raises for a request that is wrong or refused.
        """
        with self._lock:
            left_out = self._left_out.get(split.key)
        if left_out is not None and context.catalogue.cached(left_out.id) is left_out:
            return None
        made = (planner(context, principal, split) for planner in self.planners)
        planning = next((each for each in made if each is not None), None)
        if planning is None:
            return None
        if planning.plan is None:
            with self._lock:
                self._left_out[split.key] = planning.dataset
                while len(self._left_out) > MAX_PLANS:
                    self._left_out.popitem(last=False)
            return None
        self.learn(split.key, planning.plan)
        return planning.plan

    def learn(self, key: TileKey, plan: TilePlan) -> None:
        """Keep a plan."""
        with self._lock:
            self._drop(key)
            self._plans[key] = plan
            self._bytes += plan.memory
            while len(self._plans) > MAX_PLANS or (self._bytes > MAX_BYTES and len(self._plans) > 1):
                self._drop(next(iter(self._plans)))

    def forget(self, key: TileKey) -> None:
        """Drop the plan of a key."""
        with self._lock:
            self._drop(key)

    def forget_all(self) -> None:
        """Drop every plan."""
        with self._lock:
            self._plans.clear()
            self._left_out.clear()
            self._bytes = 0

    def _drop(self, key: TileKey) -> None:
        plan = self._plans.pop(key, None)
        if plan is not None:
            self._bytes -= plan.memory

    def __len__(self) -> int:
        return len(self._plans)
