"""The query parameters of the records: declared for OpenAPI, and checked as OGC 17-069r4 (7.15.8) demands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.boxes import parse_bbox, parse_numbers
from config.errors import InvalidParameter
from config.settings import LimitSettings
from config.times import require_rfc3339
from config.vocabulary import CRS84_URI
from records.documents.crs import CRS_URIS, box_in_degrees, filter_in_degrees
from records.documents.queryables import QUERYABLES, sortables
from records.exports.registry import EXPORTS
from records.search import cql2
from records.search.facets import MAX_BUCKETS, NAMES, SORTINGS, parse_facets
from records.search.hints.beginnings import require_beginning
from records.search.hints.suggestions import DEFAULT_SUGGESTIONS, MAX_CHARACTERS, MAX_SUGGESTIONS
from records.search.ordering import MAX_CURSOR_CHARACTERS, read_cursor
from records.search.parameters import (
    DEFAULT_LIMIT,
    MAX_OFFSET,
    RecordQuery,
    parse_integer,
    parse_sortby,
)
from records.search.text import MAX_QUERY_CHARACTERS
from records.search.text.wording import MAX_CHARACTERS as MAX_CHARACTERS_OF_WORDS
from records.search.text.wording import Synonyms, split_beginning, texts_of
from services.web.crs import parse_crs
from services.web.query_checks import checked_names, require_single
from services.web.transfer.preconditions import STORED

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

    from config.boxes import Box

CQL2_JSON: Final = "cql2-json"
FILTER_LANGUAGES: Final = ("cql2-text", CQL2_JSON)

_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": {"type": "string"}}


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "required": False,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


NEGOTIATION: Final = [
    _parameter("f", _TEXT, "Format: json, geojson or html. Absent: by the Accept header."),
    _parameter("lang", _TEXT, "Language: en or zh. Absent: by Accept-Language."),
]

_CRS: Final = {"type": "string", "format": "uri", "enum": list(CRS_URIS), "default": CRS84_URI}
_ANSWERED_CRS: Final = _parameter("crs", _CRS, "CRS of the geometries of the answer, whose axis order they have.")

RECORD_NEGOTIATION: Final = [
    _parameter(
        "f", _TEXT, f"Format: json, geojson, html, {STORED} (for editing), {', '.join(EXPORTS)}. Absent: by Accept."
    ),
    NEGOTIATION[1],
    _ANSWERED_CRS,
]
"""Parameters of one record."""

_MOST: Final = LimitSettings.model_fields["items"].default

_SEARCH: Final = [
    _parameter(
        "q",
        {"type": "array", "items": {"type": "string", "maxLength": MAX_QUERY_CHARACTERS}},
        "Words to find. A comma separates alternatives, a blank joins the words of a phrase; case is ignored.",
    ),
    _parameter(
        "words",
        {"type": "string", "maxLength": MAX_CHARACTERS_OF_WORDS},
        "Words that a record must all have, as people type them: quotes hold a phrase, and other names of the same "
        "thing are found too (SST, \u6d77\u6e29). A star after the last word finds titles and keywords that begin so.",
    ),
    _parameter(
        "bbox",
        {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        "west,south,east,north in degrees (CRS84) that a record's geometry meets; west > east crosses 180 degrees.",
    ),
    _parameter("bbox-crs", _CRS, "CRS of the numbers of bbox, in its axis order."),
    _ANSWERED_CRS,
    _parameter(
        "datetime", _TEXT, "A time of RFC 3339, or two with a slash between, .. for an open end, that it meets."
    ),
    _parameter("ids", _TEXTS, "Identifiers of records."),
    _parameter(
        "sortby",
        # 20-004r1, /req/sorting/sortby-definition
        {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "[+|-]?[A-Za-z_].*"}},
        f"Properties to sort by, with - before one in descending order: {', '.join(sortables())}.",
    ),
    _parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": _MOST, "default": DEFAULT_LIMIT},
        "Most records of the answer; a larger number is taken for the maximum.",
    ),
    _parameter(
        "offset", {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}, "Records before the first."
    ),
    _parameter(
        "cursor",
        {"type": "string", "maxLength": MAX_CURSOR_CHARACTERS},
        "The place where the page begins, from the next and prev links of an answer.",
    ),
    _parameter(
        "facets",
        # draft 25-013, /req/advanced/query_facets_definition
        {
            "type": "array",
            "items": {
                "type": "string",
                "pattern": "[A-Za-z_]+(:[0-9]*(:(value_asc|value_desc|count_asc|count_desc)?)?)?",
            },
        },
        f"Properties whose values are counted, each as name:count:order with up to {MAX_BUCKETS} values. "
        f"Names: {', '.join(NAMES)}. Orders: {', '.join(SORTINGS)}.",
    ),
]

_FILTER: Final = [
    _parameter(
        "filter",
        {"type": "string", "maxLength": cql2.MAX_TEXT_CHARACTERS},
        "A CQL2 filter, such as title LIKE '%ice%' AND T_AFTER(time, DATE('2010-01-01')); POST a long one as JSON.",
    ),
    _parameter(
        "filter-lang",
        {"type": "string", "enum": list(FILTER_LANGUAGES), "default": FILTER_LANGUAGES[0]},
        "Language of the filter.",
    ),
    _parameter(
        "filter-crs",
        _CRS,
        "CRS of the filter's geometries.",
    ),
]

MAX_TYPE_CHARACTERS: Final = 64
"""Characters of one value of `type` (20-004r1, /req/record-core-query-parameters/type-definition)."""
_EQUAL: Final = {
    "type": {"type": "array", "items": {"type": "string", "maxLength": MAX_TYPE_CHARACTERS}},
    "keywords": _TEXTS,
    "externalIds": _TEXTS,
}

_PROPERTIES: Final = [
    # equality is with one of these strings, also where the property holds several
    _parameter(name, _EQUAL.get(name, _TEXT), f"{schema['title']}.")
    for name, schema in QUERYABLES.items()
]

ITEMS: Final = [*_SEARCH, *_FILTER, *_PROPERTIES, *NEGOTIATION]
"""Parameters of the search."""

POSTED: Final = [parameter for parameter in ITEMS if parameter["name"] != "filter"]
"""Parameters of a search whose filter is the request's body."""

