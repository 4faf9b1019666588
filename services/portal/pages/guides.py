"""The guides: Markdown files of this package, in every language, one for each kind of user."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from markdown_it import MarkdownIt
from markupsafe import Markup

if TYPE_CHECKING:
    from services.web.negotiation import Language

GUIDES: Final = ("gis", "web", "science", "data", "operator")
"""Names of the guides in the order in which they are listed."""

WRITTEN_BASE: Final = "http://localhost:8080"
"""The base URL in the files: that of a demo. Readers see the one of their request."""


@dataclass(frozen=True, kw_only=True)
class Guide:
    """One guide in one language.

    Attributes:
        name: Its name in paths.
        title: Its first heading, as plain text.
        summary: Its first paragraph, as plain text.
        text: What follows, as Markdown.
    """

    name: str
    title: str
    summary: str
    text: str


def guide(name: str, language: Language, base_url: str) -> Guide:
    """Return a guide; its addresses begin with `base_url`."""
    title, summary, text = _text(name, language).replace(WRITTEN_BASE, base_url).split("\n\n", 2)
    return Guide(name=name, title=title.removeprefix("# "), summary=" ".join(summary.split("\n")), text=text)


@cache
def _text(name: str, language: Language) -> str:
    return (resources.files("services.portal") / "guides" / f"{name}.{language}.md").read_text("utf-8")


def as_html(text: str) -> Markup:
    """Return Markdown as HTML. HTML within it is shown as text; blocks of code can be copied and scrolled by keys."""
    markdown = MarkdownIt("commonmark", {"html": False})
    tokens = markdown.parse(text)
    for token in tokens:
        if token.type == "fence":
            token.attrSet("data-copyable", "")
    html = markdown.renderer.render(tokens, markdown.options, {}).replace("<pre>", '<pre tabindex="0">')
    return Markup(html)  # noqa: S704 - markdown-it escapes all text


def guide_page(document: Any) -> dict[str, Any]:
    """Return what the page of a guide shows besides its document."""
    return {"body": as_html(document["text"])}
