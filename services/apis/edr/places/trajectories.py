"""Values along a line whose points have a moment each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from config.errors import InvalidInput
from config.times import GREGORIAN, gregorian
from services.apis.edr.samples import SampledParameter, Sampling
from services.apis.edr.sampling import coverage_field
from services.gridded.reading import physical, read_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.apis.edr.parameters import EdrQuery
    from services.apis.edr.places.geometries import SamplePlaces
    from services.gridded.arrays import ArrayField
    from services.web.context import Context


def along_path(context: Context, query: EdrQuery, places: SamplePlaces) -> Sampling:
    """The values of cells, each at the time of the data whose bounds hold its moment, else the nearest.

    Raises InvalidInput for data without Gregorian times, for moments outside them, and for statistics.
    """
    axis = query.first.time
    if axis is None or axis.calendar not in GREGORIAN:
        raise InvalidInput("LINESTRINGM needs data with times of the Gregorian calendar; send LINESTRING")
    if query.statistics:
        raise InvalidInput("a path has one time at each place; leave statistics out")
    assert places.moments is not None
    steps = _nearest(np.array([gregorian(step.key).timestamp() for step in axis.steps]), places.moments)

    def read_block(_: range) -> dict[str, NDArray[np.float64]]:
        return {field.name: _values(context, query, field, places, steps) for field in query.fields}

    return Sampling(
        query=query,
        parameters=tuple(SampledParameter(name=field.name, field=coverage_field(field)) for field in query.fields),
        labels=tuple(f"{datetime.fromtimestamp(m, UTC):%Y-%m-%dT%H:%M:%SZ}" for m in places.moments.tolist()),
        domain=replace(places, is_single=False),
        size=len(places.rows),
        read=read_block,
        is_path=True,
    )


def _nearest(times: NDArray[np.float64], moments: NDArray[np.float64]) -> NDArray[np.int64]:
    """The time that each moment belongs to: the last one not after it, or the first where it is close to that."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else 86_400.0
    if moments.min() < times[0] - step or moments.max() > times[-1] + step:
        raise InvalidInput(
            f"the moments of the path run from {_text(moments.min())} to {_text(moments.max())}, the data from "
            f"{_text(times[0])} to {_text(times[-1])}"
        )
    return np.clip(np.searchsorted(times, moments, "right") - 1, 0, len(times) - 1)


def _text(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _values(
    context: Context, query: EdrQuery, field: ArrayField, places: SamplePlaces, steps: NDArray[np.int64]
) -> NDArray[np.float64]:
    out = np.full((1, len(query.levels), len(steps)), np.nan)
    for step in np.unique(steps).tolist():
        members = np.flatnonzero(steps == step)
        for number, layer in enumerate(query.layers):
            rows, columns = places.rows[members], places.columns[members]
            stored = read_cells(context, query.arrays, field, range(step, step + 1), layer, rows, columns)
            out[0, number, members] = physical(field, stored)[0]
    return out
