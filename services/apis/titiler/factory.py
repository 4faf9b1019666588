"""titiler's factory over the catalogue: its own routes, with our rasters, parameters and limits."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from attrs import define
from fastapi import APIRouter, Depends, Request, Response
from titiler.core.dependencies import DatasetParams
from titiler.core.factory import TilerFactory

from services.apis.titiler.parameters import (
    CoverOptions,
    PreviewSize,
    RegionSize,
    TileOptions,
    require_format,
    require_tile_size,
    require_zooms,
)
from services.apis.titiler.regions import open_region
from services.apis.titiler.selection import (
    RenderOptions,
    UnchangedError,
    answer_headers,
    number_raster,
    request_colormap,
    tile_raster,
)
from services.drawing.faults import translated
from services.drawing.formats import named
from services.drawing.rendering import draw
from services.drawing.tiles.matrix_sets import titiler_sets
from services.parameters.drawing import LayerParams
from services.parameters.points import require_registered_crs, require_valid_point
from services.parameters.statistics import (
    BinParams,
    BinsDep,
    CountParams,
    CountsDep,
    require_countable,
)
from services.web.context import get_context
from services.web.dependencies import inline
from services.web.lanes import ComputationRoute
from services.web.parameters import KNOWN, json_only

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from rio_tiler.models import ImageData

PREFIX: Final = "/titiler/{collectionId}"


class CollectionRoute(ComputationRoute):
    """A route of titiler's whose errors are ours, and whose answer has the headers of its selection.

    An Accept header does not count: titiler would answer browsers with pages that load scripts from elsewhere.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler of the route."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            headers = [(name, value) for name, value in request.scope["headers"] if name != b"accept"]
            plain = Request({**request.scope, "headers": headers}, request.receive)
            try:
                with translated():
                    response = await answer(plain)
            except UnchangedError as unchanged:
                return Response(status_code=304, headers=unchanged.headers)
            response.headers.update(answer_headers(plain))
            return response

        return handle


@define(kw_only=True)
class CollectionFactory(TilerFactory):
    """titiler's routes under the path of a collection."""

    def url_for(self, request: Request, name: str, **path_params: Any) -> str:
        """Return the full URL of a route of the same collection."""
        path = self.router.url_path_for(name, collectionId=request.path_params["collectionId"], **path_params)
        return f"{get_context(request).settings.base_url}{path}"

    def statistics(self) -> None:
        """Register the routes of statistics, which are counted within limits."""
        with self._registering(process_dependency=_count_check, reader_dependency=CoverOptions):
            super().statistics()  # type: ignore[no-untyped-call]  # titiler leaves it out

    def tilesets(self) -> None:
        """Register the tilesets, as JSON alone."""
        with self._registering(inline(json_only), inline(require_zooms)):
            super().tilesets()  # type: ignore[no-untyped-call]  # titiler leaves it out

    def tile(self) -> None:
        """Register the tiles, each drawn from the parts that it meets."""
        with self._registering(inline(require_tile_size), path_dependency=tile_raster):
            super().tile()  # type: ignore[no-untyped-call]  # titiler leaves it out

    def tilejson(self) -> None:
        """Register the TileJSON."""
        with self._registering(inline(require_tile_size), inline(require_zooms)):
            super().tilejson()  # type: ignore[no-untyped-call]  # titiler leaves it out

    def point(self) -> None:
        """Register the values at points."""
        with self._registering(inline(require_valid_point)):
            super().point()  # type: ignore[no-untyped-call]  # titiler leaves it out

    @contextmanager
    def _registering(self, *dependencies: Any, **options: Any) -> Iterator[None]:
        """Register routes with further dependencies, and other options than the rest has."""
        before = {name: getattr(self, name) for name in options}
        common = self.router.dependencies
        self.router.dependencies = [*common, *dependencies]
        for name, value in options.items():
            setattr(self, name, value)
        try:
            yield
        finally:
            self.router.dependencies = common
            for name, value in before.items():
                setattr(self, name, value)


def make_factory() -> CollectionFactory:
    """Create the factory with all of its routes."""
    # CRSs are looked up in PROJ's database, which may take milliseconds: in a thread
    checks = [KNOWN, Depends(require_registered_crs), inline(require_format)]
    return CollectionFactory(
        router=APIRouter(prefix=PREFIX, tags=["titiler"], route_class=CollectionRoute, dependencies=checks),
        name="titiler",
        reader=open_region,  # type: ignore[arg-type]  # titiler calls it, and asks no more of it
        path_dependency=number_raster,
        layer_dependency=LayerParams,
        dataset_dependency=DatasetParams,
        tile_dependency=TileOptions,
        img_preview_dependency=PreviewSize,
        img_part_dependency=RegionSize,
        stats_dependency=CountParams,
        histogram_dependency=BinParams,
        process_dependency=_no_algorithm,  # some of titiler's algorithms loop over numbers from the request
        colormap_dependency=request_colormap,
        render_dependency=RenderOptions,
        render_func=_draw,
        supported_tms=titiler_sets(),
        add_viewer=False,
    )


def _draw(image: ImageData, **options: Any) -> tuple[bytes, str]:
    """Draw an image; `jpg` and `tiff` are other names of `jpeg` and `tif`."""
    output = options.pop("output_format", None)
    return draw(image, None if output is None else named(output.value), **options)


def _no_algorithm() -> None:
    return None


def _count_check(counts: CountsDep, bins: BinsDep) -> Callable[[ImageData], ImageData]:
    """Return a step before statistics, which refuses what cannot be counted."""

    def check(image: ImageData) -> ImageData:
        require_countable(image, counts, bins)
        return image

    return check
