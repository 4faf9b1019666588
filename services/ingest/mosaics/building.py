"""Building the overviews across the sheets of a dataset: of each variable, time and layer that has enough of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cog.convert.coarse_grids import LEAST_SHEETS, coarse_factor, coarse_grid
from cog.convert.models import RGB, Converted
from cog.reading.sheets import Sheet
from cog.sources.models import SourceVariable
from config.errors import SourceRefused
from config.grids import Grid
from records.datasets.models import Asset, text_in
from records.datasets.publication import MosaicOverview
from services.ingest.counting import Counter
from services.ingest.store.staging import settle
from services.ingest.tasks import BUILD_OVERVIEW, OverviewBuild
from services.ingest.workers import FileTask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from records.datasets.models import Granule, Variable
    from services.ingest.models import Listener
    from services.ingest.workers import Workers


@dataclass(frozen=True, kw_only=True)
class OverviewBuilder:
    """Builds the overviews of one dataset.

    Attributes:
        dataset_id: The dataset.
        store: Where its assets are.
        folder: Where files are made.
        pool: The processes that build.
        listener: Told of progress.
    """

    dataset_id: str
    store: Path
    folder: Path
    pool: Workers
    listener: Listener

    def built(
        self, variables: Sequence[Variable], granules: Iterable[Granule], known: Sequence[MosaicOverview]
    ) -> tuple[MosaicOverview, ...]:
        """The overviews of a dataset with these granules: those that still are right, and new ones, in the store.

        Raises:
            SourceRefused: A sheet cannot be read.
            OSError: The store cannot be written.
        """
        by_place = {(one.variable_id, one.time, one.layer): one for one in known}
        kept: list[MosaicOverview] = []
        wanted: list[tuple[OverviewBuild, tuple[Granule, ...]]] = []
        by_id = {variable.id: variable for variable in variables}
        for sheets in _mosaics(granules):
            first = sheets[0]
            before = by_place.get((first.variable_id, first.time, first.layer))
            is_there = before is not None and (self.store / before.asset.href).is_file()
            if before is not None and is_there and before.sheets == _sheets(sheets):
                kept.append(before)
                continue
            build = self._build(by_id[first.variable_id], sheets, before, number=len(wanted))
            if build is not None:
                wanted.append((build, sheets))
        return (*kept, *self._made(wanted))

    def _made(self, wanted: Sequence[tuple[OverviewBuild, tuple[Granule, ...]]]) -> list[MosaicOverview]:
        if not wanted:
            return []
        counter = Counter(self.listener, self.dataset_id, "building", len(wanted))
        tasks = [
            FileTask(path=Path(build.sheets[0].path), function=BUILD_OVERVIEW, arguments=(Path(), build))
            for build, _ in wanted
        ]
        results = self.pool.run(tasks, stop_early=True, counter=counter)
        refused = next((result for result in results if isinstance(result, SourceRefused)), None)
        if refused is not None:
            raise refused
        return [
            self._overview(build, sheets, converted) for (build, sheets), converted in zip(wanted, results, strict=True)
        ]

    def _build(
        self, variable: Variable, sheets: tuple[Granule, ...], before: MosaicOverview | None, *, number: int
    ) -> OverviewBuild | None:
        """What is to be built of the sheets of one time; None where no value is free to mean no data."""
        grids = [sheet.grid for sheet in sheets]
        around = _around(variable.grid, grids)
        factor = coarse_factor(around, grids)
        grid = coarse_grid(around, factor)
        nodata = free_value(variable)
        if nodata is None and variable.kind != "rgb":
            return None
        same = before is not None and before.grid.matches(grid) and (self.store / before.asset.href).is_file()
        return OverviewBuild(
            variable=SourceVariable(
                name=variable.id,
                title=text_in(variable.title),
                dtype=variable.dtype,
                grid=grid,
                nodata=nodata,
                scale=variable.scale,
                offset=variable.offset,
                unit=variable.unit,
                kind=variable.kind,
                band_count=RGB + 1 if variable.kind == "rgb" else 1,
            ),
            sheets=tuple(
                Sheet(path=str(self.store / one.asset.href), grid=one.grid, version=one.asset.sha256) for one in sheets
            ),
            missing=variable.nodata,
            factor=factor,
            target=self.folder / f"mosaic-{number}.tif",
            before=(self.store / before.asset.href, changed_grids(before, sheets))
            if before is not None and same
            else None,
        )

    def _overview(self, build: OverviewBuild, sheets: tuple[Granule, ...], converted: Converted) -> MosaicOverview:
        first = sheets[0]
        asset: Asset = settle(
            self.store,
            converted,
            dataset_id=self.dataset_id,
            variable_id=first.variable_id,
            label=first.time,
            layer="mosaic" if first.layer is None else f"{first.layer}-mosaic",
        )
        return MosaicOverview(
            variable_id=first.variable_id,
            time=first.time,
            layer=first.layer,
            key=first.key,
            calendar=first.calendar,
            asset=asset,
            grid=build.variable.grid,
            nodata=build.variable.nodata,
            factor=build.factor,
            sheets=_sheets(sheets),
        )


def free_value(variable: Variable) -> float | None:
    """The no-data value of an overview: the variable's, NaN, or a stored value that no cell has; None if there is none.

    What lies beside the sheets is no data, also where the sheets themselves fill their grids.
    """
    if variable.nodata is not None or variable.kind == "rgb":
        return variable.nodata
    dtype = np.dtype(variable.dtype)
    if dtype.kind == "f":
        return float("nan")
    statistics, limits = variable.statistics, np.iinfo(dtype)
    if statistics is None:
        return float(limits.max)
    ends = sorted((value - variable.offset) / variable.scale for value in (statistics.minimum, statistics.maximum))
    if ends[1] < limits.max - 0.5:
        return float(limits.max)
    return float(limits.min) if ends[0] > limits.min + 0.5 else None


def _mosaics(granules: Iterable[Granule]) -> list[tuple[Granule, ...]]:
    """The sheets of each variable, time and layer that has enough of them, by the part."""

    def place(granule: Granule) -> tuple[Any, ...]:
        return granule.variable_id, granule.key or 0, granule.time or "", granule.layer or ""

    sheets = sorted((g for g in granules if g.part is not None), key=lambda g: (*place(g), g.part))
    groups = [tuple(group) for _, group in groupby(sheets, key=place)]
    return [group for group in groups if len(group) >= LEAST_SHEETS]


def _around(grid: Grid, sheets: Sequence[Grid]) -> Grid:
    """The cells of a variable's grid around some sheets."""
    a, b, c, d, e, f = grid.transform
    boxes = [sheet.bounds for sheet in sheets]
    left = round((min(box[0] for box in boxes) - c) / a)
    right = round((max(box[2] for box in boxes) - c) / a)
    top = round((max(box[3] for box in boxes) - f) / e)
    bottom = round((min(box[1] for box in boxes) - f) / e)
    transform = (a, b, c + left * a, d, e, f + top * e)
    return replace(grid, transform=transform, width=max(1, right - left), height=max(1, bottom - top))


def _sheets(granules: Sequence[Granule]) -> dict[str, tuple[str, dict[str, object]]]:
    return {granule.part or "": (granule.asset.sha256, granule.grid.to_json()) for granule in granules}


def changed_grids(before: MosaicOverview, sheets: Sequence[Granule]) -> tuple[Grid, ...]:
    """The grids, old and new, of the sheets that an overview was not made of, or that are no longer there."""
    now = _sheets(sheets)
    parts = {part for part in {*now, *before.sheets} if now.get(part) != before.sheets.get(part)}
    return tuple(
        Grid.from_json(dict(state[part][1]))
        for part in sorted(parts)
        for state in (before.sheets, now)
        if part in state
    )
