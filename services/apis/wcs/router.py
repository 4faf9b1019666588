"""The HTTP of WCS: keywords by GET, XML by POST, of the catalogue and of each collection."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from config.errors import GraticuleError, NotFound, TooLarge
from config.vocabulary import XML
from services.access.guards import require_readable
from services.access.principal import Principal, principal_of
from services.apis.wcs import capabilities, old_documents
from services.apis.wcs.answers import answer, plan_file, sent, write_file
from services.apis.wcs.coverages import Coverage, layer_name, require_coverage
from services.apis.wcs.faults import old_report
from services.apis.wcs.old_trimming import read_box
from services.apis.wcs.padding import padded
from services.apis.wcs.posted import read_posted
from services.apis.wcs.trimming import not_found, read_request
from services.ows.faults import OWS_2_0, OwsFault, invalid, missing, report
from services.ows.kvp import Keywords
from services.ows.layer_catalogue import entity_tag
from services.ows.layers import readable_layer
from services.ows.markup import encoded
from services.ows.service_texts import listed
from services.ows.xml_body import MAX_BYTES
from services.web.context import ContextDep
from services.web.identifiers import CollectionId
from services.web.lanes import ComputationRoute
from services.web.negotiation import Language, asked_language
from services.web.transfer.streams import streamed

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.ows.layer_catalogue import LayerCatalogue
    from services.ows.time_axis import LayerTimes
    from services.web.context import Context

router = APIRouter(tags=["Web services"], route_class=ComputationRoute)

_COLLECTION: Final = "/collections/{collectionId}/wcs"
_MAX_COVERAGES: Final = 50
"""Coverages that one DescribeCoverage may name."""


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "string"}}


_KEYWORDS: Final = [
    _parameter("service", "WCS."),
    _parameter("version", "2.0.1 or 1.0.0."),
    _parameter("request", "GetCapabilities, DescribeCoverage or GetCoverage. Names may be in any case."),
    _parameter("coverageId", "2.0.1: a coverage of the capabilities; coverage in 1.0.0."),
    _parameter("subset", "2.0.1: axis(low,high) or axis(value), once for each axis, time, elevation and member too."),
    _parameter("format", "image/tiff, application/netcdf or application/gml+xml."),
    _parameter("scaleFactor", "2.0.1: factor of the number of cells; or scaleAxes, scaleSize, scaleExtent."),
    _parameter("rangeSubset", "2.0.1: fields of the answer."),
    _parameter("outputCrs", "2.0.1: CRS of the answer."),
    _parameter("subsettingCrs", "2.0.1: CRS of the subsets."),
    _parameter("interpolation", "nearest-neighbor, linear or cubic, as URI; by name in 1.0.0."),
    _parameter("bbox", "1.0.0: minx,miny,maxx,maxy in crs."),
    _parameter("crs", "1.0.0: CRS of bbox."),
    _parameter("width", "1.0.0: columns of cells."),
    _parameter("height", "1.0.0: rows of cells."),
    _parameter("time", "1.0.0: the time."),
]
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Capabilities, descriptions or a coverage.", "content": {XML: {}, "image/tiff": {}}},
    400: {"description": "An exception report.", "content": {XML: {}}},
}
_OPTIONS: Final[dict[str, Any]] = {"responses": _ANSWERS, "response_class": Response}
_GET: Final[dict[str, Any]] = _OPTIONS | {"openapi_extra": {"parameters": _KEYWORDS}}
_BODY: Final = {
    "required": True,
    "description": f"A request of WCS 2.0.1 in XML, of at most {MAX_BYTES} bytes.",
    "content": {XML: {"schema": {"type": "string"}}},
}
_POST: Final[dict[str, Any]] = _OPTIONS | {"openapi_extra": {"requestBody": _BODY}}


@router.get("/wcs", operation_id="getWcs", **_GET)
def of_catalogue(request: Request, context: ContextDep) -> Response:
    """WCS 2.0.1 and 1.0.0 over the whole catalogue."""
    return _Call(request, context, None).answer(lambda: Keywords.of(request.query_params.multi_items()))


@router.get(_COLLECTION, operation_id=".collection.getWcs", **_GET)
def of_collection(request: Request, context: ContextDep, collectionId: CollectionId) -> Response:
    """WCS 2.0.1 and 1.0.0 over one collection."""
    return _Call(request, context, collectionId).answer(lambda: Keywords.of(request.query_params.multi_items()))


@router.post("/wcs", operation_id="postWcs", **_POST)
async def posted_to_catalogue(request: Request, context: ContextDep) -> Response:
    """WCS 2.0.1 over the whole catalogue, by XML."""
    return await _posted(_Call(request, context, None), await request.body())


@router.post(_COLLECTION, operation_id=".collection.postWcs", **_POST)
async def posted_to_collection(request: Request, context: ContextDep, collectionId: CollectionId) -> Response:
    """WCS 2.0.1 over one collection, by XML."""
    return await _posted(_Call(request, context, collectionId), await request.body())


async def _posted(call: _Call, body: bytes) -> Response:
    return await run_sync(lambda: call.answer(lambda: read_posted(body)))


class _Call:
    """One request to the service of the catalogue or of a collection."""

    def __init__(self, request: Request, context: Context, collection_id: str | None) -> None:
        self._request = request
        self._context = context
        self._collection_id = collection_id
        self._principal: Principal = principal_of(request.scope)
        self._layers = cast("LayerCatalogue", request.app.state.layers)

    def answer(self, read: Callable[[], Keywords]) -> Response:
        """Answer a request, or report its fault in the version that it wants."""
        is_old = False
        try:
            keywords = read()
            is_old = _wants_old(keywords)
            return self._operation(keywords, is_old=is_old)
        except GraticuleError as error:
            return old_report(error) if is_old else report(error, OWS_2_0)

    def _operation(self, keywords: Keywords, *, is_old: bool) -> Response:
        if self._request.method == "GET" and not self._request.query_params:  # the address alone, as people type it
            return self._capabilities(keywords, is_old=is_old)
        service = keywords.required("service")
        if service.upper() != "WCS":
            raise invalid("service", service, "this service is WCS")
        name = keywords.required("request")
        if name == "GetCapabilities":
            return self._capabilities(keywords, is_old=is_old)
        if name not in capabilities.OPERATIONS:
            raise OwsFault("OperationNotSupported", name[:80], f"there are {', '.join(capabilities.OPERATIONS)}")
        if keywords.required("version") not in (capabilities.VERSION, "2.0.0", old_documents.VERSION):
            raise invalid("version", keywords.text("version"), "this service speaks 2.0.1 and 1.0.0")
        if name == "DescribeCoverage":
            return self._descriptions(keywords, is_old=is_old)
        return self._old_coverage(keywords) if is_old else self._coverage(keywords)

    def _coverage(self, keywords: Keywords) -> Response:
        coverage, axis = self._find(keywords.required("coverageId"))
        question = read_request(coverage, keywords)
        return answer(self._request, coverage, question, plan_file(self._context, coverage, axis, question))

    def _old_coverage(self, keywords: Keywords) -> Response:
        coverage, axis = self._find(keywords.required("COVERAGE"))
        box = read_box(coverage, keywords)
        cells = box.grid.width * box.grid.height * coverage.layer.variable.band_count
        limit = self._context.settings.limit.coverage_cells
        if cells > limit:
            raise TooLarge(f"the coverage would have {cells} cells, the limit is {limit}; lower WIDTH and HEIGHT")
        file = plan_file(self._context, coverage, axis, box.request)
        with tempfile.TemporaryDirectory(prefix="graticule-wcs-") as folder:
            content = padded(write_file(Path(folder), file, "image/tiff"), box).open("rb")
        return sent(self._request, content, "image/tiff", file.name)

    def _descriptions(self, keywords: Keywords, *, is_old: bool) -> Response:
        names = [name for name in keywords.words("coverage" if is_old else "coverageId") if name]
        if not names and not is_old:
            raise not_found("emptyCoverageIdList", "coverageId", "coverageId names no coverage")
        if not names:
            raise missing("COVERAGE")
        if len(names) > _MAX_COVERAGES:
            raise invalid("coverageId", f"{len(names)} coverages", f"at most {_MAX_COVERAGES} are described at once")
        coverages = [self._find(name) for name in names]
        if is_old:
            writer = old_documents.OldWriter(self._context, self._endpoint, self._language)
            return Response(writer.descriptions(coverages), media_type="text/xml")
        return Response(capabilities.descriptions(coverages), media_type=XML)

    def _find(self, identifier: str) -> tuple[Coverage, LayerTimes | None]:
        """The coverage of an id and its times; raises OwsFault (NoSuchCoverage) or AccessRestricted."""
        try:
            layer, _ = readable_layer(
                self._context, self._principal, layer_name(identifier), collection_id=self._collection_id
            )
        except NotFound as error:
            raise not_found("NoSuchCoverage", identifier[:80], error.detail) from error
        return require_coverage(layer), self._layers.axis(self._context, layer.dataset, layer.variable)

    def _capabilities(self, keywords: Keywords, *, is_old: bool) -> Response:
        versions = keywords.words("acceptversions")
        served_versions = {capabilities.VERSION, "2.0.0", old_documents.VERSION}
        if versions and not served_versions & set(versions):
            detail = f"acceptVersions={','.join(versions)[:80]}: this service speaks 2.0.1 and 1.0.0"
            raise OwsFault("VersionNegotiationFailed", "acceptVersions", detail)
        context = self._context
        if self._collection_id is None:
            contents = listed(context, self._layers, keywords.text("theme") if "theme" in keywords else None)
            caching = "no-cache"
        else:
            dataset, decision = require_readable(context, self._principal, self._collection_id)
            contents = self._layers.of_dataset(dataset)
            caching = "no-cache" if decision.cacheable else "private, no-store"
        is_index = self._collection_id is None and contents.layers > context.settings.limit.map_layers
        tag = entity_tag(contents, self._principal, context, f"wcs {is_old}", self._endpoint, self._language)
        headers = {"ETag": tag, "Vary": "Accept-Language, Authorization", "Cache-Control": caching}
        if tag in self._request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        kind = old_documents.OldWriter if is_old else capabilities.WcsCapabilities
        writer = kind(context, self._endpoint, self._language)
        pieces = writer.document(self._principal, self._layers, contents, is_index=is_index)
        media_type = "text/xml" if is_old else XML
        return streamed(self._request, encoded(pieces), media_type, headers)

    @property
    def _endpoint(self) -> str:
        base_url = self._context.settings.base_url
        return f"{base_url}/wcs" if self._collection_id is None else f"{base_url}/collections/{self._collection_id}/wcs"

    @property
    def _language(self) -> Language:
        values = self._request.query_params.getlist("lang")
        return asked_language(values, self._request.headers.get("accept-language", ""))


def _wants_old(keywords: Keywords) -> bool:
    """Whether a request is of 1.0.0: by its version, or because it accepts no newer one that there is."""
    if keywords.text("version"):
        return keywords.text("version") == old_documents.VERSION
    versions = keywords.words("acceptversions")
    return old_documents.VERSION in versions and not {capabilities.VERSION, "2.0.0"} & set(versions)
