"""The cells that a coverage request means, their CRS and number."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cog.grids.enclosing import Interval
from cog.grids.subset import Subset
from cog.grids.window import whole, window_of_box
from cog.reading.warp import Warp, suggested
from config.errors import InvalidInput, InvalidParameter
from config.grids import CRS84, Grid
from services.selection.axes import DIRECTION, Axes, parse_box
from services.selection.scaling import Scaling, scaled_size
from services.web.crs import Reference, parse_crs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cog.grids.window import Window
    from cog.reading.warp import Kernel
    from services.selection.axes import AxisName

_ON_GRID = (None, "nearest", "average")
"""Resamplings that need no warp while the CRS stays."""
_COARSE = 2.0
"""How many times larger than the stored cells those of an answer are, from which on quantities are averaged."""


@dataclass(frozen=True, kw_only=True)
class RegionRequest:
    """The region, CRSs and size of a request, as written: the meaning of its CRSs depends on the dataset.

    Attributes:
        axes: What is taken of each axis; of them the spatial ones count.
        box: `bbox` as written, or None.
        crss: `crs`, `bbox-crs` and `subset-crs` as written, by name.
        scaling: The number of cells of the answer.
        resampling: The kernel, or None for that of the data.
    """

    axes: Axes = field(default_factory=Axes)
    box: str | None = None
    crss: Mapping[str, str] = field(default_factory=dict)
    scaling: Scaling = field(default_factory=Scaling)
    resampling: Kernel | None = None


@dataclass(frozen=True, kw_only=True)
class CoveragePlace:
    """The place of an answer.

    Attributes:
        region: Its cells and how they are made.
        reference: Its CRS, as the client named it.
        unscaled: (columns, rows) that it would have without scaling.
    """

    region: Subset | Warp
    reference: Reference
    unscaled: tuple[int, int]

    @property
    def is_coarse(self) -> bool:
        """Whether its cells are so much larger than the stored ones that one of those cannot stand for them."""
        width, height = self.unscaled
        return max(width / self.region.width, height / self.region.height) >= _COARSE


@dataclass(frozen=True, kw_only=True)
class _Box:
    """The region of a request, in a CRS; whole intervals where it was not limited."""

    x: Interval
    y: Interval
    reference: Reference

    @property
    def is_whole(self) -> bool:
        return self.x.is_whole and self.y.is_whole


def place_of(grid: Grid, request: RegionRequest, native: Reference) -> CoveragePlace:
    """Lay out the answer to a request; raises InvalidInput or OutsideExtent.

    Args:
        grid: The grid of the data.
        request: What the request says.
        native: The CRS of the grid.
    """
    target = _reference(request, "crs", native) or native
    box = _box(request, native)
    _require_kept_axes(request.axes, request)
    _require_named_axes(request, target)
    window = window_of_box(grid, crs=box.reference.crs, x=box.x, y=box.y)
    if target.crs == grid.crs:
        return _on_grid(grid, window, request, target)
    if box.is_whole:
        window = _usable(grid, target)
    natural = suggested(window.grid(grid), target.crs)
    if box.reference.crs == target.crs and not box.is_whole:
        natural = _cut(natural, box)
    width, height = scaled_size(natural, request.scaling)
    output = _resized(natural, width, height)
    return CoveragePlace(
        region=Warp(grid=grid, window=window, output=output),
        reference=target,
        unscaled=(natural.width, natural.height),
    )


def _on_grid(grid: Grid, window: Window, request: RegionRequest, target: Reference) -> CoveragePlace:
    width, height = scaled_size(window.grid(grid), request.scaling)
    subset = Subset(grid=grid, window=window, width=width, height=height)
    region = subset if request.resampling in _ON_GRID else Warp(grid=grid, window=window, output=subset.output)
    return CoveragePlace(region=region, reference=target, unscaled=(window.width, window.height))


def _reference(request: RegionRequest, name: str, native: Reference) -> Reference | None:
    text = request.crss.get(name)
    return None if text is None else parse_crs(text, name=name, native=native)


def _box(request: RegionRequest, native: Reference) -> _Box:
    """The region of `bbox` or `subset`; `bbox-crs` and `subset-crs` without these are ignored, as the draft wants."""
    if request.box is not None:
        reference = _reference(request, "bbox-crs", native) or _degrees()
        return _named(parse_box(request.box, reference), reference)
    axes = request.axes.spatial
    reference = _reference(request, "subset-crs", native) or (_default(axes, native) if axes else native)
    if "subset-crs" in request.crss:
        _require_fitting(axes, reference, "subset", ",".join(axes))
    return _named(axes, reference)


def _default(axes: Mapping[AxisName, Interval], native: Reference) -> Reference:
    """Lat and Lon are of CRS84; x, y, E and N of the stored CRS, as GDAL writes them."""
    degrees = [name for name in axes if name in ("longitude", "latitude")]
    if degrees and len(degrees) < len(axes):
        raise InvalidInput("subset names both Lat/Lon and x/y (or E/N); use one pair of axes")
    return _degrees() if degrees else native


def _degrees() -> Reference:
    return parse_crs(CRS84, name="bbox-crs")


def _named(axes: Mapping[AxisName, Interval], reference: Reference) -> _Box:
    by_direction = {DIRECTION[name]: interval for name, interval in axes.items()}
    if len(by_direction) < len(axes):
        raise InvalidInput("subset names one axis twice, as Lat/Lon and as x/y (or E/N); use one pair of axes")
    anywhere = Interval()
    return _Box(x=by_direction.get("x", anywhere), y=by_direction.get("y", anywhere), reference=reference)


def _require_fitting(
    names: Mapping[AxisName, Interval] | frozenset[AxisName], reference: Reference, parameter: str, text: str
) -> None:
    """Refuse axes that a CRS does not have: Lat and Lon are of geographic ones, E and N of projected ones."""
    wrong = ("x", "y") if reference.is_degrees else ("longitude", "latitude")
    if any(name in wrong for name in names):
        axes = "Lat and Lon" if reference.is_degrees else "E and N (or x and y)"
        raise InvalidParameter(parameter, text, f"the axes of {reference.uri} are {axes}")


def _require_kept_axes(axes: Axes, request: RegionRequest) -> None:
    """Refuse to scale an axis of which one cell is asked (OGC 19-087, subset-scaling-exclusivity)."""
    scaled = {*request.scaling.sizes, *request.scaling.factors, *request.scaling.resolutions}
    if any(DIRECTION[name] in scaled for name in axes.sliced):
        raise InvalidInput(f"{request.scaling.text} scales an axis of which subset asks for one cell; do one of them")


def _require_named_axes(request: RegionRequest, target: Reference) -> None:
    if request.scaling.resolutions:
        _require_fitting(request.scaling.named_axes, target, "resolution", request.scaling.text.partition("=")[2])


def _usable(grid: Grid, target: Reference) -> Window:
    """The cells of the whole grid that lie where a CRS is meant to be used."""
    west, south, east, north = target.area
    if (west, south, east, north) == (-180.0, -90.0, 180.0, 90.0):
        return whole(grid)
    longitude, latitude = Interval(low=west, high=east), Interval(low=south, high=north)
    return window_of_box(grid, crs=CRS84, x=longitude, y=latitude)


def _cut(natural: Grid, box: _Box) -> Grid:
    """The part of a grid within a box of its own CRS, in cells of about its size that fill the box."""
    west, south, east, north = natural.bounds
    left = west if box.x.low is None else max(west, box.x.low)
    right = east if box.x.high is None else min(east, box.x.high)
    bottom = south if box.y.low is None else max(south, box.y.low)
    top = north if box.y.high is None else min(north, box.y.high)
    if not (left < right and bottom < top):
        return natural  # a box without area, or across the antimeridian
    a, e = abs(natural.transform[0]), abs(natural.transform[4])
    width, height = max(1, math.floor((right - left) / a + 0.5)), max(1, math.floor((top - bottom) / e + 0.5))
    transform = ((right - left) / width, 0.0, left, 0.0, -(top - bottom) / height, top)
    return replace(natural, transform=transform, width=width, height=height)


def _resized(grid: Grid, width: int, height: int) -> Grid:
    """The extent of a grid in other cells."""
    a, b, c, d, e, f = grid.transform
    across, down = grid.width / width, grid.height / height
    return replace(grid, transform=(a * across, b, c, d, e * down, f), width=width, height=height)
