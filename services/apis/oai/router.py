"""The HTTP of OAI-PMH (2.0, 3.1): GET, and POST of a form; whatever is wrong with a request is told with HTTP 200."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from records.documents.presentation import rfc3339
from records.exports import xml
from records.exports.xml import sub
from services.access.principal import PrincipalDep
from services.apis.oai.arguments import Asked, OaiFault, checked
from services.apis.oai.verbs import OAI, Archive
from services.web.context import ContextDep

if TYPE_CHECKING:
    from services.access.principal import Principal
    from services.web.context import Context

router = APIRouter(tags=["Catalogue services"])

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
    "until": "Last time of change, inside the list.",
    "set": "Type of the records, as ListSets names them.",
    "resumptionToken": "Where the page before ended; beside the verb alone.",
}
_PARAMETERS: Final = [
    {"name": name, "in": "query", "required": False, "description": said, "schema": {"type": "string"}}
    for name, said in _ARGUMENTS.items()
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
                "properties": {name: {"type": "string", "description": said} for name, said in _ARGUMENTS.items()},
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
    return await run_sync(_answered, request.query_params.multi_items(), context, principal)


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
        said = body.decode() if len(body) <= _MAX_BODY else ""
        fields = parse_qsl(said, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        fields = []
    # nothing that can be read is told as a bad verb; a form is never cut, which would change its last argument
    return await run_sync(_answered, fields, context, principal)


def _answered(items: list[tuple[str, str]], context: Context, principal: Principal) -> Response:
    """The document of a request, with the arguments that it had unless they were bad (3.2)."""
    archive = Archive(context, principal)
    root = xml.root(OAI("OAI-PMH"), {None: OAI.uri}, _SCHEMA)
    sub(root, OAI("responseDate"))
    request = sub(root, OAI("request"), f"{context.settings.base_url}/oai")
    asked: Asked | None = None
    try:
        asked = checked(items)
        archive.answer(root, asked)
    except OaiFault as fault:
        sub(root, OAI("error"), fault.detail, code=fault.code)
        asked = None if fault.code in ("badVerb", "badArgument") else asked
    if asked is not None:
        for name, value in {"verb": asked.verb, **asked.values}.items():
            request.set(name, xml.legal(value))
    root[0].text = rfc3339(archive.moment)
    return Response(xml.document(root), media_type=MEDIA_TYPE)
