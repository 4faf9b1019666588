"""Values at points as CoverageJSON (OGC 21-069r2), GeoJSON and CSV."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any

from cog.writers.coveragejson import parameter, referencing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.apis.values.parameters import Points
    from services.selection.point_values import Series
    from services.web.crs import Reference


def coverage_json(series: Sequence[Series], points: Points, reference: Reference) -> dict[str, Any]:
    """A Coverage of domain type Point or PointSeries; a CoverageCollection of them for a list of points."""
    parameters = {name: parameter(found.field) for found in series for name, _ in _bands(found)}
    coverages: list[dict[str, Any]] = [
        {
            "type": "Coverage",
            "domain": _domain(series[0], x, y, reference),
            "ranges": {name: _range(found, band, index) for found in series for name, band in _bands(found)},
        }
        for index, (x, y) in enumerate(zip(points.xs, points.ys, strict=True))
    ]
    if not points.several:
        return coverages[0] | {"parameters": parameters}
    kind = coverages[0]["domain"]["domainType"]
    return {"type": "CoverageCollection", "domainType": kind, "parameters": parameters, "coverages": coverages}


def _bands(series: Series) -> list[tuple[str, int]]:
    field = series.field
    return [(field.id if field.bands == 1 else f"{field.id}{n + 1}", n) for n in range(field.bands)]


def _domain(series: Series, x: float, y: float, reference: Reference) -> dict[str, Any]:
    axes: dict[str, Any] = {"x": {"values": [x]}, "y": {"values": [y]}}
    if series.steps:
        axes["t"] = {"values": [step.label for step in series.steps]}
    if series.level is not None:
        axes["z"] = {"values": list(series.level.values or series.level.labels)}
    kind = "PointSeries" if len(series.steps) > 1 else "Point"
    calendar = series.calendar if series.steps else None
    systems = referencing(reference.crs, uri=reference.uri, calendar=calendar, levels=series.level)
    return {"type": "Domain", "domainType": kind, "axes": axes, "referencing": systems}


def _range(series: Series, band: int, index: int) -> dict[str, Any]:
    values = [number(value) for value in series.values[:, band, index].tolist()]
    found: dict[str, Any] = {"type": "NdArray", "dataType": "float"}
    if len(series.steps) > 1:
        found |= {"axisNames": ["t"], "shape": [len(values)]}
    return found | {"values": values}


def geojson(series: Sequence[Series], points: Points, reference: Reference) -> dict[str, Any]:
    """One feature a point and time; its geometry is in the CRS of the request, which has to be CRS84."""
    del reference
    steps: list[str | None] = [*(step.label for step in series[0].steps)] or [None]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [x, y]},
            "properties": {"datetime": label, **_level(series[0]), **_values(series, at, index)},
        }
        for at, label in enumerate(steps)
        for index, (x, y) in enumerate(zip(points.xs, points.ys, strict=True))
    ]
    units = {name: found.field.unit or "1" for found in series for name, _ in _bands(found)}
    return {"type": "FeatureCollection", "features": features, "units": units}


def _level(series: Series) -> dict[str, str]:
    return {} if series.level is None else {series.level.name: series.level.labels[0]}


def _values(series: Iterable[Series], at: int, index: int) -> dict[str, float | None]:
    return {name: number(float(found.values[at, band, index])) for found in series for name, band in _bands(found)}


def csv_text(series: Sequence[Series], points: Points, reference: Reference) -> str:
    """One line a point and time, with units in the header; an empty value means no data."""
    names = ("longitude [degrees_east]", "latitude [degrees_north]") if reference.is_degrees else ("x", "y")
    steps = [step.label for step in series[0].steps]
    level = _level(series[0])
    unit = series[0].level.unit or "1" if series[0].level else ""
    header = [*(["time"] if steps else []), *(f"{name} [{unit}]" for name in level), *names]
    header += [f"{name} [{found.field.unit or '1'}]" for found in series for name, _ in _bands(found)]
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(header)
    for at in range(max(1, len(steps))):
        for index, place in enumerate(zip(points.xs, points.ys, strict=True)):
            values = ["" if value is None else f"{value:.10g}" for value in _values(series, at, index).values()]
            lines.writerow([*steps[at : at + 1], *level.values(), *(f"{v:.12g}" for v in place), *values])
    return out.getvalue()


def number(value: float) -> float | None:
    """A number for JSON, which has no NaN and no infinity."""
    return value if math.isfinite(value) else None
