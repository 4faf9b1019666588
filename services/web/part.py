"""One standard as a part of the service: everything that the shared documents need to know of it.

Each package in `services.apis` describes itself by one `PART`; `services.front.parts` lists them. The landing page, the
conformance classes, the collections and the API description iterate over that list, so a new standard is a new package
and one line there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import APIRouter, Request

from records.documents.data_links import DataLinks
from services.web.dependencies import inline

if TYPE_CHECKING:
    from config.settings import Settings
    from records.datasets.models import Dataset
    from records.documents.data_links import DataLinker
    from services.web.context import Context
    from services.web.links import Link


def _no_links(*_: object) -> Sequence[Link]:
    return ()


def _no_members(*_: object) -> dict[str, Any]:
    return {}


def _nothing(*_: object) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class CatalogueCollection:
    """A collection that holds no dataset: it stands in the list of collections before those of the datasets.

    Attributes:
        id: Its id, which no dataset may have.
        titles: Its title by language.
        document: (context, links of the catalogue in other protocols, language) -> its collection document.
    """

    id: str
    titles: Mapping[str, str]
    document: Callable[[Context, Sequence[Link], str], dict[str, Any]]

    def matches(self, q: str | None) -> bool:
        """Whether its id or a title contains a text, without regard to case; true without a text."""
        return not q or any(q.casefold() in text.casefold() for text in (self.id, *self.titles.values()))


@dataclass(frozen=True, kw_only=True)
class Part:
    """A standard that the service offers. Functions of links and members take (dataset, base URL).

    Attributes:
        name: What operators call it.
        routers: Creates its routers, with full paths; called when an application is created. Routes match in order,
            so a path with a fixed segment stands before one with a parameter there.
        conformance: URIs of the conformance classes that `/conformance` declares for it.
        landing_links: (base URL) -> its links on the landing page.
        catalogue_links: (base URL) -> links to the catalogue of records in its protocol, on the landing page and in the
            catalogue's own collection.
        collection_links: Its links in the collection document of every dataset.
        data_links: Its links in the collection document of a dataset whose data the client may read.
        data_members: Further members of that document.
        record_links: (dataset, base URL, language) -> its links in the metadata record of every dataset.
        record_data_links: The same, of a dataset whose data the client may read.
        record_templates: Its link templates there (OGC 20-004r1, 8.4).
        catalogue: The collection of records, of the part that serves it.
        describe: Completes the OpenAPI document, in place, with what FastAPI does not derive from the routes.
        planner: Plans its tiles before their first request passes the framework (`services.drawing.tiles.plans`).
        uncrawled: Paths (prefixes, `*` for any text) below which crawlers would find too many pictures and numbers.
    """

    name: str
    routers: Callable[[], Sequence[APIRouter]]
    conformance: tuple[str, ...] = ()
    landing_links: Callable[[str], Sequence[Link]] = _no_links
    catalogue_links: Callable[[str], Sequence[Link]] = _no_links
    collection_links: Callable[[Dataset, str], Sequence[Link]] = _no_links
    data_links: Callable[[Dataset, str], Sequence[Link]] = _no_links
    data_members: Callable[[Dataset, str], dict[str, Any]] = _no_members
    record_links: Callable[[Dataset, str, str], Sequence[Link]] = _no_links
    record_data_links: Callable[[Dataset, str, str], Sequence[Link]] = _no_links
    record_templates: Callable[[Dataset, str, str], Sequence[Link]] = _no_links
    catalogue: CatalogueCollection | None = None
    describe: Callable[[dict[str, Any], Settings], None] = _nothing
    planner: Callable[..., Any] | None = None
    uncrawled: tuple[str, ...] = ()


type Parts = Sequence[Part]


def get_parts(request: Request) -> Parts:
    """Return the parts of the application that serves a request."""
    return cast("Parts", request.app.state.parts)


PartsDep = Annotated[Parts, inline(get_parts)]


def data_linker(parts: Parts) -> DataLinker:
    """Return the function that links metadata records to the services of the parts."""
    record_links = [part.record_links for part in parts if part.record_links is not _no_links]
    data_links = [part.record_data_links for part in parts if part.record_data_links is not _no_links]
    templates = [part.record_templates for part in parts if part.record_templates is not _no_links]

    def link_data(dataset: Dataset, base_url: str, language: str, readable: bool) -> DataLinks:
        place = (dataset, base_url, language)
        links = [link for of_part in record_links for link in of_part(*place)]
        if not readable:
            return DataLinks(links=links)
        return DataLinks(
            links=links + [link for of_part in data_links for link in of_part(*place)],
            templates=[template for of_part in templates for template in of_part(*place)],
        )

    return link_data


def catalogue_links(parts: Parts, base_url: str) -> list[Link]:
    """Return the links to the catalogue of records in every other protocol."""
    return [link for part in parts for link in part.catalogue_links(base_url)]
