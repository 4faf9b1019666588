"""The rows of a question as GeoJSON, plain JSON or CSV, with what they mean."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from config.errors import InvalidInput
from config.grids import CRS84
from config.times import label_to_path
from config.vocabulary import CRS84_URI, GEOJSON
from services.processes.protocol import Encoded
from services.processes.zonal.description import CSV, MEANING
from services.processes.zonal.work import number, quantile_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cog.zones.geojson import Feature
    from config.grids import Grid
    from services.processes.zonal.question import Question
    from services.processes.zonal.work import Row
    from services.selection.blocks import BlockSource

_MEASURED = ("mean", "min", "max", "stdev", "median", "majority")


def answer(question: Question, steps: Sequence[BlockSource], rows: Sequence[Row], media_type: str) -> Encoded:
    """The answer in the form that is asked for."""
    if media_type == CSV:
        return Encoded(value=_csv(question, steps, rows), media_type=CSV)
    value = _geojson(question, steps, rows) if media_type == GEOJSON else _json(question, steps, rows)
    return Encoded(value=value, media_type=media_type)


def about(question: Question, steps: Sequence[BlockSource], rows: Sequence[Row]) -> dict[str, Any]:
    """What the statistics are of: variable, unit, weights, grid, times, and how many cells went into them."""
    variable, dataset = question.variable, question.dataset
    grids = list(dict.fromkeys(step.mosaic.grid for step in steps))
    classes = [{"value": c.value, "title": c.title} for c in variable.classes]
    members = {
        "collection": dataset.id,
        "variable": variable.id,
        "title": variable.title,
        "standard_name": variable.standard_name,
        "unit": variable.unit,
        "weights": question.weights,
        "weights_unit": "m2" if question.by_area else "cells",
        "statistics": {name: _meaning(question, name) for name in _names(question)},
        "grid": _grid(grids[0]) if len(grids) == 1 else None,
        "grids": [_grid(grid) for grid in grids] if len(grids) > 1 else None,
        "calendar": dataset.time.calendar if dataset.time else None,
        "times": [step.time for step in steps],
        "level": steps[0].level,
        "level_axis": _axis(question),
        "part": question.inputs.get("part"),
        "classes": classes or None,
        "cells": sum(row["cells"] for row in rows),
        "attribution": dataset.attribution,
        "license": dataset.license,
    }
    return {name: value for name, value in members.items() if value is not None}


def _axis(question: Question) -> dict[str, Any] | None:
    axis = question.variable.levels
    return None if axis is None else {"name": axis.name, "unit": axis.unit, "positive": axis.positive}


def _grid(grid: Grid) -> dict[str, Any]:
    return grid.to_json() | {"crs": CRS84_URI if grid.crs == CRS84 else grid.crs}


def _names(question: Question) -> list[str]:
    """The statistics by the names that their values have, quantiles each by its own."""
    found: list[str] = []
    for name in question.statistics:
        found += [quantile_name(q) for q in question.quantiles] if name == "quantiles" else [name]
    return found if "cells" in found else [*found, "cells"]


def _meaning(question: Question, name: str) -> dict[str, str]:
    key = "quantiles" if name.startswith("quantile_") else name
    found = {"description": MEANING[key]}
    unit = _unit(question, name)
    return found | {"unit": unit} if unit is not None else found


def _unit(question: Question, name: str) -> str | None:
    if name == "count":
        return "m2" if question.by_area else "cells"
    if name in ("cells", "fractions", "valid_fraction"):
        return "1"
    if question.variable.kind == "categorical" or question.variable.unit is None:
        return None
    if name == "sum" and question.by_area:
        return f"{question.variable.unit} m2"
    return question.variable.unit


def _json(question: Question, steps: Sequence[BlockSource], rows: Sequence[Row]) -> dict[str, Any]:
    """A row for each polygon and time; in the wide layout one for each polygon, with a list of times."""
    made: dict[int, dict[str, Any]] = {}
    long = []
    titles = {c.value: c.title for c in question.variable.classes}
    for row in rows:
        feature = question.features[row["feature"]]
        timed = {"time": steps[row["step"]].time, "statistics": _nested(row, titles)}
        named = _named(question, feature)
        long.append(named | timed)
        made.setdefault(feature.number, named | {"times": []})["times"].append(timed)
    return about(question, steps, rows) | {"rows": list(made.values()) if question.wide else long}


def _named(question: Question, feature: Feature) -> dict[str, Any]:
    id_ = {} if feature.id is None else {"id": feature.id}
    return {"feature": feature.number, **id_, "properties": question.kept(feature)}


def _nested(row: Row, titles: dict[int, dict[str, str]]) -> Row:
    """The statistics of a row, classes with their names."""
    found = {name: value for name, value in row.items() if name not in ("feature", "step", "fractions")}
    if "fractions" in row:
        found["fractions"] = [
            {"value": value, "fraction": share} | ({"title": titles[value]} if value in titles else {})
            for value, share in row["fractions"]
        ]
    if row.get("majority") in titles:
        found["majority_title"] = titles[row["majority"]]
    return found


def _geojson(question: Question, steps: Sequence[BlockSource], rows: Sequence[Row]) -> dict[str, Any]:
    """A feature for each row of the table, with the geometry as it was given and the kept properties.

    Geometries keep their CRS, which is named as GeoJSON 2008 does if it is not CRS84.
    """
    columns = _columns(question, rows)
    features = []
    for number_, table in _table(question, steps, rows, columns):
        feature = question.features[number_]
        own = question.kept(feature)
        clash = sorted(set(own) & set(table))
        if clash:
            raise InvalidInput(
                f"{feature.name} has a property {clash[0]!r:.80}; leave it out with `properties`, or set `prefix`"
            )
        made = {"type": "Feature", "properties": own | table, "geometry": feature.geometry}
        features.append(made if feature.id is None else made | {"id": feature.id})
    document = {"type": "FeatureCollection", "features": features, "zonal_statistics": about(question, steps, rows)}
    crs = question.inputs.get("crs")
    member = question.inputs["polygons"].get("crs")
    if member is None and crs is not None:
        member = {"type": "name", "properties": {"name": crs}}
    return document if member is None else {"crs": member} | document


def _csv(question: Question, steps: Sequence[BlockSource], rows: Sequence[Row]) -> str:
    """A line for each row of the table, its plain properties first, with unit, weights and CRS of the grid."""
    columns = _columns(question, rows)
    own = list(dict.fromkeys(name for f in question.features for name in question.kept(f)))
    table = list(_table(question, steps, rows, columns))
    names = list(dict.fromkeys(name for _, line in table for name in line))
    clash = sorted(set(own) & {*names, "feature", "id"})
    if clash:
        raise InvalidInput(
            f"a property is named {clash[0]!r:.80}, as a column; leave it out with `properties`, or set `prefix`"
        )
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["feature", "id", *own, *names, "unit", "weights", "grid_crs"])
    crs = _grid(steps[0].mosaic.grid)["crs"]
    end = [question.variable.unit or "", question.weights, crs]
    for number_, line in table:
        feature = question.features[number_]
        kept = question.kept(feature)
        start = [number_, feature.id, *(_plain(kept.get(name)) for name in own)]
        writer.writerow([*start, *(line.get(name) for name in names), *end])
    return out.getvalue()


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | None) else ""


def _columns(question: Question, rows: Sequence[Row]) -> list[str]:
    """Names of the columns of one time, without prefix."""
    values = {c.value for c in question.variable.classes} if len(question.variable.classes) else set()
    values |= {value for row in rows for value, _ in row.get("fractions", ())}
    found: list[str] = []
    for name in _names(question):
        found += [f"fraction_{value}" for value in sorted(values)] if name == "fractions" else [name]
    return found


def _table(
    question: Question, steps: Sequence[BlockSource], rows: Sequence[Row], columns: Sequence[str]
) -> list[tuple[int, dict[str, Any]]]:
    """The number of the polygon and the flat statistics: of each polygon and time, or of each polygon."""
    flat = [(row["feature"], steps[row["step"]].time, _flat(row, columns)) for row in rows]
    if not question.wide:
        return [
            (feature, ({} if time is None else {"time": time}) | _prefixed(question.prefix, line))
            for feature, time, line in flat
        ]
    made: dict[int, dict[str, Any]] = {}
    for feature, time, line in flat:
        suffix = "" if time is None else f"_{label_to_path(time)}"
        made.setdefault(feature, {}).update(_prefixed(question.prefix, line, suffix=suffix))
    return list(made.items())


def _prefixed(prefix: str, line: Row, *, suffix: str = "") -> Row:
    return {f"{prefix}{name}{suffix}": value for name, value in line.items()}


def _flat(row: Row, columns: Sequence[str]) -> Row:
    shares = {f"fraction_{value}": share for value, share in row.get("fractions", ())}
    valid = bool(row["cells"])
    return {
        name: shares.get(name, 0.0 if valid else None) if name.startswith("fraction_") else _whole(name, row.get(name))
        for name in columns
    }


def _whole(name: str, value: Any) -> Any:
    return number(value) if name == "majority" and value is not None else value
