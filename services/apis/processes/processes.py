"""OGC API Processes 1.0: descriptions and execution through pygeoapi's core, jobs from the jobs table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import anyio.to_thread
import orjson
from anyio import CapacityLimiter
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pygeoapi.api import processes as core
from starlette.concurrency import run_in_threadpool

from config.errors import InvalidParameter, Overloaded, TooLarge
from config.vocabulary import JSON, REL
from records.jobs.job_store import Jobs
from services.apis.processes import openapi_processes
from services.apis.processes.forms import fields
from services.apis.processes.titles import TITLES
from services.compute.dask import DaskLink, Work
from services.processes import registry, validation
from services.processes.chinese import in_chinese
from services.pygeoapi import job_query, references
from services.pygeoapi.bridge import Answer as CoreAnswer
from services.pygeoapi.bridge import Bridge, Shared, get_bridge
from services.pygeoapi.manager import DaskManager, JobFailed
from services.pygeoapi.record_provider import unguarded
from services.pygeoapi.status import status_info
from services.web.context import Context, ContextDep
from services.web.dependencies import quick
from services.web.documents.answers import AnswerDep
from services.web.links import Link, Span, link, page_links

if TYPE_CHECKING:
    from pygeoapi.api import API, APIRequest

    from services.web.negotiation import Asked

_SYNC_THREADS = 8
_FORMATS = ("json", "html", JSON, "text/html")

BridgeDep = Annotated[Bridge, quick(get_bridge)]

router = APIRouter(tags=["Processes"])


def resources() -> dict[str, Any]:
    """The processes as pygeoapi's configuration lists them."""
    return {
        process_id: {
            "type": "process",
            "processor": {"name": "services.pygeoapi.manager.Described", "process": process_id},
        }
        for process_id in registry.process_ids()
    }


def manager_config(context: Context) -> dict[str, Any]:
    """The process manager as pygeoapi's configuration names it, over live objects of the application."""
    settings, engine = context.settings, context.catalogue.repository.engine
    return {
        "name": "services.pygeoapi.manager.DaskManager",
        "jobs": Shared(Jobs(engine)),
        "dask": Shared(DaskLink(settings.dask, Work.of(settings))),
        "limit": Shared(settings.limit),
        "sync_threads": Shared(CapacityLimiter(_SYNC_THREADS)),
    }


def _manager(bridge: Bridge) -> DaskManager:
    manager = bridge.api.manager
    assert isinstance(manager, DaskManager)
    return manager


def _require_known(request: Request, *names: str) -> None:
    """Raise InvalidParameter for a query parameter that a route does not have, or an unknown format."""
    for name, value in request.query_params.items():
        if name not in (*names, "f", "lang"):
            offered = ", ".join((*names, "f"))
            raise InvalidParameter(name[:80], value, f"there is no such parameter here; there are {offered}")
    form = request.query_params.get("f", "json")
    if form not in _FORMATS:
        raise InvalidParameter("f", form, "give json or html")


@router.get("/processes", operation_id="getProcesses", openapi_extra=openapi_processes.PROCESSES)
async def get_processes(request: Request, context: ContextDep, bridge: BridgeDep, answer: AnswerDep) -> Response:
    """List the processes."""
    _require_known(request, "limit", "offset")
    page = job_query.page(request.query_params, most=context.settings.limit.items)
    result = await bridge.call(_describe_all, request)
    if result.failed:
        return _failure(result)
    base = context.settings.base_url
    every = [_in_language(description, answer.representation) for description in _plain(result.body)["processes"]]
    shown = every[page.offset : page.offset + page.limit]
    summaries = [process | {"links": [link("self", f"{base}/processes/{process['id']}")]} for process in shown]
    links = _page_links(request, f"{base}/processes", page, total=len(every))
    return await run_in_threadpool(answer, {"processes": summaries, "links": links})


