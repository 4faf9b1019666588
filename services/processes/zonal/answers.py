"""The rows of a plan as GeoJSON, plain JSON or CSV, with what they mean."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from config.errors import InvalidInput
from config.grids import CRS84
from config.times import label_to_path
from config.vocabulary import CRS84_URI, GEOJSON
from services.processes.protocol import EncodedOutput
from services.processes.zonal.description import CSV, MEANING
from services.processes.zonal.rows import as_number, quantile_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.grids import Grid
    from services.processes.zonal.plan import ZonalPlan
    from services.processes.zonal.rows import Row
    from services.processes.zonal.zonal_request import ZonalRequest


def encode_answer(plan: ZonalPlan, rows: Sequence[Row], media_type: str) -> EncodedOutput:
    """Encode rows, in the order of their polygons, in one of the forms of the description."""
    encode = _csv if media_type == CSV else _geojson if media_type == GEOJSON else _json
    return EncodedOutput(value=encode(plan, rows), media_type=media_type)


def describe(plan: ZonalPlan, rows: Sequence[Row]) -> dict[str, Any]:
    """Describe the statistics: variable, unit, weights, grid, times, and how many cells went into them."""
    request = plan.request
    variable, dataset, axis = request.variable, request.dataset, request.variable.levels
    grids = [_grid(grid) for grid in plan.grids]
    members = {
        "collection": dataset.id,
        "variable": variable.id,
        "title": variable.title,
        "standard_name": variable.standard_name,
        "unit": variable.unit,
        "weights": request.weights,
        "weights_unit": "m2" if request.by_area else "cells",
        "statistics": {name: _meaning(request, name) for name in _names(request)},
        "grid": grids[0] if len(grids) == 1 else None,
        "grids": grids if len(grids) > 1 else None,
        "calendar": dataset.time.calendar if dataset.time else None,
        "times": list(plan.times),
        "level": plan.level,
        **({"member": plan.member} if variable.members else {}),
        "level_axis": {"name": axis.name, "unit": axis.unit, "positive": axis.positive} if axis else None,
        "part": request.inputs.get("part"),
        "classes": [{"value": c.value, "title": c.title} for c in variable.classes] or None,
        "cells": sum(row["cells"] for row in rows),
        "attribution": dataset.attribution,
        "license": dataset.license,
    }
    return {name: value for name, value in members.items() if value is not None}


def _grid(grid: Grid) -> dict[str, Any]:
    return grid.to_json() | {"crs": CRS84_URI if grid.crs == CRS84 else grid.crs}


def _names(request: ZonalRequest) -> list[str]:
    """The statistics by the names that their values have, quantiles each by its own."""
    names: list[str] = []
    for name in request.statistics:
        names += [quantile_name(q) for q in request.quantiles] if name == "quantiles" else [name]
    return names if "cells" in names else [*names, "cells"]


def _meaning(request: ZonalRequest, name: str) -> dict[str, str]:
    unit = _unit(request, name)
    meaning = {"description": MEANING["quantiles" if name.startswith("quantile_") else name]}
    return meaning if unit is None else meaning | {"unit": unit}


def _unit(request: ZonalRequest, name: str) -> str | None:
    if name == "count":
        return "m2" if request.by_area else "cells"
    if name in ("cells", "fractions", "histogram", "valid_fraction"):
        return "1"
    unit = None if request.variable.kind == "categorical" else request.variable.unit
    return f"{unit} m2" if unit is not None and name == "sum" and request.by_area else unit


def _json(plan: ZonalPlan, rows: Sequence[Row]) -> dict[str, Any]:
    """A row for each polygon and time; in the wide layout one for each polygon, with a list of times."""
    request, long, wide = plan.request, [], dict[int, dict[str, Any]]()
    titles = {c.value: c.title for c in request.variable.classes}
    for row in rows:
        feature = request.features[row["feature"]]
        id_ = {} if feature.id is None else {"id": feature.id}
        own: dict[str, Any] = {"feature": feature.number, **id_, "properties": request.kept(feature)}
        timed = {"time": plan.times[row["step"]], "statistics": _nested(row, titles)}
        long.append(own | timed)
        wide.setdefault(feature.number, own | {"times": []})["times"].append(timed)
    return describe(plan, rows) | {"rows": list(wide.values()) if request.wide else long}


def _nested(row: Row, titles: dict[int, dict[str, str]]) -> Row:
    """The statistics of a row, classes with their names."""
    statistics = {name: value for name, value in row.items() if name not in ("feature", "step", "fractions")}
    if "fractions" in row:
        statistics["fractions"] = [
            {"value": value, "fraction": share} | ({"title": titles[value]} if value in titles else {})
            for value, share in row["fractions"]
        ]
    if row.get("majority") in titles:
        statistics["majority_title"] = titles[row["majority"]]
    return statistics


def _geojson(plan: ZonalPlan, rows: Sequence[Row]) -> dict[str, Any]:
    """A feature for each line of the table, with the geometry as it was sent and the properties that are kept.

    Geometries keep their CRS, which is named as GeoJSON 2008 does if it is not CRS84.
    """
    request, features = plan.request, []
    for number, line in _table(plan, rows):
        feature = request.features[number]
        own = request.kept(feature)
        clash = sorted(set(own) & set(line))
        if clash:
            raise InvalidInput(
                f"{feature.name} has a property {clash[0]!r:.80}; leave it out with `properties`, or set `prefix`"
            )
        id_ = {} if feature.id is None else {"id": feature.id}
        features.append({"type": "Feature", "properties": own | line, "geometry": feature.geometry, **id_})
    document = {"type": "FeatureCollection", "features": features, "zonal_statistics": describe(plan, rows)}
    crs, member = request.inputs.get("crs"), request.inputs["polygons"].get("crs")
    if member is None and crs is not None:
        member = {"type": "name", "properties": {"name": crs}}
    return document if member is None else {"crs": member} | document


def _csv(plan: ZonalPlan, rows: Sequence[Row]) -> str:
    """A line for each line of the table, its properties first, with unit, weights and CRS of the grid."""
    request, table = plan.request, list(_table(plan, rows))
    own = list(dict.fromkeys(name for feature in request.features for name in request.kept(feature)))
    names = list(dict.fromkeys(name for _, line in table for name in line))
    clash = sorted(set(own) & {*names, "feature", "id"})
    if clash:
        raise InvalidInput(
            f"a property is named {clash[0]!r:.80}, as a column; leave it out with `properties`, or set `prefix`"
        )
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["feature", "id", *own, *names, "unit", "weights", "grid_crs"])
    end = [request.variable.unit or "", request.weights, _grid(plan.grids[0])["crs"]]
    for number, line in table:
        feature = request.features[number]
        properties = request.kept(feature)
        start = [number, feature.id, *(_plain(properties.get(name)) for name in own)]
        writer.writerow([*start, *(line.get(name) for name in names), *end])
    return out.getvalue()


def _plain(value: object) -> object:
    """A property as a cell of the table: texts and numbers as they are, all else as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list | dict) else value


