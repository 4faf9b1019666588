"""The pixels of a map: which part of which CRS, in how many columns and rows (OGC 20-058, 8 to 10)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from pyproj import Geod

from cog.grids.enclosing import Bounds, Interval, enclosing, is_degrees, outline, transformed
from cog.grids.window import Window, whole, window_of_box
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
_LARGEST_SCALE: Final = 1e12
_SMALLEST_SCALE: Final = 1e-3


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request says of its viewport, as written; None: it does not.

    Attributes:
        box: `bbox`.
        spatial: The spatial axes of `subset`.
        center: `center`.
        crss: `crs`, `bbox-crs`, `subset-crs` and `center-crs`, by name.
        width: Columns.
        height: Rows.
        scale_denominator: How many times smaller than the earth the map is, in pixels of 0.28 mm.
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


def viewport(data: Grid, asked: Asked, native: Reference) -> Viewport:
    """The pixels of a map of data on a grid; raises InvalidInput, OutsideExtent or TooLarge.

    Without a region it is that of the data; without a size the longest edge has DEFAULT_EDGE pixels.
    """
    _require_one_region(asked)
    target = parse_crs(asked.crss["crs"], name="crs", native=native) if "crs" in asked.crss else native
    box = _region(data, asked, native, target)
    if box is None or asked.center is not None:
        grid = _around(_extent(data, target) if box is None else box, asked, target, native=_native_scale(data))
    else:
        grid = _filled(box, asked, target)
    _require_size(grid.width, grid.height)
    return Viewport(grid=grid, reference=target)


def window_on(data: Grid, view: Viewport) -> Window | None:
    """The cells of the data that a viewport shows; None where it shows none."""
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


def _require_one_region(asked: Asked) -> None:
    named = [n for n, given in (("bbox", asked.box), ("center", asked.center), ("subset", asked.spatial)) if given]
    if len(named) > 1:
        raise InvalidInput(f"{' and '.join(named)} both place the map; give one of them")
    if asked.scale_denominator is not None:
        if not _SMALLEST_SCALE <= asked.scale_denominator <= _LARGEST_SCALE:
            remedy = f"a number from {_SMALLEST_SCALE:g} to {_LARGEST_SCALE:g}"
            raise InvalidParameter("scale-denominator", asked.scale_denominator, remedy)
        if named and named != ["center"] and (asked.width or asked.height):
            raise InvalidInput("scale-denominator and width or height both set the size of a box; give one of them")


def _region(data: Grid, asked: Asked, native: Reference, target: Reference) -> Bounds | None:
    """The region asked for in the CRS of the map, a point where its centre is named; None: that of the data."""
    if asked.center is not None:
        reference = parse_crs(asked.crss.get("center-crs", CRS84), name="center-crs", native=native)
        return _point(asked.center, reference, target)
    if asked.box is not None:
        reference = parse_crs(asked.crss.get("bbox-crs", CRS84), name="bbox-crs", native=native)
        return _projected(data, parse_box(asked.box, reference), reference, target)
    if not asked.spatial:
        return None
    reference = parse_crs(asked.crss.get("subset-crs", CRS84), name="subset-crs", native=native)
    wrong = ("x", "y") if reference.is_degrees else ("longitude", "latitude")
    if any(name in wrong for name in asked.spatial):
        axes = "Lat and Lon" if reference.is_degrees else "E and N (or x and y)"
        raise InvalidParameter("subset", ",".join(asked.spatial), f"the axes of {reference.uri} are {axes}")
    return _projected(data, asked.spatial, reference, target)


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
    named = {DIRECTION[name]: interval for name, interval in axes.items()}
    own = outline(data, reference.crs)
    x, y = named.get("x", Interval()), named.get("y", Interval())
    west, east = own[0] if x.low is None else x.low, own[2] if x.high is None else x.high
    south, north = own[1] if y.low is None else y.low, own[3] if y.high is None else y.high
    if reference.is_degrees:
        south, north = max(south, -90.0), min(north, 90.0)
        east += _TURN * max(0, math.ceil((west - east) / _TURN))
    box = (west, south, min(east, west + _TURN) if reference.is_degrees else east, north)
    if reference.crs != target.crs:
        box = _carried(box, reference, target)
    if not (box[0] < box[2] and box[1] < box[3]):
        raise InvalidInput("the region of a map has a width and a height; a point is asked for by center")
    return box


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
    found = enclosing(place, crs=reference.crs, x=x, y=y)
    if found is None:
        raise OutsideExtent(f"the region has no place in {target.uri}")
    if found[2] < found[0]:  # longitudes across the antimeridian
        return found[0], found[1], found[2] + _TURN, found[3]
    return found


def _turn_of(crs: str) -> float | None:
    """How far apart -180 and 180 degrees are in a CRS where they are the ends of a line; None in others."""
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


def _filled(box: Bounds, asked: Asked, target: Reference) -> Grid:
    """A region in as many pixels as asked for, or as its scale or DEFAULT_EDGE makes."""
    west, south, east, north = box
    across, down = east - west, north - south
    if asked.scale_denominator is not None:
        size_x, size_y = _pixel(box, asked.scale_denominator, target)
        width, height = across / size_x, down / size_y
    elif asked.width and asked.height:
        width, height = asked.width, asked.height
    elif asked.width:
        width, height = asked.width, asked.width * down / across
    elif asked.height:
        width, height = asked.height * across / down, asked.height
    else:
        width, height = DEFAULT_EDGE * across / max(across, down), DEFAULT_EDGE * down / max(across, down)
    return _grid(box, width, height, target)


def _around(box: Bounds, asked: Asked, target: Reference, *, native: float) -> Grid:
    """As many pixels as asked for around the middle of a box, at a scale.

    Without one, the box is filled; around a centre, pixels are as large as cells of the data.
    """
    if asked.scale_denominator is None and asked.center is None:
        return _filled(box, asked, target)
    size_x, size_y = _pixel(box, asked.scale_denominator or native, target)
    across, down = box[2] - box[0], box[3] - box[1]
    width = asked.width or (across / size_x if across else DEFAULT_EDGE)
    height = asked.height or (down / size_y if down else DEFAULT_EDGE)
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
    across, down = (max(float(found), 1e-9) / (2 * step) for found in metres)
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
