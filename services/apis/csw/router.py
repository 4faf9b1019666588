"""The HTTP of CSW: GET with KVP, POST with XML or with a form of the same keywords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from config.errors import GraticuleError
from config.vocabulary import XML
from records.exports import xml
from services.access.principal import Principal, principal_of
from services.apis.csw import capabilities, descriptions, records
from services.apis.csw.faults import report
from services.apis.csw.kvp import from_kvp
from services.apis.csw.operation import OPERATIONS, CswRequest, require_version
from services.apis.csw.parameters import OUTPUT_FORMATS
from services.apis.csw.posted import from_xml
from services.ows.faults import OwsFault
from services.ows.xml_body import MAX_BYTES
from services.web.context import ContextDep
from services.web.lanes import SearchRoute
from services.web.negotiation import asked_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.web.context import Context

router = APIRouter(tags=["Catalogue services"], route_class=SearchRoute)

_FORM: Final = "application/x-www-form-urlencoded"
_MAX_FIELDS: Final = 100


def _parameter(name: str, description: str, *values: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"} | ({"enum": list(values)} if values else {})
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


_KVP: Final = [
    _parameter("service", "CSW."),
    _parameter("version", "2.0.2; mandatory except for GetCapabilities."),
    _parameter("request", f"The operation: {', '.join(OPERATIONS)}. Names of parameters may be in any case."),
    _parameter("sections", "GetCapabilities: sections of the answer."),
    _parameter("acceptVersions", "GetCapabilities: versions that the client speaks."),
    _parameter("typeNames", "GetRecords: csw:Record or gmd:MD_Metadata."),
    _parameter("constraint", "GetRecords: a filter, such as csw:AnyText LIKE '%ice%' AND dc:type = 'dataset'."),
    _parameter("constraintLanguage", "GetRecords: CQL_TEXT or FILTER (OGC Filter 1.1)."),
    _parameter("resultType", "GetRecords: hits (the default), results or validate."),
    _parameter("sortBy", "GetRecords: queryables with :A or :D."),
    _parameter("startPosition", "GetRecords: number of the first record, from 1."),
    _parameter("maxRecords", "GetRecords: most records of the answer."),
    _parameter("id", "GetRecordById: identifiers."),
    _parameter("elementSetName", "brief, summary or full."),
    _parameter("outputSchema", "http://www.opengis.net/cat/csw/2.0.2 or http://www.isotc211.org/2005/gmd."),
    _parameter("lang", "Language of the first texts: en or zh. Absent: by Accept-Language."),
]
_XML_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The answer.", "content": {XML: {"schema": {"type": "string"}}}},
    400: {"description": "An ows:ExceptionReport.", "content": {XML: {"schema": {"type": "string"}}}},
}
_BODY: Final = {
    "required": True,
    "description": f"A request of CSW 2.0.2 in XML, of at most {MAX_BYTES} bytes.",
    "content": {XML: {"schema": {"type": "string"}}},
}


@router.get(
    "/csw",
    operation_id="getCsw",
    summary="The catalogue as CSW 2.0.2, by keywords",
    openapi_extra={"parameters": _KVP},
    responses=_XML_ANSWER,
    response_class=Response,
)
async def by_keywords(request: Request, context: ContextDep) -> Response:
    """An operation of CSW (OGC 07-006r1)."""
    return await _respond(request, context, lambda: from_kvp(request.query_params.multi_items()))


@router.post(
    "/csw",
    operation_id="postCsw",
    summary="The catalogue as CSW 2.0.2, by XML",
    openapi_extra={"requestBody": _BODY},
    responses=_XML_ANSWER,
    response_class=Response,
)
async def by_xml(request: Request, context: ContextDep) -> Response:
    """An operation of CSW, with filters too long for a URL."""
    body = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return await _respond(request, context, lambda: _from_form(body) if media_type == _FORM else from_xml(body))


def _from_form(body: bytes) -> CswRequest:
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise OwsFault("NoApplicableCode", "", "the form is not UTF-8, or has too many fields") from error
    return from_kvp(fields)


async def _respond(request: Request, context: Context, read: Callable[[], CswRequest]) -> Response:
    """Answer an operation with its document or the report of its fault; both are made in a thread."""
    language = request.headers.get("accept-language", "")
    languages = request.query_params.getlist("lang")
    principal = principal_of(request.scope)

    def work() -> Response:
        try:
            operation = read()
            require_version(operation)
            document = _document(operation, context, principal, asked_language(languages, language))
        except GraticuleError as error:
            return report(error)
        media_type = OUTPUT_FORMATS.get(operation.text("outputFormat"), XML)
        return Response(xml.document(document), media_type=media_type, headers={"Vary": "Accept-Language"})

    return await run_sync(work)


def _document(operation: CswRequest, context: Context, principal: Principal, language: str) -> Any:
    if operation.name == "GetCapabilities":
        return capabilities.capabilities_document(operation, context)
    if operation.name == "DescribeRecord":
        return descriptions.describe_record(operation)
    if operation.name == "GetDomain":
        return descriptions.get_domain(operation, context)
    if operation.name == "GetRecordById":
        return records.get_record_by_id(operation, context, principal, language)
    return records.get_records(operation, context, principal, language)
