"""A request for trends: the method, and the times in years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cog.science.trends.analysis import YEAR_DAYS, TrendMethod
from config.errors import InvalidInput, TooLarge
from config.times import days_between, key_parts, order_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cog.sources.models import TimeStep

LEAST_TIMES: Final = 4
MOST_SEN_TIMES: Final = 2000
"""Most times of Theil-Sen: its work grows with their square."""


def method_of(inputs: Mapping[str, Any], times: int) -> TrendMethod:
    """The method that inputs name, for a number of times; raises InvalidInput or TooLarge."""
    method = inputs.get("method", "ols")
    by_default = "n_eff" if method == "ols" else "whiten"
    autocorrelation = inputs.get("autocorrelation", by_default)
    season = inputs.get("season", "none")
    if autocorrelation not in (by_default, "none") and not (method == "theil-sen" and autocorrelation == "hamed-rao"):
        raise InvalidInput(f"autocorrelation {autocorrelation} does not go with {method}; give {by_default} or none")
    if season == "seasonal-kendall" and (method == "ols" or "autocorrelation" in inputs):
        raise InvalidInput("season seasonal-kendall goes with method theil-sen, without autocorrelation")
    if times < LEAST_TIMES:
        raise InvalidInput(f"{times} times are too few for a trend; {LEAST_TIMES} are the least")
    if method == "theil-sen" and times > MOST_SEN_TIMES:
        raise TooLarge(
            f"{times} times are more than {MOST_SEN_TIMES} for theil-sen; make monthly means with composite first, or "
            "take ols"
        )
    return TrendMethod(
        method=method,
        autocorrelation=autocorrelation,
        lags=int(inputs.get("lag", 3)),
        season=season,
        alpha=float(inputs.get("alpha", 0.05)),
        minimum=int(inputs.get("minimum_count", -(-2 * times // 3))),
    )


def years_of(times: Sequence[TimeStep]) -> NDArray[np.float64]:
    """The middle of each time in years of 365.2425 days since the year 2000 began, plus 2000."""
    calendar, epoch = times[0].calendar, order_key(2000)
    days = []
    for time in times:
        start = time.key if time.start_key is None else time.start_key
        end = time.key if time.end_key is None else time.end_key
        days.append((days_between(epoch, start, calendar) + days_between(epoch, end, calendar)) / 2)
    return 2000.0 + np.array(days) / YEAR_DAYS


def months_of(times: Sequence[TimeStep]) -> NDArray[np.int64]:
    """The month of the year of each time."""
    return np.array([key_parts(time.key)[1] for time in times])
