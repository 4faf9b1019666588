"""The answers to searches and to suggestions of the records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from config.errors import CollectionNotFound, InvalidParameter
from config.vocabulary import CRS84_URI, GEOJSON, HTML, JSON
from records.documents.crs import in_crs
from records.documents.presentation import PROFILE, RECORDS_PATH, profile_link, served
from records.search import search
from records.search.concepts import concept_titles
from records.search.hints.suggestions import DEFAULT_SUGGESTIONS, MAX_SUGGESTIONS, suggest
from records.search.parameters import parse_integer
from services.access.decision import decide
from services.apis.records.titles import TITLES
from services.web.documents.pictures import thumbnail
from services.web.documents.titles import TITLES as SHARED_TITLES
from services.web.links import Link, link

if TYPE_CHECKING:
    from records.search.facets import Facet
    from records.search.parameters import RecordQuery
    from services.access.principal import Principal
    from services.web.context import Context


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """The query parameters of a search, which links repeat, and media type and CRS of its answer."""

    parameters: dict[str, str]
    media_type: str = GEOJSON
    crs: str = CRS84_URI


def search_page(
    context: Context, principal: Principal, query: RecordQuery, asked: PageRequest, language: str
) -> tuple[dict[str, Any], str]:
    """The feature collection that answers a search, and the languages of its records.

    Args:
        context: The parts of the application.
        principal: Sender of the request; data that it may not read is not linked.
        query: The search.
        asked: What it was made from.
        language: Language tag of the texts.
    """
    page = search.search(context.catalogue.repository.engine, query)
    features = [_feature(context, principal, record, language) for record in page.records]
    for feature in features:
        feature["geometry"] = in_crs(feature["geometry"], asked.crs)
    number = "numberMatched" if page.is_exact else "numberMatchedEstimate"
    document: dict[str, Any] = {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        number: page.matched,
        "numberReturned": len(features),
        "features": features,
        "links": page_links(context.settings.base_url, page, asked),
    }
    if query.facets:
        document["facets"] = {facet.name: _facet(facet, is_exact=page.is_exact) for facet in page.facets}
    languages = sorted({feature["properties"]["language"]["code"] for feature in features})
    return document, ", ".join(languages)


def suggestions(context: Context, principal: Principal, parameters: dict[str, str], language: str) -> dict[str, Any]:
    """The suggestions for checked query parameters; raises InvalidParameter.

    A title with data that the principal may read has a `thumbnail`, the path of a small picture of it.
    """
    if "q" not in parameters:
        raise InvalidParameter("q", "", "give the beginning of a word, such as q=冰川")
    limit = DEFAULT_SUGGESTIONS
    if "limit" in parameters:
        limit = parse_integer("limit", parameters["limit"], low=1, high=MAX_SUGGESTIONS)
    matches = suggest(context.catalogue.repository.engine, parameters["q"], limit=limit, language=language)
    members = [
        {"value": s.value, "type": s.kind}
        | ({"id": s.record_id, **_thumbnail(context, principal, s.record_id)} if s.record_id else {})
        for s in matches
    ]
    return {"suggestions": members}


def _thumbnail(context: Context, principal: Principal, record_id: str) -> dict[str, str]:
    picture = _picture(context, principal, record_id)
    return {"thumbnail": picture} if picture else {}


def pictures(context: Context, principal: Principal, document: dict[str, Any]) -> dict[str, str]:
    """The paths of small pictures of the records of a page, by id: of those with data that the principal may read."""
    with_data = [f["id"] for f in document["features"] if any(link["rel"] == "data" for link in f.get("links", ()))]
    pairs = ((id_, _picture(context, principal, id_)) for id_ in with_data)
    return {id_: picture for id_, picture in pairs if picture}


def theme_titles(context: Context, document: dict[str, Any], language: str) -> dict[str, str]:
    """The titles of the themes that a page's facets count, by their codes."""
    facets = [member for member in document.get("facets", {}).values() if member["property"] == "themes"]
    codes = [bucket["value"] for facet in facets for bucket in facet["buckets"]]
    return concept_titles(context.catalogue.repository.engine, codes, language)


def _picture(context: Context, principal: Principal, record_id: str) -> str | None:
    """The path of a small picture of a record's dataset; None without one, and for who may not read its data."""
    try:
        dataset = context.catalogue.dataset(record_id)
    except CollectionNotFound:
        return None
    if not decide(principal, dataset, "read", context.settings).allowed:
        return None
    return thumbnail(dataset, context.settings.base_url)


def _feature(context: Context, principal: Principal, record: search.Found, language: str) -> dict[str, Any]:
    return served(
        record.document,
        language,
        base_url=context.settings.base_url,
        created=record.created,
        updated=record.updated,
        dataset=record.dataset,
        readable=decide(principal, record.dataset, "read", context.settings).allowed,
        link_data=context.link_data,
    )


def _facet(facet: Facet, *, is_exact: bool) -> dict[str, Any]:
    buckets = [{"value": value, "count": number} for value, number in facet.buckets]
    member = {"type": "term", "property": facet.property, "buckets": buckets, "more": facet.more}
    return member if is_exact else member | {"estimated": True}


def page_links(base_url: str, page: search.Page, asked: PageRequest) -> list[Link]:
    """Links of a page: each repeats every parameter except the format, which an alternate names."""
    here, parameters = f"{base_url}{RECORDS_PATH}", asked.parameters
    criteria = {name: value for name, value in parameters.items() if name not in ("f", "offset", "cursor")}
    place = {name: value for name, value in parameters.items() if name in ("offset", "cursor")}

    def url(query: dict[str, str]) -> str:
        return f"{here}/items?{urlencode(query)}" if query else f"{here}/items"

    links = [
        link("self", url({**criteria, **place}), asked.media_type, title=TITLES.phrase("page")),
        link("alternate", url({**criteria, **place, "f": "html"}), HTML, title=TITLES.phrase("page_for_people")),
        link("collection", here, JSON, title=TITLES.phrase("catalogue")),
        profile_link(PROFILE),
    ]
    if page.next is not None:
        title = SHARED_TITLES.phrase("next_page")
        links.append(link("next", url({**criteria, "cursor": page.next}), GEOJSON, title=title))
    if page.previous is not None:
        title = SHARED_TITLES.phrase("previous_page")
        links.append(link("prev", url({**criteria, "cursor": page.previous}), GEOJSON, title=title))
    return links
