"""The HTTP of OAI-PMH (2.0, 3.1): GET, and POST of a form; every fault of a request is reported with HTTP 200."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from records.documents.presentation import rfc3339
from records.exports import xml
from records.exports.xml import sub
from services.access.principal import PrincipalDep
from services.apis.oai.arguments import OaiFault, VerbRequest, parse_request
from services.apis.oai.verbs import OAI, Archive
from services.web.context import ContextDep
from services.web.lanes import SearchRoute

if TYPE_CHECKING:
    from services.access.principal import Principal
    from services.web.context import Context

router = APIRouter(tags=["Catalogue services"], route_class=SearchRoute)

MEDIA_TYPE: Final = "text/xml"
_SCHEMA: Final = f"{OAI.uri} {OAI.uri}OAI-PMH.xsd"
_FORM: Final = "application/x-www-form-urlencoded"
_MAX_BODY: Final = 20_000
_MAX_FIELDS: Final = 50
_ARGUMENTS: Final = {
    "verb": "Identify, ListMetadataFormats, ListSets, ListIdentifiers, ListRecords or GetRecord.",
    "metadataPrefix": "Format of the records: oai_dc, iso19139 or datacite.",
    "identifier": "GetRecord: identifier of the record.",
    "from": "First time of change, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.",
    "until": "Last time of change, inclusive.",
    "set": "Type of the records, as ListSets names them.",
    "resumptionToken": "The place where the page before ended; beside the verb alone.",
}
_PARAMETERS: Final = [
    {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "string"}}
    for name, description in _ARGUMENTS.items()
]
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The answer, or an error of OAI-PMH.", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}
}
_BODY: Final = {
    "required": True,
    "description": "The arguments as a form.",
    "content": {
        _FORM: {
            "schema": {
                "type": "object",
                "properties": {name: {"type": "string", "description": text} for name, text in _ARGUMENTS.items()},
            }
        }
    },
}


@router.get(
    "/oai",
    operation_id="getOai",
    summary="The catalogue as OAI-PMH 2.0",
    openapi_extra={"parameters": _PARAMETERS},
    responses=_ANSWER,
    response_class=Response,
)
async def by_get(request: Request, context: ContextDep, principal: PrincipalDep) -> Response:
    """A verb of OAI-PMH."""
    return await run_sync(_respond, request.query_params.multi_items(), context, principal)


@router.post(
    "/oai",
    operation_id="postOai",
    summary="The catalogue as OAI-PMH 2.0, by a form",
    openapi_extra={"requestBody": _BODY},
    responses=_ANSWER,
    response_class=Response,
)
async def by_post(request: Request, context: ContextDep, principal: PrincipalDep) -> Response:
    """A verb of OAI-PMH."""
    body = await request.body()
    try:
        text = body.decode() if len(body) <= _MAX_BODY else ""
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        fields = []
    # a form that cannot be read is reported as a bad verb; it is never cut, which would change its last argument
    return await run_sync(_respond, fields, context, principal)


def _respond(items: list[tuple[str, str]], context: Context, principal: Principal) -> Response:
    """Answer a request; the document repeats its arguments unless they are bad (3.2)."""
    archive = Archive(context, principal)
    root = xml.root(OAI("OAI-PMH"), {None: OAI.uri}, _SCHEMA)
    sub(root, OAI("responseDate"))
    request = sub(root, OAI("request"), f"{context.settings.base_url}/oai")
    verb_request: VerbRequest | None = None
    try:
        verb_request = parse_request(items)
        archive.answer(root, verb_request)
    except OaiFault as fault:
        sub(root, OAI("error"), fault.detail, code=fault.code)
        verb_request = None if fault.code in ("badVerb", "badArgument") else verb_request
    if verb_request is not None:
        for name, value in {"verb": verb_request.verb, **verb_request.values}.items():
            request.set(name, xml.legal(value))
    root[0].text = rfc3339(archive.moment)
    return Response(xml.document(root), media_type=MEDIA_TYPE)
