"""Geometries of queries as cells of a grid. Coordinates are x before y in every CRS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from pyproj import CRS, Geod

from cog.grids.enclosing import Interval
from cog.grids.window import extent_text, window_of_box
from cog.reading.points import locate
from cog.writers.axes import horizontal
from cog.zones.polygons import PolygonsInGrid
from cog.zones.zones import Zone
from config.boxes import parse_number
from config.errors import InvalidParameter, OutsideExtent, TooLarge
from config.grids import CRS84, Grid
from services.apis.edr.places.transforms import to_degrees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from services.web.crs import Reference

LONGEST: Final = 100_000
"""Characters of `coords`."""
MOST_CELLS: Final = 2_000_000
"""Cells of one query; times and variables count besides."""
MOST_ZONE_CELLS: Final = 10_000_000
"""Cells around a polygon."""
_GEOD: Final = Geod(ellps="WGS84")
_METRES: Final = {
    "m": 1.0,
    "metre": 1.0,
    "metres": 1.0,
    "meter": 1.0,
    "meters": 1.0,
    "km": 1000.0,
    "kilometres": 1000.0,
    "kilometers": 1000.0,
    "mi": 1609.344,
    "miles": 1609.344,
    "nm": 1852.0,
    "ft": 0.3048,
}
_KINDS: Final = re.compile(r"\s*(MULTI)?(POINT|POLYGON|LINESTRING)\s*(ZM|Z|M)?\s*\(", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class SamplePlaces:
    """Cells of a query, one by one.

    Attributes:
        rows: Row of each in the grid.
        columns: Column of each.
        inside: Whether it lies on the grid.
        xs: Coordinate to the east of each, in the CRS of the answer.
        ys: Coordinate to the north.
        moments: Seconds since 1970 of each, of a trajectory that says when; else None.
        is_single: Whether the query is one point.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    inside: NDArray[np.bool_]
    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    moments: NDArray[np.float64] | None = None
    is_single: bool = False


@dataclass(frozen=True, kw_only=True)
class GridBlock:
    """A box of cells of a query.

    Attributes:
        rows: Its rows.
        columns: Its columns.
        mask: True for cells that the query means, as (row, column); None: all.
        xs: Cell centres to the east, in the CRS of the grid.
        ys: Cell centres to the north.
    """

    rows: range
    columns: range
    mask: NDArray[np.bool_] | None
    xs: NDArray[np.float64]
    ys: NDArray[np.float64]


def parse_wkt(text: str, *kinds: str) -> BaseGeometry:
    """Parse `coords`; raises InvalidParameter unless it is one of some kinds of geometry in WKT."""
    if len(text) > LONGEST:
        raise InvalidParameter("coords", text, f"longer than {LONGEST} characters")
    match = _KINDS.match(text)
    name = "" if match is None else f"{match[1] or ''}{match[2]}".upper()
    if match is None or name not in kinds:
        raise InvalidParameter("coords", text, f"write {' or '.join(kinds)} as WKT, x before y")
    dimensions = f" {match[3].upper()}" if match[3] else ""
    try:
        geometry = shapely.from_wkt(f"{name}{dimensions} ({text[match.end() :]}")
    except shapely.errors.GEOSException as error:
        raise InvalidParameter("coords", text, f"it is no WKT: {str(error)[:120]}") from error
    if geometry.is_empty or not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise InvalidParameter("coords", text, "it has no coordinates, or some that are not finite")
    return geometry


def distance(text: str, units: str, *, name: str) -> float:
    """A distance in metres; raises InvalidParameter."""
    if units.strip().lower() not in _METRES:
        raise InvalidParameter(f"{name}-units", units, f"known are {', '.join(_METRES)}")
    number = parse_number(text, name=name)
    if not 0 <= number * _METRES[units.strip().lower()] <= 20_100_000:
        raise InvalidParameter(name, text, "it is from 0 to half the way round the earth")
    return number * _METRES[units.strip().lower()]


def points(grid: Grid, geometry: BaseGeometry, reference: Reference) -> SamplePlaces:
    """The cells that hold points; raises OutsideExtent if none lies on the grid."""
    coordinates = shapely.get_coordinates(geometry)
    return _places(grid, coordinates[:, 0], coordinates[:, 1], reference, is_single=geometry.geom_type == "Point")


def _places(
    grid: Grid, xs: NDArray[np.float64], ys: NDArray[np.float64], reference: Reference, **options: Any
) -> SamplePlaces:
    cells = locate(grid, xs, ys, crs=reference.crs)
    if not cells.inside.any():
        raise OutsideExtent(f"no point lies on the data; {extent_text(grid)}")
    return SamplePlaces(rows=cells.rows, columns=cells.columns, inside=cells.inside, xs=xs, ys=ys, **options)