def _table(plan: ZonalPlan, rows: Sequence[Row]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of the polygon and the flat statistics: of each polygon and time, or of each polygon."""
    request, columns, wide = plan.request, _columns(plan.request, rows), dict[int, dict[str, Any]]()
    for row in rows:
        number, time = row["feature"], plan.times[row["step"]]
        suffix = f"_{label_to_path(time)}" if request.wide and time is not None else ""
        line = {f"{request.prefix}{name}{suffix}": value for name, value in _flat(row, columns)}
        if request.wide:
            wide.setdefault(number, {}).update(line)
        else:
            yield number, ({} if time is None else {"time": time}) | line
    yield from wide.items()


def _columns(request: ZonalRequest, rows: Sequence[Row]) -> list[str]:
    """Names of the columns of one time, without prefix."""
    values = {c.value for c in request.variable.classes}
    values |= {value for row in rows for value, _ in row.get("fractions", ())}
    columns: list[str] = []
    for name in _names(request):
        if name == "histogram":  # a list in each cell of a table would be no number
            continue
        columns += [f"fraction_{value}" for value in sorted(values)] if name == "fractions" else [name]
    return columns


def _flat(row: Row, columns: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """The value of each column; a class that a polygon with data does not have has the fraction 0."""
    shares = {f"fraction_{value}": share for value, share in row.get("fractions", ())}
    absent = 0.0 if row["cells"] else None
    for name in columns:
        value = shares.get(name, absent) if name.startswith("fraction_") else row.get(name)
        yield name, as_number(value) if name == "majority" and value is not None else value
