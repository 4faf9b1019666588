"""A selection as values at points, at one time or many, read from the COGs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.grids.window import extent_text
from cog.reading.points import Located, locate, read_cells
from cog.writers.cube import CoverageField, CubeAxis
from config.errors import OutsideExtent
from services.selection.limits import VALUE_TIMES, require_series_values, require_values
from services.selection.moments import codec_of, first_moments, grid_of, path_of
from services.selection.opening.cubes import field_of, layer_axes
from services.selection.opening.series import is_series, open_series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from services.selection.moments import TimeSlice
    from services.selection.opening.series import Series
    from services.selection.selection import Selection
    from services.web.context import Context
    from services.web.crs import Reference


@dataclass(frozen=True, kw_only=True)
class PointSeries:
    """Values of one field at points.

    Attributes:
        field: What it is.
        values: Physical values (time, band, point), NaN for no data; one time where the data have none.
        labels: Labels of the times in order; empty where the data have none.
        calendar: CF calendar of the times.
        layer_axes: The one member and the one level, as far as the data have any.
    """

    field: CoverageField
    values: NDArray[np.floating[Any]]
    labels: Sequence[str]
    calendar: str
    layer_axes: tuple[CubeAxis, ...]

    @property
    def level(self) -> CubeAxis | None:
        """The one level; None where the data have none."""
        return next((axis for axis in self.layer_axes if not axis.is_of_members), None)

    @property
    def member(self) -> str | None:
        """The label of the one member; None where the data have none."""
        return next((axis.labels[0] for axis in self.layer_axes if axis.is_of_members), None)


def bounded_moments(context: Context, selection: Selection, values: int) -> list[TimeSlice]:
    """Find the times of an answer with `values` values at each of them; raises GranuleNotFound or TooLarge."""
    moments = first_moments(context.catalogue, selection, VALUE_TIMES + 1)
    require_values([moment.first.time for moment in moments], values)
    return moments


def series_at(
    context: Context, selection: Selection, xs: NDArray[np.float64], ys: NDArray[np.float64], reference: Reference
) -> PointSeries:
    """Read the values of a selection of one layer at points, at every time that it means.

    Args:
        context: Has the catalogue and the store.
        selection: The variable and its times.
        xs: Coordinates to the east.
        ys: Coordinates to the north, as many.
        reference: The CRS of the coordinates.

    Raises GranuleNotFound, TooLarge, or OutsideExtent where no point lies on the data.
    """
    if is_series(context, selection):
        return _uniform(open_series(context, selection), xs, ys, reference)
    variable = selection.variable
    moments = bounded_moments(context, selection, len(xs) * variable.band_count)
    field = field_of(variable, codec=codec_of(variable), method="nearest")
    values = np.full((len(moments), field.bands, len(xs)), np.nan)
    is_on_data = False
    for number, moment in enumerate(moments):
        (parts,) = moment.parts.values()
        cells = locate(grid_of(moment), xs, ys, crs=reference.crs)
        is_on_data = is_on_data or bool(cells.inside.any())
        values[number] = _read(path_of(context, variable, parts), cells, field)
    if not is_on_data:
        raise OutsideExtent(f"no point lies on the data; {extent_text(grid_of(moments[0]))}")
    return PointSeries(
        field=field,
        values=values,
        labels=[moment.first.time or "" for moment in moments] if moments[0].key is not None else [],
        calendar=moments[0].first.calendar or "standard",
        layer_axes=layer_axes(selection),
    )


def _uniform(series: Series, xs: NDArray[np.float64], ys: NDArray[np.float64], reference: Reference) -> PointSeries:
    """The values of a series, whose times have the same cells."""
    variable = series.variable
    require_series_values(series.labels, len(xs) * variable.band_count)
    cells = locate(series.grid, xs, ys, crs=reference.crs)
    if not cells.inside.any():
        raise OutsideExtent(f"no point lies on the data; {extent_text(series.grid)}")
    bands = [_physical(series, cells, band) for band in range(1, variable.band_count + 1)]
    return PointSeries(
        field=field_of(variable, codec=series.codec, method="nearest"),
        values=np.stack(bands, axis=1),
        labels=series.labels,
        calendar=series.calendar,
        layer_axes=layer_axes(series.selection),
    )


def _physical(series: Series, cells: Located, band: int) -> NDArray[np.floating[Any]]:
    """Physical values (time, point) of a band, NaN for no data; in single precision where they are stored so."""
    read = series.points(cells.rows, cells.columns, band=band)
    values, valid = series.codec.decode(read.stored)
    kind = values.dtype if values.dtype.kind == "f" else np.dtype("float64")
    return np.where(valid & cells.inside, values, np.array(np.nan, kind)).astype(kind, copy=False)


def _read(path: str, cells: Located, field: CoverageField) -> NDArray[np.float64]:
    stored = read_cells(path, cells)
    values, valid = field.codec.decode(stored)
    return np.where(valid & cells.inside, values.astype("float64"), np.nan)
