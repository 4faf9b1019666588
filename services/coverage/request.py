"""From a parsed query to the cube that answers it: fields, region, times and files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cog.window import Interval, Window, whole, window_of, window_of_degrees
from cog.writers.cube import Cube, Field, FieldClass, Layer, Step
from config.errors import InvalidInput, InvalidParameter
from config.times import label_to_path
from records.models import text_in
from services import attribution
from services.coverage.parameters import Format, Query
from services.coverage.size import most_steps, require_fitting, subset_of

if TYPE_CHECKING:
    from cog.subset import Method, Subset
    from config.grids import Grid
    from records.models import Dataset, Granule, Variable
    from services.context import Context

READ_MULTIPLE = 4
"""How many times the limit on cells of an answer are read at full resolution to take its means."""

_MAX_NAMES = 3


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A cube to be written, and the name of its file."""

    cube: Cube
    filename: str


def plan(context: Context, dataset: Dataset, query: Query) -> Answer:
    """What answers a query. Opens no raster.

    Raises InvalidInput, OutsideExtent, GranuleNotFound or TooLarge.
    """
    variables = _variables(dataset, query)
    grid = variables[0].grid
    subset = subset_of(grid, _window(grid, query), query.scaling)
    series = _series(context, dataset, variables, query=query, subset=subset)
    steps = _steps(series)
    if query.format is Format.GEOTIFF and len(steps) > 1:
        raise InvalidInput(_one_time_only(dataset, steps))
    calendar = next((g.calendar for granules in series for g in granules if g.calendar), "standard")
    layers = tuple(_layer(context, v, granules, steps) for v, granules in zip(variables, series, strict=True))
    fields = sum(variable.band_count for variable in variables)
    most_read = READ_MULTIPLE * context.settings.limit.coverage_cells // (fields * max(1, len(steps)))
    subset = replace(subset, most_read=most_read)
    cube = Cube(
        subset=subset, layers=layers, steps=steps, calendar=calendar, attributes=_attributes(context, dataset, subset)
    )
    return Answer(cube=cube, filename=_filename(dataset, variables, steps, query.format))


def _variables(dataset: Dataset, query: Query) -> list[Variable]:
    if query.properties is None:
        return [dataset.variable()]
    known = {variable.id: variable for variable in dataset.variables}
    for name in query.properties:
        if name not in known:
            remedy = f"collection {dataset.id} has no variable {name}; it has {', '.join(known)}"
            raise InvalidParameter("properties", ",".join(query.properties), remedy)
    chosen = [known[name] for name in query.properties]
    other = next((v for v in chosen if not v.grid.matches(chosen[0].grid)), None)
    if other is not None:
        raise InvalidInput(f"{chosen[0].id} and {other.id} have different grids; ask for each by itself")
    return chosen


def _window(grid: Grid, query: Query) -> Window:
    """The cells asked for: in degrees by bbox and Lat/Lon, in the grid's own coordinates by x/y and E/N."""
    axes = dict(query.axes)
    if not axes:
        return whole(grid)
    native = {name: axes[name] for name in ("x", "y") if name in axes}
    degrees = {name: axes[name] for name in ("longitude", "latitude") if name in axes}
    if native and degrees:
        raise InvalidInput("subset names both Lat/Lon and x/y (or E/N); use one pair of axes")
    anywhere = Interval()
    if native:
        return window_of(grid, x=axes.get("x", anywhere), y=axes.get("y", anywhere))
    return window_of_degrees(grid, longitude=axes.get("longitude", anywhere), latitude=axes.get("latitude", anywhere))


def _series(
    context: Context, dataset: Dataset, variables: list[Variable], *, query: Query, subset: Subset
) -> list[list[Granule]]:
    """The granules of each variable, one a time, within the limit on cells."""
    limit = context.settings.limit.coverage_cells
    fields = sum(variable.band_count for variable in variables)
    require_fitting(subset, dataset, limit=limit, fields=fields, steps=1)
    if query.format is Format.GEOTIFF and query.when is None:
        return [[context.catalogue.granule(dataset, variable)] for variable in variables]
    most = most_steps(subset, limit=limit, fields=fields)
    series = [context.catalogue.granules(dataset, v, query.when, limit=most + 1) for v in variables]
    for variable, granules in zip(variables, series, strict=True):
        _require_one_a_time(variable, granules, dataset)
        require_fitting(subset, dataset, limit=limit, fields=fields, steps=len(granules), more=len(granules) > most)
    return series


def _require_one_a_time(variable: Variable, granules: list[Granule], dataset: Dataset) -> None:
    if not granules:
        raise InvalidInput(f"{dataset.id}/{variable.id} has no data")
    if len({granule.key for granule in granules}) < len(granules):
        raise InvalidInput(
            f"{variable.id} has several levels or parts at one time; its coverage is not served, take its files"
        )
    if not all(granule.grid.matches(variable.grid) for granule in granules):
        raise InvalidInput(f"the granules of {variable.id} have different grids; ask for one time, or take its files")


