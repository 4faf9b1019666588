"""The form of a process's page: what it sends becomes a job, whose page is shown."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from config.errors import AccessRestricted, GraticuleError, InvalidInput
from config.vocabulary import JSON
from services.apis.processes.forms import fields, inputs
from services.apis.processes.processes import execute
from services.processes import registry
from services.pygeoapi.bridge import Bridge, get_bridge
from services.web.context import ContextDep
from services.web.dependencies import quick
from services.web.documents.answers import get_pages
from services.web.negotiation import Asked, asked_language
from services.web.problems import status_of

router = APIRouter(include_in_schema=False)

_MAX_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"


@router.post("/processes/{processId}/form")
async def execute_form(
    request: Request,
    context: ContextDep,
    bridge: Annotated[Bridge, quick(get_bridge)],
    processId: Annotated[str, Path(max_length=200)],
) -> Response:
    """Execute a process with the inputs of a form, as a job, and go to its page; 400 shows the form again."""
    _require_own_page(request)
    description = registry.process(processId).description
    filled = await _filled(request)
    try:
        body = json.dumps({"inputs": inputs(description, filled)}).encode()
        answer = await execute(_as_execution(request, body), context, bridge, processId)
    except GraticuleError as error:
        return _again(request, dict(description), filled, error)
    if answer.status_code == 201:
        job = answer.headers["Location"].removeprefix(context.settings.base_url)
        language = f"&lang={filled['lang']}" if filled.get("lang") in ("en", "zh") else ""
        prefix = get_pages(request).local(f"{context.settings.base_url}{job}")
        return RedirectResponse(f"{prefix}?f=html{language}", 303)
    return answer


def _require_own_page(request: Request) -> None:
    """Refuse forms of other sites, which browsers send with their users' rights. Programs send no such header."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise AccessRestricted("this form is sent by pages of this service only; programs POST JSON to /execution")
    if request.headers.get("content-type", "").split(";")[0].strip() != _FORM:
        raise InvalidInput(f"a form is needed, as {_FORM}; programs POST JSON to /execution")


async def _filled(request: Request) -> dict[str, str]:
    try:
        return dict(parse_qsl((await request.body()).decode(), max_num_fields=_MAX_FIELDS))
    except ValueError as error:
        raise InvalidInput(f"the form is not UTF-8, or has more than {_MAX_FIELDS} fields") from error


def _as_execution(request: Request, body: bytes) -> Request:
    """The same request with an execute document as its body, to be executed as a job."""
    kept = [(k, v) for k, v in request.scope["headers"] if k not in (b"content-type", b"content-length", b"prefer")]
    headers = [(b"content-type", JSON.encode()), (b"prefer", b"respond-async"), (b"accept", JSON.encode())]
    kept = [(k, v) for k, v in kept if k != b"accept"]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({**request.scope, "headers": [*kept, *headers], "query_string": b""}, receive)


def _again(request: Request, description: dict[str, Any], filled: dict[str, str], error: GraticuleError) -> Response:
    """The form as it was filled, with what is wrong."""
    said = [filled["lang"]] if filled.get("lang") in ("en", "zh") else []
    language = asked_language(said, request.headers.get("accept-language", ""))
    asked = Asked(format="html", language=language, said_language=bool(said))
    path = f"/processes/{description['id']}"
    facts: dict[str, Any] = {"fields": fields(description), "filled": filled, "problem": error.detail}
    html = get_pages(request).render("process", description, asked, path=path, **facts)
    return HTMLResponse(html, status_of(error), headers=asked.headers)
