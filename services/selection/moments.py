"""The times of a selection: at each, the granules of every layer and part."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from typing import TYPE_CHECKING

import numpy as np

from cog.cells.codec import Codec
from cog.grids.lattice import lattice
from cog.reading.mosaic import Mosaic
from cog.reading.sheets import Sheet
from config.errors import GranuleNotFound, InvalidInput
from services.selection.limits import PAGE_TIMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from config.grids import Grid
    from records.datasets.catalogue import Catalogue
    from records.datasets.models import Granule, Variable
    from services.selection.selection import Selection
    from services.web.context import Context


@dataclass(frozen=True, kw_only=True)
class TimeSlice:
    """One time of one variable: its granules by layer, those of a layer in the order of their parts."""

    parts: Mapping[str | None, tuple[Granule, ...]]

    @property
    def first(self) -> Granule:
        """Any granule: they share the time."""
        return next(iter(self.parts.values()))[0]

    @property
    def key(self) -> int | None:
        """The order key of the time, None where the data have no times."""
        return self.first.key


def one_moment(catalogue: Catalogue, selection: Selection) -> TimeSlice:
    """Find the one time that a selection means.

    Raises GranuleNotFound naming the neighbours, or InvalidInput where parts or layers cannot be told apart.
    """
    moment = TimeSlice(
        parts={
            layer: catalogue.sheets(
                selection.dataset,
                selection.variable,
                when=selection.when,
                nearest=selection.nearest,
                layer=layer,
                part=selection.part,
            ).granules
            for layer in selection.layers or (None,)
        }
    )
    _require_distinct_parts(selection, moment)
    return moment


def iterate_moments(catalogue: Catalogue, selection: Selection, *, page: int | None = None) -> Iterator[TimeSlice]:
    """Iterate over every time that a selection means, in order, reading the catalogue page by page.

    The latest alone where it leaves the time open, and the nearest alone where it wants that and no time matches.
    Raises as `one_moment`.

    Args:
        catalogue: Has the granules.
        selection: What is meant.
        page: Times that are read at once; None: PAGE_TIMES.
    """
    if selection.is_latest:
        yield one_moment(catalogue, selection)
        return
    moments = _matching(catalogue, selection, page or PAGE_TIMES)
    if not selection.nearest:
        yield from moments
        return
    try:
        yield next(moments)
    except GranuleNotFound:
        yield one_moment(catalogue, selection)
        return
    yield from moments


def _matching(catalogue: Catalogue, selection: Selection, page: int) -> Iterator[TimeSlice]:
    series = [_granules(catalogue, selection, layer, page) for layer in selection.layers or (None,)]
    is_empty = True
    for _, group in groupby(merge(*series, key=_order), key=_order):
        moment = TimeSlice(parts={layer: tuple(granules) for _, layer, granules in group})
        _require_distinct_parts(selection, moment)
        yield moment
        is_empty = False
    if is_empty:
        raise GranuleNotFound(f"{selection.name} has no data at that level, member and part")


def first_moments(catalogue: Catalogue, selection: Selection, count: int) -> list[TimeSlice]:
    """The first `count` times of a selection, or all of them if it has fewer; raises as `one_moment`."""
    return list(islice(iterate_moments(catalogue, selection, page=min(count, PAGE_TIMES)), count))


_Order = tuple[bool, int]
_Entry = tuple[_Order, str | None, list["Granule"]]


def _granules(catalogue: Catalogue, selection: Selection, layer: str | None, page: int) -> Iterator[_Entry]:
    """Iterate over the times of one layer as (order, layer, granules)."""
    for granules in catalogue.times(
        selection.dataset, selection.variable, selection.when, layer=layer, part=selection.part, page=page
    ):
        key = granules[0].key
        yield (key is not None, key or 0), layer, granules


def _order(entry: _Entry) -> _Order:
    return entry[0]


def grid_of(moment: TimeSlice) -> Grid:
    """The grid of one time: of its only part, or the lattice of all; raises InvalidInput naming `part=`."""
    grids = [lattice([part.grid for part in parts]) for parts in moment.parts.values()]
    if not all(grid.matches(grids[0]) for grid in grids):
        raise InvalidInput("the levels or members of this time have different grids; ask for one of them")
    return grids[0]


def path_of(context: Context, variable: Variable, parts: Sequence[Granule]) -> str:
    """The parts of one time as one raster that GDAL opens; raises InvalidInput naming `part=`."""
    sheets = tuple(Sheet(path=context.asset_path(part.asset), grid=part.grid) for part in parts)
    return Mosaic(sheets).raster(codec_of(variable))


def codec_of(variable: Variable) -> Codec:
    """The meaning of the stored values in the COGs of a variable."""
    return Codec(
        dtype=variable.dtype,
        nodata=_storable(variable.nodata, variable.dtype),
        scale=variable.scale,
        offset=variable.offset,
        bands=variable.band_count,
    )


def _storable(nodata: float | None, dtype: str) -> float | None:
    """The no-data value if the type can hold it; no cell has one that it cannot."""
    if nodata is None or not np.issubdtype(np.dtype(dtype), np.integer):
        return nodata
    limits = np.iinfo(dtype)
    return nodata if limits.min <= nodata <= limits.max and nodata == int(nodata) else None


def _require_distinct_parts(selection: Selection, moment: TimeSlice) -> None:
    for granules in moment.parts.values():
        if len({granule.part for granule in granules}) < len(granules):
            raise InvalidInput(
                f"{selection.variable.id} has several levels, members or parts at one time that are not told apart; "
                "its coverage is not served, take its files"
            )
