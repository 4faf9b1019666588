"""The answer with a document: as JSON, or as an HTML page for people.

A route names the page that shows its document, and hands over what the page needs besides. The portal, which knows the
pages, is handed to the application when it is created; nothing here depends on it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol, Self, cast

import orjson
from fastapi import Request
from starlette.responses import HTMLResponse, Response

from config.errors import GraticuleError
from config.messages import Phrase
from config.vocabulary import JSON
from services.web.dependencies import inline
from services.web.negotiation import FORMATS, Asked, AskedDep, negotiate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

    from services.web.negotiation import Format, Language

log = logging.getLogger(__name__)

MAX_PAGE_BYTES: Final = 4_000_000
"""Documents above it are answered as JSON: a browser would not show a page of them either."""


class PageRenderer(Protocol):
    """Renders pages by name."""

    def render(
        self, page: str, document: Any, representation: Asked, *, path: str, query: str = "", **facts: Any
    ) -> str:
        """Render a document as a page; raises a GraticuleError if the request means no page.

        Args:
            page: Name of the page.
            document: The document that the page shows.
            representation: The representation that the client asks for.
            path: Path of the page below the base URL of the service.
            query: Query string of the page.
            facts: What the page shows besides the document.
        """
        ...

    def local(self, href: str) -> str:
        """Return a link of ours without its host."""
        ...

    def of(self, scope: Scope) -> PageRenderer:
        """Return the renderer of pages whose links begin with the base URL of a request."""
        ...


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Answers one request with a document in the format and language that it asks for."""

    representation: Asked
    pages: PageRenderer
    path: str
    query: str

    @classmethod
    def to(cls, request: Request, formats: Mapping[str, Format] = FORMATS) -> Self:
        """Negotiate the answer to a request; raises InvalidParameter.

        Args:
            request: The request.
            formats: What `f` may say.
        """
        return cls.of(request, negotiate(request, formats))

    @classmethod
    def of(cls, request: Request, representation: Asked) -> Self:
        """Return the answer to a request in a representation that has been negotiated."""
        return cls(
            representation=representation, pages=get_pages(request), path=request.url.path, query=request.url.query
        )

    @property
    def language(self) -> Language:
        """The language of the answer."""
        return self.representation.language

    @property
    def is_page(self) -> bool:
        """Whether the client asks for a page, which may show more than the document."""
        return self.representation.format == "html"

    def __call__(
        self,
        document: Any,
        page: str = "document",
        *,
        media_type: str = JSON,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> Response:
        """Return a document as JSON or as a page.

        Args:
            document: The document.
            page: Name of the page; without one the members of the document are listed.
            media_type: Media type of the JSON.
            headers: Further headers; a page keeps its own language.
            facts: What the page shows besides the document.
        """
        body = orjson.dumps(document, self._write, orjson.OPT_PASSTHROUGH_SUBCLASS)
        html = self._page(page, document, facts) if self.is_page and len(body) <= MAX_PAGE_BYTES else None
        if html is not None:
            return HTMLResponse(html, headers={**(headers or {}), **self.representation.headers})
        return Response(body, media_type=media_type, headers={**self.representation.headers, **(headers or {})})

    def _write(self, value: Any) -> Any:
        """Return a value of a subclass as JSON has it: phrases in the language of the answer."""
        if isinstance(value, Phrase):
            return value.in_language(self.representation.language)
        plain = next((kind for kind in (str, dict, list, int) if isinstance(value, kind)), None)
        if plain is None:
            raise TypeError(f"{type(value).__name__} is no JSON")
        return plain(value)

    def _page(self, page: str, document: Any, facts: dict[str, Any]) -> str | None:
        """Render a page, or return None if that fails unexpectedly: the client still gets the document."""
        try:
            return self.pages.render(page, document, self.representation, path=self.path, query=self.query, **facts)
        except GraticuleError:
            raise
        except Exception:
            log.exception("no page of %s", self.path)
            return None


def get_pages(request: Request) -> PageRenderer:
    """Return the page renderer of the application that serves a request, for its base URL."""
    return cast("PageRenderer", request.app.state.pages).of(request.scope)


def _answer(request: Request, representation: AskedDep) -> Answer:
    return Answer.of(request, representation)


AnswerDep = Annotated[Answer, inline(_answer)]
"""The way a route answers with JSON or HTML; declares `f` and `lang`."""
