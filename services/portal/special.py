"""Which template shows a document, by its path, and what that template needs beside the document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from services.portal.forms import fields
from services.portal.outline import outline
from services.portal.record_view import record_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.portal.results import Result

_RECORD: Final = re.compile(r"/collections/records/items/[^/]+")
_PROCESS: Final = re.compile(r"/processes/[^/]+")
_STYLE: Final = re.compile(r"/collections/[^/]+/styles/[^/]+")
_JOB: Final = re.compile(r"/jobs/[^/]+")


def result_path(path: str, document: Any) -> str | None:  # noqa: ANN401 - any JSON
    """The path of the result that the page of a job shows too, or None."""
    is_done = isinstance(document, dict) and document.get("status") == "successful"
    return f"{path}/results" if is_done and _JOB.fullmatch(path) else None


def template_of(path: str, document: Any, result: Result | None = None) -> tuple[str, Mapping[str, Any]]:  # noqa: ANN401
    """(template, what it needs) for a document."""
    if isinstance(document, dict):
        if _RECORD.fullmatch(path) and document.get("type") == "Feature":
            return "record.html", {"record": record_view(document)}
        if _PROCESS.fullmatch(path) and "inputs" in document:
            return "process.html", {"fields": fields(document), "filled": {}, "problem": ""}
        if _STYLE.fullmatch(path) and "legend" in document:
            return "style.html", {}
        if _JOB.fullmatch(path) and "jobID" in document:
            return "job.html", {"result": result}
    return "document.html", {"outline": outline(document)}
