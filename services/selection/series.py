"""The files that answer a request: of each variable, level by level, the sheets of each time as one raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cog.grids.lattice import lattice
from cog.reading.mosaic import Mosaic
from cog.reading.sheets import Sheet
from config.errors import GranuleNotFound, InvalidInput
from records.datasets.catalogue import Catalogue
from services.selection.moments import codec_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.grids import Grid
    from config.times import TimeRange
    from records.datasets.models import Dataset, Granule, Variable
    from services.web.context import Context


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where granules come from: one variable of a dataset, its levels (none: no axis), and the part asked for."""

    dataset: Dataset
    variable: Variable
    levels: tuple[str, ...]
    part: str | None

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.dataset.id}/{self.variable.id}"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One time of one variable: its granules by level, each level's sheets in the order of their parts."""

    sheets: Mapping[str | None, tuple[Granule, ...]]

    @property
    def first(self) -> Granule:
        """Any granule: they share the time."""
        return next(iter(self.sheets.values()))[0]

    @property
    def key(self) -> int | None:
        """The order key of the time, None where the data have no times."""
        return self.first.key


def one_moment(catalogue: Catalogue, source: Source, when: TimeRange | None, *, nearest: bool = False) -> Moment:
    """The one time that a request means, the latest without `when`; raises GranuleNotFound naming the neighbours."""
    sheets = {
        level: catalogue.sheets(
            source.dataset, source.variable, when=when, nearest=nearest, level=level, part=source.part
        ).granules
        for level in source.levels or (None,)
    }
    found = Moment(sheets=sheets)
    _require_one_a_part(source, found)
    return found


def moments(catalogue: Catalogue, source: Source, when: TimeRange | None, *, limit: int) -> list[Moment]:
    """The first `limit` times of a range, all without one; raises GranuleNotFound."""
    by_key: dict[int | None, dict[str | None, list[Granule]]] = {}
    for level in source.levels or (None,):
        for granule in catalogue.granules(
            source.dataset, source.variable, when, limit=limit, level=level, part=source.part
        ):
            by_key.setdefault(granule.key, {}).setdefault(level, []).append(granule)
    if not by_key:
        raise GranuleNotFound(f"{source.name} has no data at that level and part")
    ordered = sorted(by_key, key=lambda key: -np.inf if key is None else key)
    found = [Moment(sheets={level: tuple(sheets) for level, sheets in by_key[key].items()}) for key in ordered]
    for moment in found:
        _require_one_a_part(source, moment)
    return found


def _require_one_a_part(source: Source, moment: Moment) -> None:
    for sheets in moment.sheets.values():
        if len({sheet.part for sheet in sheets}) < len(sheets):
            raise InvalidInput(
                f"{source.variable.id} has several levels or parts at one time that are not told apart; its coverage "
                "is not served, take its files"
            )


def grid_of(moment: Moment) -> Grid:
    """The grid of one time: of its only sheet, or the lattice of all; raises InvalidInput naming `part=`."""
    grids = [lattice([sheet.grid for sheet in sheets]) for sheets in moment.sheets.values()]
    if not all(grid.matches(grids[0]) for grid in grids):
        raise InvalidInput("the levels of this time have different grids; ask for one of them")
    return grids[0]


def path_of(context: Context, variable: Variable, sheets: Sequence[Granule]) -> str:
    """The sheets of one time as one raster; raises InvalidInput naming `part=`."""
    parts = tuple(Sheet(path=context.asset_path(sheet.asset), grid=sheet.grid) for sheet in sheets)
    return Mosaic(parts).raster(codec_of(variable))
