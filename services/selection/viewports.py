"""The pixels of a map: its region, CRS, columns and rows (OGC 20-058, 8 to 10)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from pyproj import Geod

from cog.grids.enclosing import Bounds, Interval, enclosing, is_degrees, outline, transformed
from cog.grids.window import Window, extent_text, whole, window_of_box
from cog.reading.warp import suggested
from config.boxes import parse_number
from config.errors import InvalidInput, InvalidParameter, OutsideExtent, TooLarge
from config.grids import CRS84, Grid
from services.selection.axes import DIRECTION, parse_box
from services.web.crs import Reference, metres_per_unit, parse_crs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.selection.axes import AxisName

MAX_EDGE: Final = 8192
MAX_PIXELS: Final = 16_000_000
DEFAULT_EDGE: Final = 1024
PIXEL_METRES: Final = 0.00028
"""The standardized rendering pixel (OGC 20-058, 9.2)."""

_GEOD: Final = Geod(ellps="WGS84")
_TURN: Final = 360.0
_MOST_LATITUDE: Final = 90.0 + 1e-6
"""Degrees; what rounding adds to 90 is no fault."""
_LARGEST_SCALE: Final = 1e12
_SMALLEST_SCALE: Final = 1e-3


@dataclass(frozen=True, kw_only=True)
class ViewportRequest:
    """The viewport of a request as written; None where the request leaves it open.

    Attributes:
        box: `bbox`.
        spatial: The spatial axes of `subset`.
        center: `center`.
        crss: `crs`, `bbox-crs`, `subset-crs` and `center-crs`, by name.
        width: Columns.
        height: Rows.
        scale_denominator: Scale of the map, in pixels of 0.28 mm.
    """

    box: str | None
    spatial: Mapping[AxisName, Interval]
    center: str | None
    crss: Mapping[str, str]
    width: int | None
    height: int | None
    scale_denominator: float | None


@dataclass(frozen=True, kw_only=True)
class Viewport:
    """The pixels of a map, as a grid, and the CRS as the client named it."""

    grid: Grid
    reference: Reference


def viewport(data: Grid, request: ViewportRequest, native: Reference) -> Viewport:
    """Lay out the pixels of a map of data on a grid; raises InvalidInput, OutsideExtent or TooLarge.

    Without a region it is that of the data; without a size the longest edge has DEFAULT_EDGE pixels.
    """
    _require_one_region(request)
    target = parse_crs(request.crss["crs"], name="crs", native=native) if "crs" in request.crss else native
    box = _region(data, request, native, target)
    if box is None or request.center is not None:
        grid = _around(_extent(data, target) if box is None else box, request, target, native=_native_scale(data))
    else:
        grid = _filled(box, request, target)
    _require_size(grid.width, grid.height)
    return Viewport(grid=grid, reference=target)


def window_on(data: Grid, view: Viewport) -> Window | None:
    """Find the cells of the data that a viewport shows; None where it shows none."""
    west, south, east, north = view.grid.bounds
    try:
        if is_degrees(view.grid.crs) and east - west >= _TURN:
            west, east = -_TURN / 2, _TURN / 2
        x, y = Interval(low=west, high=east), Interval(low=south, high=north)
        return window_of_box(data, crs=view.grid.crs, x=x, y=y)
    except OutsideExtent:
        return None
    except InvalidInput:  # a region that meets the data twice, on both sides of a gap
        return whole(data)


def _require_one_region(request: ViewportRequest) -> None:
    regions = (("bbox", request.box), ("center", request.center), ("subset", request.spatial))
    names = [name for name, value in regions if value]
    if len(names) > 1:
        raise InvalidInput(f"{' and '.join(names)} both place the map; give one of them")
    if request.scale_denominator is not None:
        if not _SMALLEST_SCALE <= request.scale_denominator <= _LARGEST_SCALE:
            remedy = f"a number from {_SMALLEST_SCALE:g} to {_LARGEST_SCALE:g}"
            raise InvalidParameter("scale-denominator", request.scale_denominator, remedy)
        if names and names != ["center"] and (request.width or request.height):
            raise InvalidInput("scale-denominator and width or height both set the size of a box; give one of them")


def _region(data: Grid, request: ViewportRequest, native: Reference, target: Reference) -> Bounds | None:
    """The region of a request in the CRS of the map, a point where its centre is named; None: that of the data."""
    if request.center is not None:
        reference = parse_crs(request.crss.get("center-crs", CRS84), name="center-crs", native=native)
        return _point(request.center, reference, target)
    if request.box is not None:
        reference = parse_crs(request.crss.get("bbox-crs", CRS84), name="bbox-crs", native=native)
        box = parse_box(request.box, reference)
        _require_latitudes(box, "bbox")
        return _projected(data, box, reference, target)
    if not request.spatial:
        return None
    reference = parse_crs(request.crss.get("subset-crs", CRS84), name="subset-crs", native=native)
    wrong = ("x", "y") if reference.is_degrees else ("longitude", "latitude")
    if any(name in wrong for name in request.spatial):
        axes = "Lat and Lon" if reference.is_degrees else "E and N (or x and y)"
        raise InvalidParameter("subset", ",".join(request.spatial), f"the axes of {reference.uri} are {axes}")
    _require_latitudes(request.spatial, "subset")
    return _projected(data, request.spatial, reference, target)


def _point(text: str, reference: Reference, target: Reference) -> Bounds:
    parts = text.split(",")
    if len(parts) != 2:
        raise InvalidParameter("center", text, "two numbers are needed, in the axis order of center-crs")
    first, second = (parse_number(part, name="center") for part in parts)
    x, y = (second, first) if reference.north_first else (first, second)
    (east,), (north,) = transformed(np.array([x]), np.array([y]), source=reference.crs, target=target.crs)
    if not (math.isfinite(east) and math.isfinite(north)):
        raise OutsideExtent(f"center={text[:80]} has no place in {target.uri}")
    return float(east), float(north), float(east), float(north)


def _projected(data: Grid, axes: Mapping[AxisName, Interval], reference: Reference, target: Reference) -> Bounds:
    """A region in the CRS of the map; west of a box across the antimeridian is below its east."""
    intervals = {DIRECTION[name]: interval for name, interval in axes.items()}
    own = outline(data, reference.crs)
    x, y = intervals.get("x", Interval()), intervals.get("y", Interval())
    west, east = own[0] if x.low is None else x.low, own[2] if x.high is None else x.high
    south, north = own[1] if y.low is None else y.low, own[3] if y.high is None else y.high
    if reference.is_degrees:
        south, north = max(south, -90.0), min(north, 90.0)
        east += _TURN * max(0, math.ceil((west - east) / _TURN))
    if south > north or west > east:  # an open end, or latitudes that there are not: closed ends have been compared
        raise OutsideExtent(f"the region does not meet the data; {extent_text(data)}")
    box = (west, south, min(east, west + _TURN) if reference.is_degrees else east, north)
    if reference.crs != target.crs:
        box = _carried(box, reference, target)
    if not (box[0] < box[2] and box[1] < box[3]):
        raise InvalidInput("the region of a map has a width and a height; a point is asked for by center")
    return box


def _require_latitudes(axes: Mapping[AxisName, Interval], name: str) -> None:
    """Raise InvalidParameter for latitudes that do not exist: a picture of the rest would be placed wrongly."""
    interval = axes.get("latitude", Interval())
    for value in (interval.low, interval.high):
        if value is not None and abs(value) > _MOST_LATITUDE:
            raise InvalidParameter(name, f"{value:.10g}", "latitudes are from -90 to 90")


def _carried(box: Bounds, reference: Reference, target: Reference) -> Bounds:
    """A box in the CRS of the map; one across the antimeridian goes on beyond its eastern end where that has one."""
    turn = _turn_of(target.crs) if reference.is_degrees else None
    west, south, east, north = box
    seam = _TURN / 2 + _TURN * math.floor((west + _TURN / 2) / _TURN)
    if turn is None or east <= seam:
        return _enclosed(box, reference, target)
    left = _enclosed((west, south, seam, north), reference, target)
    right = _enclosed((seam - _TURN, south, east - _TURN, north), reference, target)
    return left[0], min(left[1], right[1]), right[2] + turn, max(left[3], right[3])


def _enclosed(box: Bounds, reference: Reference, target: Reference) -> Bounds:
    west, south, east, north = box
    place = Grid(crs=target.crs, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 1.0), width=1, height=1)
    x, y = Interval(low=west, high=east), Interval(low=south, high=north)
    bounds = enclosing(place, crs=reference.crs, x=x, y=y)
    if bounds is None:
        raise OutsideExtent(f"the region has no place in {target.uri}")
    if bounds[2] < bounds[0]:  # longitudes across the antimeridian
        return bounds[0], bounds[1], bounds[2] + _TURN, bounds[3]
    return bounds


def _turn_of(crs: str) -> float | None:
    """The distance of -180 and 180 degrees in a CRS where they are the ends of a line; None in others."""
    xs, ys = transformed(np.array([-180.0, 180.0]), np.zeros(2), source=CRS84, target=crs)
    if not np.isfinite([*xs, *ys]).all() or abs(ys[1] - ys[0]) > 1 or xs[1] - xs[0] <= 1:
        return None
    return float(xs[1] - xs[0])


def _extent(data: Grid, target: Reference) -> Bounds:
    """The extent of the data in the CRS of the map, where that is meant to be used."""
    if target.crs == data.crs:
        west, south, east, north = data.bounds
        return (west, max(south, -90.0), east, min(north, 90.0)) if data.is_geographic else data.bounds
    west, south, east, north = target.area
    usable = whole(data)
    if target.area != (-180.0, -90.0, 180.0, 90.0):
        longitude, latitude = Interval(low=west, high=east), Interval(low=south, high=north)
        usable = window_of_box(data, crs=CRS84, x=longitude, y=latitude)
    return suggested(usable.grid(data), target.crs).bounds


def _filled(box: Bounds, request: ViewportRequest, target: Reference) -> Grid:
    """A region in the requested number of pixels, else the number that its scale or DEFAULT_EDGE makes."""
    west, south, east, north = box
    across, down = east - west, north - south
    if request.scale_denominator is not None:
        size_x, size_y = _pixel(box, request.scale_denominator, target)
        width, height = across / size_x, down / size_y
    elif request.width and request.height:
        width, height = request.width, request.height
    elif request.width:
        width, height = request.width, request.width * down / across
    elif request.height:
        width, height = request.height * across / down, request.height
    else:
        width, height = DEFAULT_EDGE * across / max(across, down), DEFAULT_EDGE * down / max(across, down)
    return _grid(box, width, height, target)


def _around(box: Bounds, request: ViewportRequest, target: Reference, *, native: float) -> Grid:
    """The requested number of pixels around the middle of a box, at a scale.

    Without one, the box is filled; around a centre, pixels are as large as cells of the data.
    """
    if request.scale_denominator is None and request.center is None:
        return _filled(box, request, target)
    size_x, size_y = _pixel(box, request.scale_denominator or native, target)
    across, down = box[2] - box[0], box[3] - box[1]
    width = request.width or (across / size_x if across else DEFAULT_EDGE)
    height = request.height or (down / size_y if down else DEFAULT_EDGE)
    _require_size(width, height)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    half_x, half_y = size_x * width / 2, size_y * height / 2
    return _grid((x - half_x, y - half_y, x + half_x, y + half_y), width, height, target)


def _native_scale(data: Grid) -> float:
    """The scale at which a pixel is as large as a cell."""
    cell = min(abs(data.transform[0]), abs(data.transform[4]))
    return cell * metres_per_unit(data.crs) / PIXEL_METRES


def _pixel(box: Bounds, denominator: float, target: Reference) -> tuple[float, float]:
    """(width, height) of a pixel in units of the CRS: as many metres on the earth, in the middle of the box."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    step = 1e-3 if target.is_degrees else 100.0
    xs, ys = np.array([x - step, x + step, x, x]), np.array([y, y, y - step, y + step])
    longitude, latitude = transformed(xs, ys, source=target.crs, target=CRS84)
    if not np.isfinite(longitude).all():
        raise InvalidInput(f"the middle of the map has no place in {target.uri}")
    _, _, metres = _GEOD.inv(longitude[::2], latitude[::2], longitude[1::2], latitude[1::2])
    pixel = denominator * PIXEL_METRES
    across, down = (max(float(length), 1e-9) / (2 * step) for length in metres)
    return pixel / across, pixel / down


def _grid(box: Bounds, width: float, height: float, target: Reference) -> Grid:
    _require_size(width, height)
    columns, rows = max(1, round(width)), max(1, round(height))
    west, south, east, north = box
    transform = ((east - west) / columns, 0.0, west, 0.0, -(north - south) / rows, north)
    return Grid(crs=target.crs, transform=transform, width=columns, height=rows)


def _require_size(width: float, height: float) -> None:
    if max(width, height) > MAX_EDGE + 0.5 or width * height > MAX_PIXELS:
        raise TooLarge(
            f"the map would have {width:.10g} x {height:.10g} pixels; an edge has at most {MAX_EDGE} and a map "
            f"{MAX_PIXELS}: ask for a smaller width and height, or a larger scale-denominator"
        )