SUGGEST: Final = [
    {
        **_parameter("q", {"type": "string", "maxLength": MAX_CHARACTERS}, "The text typed so far."),
        "required": True,
    },
    _parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_SUGGESTIONS, "default": DEFAULT_SUGGESTIONS},
        "Most suggestions.",
    ),
    *NEGOTIATION,
]
"""Parameters of the suggestions."""

_EQUALITIES: Final = ("ids", *QUERYABLES)


def checked_parameters(query: QueryParams, declarations: list[dict[str, Any]]) -> dict[str, str]:
    """The parameters by name; raises InvalidInput for one that is not declared or is given twice."""
    values = checked_names(query.multi_items(), [declaration["name"] for declaration in declarations])
    require_single(values)
    return {name: texts[0] for name, texts in values.items()}


def record_query(values: dict[str, str], *, most: int, synonyms: Synonyms) -> RecordQuery:
    """The search of checked parameters, with at most `most` records a page; raises InvalidParameter."""
    _require_types(values.get("type", ""))
    limit = parse_integer("limit", values["limit"], low=1) if "limit" in values else DEFAULT_LIMIT
    words, begun = split_beginning(values.get("words", ""))
    if begun:
        require_beginning(begun)
    query = RecordQuery(
        q=values.get("q") or None,
        words=texts_of(words, synonyms),
        begun=begun,
        bbox=_box(values),
        datetime=_datetime(values),
        filter=_filter(values),
        equal=tuple((name, values[name]) for name in _EQUALITIES if name in values),
        sortby=parse_sortby(values["sortby"], sortables()) if "sortby" in values else (),
        limit=min(limit, most),
        offset=parse_integer("offset", values["offset"], low=0, high=MAX_OFFSET) if "offset" in values else 0,
        cursor=values.get("cursor"),
        facets=parse_facets(values.get("facets", "")),
    )
    if query.cursor is not None:
        if "offset" in values:
            raise InvalidParameter(
                "offset", values["offset"], "a cursor says where the page begins; leave one of the two out"
            )
        read_cursor(query, query.cursor)
    return query


def _require_types(text: str) -> None:
    longest = max(text.split(","), key=len)
    if len(longest) > MAX_TYPE_CHARACTERS:
        raise InvalidParameter("type", longest, f"a type has at most {MAX_TYPE_CHARACTERS} characters")


def crs_of(values: dict[str, str], name: str = "crs") -> str:
    """The URI of a CRS that a parameter names, CRS84 without it; raises InvalidParameter."""
    if name not in values:
        return CRS84_URI
    uri = parse_crs(values[name], name=name).uri
    if uri not in CRS_URIS:
        raise InvalidParameter(name, values[name], f"choose one of {', '.join(CRS_URIS)}")
    return uri


def _box(values: dict[str, str]) -> Box | None:
    """The box in degrees; raises InvalidParameter."""
    uri = crs_of(values, "bbox-crs")
    if "bbox" not in values:
        return None
    if uri == CRS84_URI:
        return parse_bbox(values["bbox"])
    numbers = parse_numbers(values["bbox"])
    half = len(numbers) // 2
    degrees = box_in_degrees([*numbers[:2], *numbers[half : half + 2]], uri)
    return parse_bbox(",".join(map(repr, degrees)))


def _datetime(values: dict[str, str]) -> str | None:
    text = values.get("datetime")
    if text is not None:
        require_rfc3339(text)
    return text


def _filter(values: dict[str, str]) -> cql2.Node:
    """The filter of checked parameters in its JSON encoding, or None; raises InvalidParameter."""
    language, crs = values.get("filter-lang", FILTER_LANGUAGES[0]), crs_of(values, "filter-crs")
    if language not in FILTER_LANGUAGES:
        raise InvalidParameter("filter-lang", language, f"there are {' and '.join(FILTER_LANGUAGES)}")
    text = values.get("filter")
    if text is None:
        return None
    node = cql2.from_json(text) if language == CQL2_JSON else cql2.from_text(text)
    return filter_in_degrees(node, crs)
