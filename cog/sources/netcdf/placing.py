"""Where the cells of a NetCDF variable lie: on its own grid as it is, else, where declared, on a regular one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cog.sources.axes import unwrapped
from cog.sources.centres import Centres
from cog.sources.declared import declared_crs, declared_grid
from cog.sources.layout import CellOrder, CellRules, normalise
from cog.sources.netcdf import cf
from cog.sources.netcdf.cf import NcVariable
from cog.sources.netcdf.cfgrid import centres_of
from cog.sources.netcdf.curvilinear import MAX_CELLS, Curvilinear, curvilinear, places_of
from cog.sources.netcdf.dimensions import coordinate_of
from cog.sources.netcdf.still import StillPlaces
from cog.sources.stretched import WARP, Stretched, stretched
from config.declarations.datasets import DatasetDeclaration
from config.errors import SourceRefused
from config.grids import CRS84, Grid

_TURN = 360.0


@dataclass(frozen=True, kw_only=True)
class Placing:
    """The grid of a variable's cells, and the way from stored ones to those of the grid.

    Attributes:
        grid: North up, and geographic grids from -180.
        order: The order of stored rows and columns, or of those of `uneven`.
        uneven: Rows and columns at uneven steps, put on even ones.
        curved: Cells at places of their own, put on a regular grid; then there is no order.
        notes: What was done, one sentence each.
        assumed: Those of the notes that rest on no statement of the file.
    """

    grid: Grid
    order: CellOrder | None = None
    uneven: Stretched | None = None
    curved: Curvilinear | None = None
    notes: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def is_warped(self) -> bool:
        """Whether cells were put at other places."""
        return self.order is None or self.uneven is not None

    def read(self, stored: Callable[[int, int], NDArray[Any]], rows: tuple[int, int], rules: CellRules) -> NDArray[Any]:
        """Rows [first, last) of the grid, clean; `stored(first, last)` gives stored rows as (row, column)."""
        if self.curved is not None:
            cells, nothing = self.curved.read(stored, rows)
            return rules.emptied(rules.clean(cells), nothing)
        assert self.order is not None
        source = stored if self.uneven is None else self.uneven.stored(stored)
        return rules.clean(self.order.read(source, rows))


class Placer:
    """Places the variables of one file, and keeps what several of them share."""

    def __init__(self, declaration: DatasetDeclaration, path: Path) -> None:
        self._declaration = declaration
        self._path = path
        self._curved: dict[tuple[str, str], Curvilinear] = {}

    def place(
        self,
        variable: NcVariable,
        dims: tuple[str, ...],
        rules: CellRules,
        *,
        stated: tuple[Grid, tuple[str, ...]] | None = None,
    ) -> Placing:
        """The place of a variable's cells, by its axes or a grid `stated` elsewhere, with notes.

        Raises SourceRefused, naming `--warp` where that would help.
        """
        width, height = (variable.shape[dims.index(d)] for d in ("x", "y"))
        declared = declared_grid(self._declaration, width=width, height=height, path=self._path)
        if declared is not None:
            return _regular(*declared)
        if stated is not None:
            return _regular(*stated)
        across = tuple(variable.dimensions[dims.index(axis)] for axis in ("y", "x"))
        axes = [coordinate_of(variable, dim) for dim in across]
        if axes[0] is not None and axes[1] is not None and {cf.axis_of(a) for a in axes if a} == {"x", "y"}:
            return self._on_axes(variable, axes[0], axes[1], dims, rules)
        places = places_of(variable)
        if places is None:
            raise SourceRefused(self._path, f"variable {variable.name} has no coordinates", "declare `grid`")
        moving = next((it.name for it in places if isinstance(it, StillPlaces) and not it.is_still), None)
        if moving is not None:
            cause = f"the cells of {variable.name} move: its {moving} differs from time to time"
            raise SourceRefused(self._path, cause, "regrid it first, for example with xesmf, or split it by time")
        regular = separable(places)
        if regular is not None:
            return self._regular_or_uneven(regular, (places[1].name, places[0].name))
        if not self._declaration.warp:
            cause = (
                f"variable {variable.name} is on a curvilinear grid: its latitude {places[0].name} has two dimensions"
            )
            raise SourceRefused(self._path, cause, WARP)
        return self._on_places(variable, places, dims, rules)

    def _on_axes(
        self, variable: NcVariable, y: NcVariable, x: NcVariable, dims: tuple[str, ...], rules: CellRules
    ) -> Placing:
        reference = declared_crs(self._declaration, path=self._path)
        try:
            centres = centres_of(variable, x, y, reference=reference, path=self._path)
        except SourceRefused as refused:
            places = places_of(variable)
            if places is None:
                raise
            if not self._declaration.warp:
                raise SourceRefused(self._path, refused.cause, f"{refused.remedy}, or {WARP}") from refused
            return self._on_places(variable, places, dims, rules)
        return self._regular_or_uneven(centres, (x.name, y.name))

    def _regular_or_uneven(self, centres: Centres, names: tuple[str, str]) -> Placing:
        try:
            grid = centres.grid(names=names, path=self._path)
        except SourceRefused as refused:
            if not centres.are_series:
                raise
            if not self._declaration.warp:
                raise SourceRefused(self._path, refused.cause, WARP) from refused
            uneven = stretched(centres, path=self._path)
            placing = _regular(uneven.grid, (*centres.notes, uneven.note))
            return Placing(
                grid=placing.grid, order=placing.order, uneven=uneven, notes=placing.notes, assumed=centres.assumed
            )
        return _regular(grid, centres.notes, centres.assumed)

    def _on_places(
        self, variable: NcVariable, places: tuple[NcVariable, NcVariable], dims: tuple[str, ...], rules: CellRules
    ) -> Placing:
        """The place of cells that have latitudes and longitudes of their own, which are put on a regular grid."""
        if self._declaration.grid is not None and self._declaration.grid.crs != CRS84:
            cause = f"its latitudes and longitudes place the cells of {variable.name}, and another CRS is declared"
            raise SourceRefused(self._path, cause, "leave `grid` out of the declaration")
        across = tuple(variable.dimensions[dims.index(axis)] for axis in ("y", "x"))
        if across != places[0].dimensions:
            cause = f"`dims` of {variable.name} are declared in another order than {', '.join(places[0].dimensions)}"
            raise SourceRefused(self._path, cause, "leave `dims` out, or declare the columns as x and the rows as y")
        if rules.nodata is None:
            cause = f"variable {variable.name} has no value for cells without data, which a regular grid around it has"
            raise SourceRefused(self._path, cause, "declare its `fill`")
        key = (places[0].name, places[1].name)
        if key not in self._curved:
            self._curved[key] = curvilinear(places, name=variable.name, path=self._path)
        curved = self._curved[key]
        return Placing(grid=curved.grid, curved=curved, notes=(curved.note,))


def _regular(grid: Grid, notes: tuple[str, ...], assumed: tuple[str, ...] = ()) -> Placing:
    normal, order, moves = normalise(grid)
    return Placing(grid=normal, order=order, notes=(*notes, *moves), assumed=assumed)


def separable(places: tuple[NcVariable, NcVariable]) -> Centres | None:
    """The centres of cells whose (latitude, longitude) of two dimensions are those of straight rows and columns."""
    if places[0].size > MAX_CELLS or min(places[0].shape) < 2:
        return None
    latitude, longitude = (cf.unpacked(place, np.ma.getdata(place[...])) for place in places)
    x, y = unwrapped(longitude[0]), latitude[:, 0]
    is_straight = np.array_equal(latitude, np.broadcast_to(y[:, np.newaxis], latitude.shape))
    is_straight = is_straight and np.array_equal(longitude, np.broadcast_to(longitude[0], longitude.shape))
    rises = [np.unique(np.sign(np.diff(axis.astype("float64")))).tolist() in ([-1.0], [1.0]) for axis in (x, y)]
    if not (is_straight and all(rises)) or abs(float(x[-1]) - float(x[0])) >= _TURN:
        return None
    note = f"Its {places[0].name} and {places[1].name}, of two dimensions, are those of straight rows and columns."
    return Centres(crs=CRS84, x=x, y=y, degrees=True, notes=(note,))
