"""A document as JSON, or as the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, cast

import orjson
from fastapi import Request
from starlette.responses import HTMLResponse, Response

from config.vocabulary import JSON
from services.web.dependencies import quick
from services.web.negotiation import Asked, AskedDep

if TYPE_CHECKING:
    from services.portal.templates import Portal


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Answers one request in the format and language that it asks for."""

    asked: Asked
    portal: Portal
    path: str
    query: str

    @property
    def is_page(self) -> bool:
        """Whether a page is asked for, which may need more than the document."""
        return self.asked.format == "html"

    def __call__(self, document: dict[str, Any], page: str, *, media_type: str = JSON, **more: Any) -> Response:
        """The document as `media_type`, or the page of that template, which also gets `more`."""
        if not self.is_page:
            return Response(orjson.dumps(document), media_type=media_type, headers=self.asked.headers)
        html = self.portal.render(page, self.asked, path=self.path, query=self.query, document=document, **more)
        return HTMLResponse(html, headers=self.asked.headers)


def get_portal(request: Request) -> Portal:
    """The portal of the application that serves a request."""
    return cast("Portal", request.app.state.portal)


def _answer(request: Request, asked: AskedDep) -> Answer:
    return Answer(asked=asked, portal=get_portal(request), path=request.url.path, query=request.url.query)


AnswerDep = Annotated[Answer, quick(_answer)]
"""How a route answers JSON or HTML; declares `f` and `lang`."""
