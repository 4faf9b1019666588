"""OGC API Processes 1.0 (18-062r2).

An execution goes through pygeoapi's core and its process manager (`services.pygeoapi`). Descriptions come from the
registry, jobs and results from the jobs table; `tests/oracles` holds that the core answers the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio.to_thread
import orjson
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from config.errors import GraticuleError, TooLarge
from config.vocabulary import JSON, REL
from services.access.guards import require_token
from services.access.maker import bearer, maker_of
from services.access.principal import PrincipalDep, principal_of
from services.apis.processes import job_parameters, openapi, references
from services.apis.processes.forms.choices import form_choices
from services.apis.processes.forms.examples import example_values
from services.apis.processes.forms.fields import fields, inputs
from services.apis.processes.job_list import job_rows, jobs_by_id, process_title
from services.apis.processes.job_view import page_facts
from services.apis.processes.status import status_info
from services.apis.processes.titles import TITLES
from services.processes import registry
from services.processes.chinese import in_chinese
from services.processes.executions import COST, MAKER, JobFailed
from services.processes.requests import validation
from services.processes.requests.outputs import LINKS
from services.pygeoapi.bridge import Bridge, get_bridge
from services.web.context import Context, ContextDep
from services.web.dependencies import inline
from services.web.documents.answers import AnswerDep
from services.web.links import Link, PageSpan, link, page_links, representations
from services.web.negotiation import FORMATS, Offer, accept_of, best_offer, chosen
from services.web.query_checks import checked_names, require_single

if TYPE_CHECKING:
    from records.jobs.job_store import Job

_MULTIPART: Final = tuple(
    Offer(media_type=it, format=True, by_range=False) for it in ("multipart/related", "multipart/*")
)
_NOT_IN_SUMMARIES: Final = ("inputs", "outputs", "example")

BridgeDep = Annotated[Bridge, inline(get_bridge)]

router = APIRouter(tags=["Processes"])


def _check_parameters(request: Request, *names: str) -> None:
    """Refuse parameters that a route does not have, repeats of one, and unknown formats; raises InvalidInput."""
    require_single(checked_names(request.query_params.multi_items(), (*names, "f", "lang")))
    chosen("f", request.query_params.getlist("f"), FORMATS)


@router.get("/processes", operation_id="getProcesses", openapi_extra=openapi.PROCESSES)
def get_processes(request: Request, context: ContextDep, answer: AnswerDep) -> Response:
    """List the processes."""
    _check_parameters(request, "limit", "offset")
    page = job_parameters.page_of(request.query_params, most=context.settings.limit.items)
    base = context.settings.base_url
    process_ids = registry.process_ids()
    summaries = [
        {
            name: member
            for name, member in _description(process_id, answer.language).items()
            if name not in _NOT_IN_SUMMARIES
        }
        for process_id in process_ids[page.offset : page.offset + page.limit]
    ]
    processes = [summary | {"links": [link("self", f"{base}/processes/{summary['id']}")]} for summary in summaries]
    links = _page_links(request, f"{base}/processes", page, total=len(process_ids))
    return answer({"processes": processes, "links": links})


def _description(process_id: str, language: str) -> dict[str, Any]:
    """Return the description of a process in a language; raises ProcessNotFound."""
    texts = registry.texts(process_id)
    return in_chinese(texts) if language == "zh" else dict(texts.english)


@router.get("/processes/{processId}", operation_id="getProcessDescription", openapi_extra=openapi.DESCRIPTION)
def get_process(
    request: Request, context: ContextDep, principal: PrincipalDep, answer: AnswerDep, processId: str
) -> Response:
    """Describe a process; its page has a form, filled in with the inputs that its query names, or with an example."""
    names = registry.texts(processId).english.get("inputs", {}) if answer.is_page else {}
    _check_parameters(request, *names, *(["example"] if answer.is_page else []))
    base = context.settings.base_url
    links = [
        *representations(f"{base}/processes/{processId}", title=TITLES.phrase("description")),
        link(REL + "execute", f"{base}/processes/{processId}/execution", title=TITLES.phrase("execute")),
        link(REL + "job-list", f"{base}/jobs", title=TITLES.phrase("jobs")),
    ]
    document = _description(processId, answer.language) | {"links": links}
    if not answer.is_page:
        return answer(document)
    choices = form_choices(context, principal, answer.language)
    controls = fields(document, choices)
    filled = {name: value for name, value in request.query_params.items() if name in names}
    problem = ""
    if "example" in request.query_params:
        filled = example_values(controls, document, choices) | filled
        problem = _problem_of(processId, filled, context)
    return answer(document, "process", fields=controls, filled=filled, choices=choices.facts, problem=problem)


def _problem_of(process_id: str, filled: dict[str, str], context: Context) -> str:
    """What speaks against an example: where no dataset of the catalogue suits the process, its form says so."""
    process = registry.process(process_id)
    try:
        document = {"inputs": inputs(process.description, filled)}
        process.require(validation.check(document, process.description, responses=("raw", "document")), context)
    except GraticuleError as problem:
        return str(problem)
    return ""


@router.post("/processes/{processId}/execution", operation_id="execute", openapi_extra=openapi.EXECUTE)
async def execute(
    request: Request, context: ContextDep, principal: PrincipalDep, bridge: BridgeDep, processId: str
) -> Response:
    """Execute a process, at once or, with `Prefer: respond-async`, as a job."""
    _check_parameters(request)
    process, limit = registry.process(processId), context.settings.limit.body_bytes
    document = validation.parse(await _body(request, limit))
    execution = validation.check(document, process.description, responses=("raw", "document"))
    if execution.publishes:
        await anyio.to_thread.run_sync(require_token, context, principal, "publish")
    COST.set(await anyio.to_thread.run_sync(process.require, execution, context))
    document = await references.resolve(
        request, document, process.description, base_url=context.settings.base_url, most_bytes=limit
    )
    if execution.response == "raw" and _accepts_multipart(accept_of(request.headers)):
        document["response"] = "multipart"
    prefers_async = _prefers_async(request.headers.get("prefer", ""))
    MAKER.set(await anyio.to_thread.run_sync(maker_of, request.scope))
    try:
        job_id, in_background = await bridge.execute(processId, document, background=prefers_async)
    except JobFailed as failure:
        return JSONResponse(failure.error, failure.error["status"])
    if in_background:
        return await _accepted(bridge, job_id, context.settings.base_url)
    result, media_type = await anyio.to_thread.run_sync(bridge.executions.jobs.result, job_id)
    return _result_response(result, media_type)


def _result_response(result: bytes, media_type: str) -> Response:
    """A result as it stands; links alone are headers of an answer without a body (OGC 18-062r2, 7.11.2.5, table 11)."""
    if media_type != LINKS:
        return Response(result, media_type=media_type, headers={"Vary": "Accept"})
    answer = Response(status_code=204, headers={"Vary": "Accept"})
    for name, target in orjson.loads(result).items():
        parameters = f'rel="{REL}results"; type="{target["type"]}"; title="{name}"; length={target["length"]}'
        answer.headers.append("Link", f"<{target['href']}>; {parameters}")
    return answer


def _accepts_multipart(accept: str) -> bool:
    """Whether a client asks for multipart/related by name: few can read it, though it is the standard's default."""
    return best_offer(accept, _MULTIPART, default=False)


