"""The plan of tiles: one COG, drawn in one way, in one tile matrix set and format."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from titiler.core.resources.enums import ImageType

from cog.reading.opener import open_raster
from cog.tiles.encode import encode, npy
from cog.tiles.placed import read_placed
from cog.tiles.read import read_cells, read_first
from cog.tiles.render import Drawing, Painter, table_bytes
from cog.tiles.source import ImageRequest, RasterSource
from services.drawing.formats import MEDIA_TYPES
from services.drawing.rendering import FILES
from services.drawing.tiles.matrices import Address
from services.drawing.tiles.plans import PLAN_BYTES
from services.drawing.tiles.turns import Pace

if TYPE_CHECKING:
    from cog.tiles.encode import Picture
    from cog.tiles.source import ImageCells
    from records.datasets.models import Style
    from services.drawing.freshness import Freshness
    from services.drawing.rendering import Rendering
    from services.drawing.tiles.extents import Box
    from services.drawing.tiles.matrices import MatrixSet, TileLimits
    from services.drawing.tiles.paths import SplitPath
    from services.selection.opening.pictures import PictureSource

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
            return PLAN_BYTES
        return PLAN_BYTES + table_bytes(self.dtype)

    def place(self, texts: tuple[str, ...]) -> Address | None:
        """The tile of digits of matrix, row and column; None if the matrix set has none, or outside the limits."""
        matrix, row, column = map(int, texts)
        if not self._holds(matrix, row, column):
            return None
        return Address(matrix_set=self.matrix_set, matrix=matrix, row=row, column=column)

    def identity(self, split: SplitPath, place: Address) -> str:
        """The path, with the numbers where they stand in the query."""
        del place
        return split.identity

    def _holds(self, matrix: int, row: int, column: int) -> bool:
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
