"""Readers whose regions are bounded: one image, and the features of one request together."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from rasterio._err import CPLE_BaseError
from rasterio.errors import WarpOperationError
from rasterio.warp import transform_bounds
from rio_tiler.constants import WGS84_CRS

from cog.grids.gridmath import is_upright, native_cell
from cog.reading.mosaic import Mosaic
from cog.tiles.mosaic_reader import open_reader
from cog.tiles.reader import GranuleReader
from config.errors import InvalidInput, InvalidParameter, TooLarge
from config.grids import CRS84
from records.datasets.footprint import bounding_box
from services.parameters.statistics import MAX_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rasterio.crs import CRS
    from rio_tiler.models import ImageData, PointData

    from cog.tiles.mosaic_reader import MosaicReader
    from cog.tiles.source import RasterSource

Bounds = tuple[float, float, float, float]

MAX_FEATURES: Final = 100
MAX_VERTICES: Final = 100_000
MAX_PIXELS: Final = 16_000_000
"""Most pixels of the features of one request together."""
MAX_DIVISIONS: Final = 100_000_000
"""Most parts of cells in which the edge of one feature is drawn: one byte each."""
_TURNS: Final = 720.0
"""Clients that pan round the globe count on past 180 degrees."""
_COORDINATE: Final = 1e8
_ROUNDING: Final = 1e-6


class RegionReader(GranuleReader):
    """A granule's reader that refuses regions which are too large or invalid."""

    def __attrs_post_init__(self) -> None:
        """Open the COG, with nothing counted yet."""
        super().__attrs_post_init__()
        self.cover_scale = 1
        """Parts of a cell's edge in which titiler will draw each feature."""
        self.is_clipped = False
        """Whether its geographic bounds end where its tile matrix set does."""
        self._features = self._vertices = self._pixels = 0

    def get_geographic_bounds(self, crs: CRS) -> Bounds:
        """Return (west, south, east, north) in a geographic CRS."""
        west, south, east, north = (
            super().get_geographic_bounds(crs) if self.crs == crs else self._projected_bounds(crs)
        )
        if self.is_clipped:
            _, low, _, high = self.tms.bbox
            south, north = max(south, low), min(north, high)
        return west, south, east, north

    def _projected_bounds(self, crs: CRS) -> Bounds:
        """The bounds of a projected raster; of a view from space, whose corners have no place, those of what it shows.

        rio-tiler takes the whole world there.
        """
        try:
            box = transform_bounds(self.crs, crs, *self.bounds, densify_pts=21)
        except CPLE_BaseError:
            box = (math.nan,)
        return box if all(map(math.isfinite, box)) else bounding_box(self.source.grid)

    def preview(self, *args: Any, **options: Any) -> ImageData:
        """Read the whole raster; see `cog.tiles.reader.GranuleReader.preview`. Raises InvalidInput."""
        with _projectable():
            return super().preview(*args, **options)

    def point(self, lon: float, lat: float, *args: Any, **options: Any) -> PointData:
        """Read a point; see `cog.tiles.reader.GranuleReader.point`. Raises InvalidInput."""
        with _projectable():
            return super().point(lon, lat, *args, **options)

    def part(
        self,
        bbox: Sequence[float],
        dst_crs: CRS | None = None,
        bounds_crs: CRS = WGS84_CRS,
        *args: Any,
        align_bounds_with_dataset: bool = False,
        **options: Any,
    ) -> ImageData:
        """Read a box, in cells of its own size unless a size is given.

        Raises:
            InvalidParameter: if the box has no area or is not on the earth.
            InvalidInput: if it has no place in the target CRS.
            TooLarge: if it has more cells than MAX_SIZE along an edge, and no size is given.
        """
        box = _valid_box(bbox, bounds_crs)
        target = dst_crs or bounds_crs
        with _projectable():
            if target != bounds_crs:
                box, bounds_crs = transform_bounds(bounds_crs, target, *box, densify_pts=21), target
            if align_bounds_with_dataset:
                box = self._aligned(box, target)
            if not any(options.get(name) for name in ("max_size", "width", "height")):
                self._require_native_size(box, target)
                options["max_size"] = MAX_SIZE
            return super().part(box, target, bounds_crs, *args, **options)

    def feature(self, shape: dict[str, Any], *args: Any, **options: Any) -> ImageData:
        """Read the box of a polygon, masked outside it; raises as `part`, and TooLarge for too much in one request."""
        geometry = shape.get("geometry", shape)
        if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
            raise InvalidInput("a Feature whose geometry is a Polygon or MultiPolygon is needed")
        self._count(geometry)
        image: ImageData = super().feature(shape, *args, **options)
        pixels = image.width * image.height
        self._pixels += pixels
        if self._pixels > MAX_PIXELS:
            raise TooLarge(f"the features have more than {MAX_PIXELS} pixels together; send fewer, or give max_size=")
        if pixels * self.cover_scale**2 > MAX_DIVISIONS:
            raise TooLarge(
                f"{pixels} cells in {self.cover_scale**2} parts each are more than {MAX_DIVISIONS}: give a smaller "
                "cover_scale= or max_size="
            )
        return image

    def _count(self, geometry: dict[str, Any]) -> None:
        self._features += 1
        self._vertices += _positions(geometry.get("coordinates"))
        if self._features > MAX_FEATURES:
            raise TooLarge(f"more than {MAX_FEATURES} features; send at most {MAX_FEATURES} at a time")
        if self._vertices > MAX_VERTICES:
            raise TooLarge(f"the polygons have more than {MAX_VERTICES} vertices; simplify them, or send fewer")

    def _require_native_size(self, box: Bounds, crs: CRS) -> None:
        across, down = native_cell(self.source.grid, _name(crs))
        columns, rows = (box[2] - box[0]) / across, (box[3] - box[1]) / down
        if max(columns, rows) > MAX_SIZE + 0.5:
            raise TooLarge(
                f"the region has {columns:.0f} x {rows:.0f} cells, at most {MAX_SIZE} x {MAX_SIZE} are read as they "
                f"are: give max_size={MAX_SIZE} or width= and height=, or a smaller region"
            )

    def _aligned(self, box: Bounds, crs: CRS) -> Bounds:
        """Widen a box to whole cells, where its CRS is that of the grid."""
        grid = self.source.grid
        if _name(crs) != grid.crs or not is_upright(grid):
            return box
        a, _, left, _, e, top = grid.transform
        columns = sorted(((box[0] - left) / a, (box[2] - left) / a))
        rows = sorted(((box[1] - top) / e, (box[3] - top) / e))
        west, east = (left + a * column for column in _outward(*columns))
        north, south = (top + e * row for row in _outward(*rows))
        return min(west, east), min(south, north), max(west, east), max(south, north)


