"""Values at points as CoverageJSON (OGC 21-069r2), GeoJSON and CSV."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from cog.writers.coveragejson import parameter, referencing
from config.layers import MEMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from services.apis.values.parameters import Points
    from services.selection.opening.values import PointSeries
    from services.web.crs import Reference


def coverage_json(series: Sequence[PointSeries], points: Points, reference: Reference) -> dict[str, Any]:
    """Write a Coverage of domain type Point or PointSeries; a CoverageCollection of them for a list of points."""
    parameters = {name: parameter(each.field) for each in series for name, _ in _bands(each)}
    coverages: list[dict[str, Any]] = [
        {
            "type": "Coverage",
            "domain": _domain(series[0], x, y, reference),
            "ranges": {name: _range(each, band, index) for each in series for name, band in _bands(each)},
        }
        for index, (x, y) in enumerate(zip(points.xs, points.ys, strict=True))
    ]
    if not points.are_listed:
        return coverages[0] | {"parameters": parameters}
    kind = coverages[0]["domain"]["domainType"]
    return {"type": "CoverageCollection", "domainType": kind, "parameters": parameters, "coverages": coverages}


def _bands(series: PointSeries) -> list[tuple[str, int]]:
    field = series.field
    return [(field.id if field.bands == 1 else f"{field.id}{n + 1}", n) for n in range(field.bands)]


def _domain(series: PointSeries, x: float, y: float, reference: Reference) -> dict[str, Any]:
    axes: dict[str, Any] = {"x": {"values": [x]}, "y": {"values": [y]}}
    if series.labels:
        axes["t"] = {"values": series.labels}
    if series.level is not None:
        axes["z"] = {"values": list(series.level.values or series.level.labels)}
    if series.member is not None:
        axes[MEMBER] = {"values": [series.member]}
    kind = "PointSeries" if len(series.labels) > 1 else "Point"
    calendar = series.calendar if series.labels else None
    members = series.member is not None
    systems = referencing(reference.crs, uri=reference.uri, calendar=calendar, levels=series.level, members=members)
    return {"type": "Domain", "domainType": kind, "axes": axes, "referencing": systems}


def _range(series: PointSeries, band: int, index: int) -> dict[str, Any]:
    values = finite(series.values[:, band, index])
    array: dict[str, Any] = {"type": "NdArray", "dataType": "float"}
    if len(series.labels) > 1:
        array |= {"axisNames": ["t"], "shape": [len(values)]}
    return array | {"values": values}


def geojson(series: Sequence[PointSeries], points: Points, reference: Reference) -> dict[str, Any]:
    """Write one feature a point and time; its geometry is in the CRS of the request, which has to be CRS84."""
    del reference
    steps: list[str | None] = [*series[0].labels] or [None]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [x, y]},
            "properties": {"datetime": label, **_layer(series[0]), **_values(series, at, index)},
        }
        for at, label in enumerate(steps)
        for index, (x, y) in enumerate(zip(points.xs, points.ys, strict=True))
    ]
    units = {name: each.field.unit or "1" for each in series for name, _ in _bands(each)}
    return {"type": "FeatureCollection", "features": features, "units": units}


def _layer(series: PointSeries) -> dict[str, str]:
    """The member and the level, by the names of their axes."""
    return {axis.name: axis.labels[0] for axis in series.layer_axes}


def _values(series: Iterable[PointSeries], at: int, index: int) -> dict[str, float | None]:
    return {name: number(float(each.values[at, band, index])) for each in series for name, band in _bands(each)}


def csv_text(series: Sequence[PointSeries], points: Points, reference: Reference) -> str:
    """Write one line a point and time, with units in the header; an empty value means no data."""
    names = ("longitude [degrees_east]", "latitude [degrees_north]") if reference.is_degrees else ("x", "y")
    axes = series[0].layer_axes
    header = ["time"] if series[0].labels else []
    header += [*(f"{axis.name} [{axis.unit or '1'}]" for axis in axes), *names]
    header += [f"{name} [{each.field.unit or '1'}]" for each in series for name, _ in _bands(each)]
    starts = [f"{label}," for label in series[0].labels] or [""]
    columns = []
    for index, place in enumerate(zip(points.xs, points.ys, strict=True)):
        middle = _line([*(axis.labels[0] for axis in axes), *(f"{v:.12g}" for v in place)])
        values = zip(*(_texts(each.values[:, band, index]) for each in series for _, band in _bands(each)), strict=True)
        columns.append([f"{start}{middle},{','.join(row)}" for start, row in zip(starts, values, strict=True)])
    lines = [line for of_time in zip(*columns, strict=True) for line in of_time]
    return _END.join([_line(header), *lines, ""])


_END = "\r\n"


def _line(cells: Sequence[str]) -> str:
    """Cells as a line of CSV (RFC 4180), without its end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def _texts(values: NDArray[np.floating[Any]]) -> list[str]:
    """Numbers as text with as many digits as tell them apart in their precision; empty for no data."""
    text = orjson.dumps(finite(values), option=orjson.OPT_SERIALIZE_NUMPY).decode()[1:-1]
    return ["" if number == "null" else number.removesuffix(".0") for number in text.split(",")]


def number(value: float) -> float | None:
    """Return a number for JSON, which has no NaN and no infinity."""
    return value if math.isfinite(value) else None


def finite(values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return numbers whose NaN is null in JSON, as orjson writes arrays; no infinity is left among them."""
    return np.ascontiguousarray(np.where(np.isfinite(values), values, np.array(np.nan, values.dtype)))
