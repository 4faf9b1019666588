"""The statusInfo document of a job (OGC 18-062r2, 7.12), strictly: no nulls, UTC with Z, links only to what exists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from config.vocabulary import HTML, JSON, REL
from services.web.documents.titles import TITLES
from services.web.links import Link, link

if TYPE_CHECKING:
    from records.jobs.job_store import Job


def status_info(job: Job, base_url: str) -> dict[str, Any]:
    """The statusInfo document of a job."""
    times = {"created": job.created, "started": job.started, "finished": job.finished, "updated": job.updated}
    members = {
        "type": "process",
        "processID": job.process_id,
        "jobID": job.id,
        "status": job.status,
        "message": job.message,
        "progress": job.progress,
        **{name: _instant(value) for name, value in times.items()},
    }
    present = {name: value for name, value in members.items() if value is not None}
    return present | {"links": _links(job, f"{base_url}/jobs/{job.id}")}


def _instant(value: datetime | None) -> str | None:
    """An instant by RFC 3339, in UTC, with the Z that the standard's own schema test asks for."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if value else None


def _links(job: Job, url: str) -> list[Link]:
    links = [
        link("self", url, title=TITLES.phrase("job")),
        link("monitor", url, title=TITLES.phrase("job")),
    ]
    if job.status == "successful":
        type_ = job.media_type or JSON
        title = TITLES.phrase("results")
        links.append(link(REL + "results", f"{url}/results", type_, title=title))
    return [*links, link("alternate", f"{url}?f=html", HTML, title=TITLES.phrase("job"))]
