"""The values of a query by time: at cells, in a box, or as statistics of zones; read block by block."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from config.errors import InvalidParameter, TooLarge
from services.apis.edr.samples import SampledParameter, Sampling
from services.apis.edr.statistics import over_time
from services.gridded.reading import physical, read, read_cells
from services.selection.opening.cubes import field_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cog.writers.cube import CoverageField
    from services.apis.edr.parameters import EdrQuery
    from services.apis.edr.places.geometries import GridBlock, SamplePlaces
    from services.gridded.arrays import ArrayField
    from services.web.context import Context

Shape = Literal["places", "block", "zones"]
LIMITS: Final = {"CoverageJSON": 2_000_000, "GeoJSON": 100_000, "CSV": 20_000_000, "NetCDF": 50_000_000}
"""Values of one answer by its encoding."""
_READ_MULTIPLE: Final = 100
"""Cells that may be read for each value of the limit, where values are made of many cells."""


def coverage_field(field: ArrayField) -> CoverageField:
    """A field as the encodings describe it."""
    return field_of(field.variable, codec=field.codec, method="nearest")


def at_places(context: Context, query: EdrQuery, places: SamplePlaces) -> Sampling:
    """The values of cells one by one, or their statistics over time."""

    def read_block(times: range) -> dict[str, NDArray[np.float64]]:
        return {field.name: _cells(context, query, field, places, times) for field in query.fields}

    return _answer(query, places, len(places.rows), read_block)


def _cells(
    context: Context, query: EdrQuery, field: ArrayField, places: SamplePlaces, times: range
) -> NDArray[np.float64]:
    steps = query.times[times.start : times.stop]
    levels = [
        np.where(
            places.inside,
            physical(field, read_cells(context, query.arrays, field, steps, layer, places.rows, places.columns)),
            np.nan,
        )
        for layer in query.layers
    ]
    return np.stack(levels, axis=1)


def in_block(context: Context, query: EdrQuery, block: GridBlock) -> Sampling:
    """The values of a box of cells, or their statistics over time."""

    def read_block(times: range) -> dict[str, NDArray[np.float64]]:
        return {field.name: _box(context, query, field, block, times) for field in query.fields}

    return _answer(query, block, len(block.rows) * len(block.columns), read_block)


def _box(context: Context, query: EdrQuery, field: ArrayField, block: GridBlock, times: range) -> NDArray[np.float64]:
    steps = query.times[times.start : times.stop]
    levels = []
    for layer in query.layers:
        runs = [
            read(context, query.arrays, field, field.slab(steps, layer, block.rows, columns))
            for columns in column_runs(block.columns, field.grid.width)
        ]
        stored = np.concatenate([run.reshape(len(steps), len(block.rows), -1) for run in runs], axis=2)
        values = physical(field, stored)
        if block.mask is not None:
            values[:, ~block.mask] = np.nan
        levels.append(values.reshape(len(steps), -1))
    return np.stack(levels, axis=1)


def column_runs(columns: range, width: int) -> Iterator[range]:
    """Columns that may go on beyond a global grid, as runs inside it."""
    first = columns.start
    while first < columns.stop:
        start = first % width
        stop = min(width, start + columns.stop - first)
        yield range(start, stop)
        first += stop - start


def _answer(query: EdrQuery, domain: Any, size: int, read_block: Any) -> Sampling:
    parameters = tuple(SampledParameter(name=field.name, field=coverage_field(field)) for field in query.fields)
    answer = Sampling(
        query=query, parameters=parameters, labels=query.labels, domain=domain, size=size, read=read_block
    )
    if query.over == "area":
        raise InvalidParameter("statistics-over", "area", "this query has no area; ask /area or /locations")
    if not query.statistics:
        _require_fitting(answer, answer.steps)
        return answer
    _require_fitting(answer, answer.steps, multiple=_READ_MULTIPLE // 10)
    return over_times(answer)


def over_times(answer: Sampling) -> Sampling:
    """An answer with statistics over its times in the place of its values."""
    names = answer.query.statistics
    parameters = tuple(
        SampledParameter(name=f"{p.name}_{name}", field=described(p.field, name), statistic=name)
        for p in answer.parameters
        for name in names
    )

    def read_all(_: range) -> dict[str, NDArray[np.float64]]:
        return over_time(answer, names)

    reduced = replace(answer, parameters=parameters, labels=(), read=read_all)
    _require_fitting(reduced, 1)
    return reduced


def described(field: CoverageField, statistic: str) -> CoverageField:
    """A field as the description of one of its statistics."""
    unit = "1" if statistic == "count" else field.unit
    return replace(field, long_name=f"{statistic} of {field.long_name}", unit=unit, classes=(), dtype="float64")


def require_reading(query: EdrQuery, cells: int) -> None:
    """Raise TooLarge if too many cells would be read for the statistics of an answer."""
    read_cells_count = cells * len(query.times) * len(query.levels) * len(query.fields)
    limit = LIMITS[query.encoding] * _READ_MULTIPLE
    if read_cells_count > limit:
        raise TooLarge(
            f"{read_cells_count} cells would be read, the limit is {limit}; ask for a shorter datetime, a smaller area "
            "or fewer parameters, or execute the process zonal-statistics"
        )


def _require_fitting(answer: Sampling, steps: int, *, multiple: int = 1) -> None:
    query = answer.query
    count = answer.size * steps * len(query.levels) * len(answer.parameters)
    limit = LIMITS[query.encoding] * multiple
    if count <= limit:
        return
    others = [name for name, most in LIMITS.items() if most * multiple >= count]
    remedies = ["a shorter datetime, fewer parameters or a smaller region"]
    remedies += [f"f={' or f='.join(others)}"] if others else []
    raise TooLarge(
        f"the answer would have {answer.size} places x {steps} times x {len(query.levels)} levels x "
        f"{len(answer.parameters)} parameters = {count} values; the limit of {query.encoding} is {limit}. Ask for "
        f"{', or '.join(remedies)}"
    )
