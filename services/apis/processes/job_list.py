"""The list of jobs as its page shows it: what was computed, of which datasets, when, and how it looks."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from config.errors import GraticuleError, JobNotFound
from records.datasets.models import text_in
from services.processes import registry
from services.processes.chinese import in_chinese

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from records.jobs.job_store import Job, Jobs
    from services.web.context import Context

MOST_ROWS: Final = 100
_MOST_BYTES: Final = 100_000
"""Requests above it are not searched for the datasets that they name."""
_MOST_DATASETS: Final = 3
_KEYS: Final = ("collection", "climatology")


def jobs_by_id(ids: str, store: Jobs) -> list[Job]:
    """The jobs of ids between commas that are there, the newest first: those that a browser remembers as its own."""
    jobs = []
    for job_id in ids.split(",")[:MOST_ROWS]:
        with suppress(JobNotFound):
            jobs.append(store.get(job_id.strip()))
    return sorted(jobs, key=lambda job: job.created, reverse=True)


def job_rows(jobs: Iterable[Job], store: Jobs, context: Context, language: str) -> list[dict[str, Any]]:
    """Title of the process, datasets as (id, title), the minute it was made, seconds it ran, picture, of each job."""
    return [_row(job, store, context, language) for job in list(jobs)[:MOST_ROWS]]


def _row(job: Job, store: Jobs, context: Context, language: str) -> dict[str, Any]:
    picture = job.status == "successful" and (job.media_type or "").startswith("image/")
    return {
        "id": job.id,
        "title": process_title(job.process_id, language),
        "process": job.process_id,
        "datasets": [(id_, _dataset_title(id_, context, language)) for id_ in datasets_of(store.request(job.id))],
        "status": job.status,
        "progress": job.progress,
        "message": job.message if job.status in ("failed", "running") else "",
        "created": job.created.strftime("%Y-%m-%d %H:%M"),
        "seconds": round((job.finished - job.started).total_seconds()) if job.finished and job.started else None,
        "picture": f"/jobs/{job.id}/results" if picture else "",
        "kind": (job.media_type or "").split(";")[0] if job.status == "successful" else "",
    }


def datasets_of(request: bytes) -> list[str]:
    """The ids of the datasets that an execute request names, each once; none of a very long request."""
    if len(request) > _MOST_BYTES:
        return []
    try:
        document = json.loads(request)
    except ValueError:
        return []
    return list(dict.fromkeys(_named(document)))[:_MOST_DATASETS]


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (value[key] for key in _KEYS if isinstance(value.get(key), str))
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _named(member)


def process_title(process_id: str, language: str) -> str:
    """The title of a process in a language; its id if this server no longer offers it."""
    try:
        texts = registry.texts(process_id)
    except GraticuleError:  # a process that this server no longer offers
        return process_id
    description = in_chinese(texts) if language == "zh" else texts.english
    return str(description.get("title") or process_id)


def _dataset_title(dataset_id: str, context: Context, language: str) -> str:
    try:
        return text_in(context.catalogue.dataset(dataset_id).title, language) or dataset_id
    except GraticuleError:
        return dataset_id
