"""Values of variables at points, at one time or many, read from the COGs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cog.grids.window import extent_text
from cog.reading.points import Located, locate, read_cells
from cog.writers.cube import CoverageField, CoverageTime, VerticalAxis
from config.errors import OutsideExtent, TooLarge
from services.selection.layers import field_of, steps_of, vertical_axis
from services.selection.moments import codec_of
from services.selection.series import Moment, Source, grid_of, moments, one_moment, path_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from config.times import TimeRange
    from services.apis.values.parameters import Points
    from services.web.context import Context
    from services.web.crs import Reference

MOST_FILES = 1000
"""Most files that one request opens: about two seconds."""
MOST_VALUES = 100_000
"""Most values of one answer."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values of one field.

    Attributes:
        field: What it is.
        values: Physical values (time, band, point), NaN for no data; one time where the data have none.
        steps: Times in order; empty where the data have none.
        calendar: CF calendar of the times.
        level: The one level, or None.
    """

    field: CoverageField
    values: NDArray[np.float64]
    steps: tuple[CoverageTime, ...]
    calendar: str
    level: VerticalAxis | None


def series_at(
    context: Context, source: Source, points: Points, reference: Reference, *, when: TimeRange | None, nearest: bool
) -> Series:
    """The values of a variable at points; of many times where `when` is an interval.

    Raises GranuleNotFound, TooLarge, or OutsideExtent where no point lies on the data.
    """
    found = _moments(context, source, when, nearest=nearest)
    require_bounded(found, len(points.xs) * source.variable.band_count)
    field = field_of(source.variable, codec=codec_of(source.variable), method="nearest")
    xs, ys = np.array(points.xs), np.array(points.ys)
    values = np.full((len(found), field.bands, len(xs)), np.nan)
    met = False
    for number, moment in enumerate(found):
        (sheets,) = moment.sheets.values()
        located = locate(grid_of(moment), xs, ys, crs=reference.crs)
        met = met or bool(located.inside.any())
        values[number] = _read(path_of(context, source.variable, sheets), located, field)
    if not met:
        raise OutsideExtent(f"no point lies on the data; {extent_text(grid_of(found[0]))}")
    return Series(
        field=field,
        values=values,
        steps=steps_of([found]),
        calendar=found[0].first.calendar or "standard",
        level=vertical_axis(source),
    )


def _moments(context: Context, source: Source, when: TimeRange | None, *, nearest: bool) -> list[Moment]:
    many = when is not None and "/" in when.text
    if many:
        return moments(context.catalogue, source, when, limit=MOST_FILES + 1)
    return [one_moment(context.catalogue, source, when, nearest=nearest)]


def require_bounded(found: Sequence[Moment], values: int) -> None:
    """Raise TooLarge for more times than MOST_FILES, or more values than MOST_VALUES."""
    if len(found) > MOST_FILES or len(found) * values > MOST_VALUES:
        last = found[min(len(found), MOST_FILES) // 2].first.time
        raise TooLarge(
            f"{len(found)} times or more of {values} values are above {MOST_FILES} times or {MOST_VALUES} values; ask "
            f"for fewer points or a shorter interval, such as datetime={found[0].first.time}/{last}"
        )


def _read(path: str, located: Located, field: CoverageField) -> NDArray[np.float64]:
    stored = read_cells(path, located)
    values, valid = field.codec.decode(stored)
    return np.where(valid & located.inside, values.astype("float64"), np.nan)
