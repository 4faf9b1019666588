"""The pages by name: what each template shows besides its document.

A page `name` has the template `name.html`. A page that shows more of its document than the members as they are has a
function here that takes the document apart; what only the route knows, such as a dataset, comes as facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from services.portal.pages.dataset_page import collection_facts
from services.portal.pages.explorer import layer_map_data
from services.portal.pages.facets import facets
from services.portal.pages.forms.search_dates import search_dates
from services.portal.pages.guides import guide_page
from services.portal.pages.operations import operations
from services.portal.pages.outline import outline
from services.portal.pages.records.record_exports import export_view
from services.portal.pages.records.record_search import record_results
from services.portal.pages.records.record_view import record_view
from services.portal.pages.results import result_view
from services.portal.pages.stac_view import catalogue_view, collection_view, item_view, items_view
from services.portal.pages.standards import by_standard
from services.portal.texts.members import member_names
from services.portal.texts.viewer_words import VIEWER_WORDS

if TYPE_CHECKING:
    from services.web.negotiation import Language


@dataclass(frozen=True, kw_only=True)
class PageSource:
    """The source of a page: the document, the query and language of the page, and the facts of the route."""

    document: Any
    query: Mapping[str, str]
    language: Language
    facts: Mapping[str, Any]


def _document(source: PageSource) -> dict[str, Any]:
    return {"outline": outline(source.document)}


def _records(source: PageSource) -> dict[str, Any]:
    return {
        "results": record_results(source.document, source.query),
        "facets": facets(source.document, source.query, source.facts.get("themes")),
        "dates": search_dates(source.query),
    }


def _record(source: PageSource) -> dict[str, Any]:
    return {
        "record": record_view(source.document),
        "exported": export_view(source.document),
        "names": member_names(source.language),
        # all of it is on the page, as 20-004r1 (/req/html/content) wants; the links have a list of their own
        "members": {name: value for name, value in source.document.items() if name != "links"},
    }


def _job(source: PageSource) -> dict[str, Any]:
    result = source.facts.get("result")
    return {"result": None if result is None else result_view(*result)}


def _collection(source: PageSource) -> dict[str, Any]:
    return collection_facts(source.document, language=source.language, **source.facts)


def _map(source: PageSource) -> dict[str, Any]:
    return {"layers": layer_map_data(source.document, source.language)}


def _conformance(source: PageSource) -> dict[str, Any]:
    return {"groups": by_standard(source.document["conformsTo"])}


def _api(source: PageSource) -> dict[str, Any]:
    return {"groups": operations(source.document), "viewer_words": VIEWER_WORDS.get(source.language, {})}


PAGES: Final[Mapping[str, Callable[[PageSource], dict[str, Any]]]] = {
    "document": _document,
    "records": _records,
    "record": _record,
    "job": _job,
    "collection": _collection,
    "embed": _collection,
    "map": _map,
    "guide": lambda source: guide_page(source.document),
    "conformance": _conformance,
    "api": _api,
    "stac_catalogue": lambda source: catalogue_view(source.document),
    "stac_collection": lambda source: collection_view(source.document),
    "stac_items": lambda source: items_view(source.document),
    "stac_item": lambda source: item_view(source.document),
}
"""Functions that return what a page shows besides its document and facts; other pages show those alone."""