def _in_language(description: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """A description in the language that is asked for."""
    return in_chinese(description) if asked.language == "zh" else description


def _describe_all(api: API, asked: APIRequest) -> tuple[dict[str, str], int, str]:
    """The core's list of all processes: it knows no offset."""
    asked._args = {}  # noqa: SLF001 - it looks for the limit there
    headers, status, body = core.describe_processes(api, asked)
    return headers, int(status), body


@router.get("/processes/{processId}", operation_id="getProcessDescription", openapi_extra=openapi_processes.DESCRIPTION)
async def get_process(
    request: Request, context: ContextDep, bridge: BridgeDep, answer: AnswerDep, processId: str
) -> Response:
    """Describe a process."""
    _require_known(request)
    registry.process(processId)  # raises ProcessNotFound
    result = await bridge.call(core.describe_processes, request, processId)
    if result.failed:
        return _failure(result)
    base = context.settings.base_url
    links = [
        link("self", f"{base}/processes/{processId}", title=TITLES.phrase("description")),
        link(REL + "execute", f"{base}/processes/{processId}/execution", title=TITLES.phrase("execute")),
        link(REL + "job-list", f"{base}/jobs", title=TITLES.phrase("jobs")),
    ]
    document = _in_language(_plain(result.body), answer.representation) | {"links": links}
    facts: dict[str, Any] = {"fields": fields(document), "filled": {}, "problem": ""}
    return await run_in_threadpool(answer, document, "process", **facts)


@router.post("/processes/{processId}/execution", operation_id="execute", openapi_extra=openapi_processes.EXECUTE)
async def execute(request: Request, context: ContextDep, bridge: BridgeDep, processId: str) -> Response:
    """Execute a process, at once or, with `Prefer: respond-async`, as a job."""
    _require_known(request)
    process, limit = registry.process(processId), context.settings.limit.body_bytes
    document = validation.parse(await _body(request, limit))
    checked = validation.check(document, process.description, responses=("raw", "document"))
    await anyio.to_thread.run_sync(process.require, checked.inputs, context)
    document = await references.resolved(
        request, document, process.description, base_url=context.settings.base_url, most_bytes=limit
    )
    if checked.response == "raw" and _accepts_multipart(request.headers.get("accept", "")):
        document["response"] = "multipart"
    request._body = json.dumps(document).encode()  # noqa: SLF001 - where Starlette keeps a body that was read
    manager = _manager(bridge)
    in_background = _prefers_async(request.headers.get("prefer", ""))
    limiter = None if in_background else _free(manager.sync_threads)
    try:
        result = await bridge.call(_execute, request, processId, in_background, limiter=limiter)
    except JobFailed as failure:
        return JSONResponse(failure.error, failure.error["status"])
    if result.failed:
        return _failure(result)
    job_id = result.headers["Location"].rpartition("/")[2]
    if result.status == 201:
        return await _accepted(manager, job_id, context.settings.base_url)
    body, media_type = await anyio.to_thread.run_sync(manager.jobs.result, job_id)
    return Response(body, media_type=media_type)


def _execute(api: API, asked: APIRequest, process_id: str, in_background: bool) -> tuple[dict[str, str], int, str]:  # noqa: FBT001
    """The core's execution, told the mode in the only spelling that it knows."""
    kept = {name: value for name, value in asked.headers.items() if name.lower() != "prefer"}
    asked._headers = kept | ({"prefer": "respond-async"} if in_background else {})  # noqa: SLF001
    headers, status, body = core.execute_process(api, asked, process_id)
    return headers, int(status), "null" if int(status) == 200 else body


def _accepts_multipart(accept: str) -> bool:
    """Whether a client asks for multipart/related by name: few can read it, though it is the standard's default."""
    return any(part.split(";")[0].strip().lower() in ("multipart/related", "multipart/*") for part in accept.split(","))


def _prefers_async(prefer: str) -> bool:
    """Whether a Prefer header (RFC 7240) has the `respond-async` preference, beside whatever others."""
    preferences = [part.split(";")[0].strip().lower() for part in prefer.split(",")]
    return "respond-async" in preferences


def _free(limiter: CapacityLimiter) -> CapacityLimiter:
    if limiter.available_tokens <= 0:
        raise Overloaded(
            f"{_SYNC_THREADS} synchronous executions run already; send `Prefer: respond-async`, or ask again later"
        )
    return limiter


async def _body(request: Request, limit: int) -> bytes:
    """The body of a request, read no further than the limit; raises TooLarge."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLarge(f"the request body is larger than {limit} bytes; give large inputs by reference (href)")
        parts.append(part)
    request._body = b"".join(parts)  # noqa: SLF001 - where Starlette keeps a body that was read
    return request._body  # noqa: SLF001


async def _accepted(manager: DaskManager, job_id: str, base_url: str) -> Response:
    job = await anyio.to_thread.run_sync(manager.jobs.get, job_id)
    headers = {"Location": f"{base_url}/jobs/{job_id}", "Preference-Applied": "respond-async"}
    return JSONResponse(status_info(job, base_url), 201, headers=headers)


@router.get("/jobs", operation_id="getJobs", openapi_extra=openapi_processes.JOBS)
def get_jobs(request: Request, context: ContextDep, bridge: BridgeDep, answer: AnswerDep) -> Response:
    """List the jobs, the newest first."""
    _require_known(request, *job_query.NAMES)
    page = job_query.page(request.query_params, most=context.settings.limit.items)
    wanted = job_query.wanted(request.query_params)
    jobs, total = _manager(bridge).jobs.page(wanted, limit=page.limit, offset=page.offset)
    base = context.settings.base_url
    return answer(
        {
            "jobs": [status_info(job, base) for job in jobs],
            "links": _page_links(request, f"{base}/jobs", page, total=total),
            "numberMatched": total,
            "numberReturned": len(jobs),
        }
    )


def _page_links(request: Request, url: str, page: job_query.Page, *, total: int) -> list[Link]:
    kept = {name: value for name, value in request.query_params.items() if name in job_query.NAMES}

    asked = {name: value for name, value in kept.items() if name != "offset"} | {"limit": str(page.limit)}
    span = Span(offset=page.offset, limit=page.limit, shown=page.limit, matched=total)
    return [link("self", f"{url}?{urlencode(kept)}" if kept else url), *page_links(url, asked, span)]


@router.get("/jobs/{jobId}", operation_id="getStatus", openapi_extra=openapi_processes.STATUS)
def get_status(request: Request, context: ContextDep, bridge: BridgeDep, answer: AnswerDep, jobId: str) -> Response:
    """Show the status of a job; its page shows the result too."""
    _require_known(request)
    manager = _manager(bridge)
    document = status_info(manager.get_job(jobId), context.settings.base_url)
    has_result = answer.is_page and document["status"] == "successful"
    return answer(document, "job", result=manager.get_job_result(jobId) if has_result else None)


@router.delete("/jobs/{jobId}", operation_id="dismiss", openapi_extra=openapi_processes.DISMISS)
def dismiss(request: Request, context: ContextDep, bridge: BridgeDep, jobId: str) -> JSONResponse:
    """Dismiss a job that waits or runs; remove one that has ended (OGC 18-062r2, 13)."""
    _require_known(request)
    manager, base = _manager(bridge), context.settings.base_url
    before = manager.get_job(jobId)
    manager.delete_job(jobId)
    body = status_info(before, base) | {"status": "dismissed", "message": "Dismissed"}
    return JSONResponse(body | {"links": [link("up", f"{base}/jobs", title=TITLES.phrase("jobs"))]})


@router.get("/jobs/{jobId}/results", operation_id="getResult", openapi_extra=openapi_processes.RESULTS)
def get_result(request: Request, bridge: BridgeDep, answer: AnswerDep, jobId: str) -> Response:
    """Show the result of a job, or why it failed."""
    _require_known(request)
    try:
        media_type, result = _manager(bridge).get_job_result(jobId)
    except JobFailed as failure:
        return JSONResponse(failure.error, failure.error["status"])
    if answer.is_page and media_type == JSON:
        return answer(orjson.loads(result))
    return Response(result, media_type=media_type, headers={"Vary": "Accept"})


def _plain(document: Any) -> Any:
    """Return a document of the core with < and > back in their places."""
    return orjson.loads(unguarded(orjson.dumps(document)))


def _failure(result: CoreAnswer) -> Response:
    return JSONResponse(_plain(result.body), result.status)
