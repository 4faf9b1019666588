"""The computation of one part: the statistics of some polygons at some times, over blocks of cells."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cog.statistics.weighted import histogram, majority, quantiles
from cog.zones.polygons import PolygonsInGrid
from cog.zones.zones import Zone, tallies
from config.errors import InvalidInput
from services.processes.zonal.description import DISTINCT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyproj import CRS

    from cog.statistics.weighted import Tally
    from cog.zones.geojson import Feature
    from config.grids import Grid
    from services.selection.opening.blocks import BlockSource

Row = dict[str, Any]
"""One polygon at one time: `feature` (its number), `step` (the number of the time) and the statistics by name."""

MOST_CLASSES = 256
"""Most distinct values of which there are fractions."""
_BINS = 32


@dataclass(frozen=True, kw_only=True)
class Measures:
    """The statistics of a request: their names, the quantiles, and whether cells are weighted by area."""

    statistics: tuple[str, ...]
    quantiles: tuple[float, ...]
    by_area: bool

    @property
    def distinct(self) -> bool:
        """Whether the distinct values are needed."""
        return bool(DISTINCT & set(self.statistics))


@dataclass(frozen=True, kw_only=True)
class ZonalPart:
    """Some polygons at some times.

    Attributes:
        features: The polygons, without properties.
        crs: Of their coordinates.
        repair: Whether invalid polygons are made valid.
        sources: The cells of each time.
        first_step: Number of the first time.
        measures: The statistics.
        cells: Cells around the polygons, times times.
    """

    features: tuple[Feature, ...]
    crs: CRS
    repair: bool
    sources: tuple[BlockSource, ...]
    first_step: int
    measures: Measures
    cells: int


def zones_of(features: Sequence[Feature], grid: Grid, *, crs: CRS, repair: bool) -> list[Zone]:
    """Place polygons on a grid; raises InvalidInput naming the polygon and the reason."""
    place = PolygonsInGrid(crs, grid, repair=repair)
    zones = []
    for feature in features:
        try:
            geometry = place.place(feature.polygons) if feature.polygons else None
        except InvalidInput as error:
            raise InvalidInput(f"{feature.name}: {error.detail}") from error
        zones.append(Zone.of(geometry, grid))
    return zones


def compute_rows(part: ZonalPart, advance: Callable[[int], None]) -> list[Row]:
    """Compute the rows of a part, by polygon and then time; `advance` is called with the number of cells done."""
    by_grid: defaultdict[Grid, list[int]] = defaultdict(list)
    for number, source in enumerate(part.sources):
        by_grid[source.grid].append(number)
    rows: list[Row] = []
    for grid, numbers in by_grid.items():
        by_feature = tallies(
            zones_of(part.features, grid, crs=part.crs, repair=part.repair),
            [part.sources[number].mosaic for number in numbers],
            part.sources[numbers[0]].codec,
            area=part.measures.by_area,
            distinct=part.measures.distinct,
            advance=advance,
        )
        rows += [
            {"feature": feature.number, "step": part.first_step + number, **_row(part.measures, tally, feature)}
            for feature, by_time in zip(part.features, by_feature, strict=True)
            for number, tally in zip(numbers, by_time, strict=True)
        ]
    return in_order(rows)


def in_order(rows: list[Row]) -> list[Row]:
    """Rows by polygon and then time."""
    return sorted(rows, key=lambda row: (row["feature"], row["step"]))


def _row(measures: Measures, tally: Tally, feature: Feature) -> Row:
    """The statistics of a polygon: numbers, or None where a statistic has no value."""
    plain: Row = {
        "count": tally.weight,
        "cells": tally.cells,
        "mean": tally.mean,
        "min": tally.moments.minimum,
        "max": tally.moments.maximum,
        "sum": tally.total if tally.cells else None,
        "stdev": tally.stdev,
        "valid_fraction": tally.valid_fraction,
    }
    row = {name: _finite(plain[name]) for name in measures.statistics if name in plain}
    if measures.distinct:
        row |= _of_distinct(measures, tally, feature)
    row["cells"] = tally.cells  # in every answer: how many there were
    return row


def _of_distinct(measures: Measures, tally: Tally, feature: Feature) -> Row:
    values, weights = tally.distinct()
    names, row = measures.statistics, Row()
    if "median" in names:
        row["median"] = _finite(quantiles(values, weights, [0.5])[0])
    if "quantiles" in names:
        for share, value in zip(measures.quantiles, quantiles(values, weights, measures.quantiles), strict=True):
            row[quantile_name(share)] = _finite(value)
    if "majority" in names:
        row["majority"] = _finite(majority(values, weights))
    if "fractions" in names:
        if values.size > MOST_CLASSES:
            raise InvalidInput(
                f"{feature.name}: {values.size} distinct values are more than {MOST_CLASSES}; ask for fractions of "
                "classes and of other variables with few values, leave them out here"
            )
        pairs = zip(values.tolist(), (weights / tally.weight).tolist(), strict=True)
        row["fractions"] = [[as_number(value), share] for value, share in pairs if math.isfinite(value)]
    if "histogram" in names:
        row["histogram"] = [
            {"low": low, "high": high, "fraction": share} for low, high, share in histogram(values, weights, _BINS)
        ]
    return row


def quantile_name(share: float) -> str:
    """`quantile_5` for 0.05, `quantile_2_5` for 0.025."""
    return f"quantile_{100 * share:.10g}".replace(".", "_")


def as_number(value: float) -> int | float:
    """A whole number as an integer."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _finite(value: float | None) -> float | None:
    """A number that JSON has."""
    return value if value is not None and math.isfinite(value) else None
