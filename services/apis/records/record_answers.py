"""The answer to a search of the records, made from the records themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from config.errors import InvalidParameter
from config.vocabulary import GEOJSON, HTML, JSON
from records.documents.presentation import RECORDS_PATH, served
from records.search import search
from records.search.parameters import parse_integer
from records.search.suggestions import DEFAULT_SUGGESTIONS, MAX_SUGGESTIONS, suggest
from services.access.policy import restriction
from services.apis.records.titles import TITLES
from services.web.documents.titles import TITLES as SHARED_TITLES
from services.web.links import Link, link

if TYPE_CHECKING:
    from records.search.facets import Facet
    from records.search.parameters import RecordQuery
    from services.web.context import Context

FACET: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "property", "buckets", "more"],
    "properties": {
        "type": {"type": "string", "enum": ["term"]},
        "property": {"type": "string"},
        "estimated": {"type": "boolean", "description": "True where the counts are those of a sample, scaled up."},
        "buckets": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["value", "count"],
                "properties": {"value": {"type": "string"}, "count": {"type": "integer", "minimum": 0}},
            },
        },
        "more": {"type": "boolean", "description": "Whether there are other values."},
    },
}
"""The schema of a facet (draft OGC 25-013, 7.3)."""

FACETS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["facets", "links"],
    "properties": {
        "facets": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["type", "property"],
                "properties": {
                    "type": {"type": "string", "enum": ["term"]},
                    "property": {"type": "string"},
                    "bucketCount": {"type": "integer", "description": "Values that are counted by default."},
                    "sortedBy": {"type": "string", "description": "The order of the values by default."},
                },
            },
        },
        "links": {"type": "array", "items": {"type": "object"}},
    },
}
"""The schema of the facets that there are."""

SUGGESTIONS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["suggestions"],
    "properties": {
        "suggestions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["value", "type"],
                "properties": {
                    "value": {"type": "string"},
                    "type": {"type": "string", "enum": ["keyword", "title"]},
                    "id": {"type": "string", "description": "Of the record that has the title."},
                },
            },
        }
    },
}
"""The schema of suggestions."""


def answer_to(
    context: Context, query: RecordQuery, values: dict[str, str], language: str
) -> tuple[dict[str, Any], str]:
    """Return the feature collection that answers a search, and the languages of its records.

    Args:
        context: Of the application.
        query: What is asked for.
        values: The parameters that said so, which links repeat.
        language: Of the texts.
    """
    page = search.search(context.catalogue.repository.engine, query)
    features = [_feature(context, found, language) for found in page.records]
    number = "numberMatched" if page.is_exact else "numberMatchedEstimate"
    document: dict[str, Any] = {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        number: page.matched,
        "numberReturned": len(features),
        "features": features,
        "links": page_links(context.settings.base_url, page, values),
    }
    if query.facets:
        document["facets"] = {facet.name: _facet(facet, is_exact=page.is_exact) for facet in page.facets}
    languages = sorted({feature["properties"]["language"]["code"] for feature in features})
    return document, ", ".join(languages)


def suggested(context: Context, values: dict[str, str], language: str) -> dict[str, Any]:
    """Return the suggestions for checked parameters; raises InvalidParameter."""
    if "q" not in values:
        raise InvalidParameter("q", "", "give what was typed, such as q=冰川")
    limit = DEFAULT_SUGGESTIONS
    if "limit" in values:
        limit = parse_integer("limit", values["limit"], low=1, high=MAX_SUGGESTIONS)
    found = suggest(context.catalogue.repository.engine, values["q"], limit=limit, language=language)
    shown = [{"value": s.value, "type": s.kind} | ({"id": s.record_id} if s.record_id else {}) for s in found]
    return {"suggestions": shown}


def _feature(context: Context, found: search.Found, language: str) -> dict[str, Any]:
    dataset = found.dataset
    is_readable = dataset is not None and (context.settings.serve_restricted or restriction(dataset) is None)
    return served(
        found.document,
        language,
        base_url=context.settings.base_url,
        created=found.created,
        updated=found.updated,
        dataset=dataset,
        readable=is_readable,
    )


def _facet(facet: Facet, *, is_exact: bool) -> dict[str, Any]:
    buckets = [{"value": value, "count": number} for value, number in facet.buckets]
    found = {"type": "term", "property": facet.property, "buckets": buckets, "more": facet.more}
    return found if is_exact else found | {"estimated": True}


def page_links(base_url: str, page: search.Page, values: dict[str, str]) -> list[Link]:
    """Links of a page: every parameter is kept but the format, which an alternate names."""
    here = f"{base_url}{RECORDS_PATH}"
    kept = {name: value for name, value in values.items() if name not in ("f", "offset", "cursor")}
    place = {name: value for name, value in values.items() if name in ("offset", "cursor")}

    def at(asked: dict[str, str]) -> str:
        return f"{here}/items?{urlencode(asked)}" if asked else f"{here}/items"

    links = [
        link("self", at({**kept, **place}), GEOJSON, title=TITLES.phrase("page")),
        link("alternate", at({**kept, **place, "f": "html"}), HTML, title=TITLES.phrase("page_for_people")),
        link("collection", here, JSON, title=TITLES.phrase("catalogue")),
    ]
    if page.next is not None:
        links.append(link("next", at({**kept, "cursor": page.next}), GEOJSON, title=SHARED_TITLES.phrase("next_page")))
    if page.previous is not None:
        links.append(
            link("prev", at({**kept, "cursor": page.previous}), GEOJSON, title=SHARED_TITLES.phrase("previous_page"))
        )
    return links
