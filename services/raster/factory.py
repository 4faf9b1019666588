"""titiler's factory, configured: our reader, our path dependency, bounded parameters. Its routes are laid out in OGC
order by the modules beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query
from titiler.core.dependencies import DatasetParams, DefaultDependency, HistogramParams, PreviewParams
from titiler.core.factory import TilerFactory

from cog.reader import GranuleReader
from config.errors import InvalidParameter
from services.raster.choice import chosen_source
from services.raster.faults import translated
from services.raster.matrices import SUPPORTED
from services.raster.rendering import LayerParams, RenderParams, draw, own_colormap

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_BINS = 1000
_MAX_SIZE = 2048


@dataclass
class SampleParams(PreviewParams):  # type: ignore[misc]  # titiler has no types
    """How large a sample statistics are taken from."""

    max_size: Annotated[int, Query(gt=0, le=_MAX_SIZE, description="Longest edge of the sample, pixels.")] = 1024
    height: Annotated[int | None, Query(gt=0, le=_MAX_SIZE)] = None
    width: Annotated[int | None, Query(gt=0, le=_MAX_SIZE)] = None


@dataclass
class BinParams(HistogramParams):  # type: ignore[misc]  # titiler has no types
    """titiler's histogram parameters, bounded."""

    def __post_init__(self) -> None:
        """Refuse more bins than a client can use, and ranges that are none."""
        if len(self.bins or "") > _MAX_BINS * 8:
            raise InvalidParameter("histogram_bins", self.bins, f"at most {_MAX_BINS} bins")
        super().__post_init__()
        edges = self.bins if isinstance(self.bins, list) else [0, 1]
        count = self.bins if isinstance(self.bins, int) else len(self.bins)
        if not 1 <= count <= _MAX_BINS or sorted(edges) != edges:
            raise InvalidParameter("histogram_bins", self.bins, f"1 to {_MAX_BINS} bins, or rising edges")
        if self.range is not None and not self.range[0] < self.range[1]:
            raise InvalidParameter("histogram_range", self.range, "the first value must be below the second")


def make_factory() -> TilerFactory:
    """titiler's tile, point and statistics endpoints over the catalogue."""
    return TilerFactory(
        reader=GranuleReader,
        path_dependency=chosen_source,
        layer_dependency=LayerParams,
        dataset_dependency=DatasetParams,
        tile_dependency=DefaultDependency,
        img_preview_dependency=SampleParams,
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
    found: Callable[..., Any] = next(r.endpoint for r in factory.router.routes if r.path == path and "GET" in r.methods)

    @wraps(found)
    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - titiler's own signature
        with translated():
            return found(*args, **kwargs)

    return call


def _no_algorithm() -> None:
    return None
