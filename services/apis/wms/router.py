"""The HTTP of WMS: one address of the catalogue and one of each collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from config.errors import GraticuleError
from config.vocabulary import PNG, XML
from services.access.guards import require_readable
from services.access.principal import Principal, principal_of
from services.apis.wms import faults
from services.apis.wms.capabilities import MEDIA_TYPES, WmsCapabilities, negotiated
from services.apis.wms.colors import color_habits
from services.apis.wms.drawing import WmsMap
from services.apis.wms.legend import description, legend_graphic
from services.apis.wms.map_request import MapReader
from services.apis.wms.queries import feature_info, time_series
from services.drawing.tiles.paths import split_path
from services.ows.kvp import Keywords
from services.ows.layer_catalogue import entity_tag
from services.ows.markup import encoded
from services.ows.service_texts import listed
from services.parameters.conditions import not_modified
from services.web.context import ContextDep
from services.web.identifiers import CollectionId
from services.web.lanes import ComputationRoute
from services.web.negotiation import Language, asked_language
from services.web.transfer.streams import streamed

if TYPE_CHECKING:
    from services.drawing.tiles.plans import TilePlans
    from services.ows.layer_catalogue import LayerCatalogue
    from services.web.context import Context

router = APIRouter(tags=["Web services"], route_class=ComputationRoute)

_OPERATIONS: Final = (
    "GetCapabilities",
    "GetMap",
    "GetFeatureInfo",
    "GetLegendGraphic",
    "DescribeLayer",
    "GetTimeseries",
)


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "string"}}


_KEYWORDS: Final = [
    _parameter("service", "WMS."),
    _parameter("version", "1.3.0 or 1.1.1."),
    _parameter("request", f"{', '.join(_OPERATIONS)}. Names of parameters may be in any case."),
    _parameter("layers", "Layers of the capabilities, the lowest first: collection.variable."),
    _parameter("styles", "A style for each layer, empty for its default."),
    _parameter("crs", "CRS of bbox and map, such as EPSG:3857; srs in 1.1.1."),
    _parameter("bbox", "Two corners, in 1.3.0 in the axis order of the CRS."),
    _parameter("width", "Columns of pixels."),
    _parameter("height", "Rows of pixels."),
    _parameter("format", "image/png, image/png; mode=8bit, image/jpeg, image/webp or image/geotiff."),
    _parameter("transparent", "TRUE for no background."),
    _parameter("bgcolor", "Colour of the background as 0xRRGGBB."),
    _parameter("exceptions", "XML, INIMAGE or BLANK."),
    _parameter("time", "An instant or an interval; absent: the latest."),
    _parameter("elevation", "A level; absent: the first."),
    _parameter("dim_member", "A member of an ensemble; absent: the first."),
    _parameter("colorscalerange", "Range of the colours as low,high, or auto."),
    _parameter("logscale", "Whether colours spread by the logarithm of the values."),
    _parameter("numcolorbands", "Number of colours, 1 to 256."),
    _parameter("abovemaxcolor", "Colour above the range: 0xRRGGBB, transparent or extend."),
    _parameter("belowmincolor", "Colour below the range: 0xRRGGBB, transparent or extend."),
    _parameter("query_layers", "GetFeatureInfo: layers whose values are wanted."),
    _parameter("info_format", "GetFeatureInfo: application/json, text/html, text/plain or application/vnd.ogc.gml."),
    _parameter("i", "GetFeatureInfo: column of the pixel; x in 1.1.1."),
    _parameter("j", "GetFeatureInfo: row of the pixel; y in 1.1.1."),
    _parameter("theme", "GetCapabilities: the layers of one theme."),
    _parameter("lang", "Language of the texts: en or zh."),
]
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Capabilities, a map, values or a legend.", "content": {PNG: {}, XML: {}}},
    400: {"description": "A ServiceExceptionReport.", "content": {XML: {}}},
}
_OPTIONS: Final[dict[str, Any]] = {
    "responses": _ANSWERS,
    "response_class": Response,
    "openapi_extra": {"parameters": _KEYWORDS},
}


@router.get("/wms", operation_id="getWms", **_OPTIONS)
def of_catalogue(request: Request, context: ContextDep) -> Response:
    """WMS 1.1.1 and 1.3.0 over the whole catalogue."""
    return _Call(request, context, None).answer()


@router.get("/collections/{collectionId}/wms", operation_id=".collection.getWms", **_OPTIONS)
def of_collection(request: Request, context: ContextDep, collectionId: CollectionId) -> Response:
    """WMS 1.1.1 and 1.3.0 over one collection."""
    return _Call(request, context, collectionId).answer()


class _Call:
    """One request to the service of the catalogue or of a collection."""

    def __init__(self, request: Request, context: Context, collection_id: str | None) -> None:
        self._request = request
        self._context = context
        self._collection_id = collection_id
        self._principal: Principal = principal_of(request.scope)
        self._layers = cast("LayerCatalogue", request.app.state.layers)

    def answer(self) -> Response:
        """Answer the request, or report its fault in the version and the form that it wants."""
        keywords, version = Keywords({}), "1.3.0"
        try:
            keywords = Keywords.of(self._request.query_params.multi_items())
            version = negotiated(keywords.text("version") or keywords.text("wmtver"))
            return self._operation(keywords, version)
        except GraticuleError as error:
            picture = None
            if keywords.text("request") == "GetMap":
                picture = faults.picture_of(error, keywords)
            return picture or faults.report(error, version)

    def _operation(self, keywords: Keywords, version: str) -> Response:
        if not self._request.query_params:  # the address alone, as people type it
            keywords = Keywords({"service": ["WMS"], "request": ["GetCapabilities"]})
        name = {operation.lower(): operation for operation in _OPERATIONS}.get(keywords.required("request").lower())
        if name is None:
            text = keywords.text("request")[:80]
            raise faults.fault(
                "OperationNotSupported", "request", f"REQUEST={text}: there are {', '.join(_OPERATIONS)}"
            )
        service = keywords.text("service")
        if service.upper() != "WMS" and (service or name == "GetCapabilities"):
            raise faults.fault("", "service", f"SERVICE={service[:80]}: this service is WMS")
        if name == "GetCapabilities":
            return self._capabilities(keywords, version)
        if not (keywords.text("version") or keywords.text("wmtver")) and name in ("GetMap", "GetFeatureInfo"):
            raise faults.fault("", "version", "VERSION is missing; give 1.3.0 or 1.1.1")
        reader = MapReader(self._context, self._layers, self._principal, self._collection_id, version)
        if name == "GetMap":
            return self._map(keywords, reader)
        if name == "GetFeatureInfo":
            return feature_info(self._context, reader, keywords, version=version, language=self._language)
        if name == "GetTimeseries":
            return time_series(self._context, reader, keywords, version=version, language=self._language)
        if name == "DescribeLayer":
            layers = reader.map_layers(keywords, keywords.words("layers") or [keywords.required("layers")])
            return description(layers, self._context.settings.base_url, version)
        (layer,) = reader.map_layers(_of_legend(keywords), [keywords.required("layer")])
        return legend_graphic(keywords, layer, color_habits(keywords), self._language)

    def _map(self, keywords: Keywords, reader: MapReader) -> Response:
        question = reader.read(keywords)
        picture = WmsMap(self._context, question)
        path = self._request.scope["path"]
        headers = picture.headers(path)
        unchanged = not_modified(self._request, headers)
        if unchanged is not None:
            return unchanged
        content = picture.content()
        self._learn(picture, path)
        return Response(content, media_type=question.format, headers=headers)

    def _learn(self, picture: WmsMap, path: str) -> None:
        """Keep the plan of a map for the next one of its kind."""
        plans: TilePlans = self._request.app.state.tile_plans
        split = split_path(self._request.scope, path)
        plan = picture.plan() if plans.is_on and split is not None else None
        if split is not None and plan is not None and plans.get(split.key) is None:
            plans.learn(split.key, plan)

    def _capabilities(self, keywords: Keywords, version: str) -> Response:
        context, base_url = self._context, self._context.settings.base_url
        if self._collection_id is None:
            contents = listed(context, self._layers, keywords.text("theme") if "theme" in keywords else None)
            endpoint, caching = f"{base_url}/wms", "no-cache"
        else:
            dataset, decision = require_readable(context, self._principal, self._collection_id)
            contents = self._layers.of_dataset(dataset)
            endpoint = f"{base_url}/collections/{dataset.id}/wms"
            caching = "no-cache" if decision.cacheable else "private, no-store"
        is_index = self._collection_id is None and contents.layers > context.settings.limit.map_layers
        tag = entity_tag(contents, self._principal, context, "wms", version, endpoint, self._language)
        headers = {"ETag": tag, "Vary": "Accept-Language, Authorization", "Cache-Control": caching}
        if tag in self._request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        writer = WmsCapabilities(
            context, endpoint, self._language, version, offers_series=self._collection_id is not None
        )
        pieces = writer.document(self._principal, self._layers, contents, is_index=is_index)
        media_type = MEDIA_TYPES[version]
        return streamed(self._request, encoded(pieces), media_type, headers)

    @property
    def _language(self) -> Language:
        names = {name.lower(): name for name in self._request.query_params}
        values = self._request.query_params.getlist(names.get("lang", "lang"))
        return asked_language(values, self._request.headers.get("accept-language", ""))


def _of_legend(keywords: Keywords) -> Keywords:
    """The keywords with STYLE, which names the style of one layer, as STYLES."""
    return Keywords({"styles": [keywords.text("style")]})
