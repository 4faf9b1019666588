"""Query parameters of statistics: titiler's, bounded, and the check that an image can be counted by them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, cast

import numpy as np
from fastapi import Query
from pydantic import Field
from titiler.core.dependencies import HistogramParams, PreviewParams, StatisticsParams

from config.errors import InvalidParameter
from services.web.dependencies import inline

if TYPE_CHECKING:
    from rio_tiler.models import ImageData

MAX_SIZE: Final = 2048
"""Longest edge of an image that titiler's routes read, in pixels."""
_MAX_BINS = 1000
_MAX_COUNTED = 100
_MAX_CATEGORIES = 1000
_MAX_DIGITS = 15
_LARGEST = 1e30

_Percent = Annotated[int, Field(ge=0, le=100)]
_Category = Annotated[float, Field(allow_inf_nan=False)]


@dataclass
class SampleParams(PreviewParams):
    """How large a sample statistics are taken from."""

    max_size: Annotated[int, Query(gt=0, le=MAX_SIZE, description="Longest edge of the sample, pixels.")] = 1024
    height: Annotated[int | None, Query(gt=0, le=MAX_SIZE)] = None
    width: Annotated[int | None, Query(gt=0, le=MAX_SIZE)] = None


@dataclass
class CountParams(StatisticsParams):
    """titiler's `c` and `p`, bounded."""

    categories: Annotated[
        list[_Category] | None,
        Query(alias="c", max_length=_MAX_COUNTED, description="Values to count, of a categorical variable."),
    ] = None
    percentiles: Annotated[
        list[_Percent] | None,
        Query(alias="p", max_length=_MAX_COUNTED, description="Percentiles, 0 to 100; absent: 2 and 98."),
    ] = None


@dataclass
class BinParams(HistogramParams):
    """titiler's histogram parameters, bounded."""

    def __post_init__(self) -> None:
        """Refuse more bins than a client can use, and invalid ranges; raises InvalidParameter."""
        edges = (self.bins or "").split(",")
        if len(edges) > _MAX_BINS or any(len(edge) > _MAX_DIGITS for edge in edges):
            raise InvalidParameter(
                "histogram_bins", self.bins, f"at most {_MAX_BINS} bins, of numbers of at most {_MAX_DIGITS} digits"
            )
        super().__post_init__()  # type: ignore[no-untyped-call]  # titiler leaves it out
        bins = cast("int | list[float]", self.bins)  # titiler turns its text into numbers
        count = bins if isinstance(bins, int) else len(bins)
        if not 1 <= count <= _MAX_BINS or (isinstance(bins, list) and sorted(bins) != bins):
            raise InvalidParameter("histogram_bins", self.bins, f"1 to {_MAX_BINS} bins, or rising edges")
        ends = cast("list[float] | None", self.range)
        if ends is not None and not _divisible(ends, count):
            remedy = f"two numbers within {_LARGEST:g}, the first so far below the second that the bins differ"
            raise InvalidParameter("histogram_range", self.range, remedy)


def _divisible(ends: list[float], count: int) -> bool:
    """Whether numpy can lay `count` bins between two ends, in the least precise dtype of a dataset."""
    if not all(math.isfinite(end) and abs(end) <= _LARGEST for end in ends):
        return False
    return bool(np.all(np.diff(np.linspace(ends[0], ends[1], count + 1, dtype="float32")) > 0))


def require_countable(image: ImageData, counts: CountParams, bins: BinParams) -> None:
    """Raise InvalidParameter for more categories than a client can use, or bins that an image's values cannot fill."""
    for band in image.array:
        values = band.compressed()
        if counts.categorical and not counts.categories:
            count = len(np.unique(values))
            if count > _MAX_CATEGORIES:
                remedy = f"there are {count} different values, at most {_MAX_CATEGORIES} are counted; name some by c="
                raise InvalidParameter("categorical", "true", remedy)
        number = cast("int | list[float]", bins.bins)
        if isinstance(number, int) and bins.range is None and len(values):
            low, high = float(values.min()), float(values.max())
            ends = [low - 0.5, high + 0.5] if low == high else [low, high]  # as numpy does
            if not _divisible(ends, number):
                remedy = "the values lie too close for that number of bins; ask for fewer, or give histogram_range="
                raise InvalidParameter("histogram_bins", number, remedy)


CountsDep = Annotated[CountParams, inline(CountParams)]
BinsDep = Annotated[BinParams, inline(BinParams)]
SampleDep = Annotated[SampleParams, inline(SampleParams)]
