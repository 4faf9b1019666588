"""The HTTP of WMTS: one address for keywords, and paths for REST, of the catalogue and of each collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from config.errors import GraticuleError
from config.vocabulary import PNG, XML
from services.access.guards import require_readable
from services.access.principal import Principal, principal_of
from services.apis.wmts.capabilities import WmtsCapabilities, requested_sections
from services.apis.wmts.feature_info import feature_info
from services.apis.wmts.matrix_sets import common_sets, served_sets
from services.apis.wmts.tile_request import LOCATORS, TileReader
from services.drawing.tiles.answers import answer_tile
from services.ows.faults import OWS_1_1, invalid, report
from services.ows.kvp import Keywords
from services.ows.layer_catalogue import entity_tag
from services.ows.markup import encoded
from services.ows.service_texts import listed
from services.parameters.matrix_sets import matrix_sets_of
from services.web.context import ContextDep
from services.web.identifiers import CollectionId
from services.web.negotiation import Language, accept_of, asked_language, best_offer, offers
from services.web.transfer.streams import streamed

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.ows.layer_catalogue import LayerCatalogue
    from services.web.context import Context

router = APIRouter(tags=["Web services"])

_COLLECTION: Final = "/collections/{collectionId}/wmts"
_CAPABILITIES: Final = "/1.0.0/WMTSCapabilities.xml"
_TILE: Final = "/1.0.0/{layer}/{style}/{place:path}"
_XML_OFFERS: Final = offers({XML: True, "text/xml": True})
_Word = Annotated[str, Path(max_length=300)]
_Place = Annotated[
    str,
    Path(max_length=500, description="Dimensions, TileMatrixSet, TileMatrix, TileRow and TileCol, ending in .png."),
]


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "string"}}


_KEYWORDS: Final = [
    _parameter("service", "WMTS."),
    _parameter("request", "GetCapabilities, GetTile or GetFeatureInfo. Names of parameters may be in any case."),
    _parameter("version", "1.0.0."),
    _parameter("layer", "A layer of the capabilities: collection.variable."),
    _parameter("style", "A style of the layer, or default."),
    _parameter("format", "image/png, image/webp or image/jpeg."),
    _parameter("tileMatrixSet", "A tile matrix set of the capabilities."),
    _parameter("tileMatrix", "A matrix of the set."),
    _parameter("tileRow", "The row, down from the top."),
    _parameter("tileCol", "The column, from the left."),
    _parameter("time", "An instant or an interval; absent: the latest."),
    _parameter("elevation", "A level; absent: the first."),
    _parameter("member", "A member of an ensemble; absent: the first."),
    _parameter("theme", "GetCapabilities: the layers of one theme."),
    _parameter("lang", "Language of the texts: en or zh."),
]
_XML: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Capabilities, a tile or values.", "content": {XML: {}, PNG: {}}},
    400: {"description": "An ows:ExceptionReport.", "content": {XML: {}}},
}
_OPTIONS: Final[dict[str, Any]] = {"responses": _XML, "response_class": Response}


@router.get("/wmts", operation_id="getWmts", openapi_extra={"parameters": _KEYWORDS}, **_OPTIONS)
def by_keywords(request: Request, context: ContextDep) -> Response:
    """WMTS 1.0.0 over the whole catalogue, by keywords."""
    return _Call(request, context, None).answer_keywords()


@router.get(_COLLECTION, operation_id=".collection.getWmts", openapi_extra={"parameters": _KEYWORDS}, **_OPTIONS)
def of_collection(request: Request, context: ContextDep, collectionId: CollectionId) -> Response:
    """WMTS 1.0.0 over one collection, by keywords."""
    return _Call(request, context, collectionId).answer_keywords()


@router.get("/wmts" + _CAPABILITIES, operation_id="getWmtsCapabilities", **_OPTIONS)
def capabilities(request: Request, context: ContextDep) -> Response:
    """The capabilities of WMTS."""
    return _Call(request, context, None).answer_resource()


@router.get(_COLLECTION + _CAPABILITIES, operation_id=".collection.getWmtsCapabilities", **_OPTIONS)
def capabilities_of_collection(request: Request, context: ContextDep, collectionId: CollectionId) -> Response:
    """The capabilities of the WMTS of a collection."""
    return _Call(request, context, collectionId).answer_resource()


@router.get("/wmts" + _TILE, operation_id="getWmtsTile", **_OPTIONS)
def tile(request: Request, context: ContextDep, layer: _Word, style: _Word, place: _Place) -> Response:
    """A tile, or the value under a pixel of it, by a path."""
    return _Call(request, context, None).answer_path(layer, style, place)


@router.get(_COLLECTION + _TILE, operation_id=".collection.getWmtsTile", **_OPTIONS)
def tile_of_collection(
    request: Request, context: ContextDep, collectionId: CollectionId, layer: _Word, style: _Word, place: _Place
) -> Response:
    """A tile of a collection, or the value under a pixel of it, by a path."""
    return _Call(request, context, collectionId).answer_path(layer, style, place)


class _Call:
    """One request to the service of the catalogue or of a collection."""

    def __init__(self, request: Request, context: Context, collection_id: str | None) -> None:
        self._request = request
        self._context = context
        self._collection_id = collection_id
        self._principal: Principal = principal_of(request.scope)
        self._layers = cast("LayerCatalogue", request.app.state.layers)
        self._sets = matrix_sets_of(request)
        self._tiles = TileReader(context, self._layers, self._principal, collection_id, self._sets)

    def answer_keywords(self) -> Response:
        """Answer a request by keywords."""
        return self._reported(self._by_keywords)

    def answer_path(self, layer: str, style: str, place: str) -> Response:
        """Answer a request by a path."""
        return self._reported(lambda: self._tile(self._tiles.keywords_of_path(layer, style, place)))

    def answer_resource(self) -> Response:
        """Answer with the capabilities as a resource; 406 to a client that takes no XML."""
        accept = accept_of(self._request.headers) or "*/*"
        if not best_offer(accept, _XML_OFFERS, default=False):
            return Response(f"this resource is {XML}", status_code=406, media_type="text/plain")
        return self._reported(lambda: self._capabilities(Keywords({})))

    def _reported(self, work: Callable[[], Response]) -> Response:
        try:
            return work()
        except GraticuleError as error:
            return report(error, OWS_1_1, LOCATORS)

    def _by_keywords(self) -> Response:
        keywords = Keywords.of(self._request.query_params.multi_items())
        if not self._request.query_params:  # the address alone, as people type it
            return self._capabilities(keywords)
        if keywords.required("service").upper() != "WMTS":
            raise invalid("service", keywords.text("service"), "this service is WMTS")
        operation = keywords.required("request")
        if operation == "GetCapabilities":
            return self._capabilities(keywords)
        if operation in ("GetTile", "GetFeatureInfo"):
            return self._tile(keywords, wants_values=operation == "GetFeatureInfo")
        raise invalid("request", operation, "there are GetCapabilities, GetTile and GetFeatureInfo")

    def _tile(self, keywords: Keywords, *, wants_values: bool | None = None) -> Response:
        subject = self._tiles.read(keywords)
        if wants_values if wants_values is not None else "InfoFormat" in keywords:
            return feature_info(self._context, keywords, subject, self._language)
        return answer_tile(self._request, self._context, subject.decision, subject.tile)

    def _capabilities(self, keywords: Keywords) -> Response:
        sections = requested_sections(keywords)
        context, base_url = self._context, self._context.settings.base_url
        if self._collection_id is None:
            chosen = listed(context, self._layers, keywords.text("theme") if "theme" in keywords else None)
            endpoint, caching = f"{base_url}/wmts", "no-cache"
        else:
            dataset, decision = require_readable(context, self._principal, self._collection_id)
            caching = "no-cache" if decision.cacheable else "private, no-store"
            chosen = self._layers.of_dataset(dataset)
            endpoint = f"{base_url}/collections/{dataset.id}/wmts"
        is_index = self._collection_id is None and chosen.layers > context.settings.limit.map_layers
        tag = entity_tag(chosen, self._principal, context, "wmts", endpoint, self._language, *sections)
        headers = {"ETag": tag, "Vary": "Accept-Language, Authorization", "Cache-Control": caching}
        if tag in self._request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        sets = common_sets(self._sets) if self._collection_id is None else served_sets(self._sets)
        writer = WmtsCapabilities(context, endpoint, self._language, sets)
        pieces = writer.document(self._principal, self._layers, chosen, sections, is_index=is_index)
        return streamed(self._request, encoded(pieces), XML, headers)

    @property
    def _language(self) -> Language:
        values = self._request.query_params.getlist("lang")
        return asked_language(values, self._request.headers.get("accept-language", ""))