def open_region(
    source: RasterSource | Mosaic[RasterSource], *, cover_scale: int = 1, **options: Any
) -> RegionReader | MosaicReader:
    """Open the reader of a granule for titiler's factory, or of several, which tiles are drawn from."""
    if isinstance(source, Mosaic):
        return open_reader(source, **options)
    path: Any = source  # rio-tiler names it `input` and takes it for a path
    reader = RegionReader(path, **options)
    reader.cover_scale = cover_scale
    reader.is_clipped = "tms" in options  # morecantile warns of tiles beyond the latitudes of the set
    return reader


@contextmanager
def _projectable() -> Iterator[None]:
    """Turn the errors of a region that has no place in a CRS into InvalidInput."""
    try:
        yield
    except (CPLE_BaseError, WarpOperationError, OverflowError, ZeroDivisionError) as error:
        raise InvalidInput("the region has no place in that CRS; choose another one, or a smaller region") from error


def _valid_box(bbox: Sequence[float], crs: CRS) -> Bounds:
    west, south, east, north = bbox
    text = ",".join(f"{value:.10g}" for value in bbox)
    far, high = (_TURNS, 90.0) if crs.is_geographic else (_COORDINATE, _COORDINATE)
    if not all(map(math.isfinite, bbox)) or max(abs(west), abs(east)) > far or max(abs(south), abs(north)) > high:
        raise InvalidParameter("bbox", text, f"x from {-far:g} to {far:g} and y from {-high:g} to {high:g} are needed")
    if not (west < east and south < north):
        remedy = "minx,miny,maxx,maxy are needed, the smaller first; across 180 degrees write 170,-10,190,10"
        raise InvalidParameter("bbox", text, remedy)
    if crs.is_geographic and east - west > 360.0:
        raise InvalidParameter("bbox", text, "at most 360 degrees from west to east")
    return west, south, east, north


def _positions(coordinates: Any) -> int:
    if not isinstance(coordinates, list | tuple) or not coordinates:
        return 0
    return sum(map(_positions, coordinates)) if isinstance(coordinates[0], list | tuple) else 1


def _outward(low: float, high: float) -> tuple[int, int]:
    return math.floor(low + _ROUNDING), math.ceil(high - _ROUNDING)


def _name(crs: CRS) -> str:
    return CRS84 if crs == WGS84_CRS else str(crs.to_string())
