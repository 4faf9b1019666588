"""Which template shows a document, by its path, and what that template needs beside the document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from services.apis.processes.forms import fields
from services.portal.facets import ASKED, facets
from services.portal.outline import outline
from services.portal.record_exports import export_view
from services.portal.record_search import found_records
from services.portal.record_view import record_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.portal.results import Result

_SEARCH: Final = "/collections/records/items"
_STYLES: Final = re.compile(r"/collections/[^/]+/styles")
_RECORD: Final = re.compile(r"/collections/records/items/[^/]+")
_PROCESS: Final = re.compile(r"/processes/[^/]+")
_STYLE: Final = re.compile(r"/collections/[^/]+/styles/[^/]+")
_JOB: Final = re.compile(r"/jobs/[^/]+")


def more_asked(path: str) -> Mapping[str, str]:
    """Parameters that the page of a path adds to its request, unless the request says them."""
    return {"facets": ASKED} if path == _SEARCH else {}


def result_path(path: str, document: Any) -> str | None:
    """The path of the result that the page of a job shows too, or None."""
    is_done = isinstance(document, dict) and document.get("status") == "successful"
    return f"{path}/results" if is_done and _JOB.fullmatch(path) else None


def template_of(
    path: str,
    document: Any,
    *,
    query: Mapping[str, str],
    result: Result | None = None,
) -> tuple[str, Mapping[str, Any]]:
    """(template, what it needs) for a document at a path, asked for with a query."""
    if not isinstance(document, dict):
        return "document.html", {"outline": outline(document)}
    if path == _SEARCH and document.get("type") == "FeatureCollection":
        return "records.html", {"found": found_records(document, query), "facets": facets(document, query)}
    if _RECORD.fullmatch(path) and document.get("type") == "Feature":
        return "record.html", {"record": record_view(document), "exported": export_view(document)}
    return _by_member(path, document, result)


def _by_member(path: str, document: dict[str, Any], result: Result | None) -> tuple[str, Mapping[str, Any]]:
    """The template of a document that is known by its path and one of its members."""
    if _PROCESS.fullmatch(path) and "inputs" in document:
        return "process.html", {"fields": fields(document), "filled": {}, "problem": ""}
    if _STYLES.fullmatch(path) and "styles" in document:
        return "styles.html", {}
    if _STYLE.fullmatch(path) and "legend" in document:
        return "style.html", {}
    if _JOB.fullmatch(path) and "jobID" in document:
        return "job.html", {"result": result}
    return "document.html", {"outline": outline(document)}
