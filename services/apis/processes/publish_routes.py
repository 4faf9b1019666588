"""The button "publish" on the page of a job: its process is executed again, and its maps become a collection."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from config.errors import GraticuleError, InvalidInput
from services.access.principal import principal_of
from services.apis.processes.forms.routes import as_execution, form_values, require_own_page
from services.apis.processes.job_list import process_title
from services.apis.processes.job_view import page_facts
from services.apis.processes.processes import BridgeDep, execute
from services.apis.processes.status import status_info
from services.processes import registry
from services.processes.requests.execute_request import ExecuteRequest
from services.web.context import ContextDep
from services.web.documents.answers import get_pages
from services.web.negotiation import Asked, asked_language
from services.web.problems import status_of

if TYPE_CHECKING:
    from records.jobs.job_store import Job
    from services.web.context import Context

router = APIRouter(include_in_schema=False)

_FIELDS = frozenset({"id", "title", "title_zh", "description", "token", "lang"})


@router.post("/jobs/{jobId}/publish")
async def publish_job(
    request: Request, context: ContextDep, bridge: BridgeDep, jobId: Annotated[str, Path(max_length=200)]
) -> Response:
    """Execute the process of a job again with `publish` and the token of the form; go to the page of the new job."""
    require_own_page(request)
    jobs = bridge.executions.jobs
    job = await anyio.to_thread.run_sync(jobs.get, jobId)
    values = await form_values(request)
    try:
        earlier = ExecuteRequest.decode(await anyio.to_thread.run_sync(jobs.request, job.id))
        body = _document(job.process_id, earlier, values)
        inner = as_execution(request, json.dumps(body).encode(), token=values.get("token", "").strip())
        answer = await execute(inner, context, principal_of(inner.scope), bridge, job.process_id)
    except GraticuleError as error:
        days = context.settings.limit.job_days
        facts = await anyio.to_thread.run_sync(page_facts, bridge.executions, job, days)
        return _form_with_problem(request, context, job, facts, values, error)
    if answer.status_code != 201:
        return answer
    place = get_pages(request).local(answer.headers["Location"])
    suffix = f"&lang={values['lang']}" if values.get("lang") in ("en", "zh") else ""
    return RedirectResponse(f"{place}?f=html{suffix}", 303)


def _form_with_problem(
    request: Request,
    context: Context,
    job: Job,
    facts: dict[str, Any],
    values: dict[str, str],
    error: GraticuleError,
) -> Response:
    """The page of the job with what was sent, but for the token, and the problem with it."""
    languages = [values["lang"]] if values.get("lang") in ("en", "zh") else []
    language = asked_language(languages, request.headers.get("accept-language", ""))
    shown = Asked(format="html", language=language, said_language=bool(languages))
    filled = {name: value for name, value in values.items() if name != "token"}
    status = status_info(job, context.settings.base_url)
    facts = facts | {
        "filled": filled,
        "problem": error.detail,
        "process_title": process_title(job.process_id, language),
    }
    html = get_pages(request).render("job", status, shown, path=f"/jobs/{job.id}", **facts)
    return HTMLResponse(html, status_of(error), headers=shown.headers)


def _document(process_id: str, earlier: ExecuteRequest, values: dict[str, str]) -> dict[str, Any]:
    """The execute document of a job with `publish`; raises InvalidInput."""
    unknown = sorted(set(values) - _FIELDS)
    if unknown:
        raise InvalidInput(f"{unknown[0][:80]}: there is no such field; fields are {', '.join(sorted(_FIELDS))}")
    if "publish" not in registry.texts(process_id).english["inputs"]:
        raise InvalidInput(f"process {process_id} makes no maps: nothing can be published")
    title = {"en": values.get("title", "").strip(), "zh": values.get("title_zh", "").strip()}
    publish: dict[str, Any] = {"id": values.get("id", "").strip(), "title": {k: v for k, v in title.items() if v}}
    if values.get("description", "").strip():
        publish["description"] = values["description"].strip()
    outputs = {
        name: {"format": {"mediaType": earlier.formats[name]}} if name in earlier.formats else {}
        for name in earlier.outputs
    }
    return {"inputs": {**earlier.inputs, "publish": publish}, "outputs": outputs, "response": "document"}
