"""The form on the page of a process: sending it starts a job, whose page is shown next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from config.errors import AccessRestricted, GraticuleError, InvalidInput
from config.vocabulary import JSON
from services.access.principal import PRINCIPAL, PrincipalDep
from services.apis.processes.forms.choices import form_choices
from services.apis.processes.forms.fields import fields, inputs
from services.apis.processes.processes import execute
from services.processes import registry
from services.processes.chinese import in_chinese
from services.pygeoapi.bridge import Bridge, get_bridge
from services.web.context import ContextDep
from services.web.dependencies import inline
from services.web.documents.answers import get_pages
from services.web.negotiation import Asked, asked_language
from services.web.problems import status_of

if TYPE_CHECKING:
    from services.apis.processes.forms.choices import Choices
    from services.web.negotiation import Language

router = APIRouter(include_in_schema=False)

_MAX_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"


@router.post("/processes/{processId}/form")
async def execute_form(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    bridge: Annotated[Bridge, inline(get_bridge)],
    processId: Annotated[str, Path(max_length=200)],
) -> Response:
    """Execute a process with the inputs of a form, as a job, and go to its page; 400 shows the form again."""
    require_own_page(request)
    description = registry.texts(processId).english
    values = await form_values(request)
    try:
        body = json.dumps({"inputs": inputs(description, values)}).encode()
        answer = await execute(as_execution(request, body), context, principal, bridge, processId)
    except GraticuleError as error:
        choices = await run_in_threadpool(form_choices, context, principal, _language(request, values))
        return _form_with_problem(request, processId, values, error, choices)
    if answer.status_code == 201:
        job = answer.headers["Location"].removeprefix(context.settings.base_url)
        language = f"&lang={values['lang']}" if values.get("lang") in ("en", "zh") else ""
        prefix = get_pages(request).local(f"{context.settings.base_url}{job}")
        return RedirectResponse(f"{prefix}?f=html{language}", 303)
    return answer


def require_own_page(request: Request) -> None:
    """Refuse forms of other sites, which browsers send with the rights of their users; programs send no such header."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise AccessRestricted("this form is sent by pages of this service only; programs POST JSON to /execution")
    if request.headers.get("content-type", "").split(";")[0].strip() != _FORM:
        raise InvalidInput(f"a form is needed, as {_FORM}; programs POST JSON to /execution")


async def form_values(request: Request) -> dict[str, str]:
    """The fields of a form that was sent; raises InvalidInput."""
    try:
        pairs = parse_qsl((await request.body()).decode(), max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise InvalidInput(f"the form is not UTF-8, or has more than {_MAX_FIELDS} fields") from error
    values: dict[str, str] = {}
    for name, value in pairs:  # ticks of one list come as several fields
        values[name] = f"{values[name]},{value}" if name in values else value
    return values


def as_execution(request: Request, body: bytes, *, token: str = "") -> Request:
    """The same request with an execute document as its body, to be executed as a job, with the rights of a token."""
    replaced = (b"accept", b"content-type", b"content-length", b"prefer", *([b"authorization"] if token else []))
    others = [(name, value) for name, value in request.scope["headers"] if name not in replaced]
    headers = [(b"content-type", JSON.encode()), (b"prefer", b"respond-async"), (b"accept", JSON.encode())]
    scope = {name: value for name, value in request.scope.items() if not token or name != PRINCIPAL}
    if token:
        headers.append((b"authorization", f"Bearer {token}".encode("latin-1", "replace")))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({**scope, "headers": [*others, *headers], "query_string": b""}, receive)


def _form_with_problem(
    request: Request, process_id: str, values: dict[str, str], error: GraticuleError, choices: Choices
) -> Response:
    """The form with the values that were sent, and the problem with them."""
    language = _language(request, values)
    representation = Asked(format="html", language=language, said_language=values.get("lang") == language)
    texts = registry.texts(process_id)
    description = in_chinese(texts) if language == "zh" else dict(texts.english)
    path = f"/processes/{process_id}"
    facts: dict[str, Any] = {"fields": fields(description, choices), "filled": values, "problem": error.detail}
    facts["choices"] = choices.facts
    html = get_pages(request).render("process", description, representation, path=path, **facts)
    return HTMLResponse(html, status_of(error), headers=representation.headers)


def _language(request: Request, values: dict[str, str]) -> Language:
    """The language that a form names, else that of the browser."""
    languages = [values["lang"]] if values.get("lang") in ("en", "zh") else []
    return asked_language(languages, request.headers.get("accept-language", ""))