def around(grid: Grid, geometry: BaseGeometry, reference: Reference, metres: float) -> SamplePlaces:
    """The cells whose centre lies within a geodesic distance of a point, and the one that holds it."""
    (x, y), *_ = to_degrees(shapely.get_coordinates(geometry), reference)
    degrees = np.array([[x, y]])

    def measure(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        metres_to: NDArray[np.float64] = _GEOD.inv(np.full_like(lon, x), np.full_like(lat, y), lon, lat)[2]
        return metres_to

    return _near(grid, degrees, metres, measure)


def _near(grid: Grid, vertices: NDArray[np.float64], metres: float, measure: Any) -> SamplePlaces:
    """Cells around vertices in degrees whose centre is near by a measure, and those that hold the vertices."""
    reach = metres / 111_000.0
    south, north = max(-90.0, vertices[:, 1].min() - reach), min(90.0, vertices[:, 1].max() + reach)
    shrink = max(0.01, np.cos(np.radians(min(89.9, max(abs(south), abs(north))))))
    west, east = vertices[:, 0].min() - reach / shrink, vertices[:, 0].max() + reach / shrink
    if east - west >= 360:
        west, east = -180.0, 180.0
    holding = locate(grid, vertices[:, 0], vertices[:, 1], crs=CRS84)
    cells_near = {(int(r), int(c)) for r, c, i in zip(holding.rows, holding.columns, holding.inside, strict=True) if i}
    try:
        window = window_of_box(grid, crs=CRS84, x=Interval(low=west, high=east), y=Interval(low=south, high=north))
    except OutsideExtent:
        window = None
    if window is not None:
        _require_cells(window.width * window.height)
        rows, columns = np.mgrid[window.row : window.row + window.height, window.column : window.column + window.width]
        rows, columns = rows.ravel(), columns.ravel() % grid.width
        lon, lat = to_degrees(_centres(grid, rows, columns), grid).T
        is_near = np.asarray(measure(lon, lat)) <= metres
        cells_near |= set(zip(rows[is_near].tolist(), columns[is_near].tolist(), strict=True))
    if not cells_near:
        raise OutsideExtent(f"no cell of the data lies there; {extent_text(grid)}")
    cells = np.array(sorted(cells_near), dtype="int64")
    places = to_degrees(_centres(grid, cells[:, 0], cells[:, 1]), grid)
    return SamplePlaces(
        rows=cells[:, 0],
        columns=cells[:, 1],
        inside=np.ones(len(cells), bool),
        xs=places[:, 0],
        ys=places[:, 1],
    )


def _centres(grid: Grid, rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[np.float64]:
    a, _, c, _, e, f = grid.transform
    return np.stack([c + a * (columns + 0.5), f + e * (rows + 0.5)], axis=1)


def along(grid: Grid, geometry: BaseGeometry, reference: Reference) -> SamplePlaces:
    """The cells that a line crosses, in its order; with the moment of each where its vertices have one (M)."""
    vertices = shapely.get_coordinates(geometry, include_z=geometry.has_z, include_m=bool(geometry.has_m))
    degrees = to_degrees(vertices[:, :2], reference)
    moments = vertices[:, -1] if geometry.has_m else None
    dense, when = _dense(degrees, moments, _half_cell(grid))
    cells = locate(grid, dense[:, 0], dense[:, 1], crs=CRS84)
    new = np.ones(len(dense), bool)
    new[1:] = (np.diff(cells.rows) != 0) | (np.diff(cells.columns) != 0) | (np.diff(cells.inside.astype(int)) != 0)
    keep = new & cells.inside
    if not keep.any():
        raise OutsideExtent(f"the line does not meet the data; {extent_text(grid)}")
    return SamplePlaces(
        rows=cells.rows[keep],
        columns=cells.columns[keep],
        inside=cells.inside[keep],
        xs=dense[keep, 0],
        ys=dense[keep, 1],
        moments=None if when is None else when[keep],
    )


def _half_cell(grid: Grid) -> float:
    """Half the smaller edge of a cell, in degrees or what is one near the equator."""
    cell = min(abs(grid.transform[0]), abs(grid.transform[4]))
    if grid.is_geographic:
        return cell / 2
    unit = float(CRS.from_user_input(grid.crs).axis_info[0].unit_conversion_factor)
    return cell * unit / 111_319.49 / 2


def _dense(
    vertices: NDArray[np.float64], moments: NDArray[np.float64] | None, step: float
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Points on a line at most `step` degrees apart, and the moments between those of the vertices."""
    if len(vertices) == 1:
        return vertices, moments
    lengths = np.abs(np.diff(vertices, axis=0)).max(axis=1)
    counts = np.maximum(1, np.ceil(lengths / step)).astype("int64")
    _require_cells(int(counts.sum()))
    shares = np.concatenate([n + np.arange(count) / count for n, count in enumerate(counts)] + [[float(len(counts))]])
    numbers = np.arange(len(vertices), dtype="float64")
    dense = np.stack([np.interp(shares, numbers, vertices[:, axis]) for axis in (0, 1)], axis=1)
    return dense, None if moments is None else np.interp(shares, numbers, moments)


def beside(grid: Grid, geometry: BaseGeometry, reference: Reference, metres: float) -> SamplePlaces:
    """The cells whose centre lies within half a width of a line, and those that it crosses."""
    vertices = to_degrees(shapely.get_coordinates(geometry), reference)
    dense, _ = _dense(vertices, None, _half_cell(grid))
    line = shapely.linestrings(vertices)

    def measure(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        places = shapely.line_locate_point(line, shapely.points(lon, lat))
        nearest = shapely.get_coordinates(shapely.line_interpolate_point(line, places))
        metres_to: NDArray[np.float64] = _GEOD.inv(nearest[:, 0], nearest[:, 1], lon, lat)[2]
        return metres_to

    return _near(grid, dense, metres / 2, measure)


def box(grid: Grid, text: str, reference: Reference) -> GridBlock:
    """The cells that a box meets: west,south,east,north, or with heights between, in a CRS."""
    parts = [parse_number(part, name="bbox") for part in text.split(",")]
    if len(parts) not in (4, 6):
        raise InvalidParameter("bbox", text, "write west,south,east,north, or with lower and upper heights")
    half = len(parts) // 2
    west, south, east, north = parts[0], parts[1], parts[half], parts[half + 1]
    if south > north or (west > east and not reference.is_degrees):
        raise InvalidParameter("bbox", text, "its lower corner is above its upper one")
    window = window_of_box(grid, crs=reference.crs, x=Interval(low=west, high=east), y=Interval(low=south, high=north))
    return _block(grid, range(window.row, window.row + window.height), window.column, window.width)


def box_heights(text: str) -> str | None:
    """The heights of a box of six numbers as `z`; None of four."""
    parts = text.split(",")
    return f"{parts[2]}/{parts[5]}" if len(parts) == 6 else None


def _block(grid: Grid, rows: range, left: int, width: int) -> GridBlock:
    _require_cells(len(rows) * width)
    x, y = horizontal(grid)
    columns = range(left, left + width)
    xs = x.values[0] + grid.transform[0] * np.arange(left, left + width)
    return GridBlock(rows=rows, columns=columns, mask=None, xs=xs, ys=y.values[rows.start : rows.stop])


def zone_of(grid: Grid, geometry: BaseGeometry, reference: Reference) -> Zone:
    """A polygon on a grid; raises OutsideExtent if it does not meet it."""
    parts = shapely.get_parts(geometry)
    polygons = [[shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)] for part in parts]
    crs = CRS.from_user_input("EPSG:4326" if reference.crs == CRS84 else reference.crs)
    zone = Zone.of(PolygonsInGrid(crs, grid).place(polygons), grid)
    if zone.cells > MOST_ZONE_CELLS:
        raise TooLarge(
            f"the polygon meets {zone.cells} cells, the limit is {MOST_ZONE_CELLS}; take a smaller one, or execute the "
            "process zonal-statistics"
        )
    if not zone.cells:
        raise OutsideExtent(f"the polygon does not meet the data; {extent_text(grid)}")
    return zone


def covered_block(grid: Grid, zone: Zone, fractions: Sequence[tuple[Any, NDArray[np.float64]]]) -> GridBlock:
    """The box around a zone, with a mask of the cells that it covers in part at least."""
    around_all = zone.boxes[0]
    for other in zone.boxes[1:]:
        around_all = around_all.around(other)
    block = _block(grid, range(around_all.top, around_all.bottom), around_all.left, around_all.columns)
    mask = np.zeros((around_all.rows, around_all.columns), bool)
    for own, weights in fractions:
        mask[own.within(around_all).slices] |= weights > 0
    return GridBlock(rows=block.rows, columns=block.columns, mask=mask, xs=block.xs, ys=block.ys)


def _require_cells(cells: int) -> None:
    if cells > MOST_CELLS:
        raise TooLarge(f"the query meets {cells} cells, the limit is {MOST_CELLS}; ask for a smaller region")
