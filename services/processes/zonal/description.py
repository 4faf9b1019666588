"""The description of `zonal-statistics` and of its statistics."""

from __future__ import annotations

from typing import Any

from config.vocabulary import GEOJSON, JSON

CSV = "text/csv"

STATISTICS = (
    "count",
    "cells",
    "mean",
    "min",
    "max",
    "sum",
    "stdev",
    "median",
    "quantiles",
    "majority",
    "fractions",
    "histogram",
    "valid_fraction",
)
OF_CLASSES = frozenset({"count", "cells", "majority", "fractions", "valid_fraction"})
"""Statistics that mean something for a categorical variable."""
DISTINCT = frozenset({"median", "quantiles", "majority", "fractions", "histogram"})
"""Statistics for which the distinct values are kept."""
USUAL = ("count", "mean", "min", "max", "stdev", "valid_fraction")
USUAL_OF_CLASSES = ("count", "majority", "fractions", "valid_fraction")
USUAL_QUANTILES = (0.05, 0.25, 0.75, 0.95)

MEANING = {
    "count": "Weight of the cells with data: cells, each counted by the fraction that is covered, or square metres.",
    "cells": "Number of cells with data that the polygon covers, wholly or in part.",
    "mean": "Mean by weight.",
    "min": "Least value.",
    "max": "Greatest value.",
    "sum": "Sum of value times weight.",
    "stdev": "Standard deviation (of the population) by weight.",
    "median": "Quantile 0.5 by weight.",
    "quantiles": "Quantiles by weight, interpolated between the values; quantile_5 is that of 0.05.",
    "majority": "Value of the greatest weight, the greatest of equals.",
    "fractions": "Share of each value or class in the weight of the cells with data.",
    "histogram": "Share of each of 32 equal intervals from the least to the greatest value in the weight of the cells "
    "with data, as {low, high, fraction}; not in tables.",
    "valid_fraction": "Share of the cells with data in the weight of all cells of the grid that the polygon covers.",
}

MOST_TIMES = 1000
MOST_QUANTILES = 20


def _input(
    title: str, description: str, schema: dict[str, Any], *, needed: bool = False, **more: object
) -> dict[str, Any]:
    occurs = {"minOccurs": 1 if needed else 0, "maxOccurs": 1}
    return {"title": title, "description": description, "schema": schema, **occurs, **more}


def _choice(*words: str) -> dict[str, Any]:
    """One of some words, as a pattern: the official tests know no `enum`."""
    return {"type": "string", "pattern": f"^({'|'.join(words)})$"}


_TEXT = {"type": "string", "minLength": 1, "maxLength": 200}
_OBJECT = {"type": "object", "required": ["type"]}

DESCRIPTION: dict[str, Any] = {
    "id": "zonal-statistics",
    "version": "1.0.0",
    "title": "Zonal statistics",
    "description": "Statistics of a collection's values in polygons, at one time or many: in physical units, each cell "
    "weighted by the fraction of it that the polygon covers or by the area of that fraction.",
    "keywords": ["zonal statistics", "polygons", "分区统计"],
    "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
    "outputTransmission": ["value", "reference"],
    "inputs": {
        "collection": _input("Collection", "Id of the collection.", _TEXT, needed=True),
        "polygons": _input(
            "Polygons",
            "GeoJSON FeatureCollection, Feature, Polygon or MultiPolygon, inline or as {href} of a GeoJSON resource "
            "of this server. Coordinates are x, y (longitude first) in every CRS.",
            {**_OBJECT, "contentMediaType": GEOJSON},
            needed=True,
        ),
        "variable": _input("Variable", "Id of the variable; absent: the first one of the collection.", _TEXT),
        "datetime": _input(
            "Times",
            "A time, an interval start/end, or a list of times and intervals; absent: the latest time.",
            {"oneOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MOST_TIMES}]},
        ),
        "level": _input("Level", "A label of the variable's vertical axis; absent: its first.", _TEXT),
        "member": _input("Member", "A member of an ensemble; absent: the first.", _TEXT),
        "part": _input("Part", "One of the parts of a time; absent: all, the first with data in a cell wins.", _TEXT),
        "crs": _input(
            "CRS of the polygons",
            "OGC URI, EPSG:<code> or WKT; absent: the `crs` member of the polygons, else CRS84.",
            {"type": "string", "minLength": 1, "maxLength": 20_000},
        ),
        "repair": _input(
            "Repair", "Make invalid polygons valid; absent or false: they are refused.", {"type": "boolean"}
        ),
        "statistics": _input(
            "Statistics",
            " ".join(f"{name}: {meaning}" for name, meaning in MEANING.items()),
            {
                "type": "array",
                "items": _choice(*STATISTICS),
                "minItems": 1,
                "maxItems": len(STATISTICS),
            },
        ),
        "quantiles": _input(
            "Quantiles",
            "Which quantiles, between 0 and 1; absent: 0.05, 0.25, 0.75 and 0.95 where quantiles are asked for.",
            {
                "type": "array",
                "items": {"type": "number", "minimum": 0, "maximum": 1},
                "minItems": 1,
                "maxItems": MOST_QUANTILES,
            },
        ),
        "weights": _input(
            "Weights",
            "coverage: the fraction of a cell that is covered. area: the area of that fraction on the WGS 84 "
            "ellipsoid, in square metres; for grids of longitude and latitude.",
            _choice("coverage", "area"),
        ),
        "properties": _input(
            "Properties",
            "Which properties of the polygons to keep; absent: all.",
            {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": 500},
        ),
        "layout": _input(
            "Layout",
            "long: a row or feature for each polygon and time; wide: one for each polygon, the statistics named with "
            "their time.",
            _choice("long", "wide"),
        ),
        "prefix": _input(
            "Prefix",
            "What the names of statistics begin with in GeoJSON and CSV; absent: the variable and an underscore.",
            {"type": "string", "maxLength": 60},
        ),
    },
    "outputs": {
        "statistics": {
            "title": "Statistics",
            "description": "The polygons with their statistics: GeoJSON, plain JSON or CSV, by the format's mediaType.",
            "schema": {
                "oneOf": [
                    {"type": "object", "contentMediaType": GEOJSON},
                    {"type": "object", "contentMediaType": JSON},
                    {"type": "string", "contentMediaType": CSV},
                ]
            },
        }
    },
}
