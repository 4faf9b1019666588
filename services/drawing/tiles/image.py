"""A tile drawn by rio-tiler's way of reading: any resampling, band arithmetic, colour formula and format."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cog.tiles.mosaic_reader import open_reader
from services.drawing.faults import translated
from services.drawing.rendering import draw, paint

if TYPE_CHECKING:
    from titiler.core.resources.enums import ImageType

    from cog.reading.mosaic import Mosaic
    from cog.tiles.encode import Colored
    from cog.tiles.source import RasterSource
    from services.drawing.rendering import Coloring, Rendering
    from services.drawing.tiles.matrices import Address

Bounds = tuple[float, float, float, float]


class TileImage(NamedTuple):
    """A tile as a file, its media type, and its (west, south, east, north) in the CRS of the matrix set."""

    content: bytes
    media_type: str
    bounds: Bounds


def read_picture(raster: RasterSource | Mosaic[RasterSource], where: Address, coloring: Coloring) -> Colored:
    """Read a tile, nearest cells of all bands, and colour it; raises as `draw_tile`."""
    with translated():
        with open_reader(raster, tms=where.matrix_set.definition) as reader:
            tile = reader.tile(where.column, where.row, where.matrix)
        return paint(tile, coloring)


def draw_tile(
    raster: RasterSource | Mosaic[RasterSource],
    where: Address,
    rendering: Rendering,
    coloring: Coloring,
    image: ImageType,
) -> TileImage:
    """Read a tile and draw it; raises InvalidInput or InvalidParameter for what the raster or format cannot have."""
    with translated():
        with open_reader(raster, tms=where.matrix_set.definition) as reader:
            tile = reader.tile(
                where.column, where.row, where.matrix, tilesize=rendering.tilesize, **rendering.reading_options()
            )
        content, media_type = draw(tile, image, coloring.colormap, **coloring.options())
    return TileImage(content, media_type, tile.bounds or where.bounds)
