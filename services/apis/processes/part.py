"""OGC API Processes as a part of the service."""

from __future__ import annotations

from typing import Final

from config.vocabulary import REL
from services.apis.processes import job_files, job_previews, processes, publish_routes
from services.apis.processes.forms.routes import router as form_router
from services.apis.processes.titles import TITLES
from services.web.links import Link, link
from services.web.part import Part

_CONF = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
_CLASSES = ("core", "ogc-process-description", "json", "oas30", "job-list", "dismiss", "callback")


def _landing_links(base_url: str) -> list[Link]:
    return [
        link(f"{REL}processes", f"{base_url}/processes", title=TITLES.phrase("processes")),
        link(f"{REL}job-list", f"{base_url}/jobs", title=TITLES.phrase("jobs")),
    ]


PART: Final = Part(
    name="OGC API Processes",
    routers=lambda: [
        processes.router,
        job_files.router,
        job_previews.router,
        form_router,
        publish_routes.router,
    ],
    conformance=tuple(_CONF + name for name in _CLASSES),
    landing_links=_landing_links,
    uncrawled=("/jobs",),
)