def _prefers_async(prefer: str) -> bool:
    """Whether a Prefer header (RFC 7240) has the `respond-async` preference, beside any others."""
    preferences = [part.split(";")[0].strip().lower() for part in prefer.split(",")]
    return "respond-async" in preferences


async def _body(request: Request, limit: int) -> bytes:
    """The body of a request, read no further than the limit; raises TooLarge."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLarge(f"the request body is larger than {limit} bytes; give large inputs by reference (href)")
        parts.append(part)
    return b"".join(parts)


async def _accepted(bridge: Bridge, job_id: str, base_url: str) -> Response:
    job = await anyio.to_thread.run_sync(bridge.executions.jobs.get, job_id)
    headers = {"Location": f"{base_url}/jobs/{job_id}", "Preference-Applied": "respond-async"}
    return JSONResponse(status_info(job, base_url), 201, headers=headers)


@router.get("/jobs", operation_id="getJobs", openapi_extra=openapi.JOBS)
def get_jobs(request: Request, context: ContextDep, bridge: BridgeDep, answer: AnswerDep) -> Response:
    """List the jobs of the bearer of a token, the newest first; those of everybody where the settings allow it."""
    _check_parameters(request, *job_parameters.NAMES, *(["ids"] if answer.is_page else []))
    page = job_parameters.page_of(request.query_params, most=context.settings.limit.items)
    job_filter = job_parameters.filter_of(request.query_params)
    maker = None if context.settings.jobs.public else bearer(principal_of(request.scope)) or ""
    jobs: list[Job] = []
    total = 0
    if maker != "":
        mine = replace(job_filter, client=maker)
        jobs, total = bridge.executions.jobs.page(mine, limit=page.limit, offset=page.offset)
    if not jobs and answer.is_page:
        jobs = jobs_by_id(request.query_params.get("ids", ""), bridge.executions.jobs)
        total = len(jobs)
    base = context.settings.base_url
    document = {
        "jobs": [status_info(job, base) for job in jobs],
        "links": _page_links(request, f"{base}/jobs", page, total=total),
        "numberMatched": total,
        "numberReturned": len(jobs),
    }
    if not answer.is_page:
        return answer(document)
    rows = job_rows(jobs, bridge.executions.jobs, context, answer.language)
    return answer(document, "jobs", rows=rows)


def _page_links(request: Request, url: str, page: job_parameters.ListPage, *, total: int) -> list[Link]:
    query = {name: value for name, value in request.query_params.items() if name in job_parameters.NAMES}
    of_neighbours = {name: value for name, value in query.items() if name != "offset"} | {"limit": str(page.limit)}
    span = PageSpan(offset=page.offset, limit=page.limit, shown=page.limit, matched=total)
    return [*representations(url, query=query), *page_links(url, of_neighbours, span)]


@router.get("/jobs/{jobId}", operation_id="getStatus", openapi_extra=openapi.STATUS)
def get_status(request: Request, context: ContextDep, bridge: BridgeDep, answer: AnswerDep, jobId: str) -> Response:
    """Show the status of a job; its page shows inputs and result too."""
    _check_parameters(request)
    job = bridge.executions.jobs.get(jobId)
    document = status_info(job, context.settings.base_url)
    facts = page_facts(bridge.executions, job, context.settings.limit.job_days) if answer.is_page else {}
    title = process_title(job.process_id, answer.language)
    return answer(document, "job", process_title=title, **facts)


@router.delete("/jobs/{jobId}", operation_id="dismiss", openapi_extra=openapi.DISMISS)
def dismiss(request: Request, context: ContextDep, bridge: BridgeDep, jobId: str) -> JSONResponse:
    """Dismiss a job that waits or runs; remove one that has ended (OGC 18-062r2, 13)."""
    _check_parameters(request)
    base = context.settings.base_url
    before = bridge.executions.dismiss(jobId)
    body = status_info(before, base) | {"status": "dismissed", "message": "Dismissed"}
    return JSONResponse(body | {"links": [link("up", f"{base}/jobs", title=TITLES.phrase("jobs"))]})


@router.get("/jobs/{jobId}/results", operation_id="getResult", openapi_extra=openapi.RESULTS)
def get_result(request: Request, bridge: BridgeDep, answer: AnswerDep, jobId: str) -> Response:
    """Show the result of a job, or why it failed."""
    _check_parameters(request)
    try:
        media_type, result = bridge.executions.result(jobId)
    except JobFailed as failure:
        return JSONResponse(failure.error, failure.error["status"])
    if answer.is_page and media_type in (JSON, LINKS):
        return answer(orjson.loads(result))
    return _result_response(result, media_type)
