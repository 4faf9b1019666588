"""Conditional requests for images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from services.drawing.freshness import is_known

if TYPE_CHECKING:
    from starlette.requests import Request


def not_modified(request: Request, headers: dict[str, str]) -> Response | None:
    """Answer 304 if the client holds the image with these headers, else None."""
    conditions = request.headers
    is_held = is_known(
        headers,
        if_none_match=conditions.get("if-none-match"),
        if_modified_since=conditions.get("if-modified-since"),
    )
    return Response(status_code=304, headers=headers) if is_held else None
