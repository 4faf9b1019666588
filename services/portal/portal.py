"""Pages from templates: what every page needs to know, and the environment that renders them."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from records.datasets.models import text_in
from services.portal import static
from services.portal.pages.about import abstract
from services.portal.pages.operations import type_words
from services.portal.pages.registry import PAGES, PageSource
from services.portal.pages.snippets import execution_example
from services.portal.texts.labels import crs_name, measure_label, period, sentence, size_label, time_label
from services.portal.texts.roles import role_words
from services.portal.texts.words import WORDS
from services.web.base_url import base_of
from services.web.documents.problem_words import in_chinese, is_chinese
from services.web.documents.titles import title_of
from services.web.negotiation import LANGUAGES

if TYPE_CHECKING:
    from starlette.types import Scope

    from config.settings import Settings
    from services.web.negotiation import Asked, Language

_SHOWN_SCHEMES = ("http://", "https://", "mailto:")


_RENDERING: Final[ContextVar[Portal]] = ContextVar("_RENDERING")
"""The portal whose page is being rendered: filters of a template know its environment alone, which portals share."""


class Portal:
    """Renders the pages of one application. Thread-safe."""

    def __init__(
        self, settings: Settings, *, base_url: str | None = None, environment: Environment | None = None
    ) -> None:
        self._settings = settings
        self._base = settings.base_url if base_url is None else base_url
        self._prefix = urlsplit(self._base).path
        self._environment = _environment() if environment is None else environment

    def of(self, scope: Scope) -> Portal:
        """The same pages with the base URL of the answer to a request."""
        base = base_of(scope, self._settings)
        same = base == self._base
        return self if same else Portal(self._settings, base_url=base, environment=self._environment)

    def local(self, href: str) -> str:
        """A link of ours without its host, so that a page also works under another name of this host."""
        rest = href.removeprefix(self._base)
        return (self._prefix + (rest or "/")) if rest != href and rest[:1] in ("", "/", "?") else href

    def render(
        self, page: str, document: Any, representation: Asked, *, path: str, query: str = "", **facts: Any
    ) -> str:
        """Render a document as a page; raises a GraticuleError if its query means none.

        Args:
            page: Name of the page: that of its template, and of what `PAGES` adds to it.
            document: The document that the page shows.
            representation: The format and language that the client asks for.
            path: Path of the page below `server.url`, for the links to its other representations.
            query: Query string of the page.
            facts: What the page shows besides the document.
        """
        place = PagePlace(self._prefix, representation=representation, path=path, query=query)
        if page in PAGES:
            source = PageSource(document=document, query=place.query, language=representation.language, facts=facts)
            facts |= PAGES[page](source)
        token = _RENDERING.set(self)
        try:
            return self._rendered(page, document, place, facts)
        finally:
            _RENDERING.reset(token)

    def _rendered(self, page: str, document: Any, place: PagePlace, facts: dict[str, Any]) -> str:
        return self._environment.get_template(f"{page}.html").render(
            page=place,
            t=place.word,
            site=self._settings.server,
            base_url=self._base,
            static=f"{self._prefix}/static/{static.version()}",
            modules=static.modules,
            later_modules=static.later_modules,
            document=document,
            **facts,
        )


def _environment() -> Environment:
    """The environment of the templates, which portals share."""
    environment = Environment(
        loader=PackageLoader("services.portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "local": lambda href: _RENDERING.get().local(href),
        "in_language": text_in,
        "when": time_label,
        "until": period,
        "bytes": size_label,
        "abstract": abstract,
        "role_words": role_words,
        "measured": measure_label,
        "link_title": title_of,
        "type_words": type_words,
        "told_in": told_in,
        "crs_name": crs_name,
        "sentence": sentence,
        "curl_example": execution_example,
    }
    environment.tests["linkable"] = linkable
    environment.tests["chinese"] = is_chinese
    return environment


def told_in(detail: object, language: str) -> str:
    """The sentence of an error in the language of a page."""
    return in_chinese(str(detail)) if language == "zh" else str(detail)


class PagePlace:
    """The place of a page: its language, and the URLs of its siblings."""

    def __init__(self, prefix: str, *, representation: Asked, path: str, query: str) -> None:
        self._prefix = prefix
        self._representation = representation
        self.path = path
        self.query = dict(parse_qsl(query, max_num_fields=100)) if query.count("&") < 99 else {}

    @property
    def said_language(self) -> bool:
        """Whether this page's URL names its language, so that its forms should too."""
        return self._representation.said_language

    @property
    def language(self) -> Language:
        """Language of the page."""
        return self._representation.language

    def word(self, key: str, **values: object) -> str:
        """A text of the portal in the page's language."""
        return WORDS.text(key, self.language, **values)

    def url(self, path: str, **query: object) -> str:
        """Another page of ours, in the language that this page's URL names."""
        language = {"lang": self.language} if self._representation.said_language else {}
        values = {k: v for k, v in query.items() if v not in (None, "")} | language
        return f"{self._prefix}{path}" + (f"?{urlencode(values)}" if values else "")

    def plain(self, path: str) -> str:
        """A path of ours without a query, for what is no page."""
        return f"{self._prefix}{path}"

    def here(self, **changes: str) -> str:
        """This page with another query: a changed language, format or page number."""
        values = {k: v for k, v in {**self.query, **changes}.items() if v}
        return f"{self._prefix}{self.path}" + (f"?{urlencode(values)}" if values else "")

    def in_page(self, href: str) -> str:
        """A link of ours as a page in this page's language; another host's as it is."""
        if not href.startswith("/"):
            return href
        path, _, query = href.partition("?")
        language = {"lang": self.language} if self._representation.said_language else {}
        return f"{path}?{urlencode({**dict(parse_qsl(query)), 'f': 'html', **language})}"

    def value(self, name: str) -> str:
        """A parameter of this page's query; empty without it."""
        return self.query.get(name, "")

    @property
    def languages(self) -> list[tuple[Language, str, str]]:
        """(code, name, URL of this page) of each language."""
        return [(code, WORDS.text("language", code), self.here(lang=code)) for code in LANGUAGES]

    @property
    def json_url(self) -> str:
        """This document as JSON."""
        return self.here(f="json")


def linkable(value: object) -> bool:
    """Whether a value is a URL that a page may link to (never `javascript:`)."""
    return isinstance(value, str) and value.startswith(_SHOWN_SCHEMES) and " " not in value and "{" not in value
