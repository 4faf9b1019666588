"""titiler's factory, configured: our reader, our path dependency, bounded parameters.

Its routes are laid out in OGC order by the modules beside this one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, cast

import numpy as np
from fastapi import Query
from fastapi.routing import APIRoute
from pydantic import Field
from titiler.core.dependencies import (
    DatasetParams,
    DefaultDependency,
    HistogramParams,
    PreviewParams,
    StatisticsParams,
)
from titiler.core.factory import TilerFactory

from cog.tiles.mosaic_reader import open_reader
from config.errors import InvalidParameter
from services.drawing.faults import translated
from services.drawing.rendering import draw
from services.drawing.tiles.matrices import SUPPORTED
from services.parameters.drawing import LayerParams, RenderParams, own_colormap
from services.parameters.numbers import number_source

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_BINS = 1000
_MAX_SIZE = 2048
_MAX_COUNTED = 100
_MAX_DIGITS = 15
_LARGEST = 1e30

_Percent = Annotated[int, Field(ge=0, le=100)]
_Category = Annotated[float, Field(allow_inf_nan=False)]


@dataclass
class SampleParams(PreviewParams):
    """How large a sample statistics are taken from."""

    max_size: Annotated[int, Query(gt=0, le=_MAX_SIZE, description="Longest edge of the sample, pixels.")] = 1024
    height: Annotated[int | None, Query(gt=0, le=_MAX_SIZE)] = None
    width: Annotated[int | None, Query(gt=0, le=_MAX_SIZE)] = None


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
        """Refuse more bins than a client can use, and ranges that are none."""
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


def make_factory() -> TilerFactory:
    """The tile, point and statistics endpoints of titiler over the catalogue."""
    return TilerFactory(
        reader=open_reader,  # type: ignore[arg-type]  # titiler calls it, and asks no more of it
        path_dependency=number_source,
        layer_dependency=LayerParams,
        dataset_dependency=DatasetParams,
        tile_dependency=DefaultDependency,
        img_preview_dependency=SampleParams,
        stats_dependency=CountParams,
        histogram_dependency=BinParams,
        process_dependency=_no_algorithm,  # some of titiler's algorithms loop over numbers from the request
        colormap_dependency=own_colormap,
        render_dependency=RenderParams,
        render_func=draw,
        supported_tms=SUPPORTED,
        add_preview=False,
        add_part=False,
        add_viewer=False,
        name="collection.map",
    )


def endpoint(factory: TilerFactory, path: str) -> Callable[..., Any]:
    """The endpoint that a factory has at a path (GET), its errors turned into ours."""
    routes = (route for route in factory.router.routes if isinstance(route, APIRoute))
    found: Callable[..., Any] = next(r.endpoint for r in routes if r.path == path and "GET" in (r.methods or ()))

    @wraps(found)
    def call(*args: Any, **kwargs: Any) -> Any:
        with translated():
            return found(*args, **kwargs)

    return call


def _no_algorithm() -> None:
    return None
