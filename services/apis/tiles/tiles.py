"""Tiles: OGC API Tiles under the collection and its styles, and query-free `/xyz` paths for desktops."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response
from titiler.core.dependencies import DefaultDependency

from config.errors import InvalidParameter
from config.times import path_to_label
from config.vocabulary import GEOTIFF, JPEG, NPY, PNG, WEBP
from services.access.principal import PrincipalDep
from services.apis.tiles.factory import endpoint
from services.drawing import formats
from services.drawing.freshness import Freshness, not_modified
from services.drawing.rendering import Rendering, RenderingDep
from services.drawing.tiles.plans import TilePlans, plan_of, split_path
from services.selection.choice import (
    Choice,
    CollectionId,
    GranuleQuery,
    GranuleQueryDep,
    MomentQueryDep,
    StyleQuery,
    choose,
)
from services.selection.matrices import CRS_URI, WEB_MERCATOR_QUAD, Address, address
from services.web.context import ContextDep
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from titiler.core.factory import TilerFactory
    from titiler.core.resources.enums import ImageType

    from services.drawing.tiles.tile_cache import TileCache

DEFAULT = "default"
LATEST = "latest"
_TITILER_PATH = "/tiles/{tileMatrixSetId}/{z}/{x}/{y}"
_IMAGES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The tile.", "content": {media: {} for media in (PNG, WEBP, JPEG, NPY, GEOTIFF)}}
}
_TILE = "/map/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
_XYZ = "/xyz/{collectionId}/{variable}"

Formats = Annotated[
    list[str] | None,
    Query(max_length=4, description="png, webp, jpg, npy or tif, or a media type; absent: by Accept, else png."),
]
Number = Annotated[str, Path(description="A whole number.", max_length=40)]
Word = Annotated[str, Path(max_length=200)]


class TileRoutes:
    """The tile routes over one titiler factory."""

    def __init__(self, factory: TilerFactory) -> None:
        self._tile: Callable[..., Response] = endpoint(factory, _TITILER_PATH)
        self.router = APIRouter(tags=["Tiles"], dependencies=[KNOWN])
        add = self.router.add_api_route
        shared: dict[str, Any] = {"methods": ["GET"], "response_class": Response, "responses": _IMAGES}
        add("/collections/{collectionId}" + _TILE, self.ogc_tile, operation_id=".collection.map.getTile", **shared)
        add(
            "/collections/{collectionId}/styles/{styleId}" + _TILE,
            self.styled_tile,
            operation_id=".collection.style.map.getTile",
            **shared,
        )
        place = "/{z}/{x}/{y}.{format}"
        add(_XYZ + place, self.xyz_tile, operation_id="getXyzTile", **shared)
        add(_XYZ + "/{style}/{time}" + place, self.xyz_dated_tile, operation_id="getXyzTileAtTime", **shared)
        add(_XYZ + "/{style}/{time}/{level}" + place, self.xyz_level_tile, operation_id="getXyzTileAtLevel", **shared)

    def ogc_tile(
        self,
        request: Request,
        context: ContextDep,
        principal: PrincipalDep,
        collectionId: CollectionId,
        tileMatrixSetId: Word,
        tileMatrix: Number,
        tileRow: Number,
        tileCol: Number,
        granule: GranuleQueryDep,
        rendering: RenderingDep,
        style: StyleQuery = None,
        f: Formats = None,
    ) -> Response:
        """A map tile (OGC 20-057, 8): rows count down, columns east, both from the north-west corner."""
        where = address(tileMatrixSetId, matrix=tileMatrix, row=tileRow, column=tileCol)
        choice = choose(context, principal, collectionId, granule, style=style, where=where)
        image = formats.image_type(f, request.headers.get("accept", ""))
        return self._answer(request, choice, where, rendering, image)

    def styled_tile(
        self,
        request: Request,
        context: ContextDep,
        principal: PrincipalDep,
        collectionId: CollectionId,
        styleId: Word,
        tileMatrixSetId: Word,
        tileMatrix: Number,
        tileRow: Number,
        tileCol: Number,
        granule: GranuleQueryDep,
        rendering: RenderingDep,
        f: Formats = None,
    ) -> Response:
        """A map tile in a named style."""
        return self.ogc_tile(
            request,
            context,
            principal,
            collectionId,
            tileMatrixSetId,
            tileMatrix,
            tileRow,
            tileCol,
            granule,
            rendering,
            styleId,
            f,
        )

    def xyz_tile(
        self,
        request: Request,
        context: ContextDep,
        principal: PrincipalDep,
        collectionId: CollectionId,
        variable: Word,
        z: Number,
        x: Number,
        y: Number,
        format: Word,  # noqa: A002 - titiler's name
        granule: MomentQueryDep,
        rendering: RenderingDep,
        style: StyleQuery = None,
    ) -> Response:
        """A Web Mercator tile: without a query, of the latest time in the default style."""
        where = address(WEB_MERCATOR_QUAD, matrix=z, row=y, column=x)
        choice = choose(context, principal, collectionId, replace(granule, variable=variable), style=style, where=where)
        return self._answer(request, choice, where, rendering, formats.named(format))

    def xyz_dated_tile(
        self,
        request: Request,
        context: ContextDep,
        principal: PrincipalDep,
        collectionId: CollectionId,
        variable: Word,
        style: Word,
        time: Word,
        z: Number,
        x: Number,
        y: Number,
        format: Word,  # noqa: A002
        rendering: RenderingDep,
    ) -> Response:
        """A Web Mercator tile of a style and a time; `default` and `latest` are words."""
        chosen = GranuleQuery(variable=variable, datetime=path_time(time))
        where = address(WEB_MERCATOR_QUAD, matrix=z, row=y, column=x)
        choice = choose(context, principal, collectionId, chosen, style=style, where=where)
        return self._answer(request, choice, where, rendering, formats.named(format))

    def xyz_level_tile(
        self,
        request: Request,
        context: ContextDep,
        principal: PrincipalDep,
        collectionId: CollectionId,
        variable: Word,
        style: Word,
        time: Word,
        level: Word,
        z: Number,
        x: Number,
        y: Number,
        format: Word,  # noqa: A002
        rendering: RenderingDep,
    ) -> Response:
        """A Web Mercator tile of a style, a time and a level."""
        chosen = GranuleQuery(variable=variable, datetime=path_time(time), level=level)
        where = address(WEB_MERCATOR_QUAD, matrix=z, row=y, column=x)
        choice = choose(context, principal, collectionId, chosen, style=style, where=where)
        return self._answer(request, choice, where, rendering, formats.named(format))

    def _answer(
        self, request: Request, choice: Choice, where: Address, rendering: Rendering, image: ImageType
    ) -> Response:
        """The tile, or 304 if the client has it."""
        _check_bands(choice, rendering)
        fresh = Freshness.of(choice, request, formats.MEDIA_TYPES[image])
        headers = fresh.headers(request.url.path, choice.decision)
        known = not_modified(request, headers)
        if known is not None:
            return known
        cache: TileCache = request.app.state.tile_cache
        kept = cache.get(headers)
        if kept is not None:
            return Response(kept.content, headers=headers | kept.headers)
        answer = _planned(request, choice, where, rendering, image, fresh) or self._drawn(
            choice, where, rendering, image
        )
        answer.headers["Content-Crs"] = f"<{CRS_URI[where.matrix_set]}>"
        answer.headers.update(headers | cache.keep(headers, bytes(answer.body), dict(answer.headers)))
        return answer

    def _drawn(self, choice: Choice, where: Address, rendering: Rendering, image: ImageType) -> Response:
        """The tile, titiler's way."""
        render_params, colormap = rendering.colored(choice.variable, choice.style, image)
        return self._tile(
            z=where.matrix,
            x=where.column,
            y=where.row,
            tileMatrixSetId=where.matrix_set,
            format=image,
            tilesize=rendering.tilesize,
            src_path=choice.source,
            reader_params=DefaultDependency(),
            tile_params=DefaultDependency(),
            layer_params=rendering.layer,
            dataset_params=rendering.dataset,
            post_process=None,
            colormap=colormap,
            render_params=render_params,
            env={},
        )


def _planned(
    request: Request, choice: Choice, where: Address, rendering: Rendering, image: ImageType, fresh: Freshness
) -> Response | None:
    """The tile drawn by a plan; None where only titiler's way can draw it.

    The plan is kept for the next tile of its kind, unless that tile may show other granules.
    """
    plans: TilePlans = request.app.state.tile_plans
    plan = plan_of(choice, rendering, image, where.matrix_set, fresh) if plans.is_on else None
    if plan is None:
        return None
    content = plan.draw(where)
    split = None if choice.depends_on_tile else split_path(request.scope, request.scope["path"])
    if split is not None:
        plans.learn(split[0], plan)
    if content is None:
        return None
    return Response(content, media_type=formats.MEDIA_TYPES[image], headers=plan.headers(where))


def path_time(text: str) -> str | None:
    """The `datetime` that a time in a path means, None for `latest`; raises InvalidParameter."""
    return None if text == LATEST else path_to_label(text)


def _check_bands(choice: Choice, rendering: Rendering) -> None:
    for band in rendering.layer.indexes or ():
        if not 1 <= band <= choice.variable.band_count:
            raise InvalidParameter("bidx", band, f"the variable has bands 1 to {choice.variable.band_count}")