def _steps(series: list[list[Granule]]) -> tuple[Step, ...]:
    """Every time of any variable, in order; none where the data have none."""
    granules = {g.key: g for granules in reversed(series) for g in granules}
    if None in granules:
        if len(granules) > 1:
            raise InvalidInput("some of these variables have times and others have none; ask for each by itself")
        return ()
    if len({g.calendar for g in granules.values()}) > 1:
        raise InvalidInput("these variables have different calendars; ask for each by itself")
    return tuple(
        Step(label=g.time or "", key=key, start_key=g.start_key, end_key=g.end_key)
        for key, g in sorted((key, g) for key, g in granules.items() if key is not None)
    )


def _one_time_only(dataset: Dataset, steps: tuple[Step, ...]) -> str:
    return (
        f"a GeoTIFF holds one time, and these are {len(steps)}, from {steps[0].label} to {steps[-1].label}: choose "
        f"one, such as datetime={steps[-1].label}, or ask for f=netcdf, which holds many. Collection {dataset.id} "
        "answers its latest time where datetime is absent"
    )


def _layer(context: Context, variable: Variable, granules: list[Granule], steps: tuple[Step, ...]) -> Layer:
    field = field_of(variable)
    if not steps:
        return Layer(field=field, paths=(context.asset_path(granules[0].asset),))
    by_key = {granule.key: context.asset_path(granule.asset) for granule in granules}
    missing = next((step for step in steps if step.key not in by_key), None)
    if missing is not None and field.nodata is None:
        raise InvalidInput(
            f"{variable.id} has nothing at {missing.label} and no value that means no data; ask for it by itself"
        )
    return Layer(field=field, paths=tuple(by_key.get(step.key) for step in steps))


def field_of(variable: Variable) -> Field:
    """A variable as the writers see it."""
    return Field(
        id=variable.id,
        long_name=text_in(variable.title) or variable.id,
        unit=variable.unit,
        standard_name=variable.standard_name,
        dtype=variable.dtype,
        nodata=_storable(variable.nodata, variable.dtype),
        scale=variable.scale,
        offset=variable.offset,
        bands=variable.band_count,
        classes=tuple(FieldClass(value=c.value, name=text_in(c.title) or str(c.value)) for c in variable.classes),
        method=scaling_method(variable),
    )


def scaling_method(variable: Variable) -> Method:
    """Average for quantities and pictures; nearest for classes and for integers without scale or unit."""
    if variable.kind == "categorical":
        return "nearest"
    counts = np.issubdtype(np.dtype(variable.dtype), np.integer) and not variable.is_packed and variable.unit is None
    return "nearest" if counts and variable.kind != "rgb" else "average"


def _storable(nodata: float | None, dtype: str) -> float | None:
    """The no-data value if the type can hold it; no cell has one that it cannot."""
    if nodata is None or not np.issubdtype(np.dtype(dtype), np.integer):
        return nodata
    limits = np.iinfo(dtype)
    return nodata if limits.min <= nodata <= limits.max and nodata == int(nodata) else None


def _attributes(context: Context, dataset: Dataset, subset: Subset) -> dict[str, str]:
    """Global attributes. No clock: the same request of the same version has the same bytes."""
    window = subset.window
    size = f"{window.width} x {window.height} stored cells"
    if subset.is_scaled:
        size += f", scaled to {subset.width} x {subset.height}"
    credit = attribution.attributes(dataset)
    found = {
        "title": text_in(dataset.title) or dataset.id,
        "collection": dataset.id,
        "source": text_in(dataset.description),
        **{name: text for name, text in credit.items() if name != "references"},
        "references": " ".join([f"{context.settings.base_url}/collections/{dataset.id}", credit.get("references", "")]),
        "history": f"{dataset.updated:%Y-%m-%dT%H:%M:%SZ} Graticule: version {dataset.version} of collection "
        f"{dataset.id}, {size}",
    }
    if dataset.time is not None and dataset.time.climatology:
        found["comment"] = "The times are means over many years; the year of a time is nominal."
    return {name: text.strip() for name, text in found.items() if text}


def _filename(dataset: Dataset, variables: list[Variable], steps: tuple[Step, ...], format_: Format) -> str:
    names = [v.id for v in variables] if len(variables) <= _MAX_NAMES else [f"{len(variables)}-variables"]
    ends = [label_to_path(step.label) for step in (*steps[:1], *steps[1:][-1:])]
    stem = "_".join([dataset.id, *names, *ends])
    return re.sub(r"[^A-Za-z0-9._+-]", "-", stem)[:200] + format_.suffix
