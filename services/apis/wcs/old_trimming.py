"""GetCoverage of WCS 1.0.0 (OGC 03-065r6, 9): a box filled with a number of cells, no data beside the data.

QGIS samples a point by a box far larger than the world: what lies beside the data is filled, not read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rasterio.warp import transform_bounds

from cog.grids.window import Window, whole
from cog.reading.warp import Warp
from config.boxes import parse_number
from config.errors import InvalidParameter
from config.grids import Grid
from services.apis.wcs.trimming import CoverageRequest
from services.ows.dimensions import NAMES
from services.ows.faults import OwsFault, invalid
from services.selection.region import CoveragePlace
from services.selection.viewports import Viewport, window_on
from services.web.crs import parse_crs

if TYPE_CHECKING:
    from cog.reading.warp import Kernel
    from services.apis.wcs.coverages import Coverage
    from services.ows.kvp import Keywords
    from services.web.crs import Reference

FORMATS: Final = ("GeoTIFF", "image/tiff")
_FORMATS: Final = {"geotiff", "image/tiff", "gtiff", "tiff", "image/geotiff", "geotiffint16", "geotifffloat32"}
_KERNELS: Final[dict[str, Kernel]] = {
    "": "nearest",
    "nearest": "nearest",
    "nearest neighbor": "nearest",
    "bilinear": "bilinear",
    "bicubic": "cubic",
}
INTERPOLATIONS: Final = ("nearest neighbor", "bilinear", "bicubic")
MAX_EDGE: Final = 20_000


@dataclass(frozen=True, kw_only=True)
class BoxRequest:
    """A box of cells.

    Attributes:
        request: The part of it that meets the data.
        grid: All of it.
        offset: (column, row) of the part within it.
        is_beside: Whether the box does not meet the data; the part is then one cell of them.
    """

    request: CoverageRequest
    grid: Grid
    offset: tuple[int, int]
    is_beside: bool


def read_box(coverage: Coverage, keywords: Keywords) -> BoxRequest:
    """The box of a request; raises OwsFault."""
    kernel = _KERNELS.get(keywords.text("interpolation").lower().replace("-", " "))
    if kernel is None:
        raise invalid("INTERPOLATION", keywords.text("interpolation"), f"there are {', '.join(INTERPOLATIONS)}")
    if keywords.required("format").lower() not in _FORMATS:
        raise OwsFault("InvalidFormat", "FORMAT", f"FORMAT={keywords.text('format')[:80]}: there is GeoTIFF")
    grid, target = _grid(keywords)
    data = coverage.grid
    offset, inner, is_beside = (0, 0), grid, False
    if data.crs == grid.crs:
        first_column, last_column = _met(grid.bounds[0], grid.transform[0], data.bounds[0], data.bounds[2], grid.width)
        top, bottom = -grid.bounds[3], -data.bounds[3]
        first_row, last_row = _met(top, -grid.transform[4], bottom, -data.bounds[1], grid.height)
        is_beside = first_column >= last_column or first_row >= last_row
        if not is_beside:
            offset = (first_column, first_row)
            window = Window(
                column=first_column, row=first_row, width=last_column - first_column, height=last_row - first_row
            )
            inner = window.grid(grid)
    if is_beside:
        window = Window(column=0, row=0, width=1, height=1)
        inner = window.grid(data)
    cells = window_on(data, Viewport(grid=inner, reference=target))
    region = Warp(grid=data, window=cells or whole(data), output=inner)
    place = CoveragePlace(region=region, reference=target, unscaled=(inner.width, inner.height))
    dimensions: dict[str, tuple[str, ...]] = {name: (keywords.text(name),) for name in NAMES if keywords.text(name)}
    request = CoverageRequest(
        place=place, kernel=kernel, dimensions=dimensions, bands=None, format="image/tiff", is_multipart=False
    )
    return BoxRequest(request=request, grid=grid, offset=offset, is_beside=is_beside)


def _grid(keywords: Keywords) -> tuple[Grid, Reference]:
    """The cells of the answer, and their CRS."""
    source = _crs("CRS", keywords.required("CRS"))
    target = _crs("RESPONSE_CRS", keywords.text("RESPONSE_CRS") or keywords.required("CRS"))
    west, south, east, north = keywords.numbers("BBOX", 4)
    if not (west < east and south < north):
        raise invalid("BBOX", keywords.text("BBOX"), "the smaller numbers come first: minx,miny,maxx,maxy")
    if target.crs != source.crs:
        try:
            west, south, east, north = transform_bounds(source.crs.replace("OGC:CRS84", "EPSG:4326"),
                target.crs.replace("OGC:CRS84", "EPSG:4326"), west, south, east, north)  # fmt: skip
        except Exception as error:
            raise invalid("BBOX", keywords.text("BBOX"), f"it has no place in {target.uri}") from error
        if not all(map(math.isfinite, (west, south, east, north))):
            raise invalid("BBOX", keywords.text("BBOX"), f"it has no place in {target.uri}")
    width, height = _edge(keywords, "WIDTH", "RESX", east - west), _edge(keywords, "HEIGHT", "RESY", north - south)
    transform = ((east - west) / width, 0.0, west, 0.0, -(north - south) / height, north)
    return Grid(crs=target.crs, transform=transform, width=width, height=height), target


def _crs(name: str, text: str) -> Reference:
    try:
        return parse_crs(text, name=name)
    except InvalidParameter as error:
        raise OwsFault("InvalidParameterValue", name, error.detail) from error


def _edge(keywords: Keywords, name: str, resolution: str, length: float) -> int:
    if keywords.text(name):
        count = keywords.integer(name)
    else:
        try:
            cell = parse_number(keywords.required(resolution), name=resolution)
        except InvalidParameter as error:
            raise OwsFault("InvalidParameterValue", resolution, error.detail) from error
        count = max(1, round(length / cell)) if cell > 0 and length / cell < 10 * MAX_EDGE else 0
    if not 1 <= count <= MAX_EDGE:
        raise invalid(name, str(count), f"1 to {MAX_EDGE} cells are possible")
    return count


def _met(start: float, cell: float, low: float, high: float, count: int) -> tuple[int, int]:
    """(first, end) of the cells of an axis that meet an interval; first >= end where none does."""
    first = math.floor((low - start) / cell + 1e-9)
    last = math.ceil((high - start) / cell - 1e-9)
    return max(first, 0), min(last, count)
