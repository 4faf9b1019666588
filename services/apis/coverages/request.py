"""From a parsed query to the cube that answers it: fields, region, times and files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from cog.grids.lattice import CellBox
from cog.grids.subset import Subset
from cog.reading.warp import Warp
from cog.writers.cube import Cube
from config.errors import InvalidInput, InvalidParameter, NotAcceptable
from config.times import label_to_path
from services.apis.coverages.amount import Amount
from services.apis.coverages.formats import CoverageFormat
from services.gridded.credits import global_attributes
from services.selection.moments import TimeSlice, first_moments, grid_of
from services.selection.opening.cubes import layer_axes, layer_of, series_layer, steps_of
from services.selection.opening.series import Series, is_series, open_series
from services.selection.region import CoveragePlace, place_of
from services.selection.scaling import Scaling
from services.selection.selection import Selection, require_same_layers, resolve_all, variables_named
from services.web.crs import Reference

if TYPE_CHECKING:
    from cog.writers.cube import CoverageTime
    from records.datasets.models import Dataset, Variable
    from services.apis.coverages.parameters import CoverageQuery
    from services.selection.selection import DefaultTimes
    from services.web.context import Context

READ_MULTIPLE = 4
"""Stored cells that are read for an answer, as a multiple of the limit on its own cells."""
TEXT_SHARE: Final = 10
"""An answer in text may have this many times fewer cells: each is some ten bytes, and slow to write."""
PREVIEW_EDGE: Final = 1024
"""Longest edge of a picture whose size the request leaves open."""

_MAX_NAMES = 3


@dataclass(frozen=True, kw_only=True)
class CoverageAnswer:
    """A cube to be written, its encoding, the name of its file, its CRS, and the first of its variables."""

    cube: Cube
    format: CoverageFormat
    filename: str
    reference: Reference
    variable: Variable


def plan(context: Context, dataset: Dataset, query: CoverageQuery) -> CoverageAnswer:
    """Plan the answer to a query. Opens no raster.

    A request that names no format and selects more than a GeoTIFF holds is answered in NetCDF.

    Raises InvalidInput, OutsideExtent, GranuleNotFound, NotAcceptable or TooLarge.
    """
    try:
        return _plan(context, dataset, query)
    except NotAcceptable:
        if not query.is_any_format:
            raise
        return _plan(context, dataset, replace(query, format=CoverageFormat.NETCDF))


def _plan(context: Context, dataset: Dataset, query: CoverageQuery) -> CoverageAnswer:
    is_single = query.format.holds_one_time or query.is_latest
    selections = _selections(dataset, query, default_times="latest" if is_single else "all")
    first = [_first(context, selection, query, is_single=is_single) for selection in selections]
    grid = grid_of(first[0])
    _require_same(selections, [grid_of(moment).matches(grid) for moment in first])
    native = Reference.of(grid, f"{context.settings.base_url}/collections/{dataset.id}")
    place = place_of(grid, query.region, native)
    if query.format is CoverageFormat.PNG and query.region.scaling.is_none:
        place = place_of(grid, replace(query.region, scaling=_preview(place)), native)
    amount = Amount(
        place=place,
        fields=sum(selection.variable.band_count for selection in selections),
        layers=max(1, len(selections[0].layers)),
        limit=context.settings.limit.coverage_cells // (TEXT_SHARE if query.format.is_text else 1),
    )
    amount.require_fitting(dataset, steps=1)
    long = None if is_single else _long_series(context, selections, place, amount)
    if long is not None:
        return _series_answer(context, query, long, place)
    series = [[moment] for moment in first] if is_single else _series(context, selections, amount)
    return _answer(context, query, selections, series, place=_bounded(context, place, amount, series))


def _selections(dataset: Dataset, query: CoverageQuery, *, default_times: DefaultTimes) -> list[Selection]:
    variables = _variables(dataset, query)
    if query.format is CoverageFormat.PNG and len(variables) > 1:
        raise InvalidInput(f"a PNG shows one variable; ask for one of {', '.join(v.id for v in variables)}")
    selections = resolve_all(dataset, query.granules, variables, default_times=default_times)
    require_same_layers(selections)
    for what, labels in (("levels", selections[0].levels), ("members", selections[0].members)):
        if query.format.holds_one_time and len(labels) > 1:
            raise NotAcceptable(
                f"subset selects {len(labels)} {what}, such as {labels[0]} and {labels[-1]}, and "
                f"{_article(query.format)} holds one: choose one, or ask for f=netcdf"
            )
    return selections


def _article(format_: CoverageFormat) -> str:
    return "a PNG" if format_ is CoverageFormat.PNG else "a GeoTIFF"


def _variables(dataset: Dataset, query: CoverageQuery) -> list[Variable]:
    if query.excluded is None:
        return variables_named(dataset, query.properties, parameter="properties")
    variables_named(dataset, query.excluded, parameter="exclude-properties")
    rest = [variable for variable in dataset.variables if variable.id not in query.excluded]
    if not rest:
        raise InvalidParameter("exclude-properties", ",".join(query.excluded), "it leaves no variable")
    return rest


def _first(context: Context, selection: Selection, query: CoverageQuery, *, is_single: bool) -> TimeSlice:
    """Find the one time of a file that holds one, else the first of many; raises GranuleNotFound or NotAcceptable."""
    first, *more = first_moments(context.catalogue, selection, 2 if is_single else 1)
    if more:
        text, time = selection.when.text if selection.when else "", more[0].first.time
        raise NotAcceptable(
            f"datetime={text} selects more than one time of {selection.name}, such as {first.first.time} and {time}, "
            f"and {_article(query.format)} holds one: choose one, such as datetime={time}, or ask for f=netcdf, which "
            "holds many"
        )
    return first


def _require_same(selections: list[Selection], same: list[bool]) -> None:
    other = next((selection for selection, matches in zip(selections, same, strict=True) if not matches), None)
    if other is not None:
        raise InvalidInput(
            f"{selections[0].variable.id} and {other.variable.id} have different grids; ask for each by itself"
        )


def _preview(place: CoveragePlace) -> Scaling:
    """Scale a picture whose size the request leaves open to PREVIEW_EDGE at most."""
    factor = max(place.region.width, place.region.height) / PREVIEW_EDGE
    return Scaling(factors={"x": factor, "y": factor}, text=f"scale-factor={factor:.4g}") if factor > 1 else Scaling()


def _long_series(
    context: Context, selections: list[Selection], place: CoveragePlace, amount: Amount
) -> list[Series] | None:
    """Open each variable as a series, where the answer has the stored cells of times that all of them have.

    None where it has not, and raises TooLarge.
    """
    region = place.region
    if (
        not isinstance(region, Subset)
        or region.is_scaled
        or region.window.column + region.window.width > region.grid.width
    ):
        return None
    if not all(is_series(context, selection) and selection.variable.band_count == 1 for selection in selections):
        return None
    series = [open_series(context, selection) for selection in selections]
    first = series[0]
    if not first.has_times or any(not np.array_equal(other.keys, first.keys) for other in series):
        return None
    if any(not other.grid.matches(first.grid) for other in series):
        return None
    amount.require_fitting(selections[0].dataset, steps=len(first))
    return series


def _series_answer(
    context: Context, query: CoverageQuery, series: list[Series], place: CoveragePlace
) -> CoverageAnswer:
    first, window = series[0], place.region.window
    box = CellBox(
        top=window.row, bottom=window.row + window.height, left=window.column, right=window.column + window.width
    )
    dataset, variables = first.selection.dataset, [each.variable for each in series]
    cube = Cube(
        region=place.region,
        layers=tuple(series_layer(each, box) for each in series),
        steps=first.steps,
        layer_axes=layer_axes(first.selection),
        calendar=first.calendar,
        attributes=_attributes(context, dataset, place),
        crs_uri=place.reference.uri,
    )
    filename = _filename(dataset, variables, cube.steps, query.format)
    return CoverageAnswer(
        cube=cube, format=query.format, filename=filename, reference=place.reference, variable=variables[0]
    )


def _series(context: Context, selections: list[Selection], amount: Amount) -> list[list[TimeSlice]]:
    """Find the times of each variable, within the limit on cells."""
    most = amount.most_steps
    series = [first_moments(context.catalogue, selection, most + 1) for selection in selections]
    grid = grid_of(series[0][0])
    for selection, moments in zip(selections, series, strict=True):
        amount.require_fitting(selection.dataset, steps=len(moments), more=len(moments) > most)
        if not all(grid_of(moment).matches(grid) for moment in moments):
            raise InvalidInput(
                f"the granules of {selection.variable.id} have different grids; ask for one time, or take its files"
            )
    return series


def _bounded(context: Context, place: CoveragePlace, amount: Amount, series: list[list[TimeSlice]]) -> CoveragePlace:
    """Bound the cells that are read for a place."""
    cells = READ_MULTIPLE * context.settings.limit.coverage_cells
    most = cells // (amount.fields * amount.layers * max(1, *(len(moments) for moments in series)))
    return replace(place, region=replace(place.region, most_read=max(1, most)))


def _answer(
    context: Context,
    query: CoverageQuery,
    selections: list[Selection],
    series: list[list[TimeSlice]],
    *,
    place: CoveragePlace,
) -> CoverageAnswer:
    steps = steps_of(series)
    dataset, variables = selections[0].dataset, [selection.variable for selection in selections]
    calendar = next((m.first.calendar for moments in series for m in moments if m.first.calendar), "standard")
    cube = Cube(
        region=place.region,
        layers=tuple(
            layer_of(context, selection, moments, steps, place=place, kernel=query.region.resampling)
            for selection, moments in zip(selections, series, strict=True)
        ),
        steps=steps,
        layer_axes=layer_axes(selections[0]),
        calendar=calendar,
        attributes=_attributes(context, dataset, place),
        crs_uri=place.reference.uri,
    )
    filename = _filename(dataset, variables, steps, query.format)
    return CoverageAnswer(
        cube=cube, format=query.format, filename=filename, reference=place.reference, variable=variables[0]
    )


def _attributes(context: Context, dataset: Dataset, place: CoveragePlace) -> dict[str, str]:
    """Compose the global attributes, without a clock: the same request of the same version has the same bytes."""
    region, window = place.region, place.region.window
    size = f"{window.width} x {window.height} stored cells"
    if isinstance(region, Warp):
        size += f", resampled to {region.width} x {region.height} in {place.reference.uri}"
    elif isinstance(region, Subset) and region.is_scaled:
        size += f", scaled to {region.width} x {region.height}"
    return global_attributes(dataset, context.settings.base_url, processing=size)


def _filename(
    dataset: Dataset, variables: list[Variable], steps: tuple[CoverageTime, ...], format_: CoverageFormat
) -> str:
    names = [v.id for v in variables] if len(variables) <= _MAX_NAMES else [f"{len(variables)}-variables"]
    ends = [label_to_path(step.label) for step in (*steps[:1], *steps[1:][-1:])]
    stem = "_".join([dataset.id, *names, *ends])
    return re.sub(r"[^A-Za-z0-9._+-]", "-", stem)[:200] + format_.suffix
