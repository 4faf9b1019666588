"""Which representation a client wants: its format by `f` or Accept, its language by `lang` or Accept-Language.

JSON answers everyone who does not prefer HTML: QGIS, GDAL, OWSLib and the official test suites send `*/*`,
`application/json` or nothing. HTML answers `f=html`, and an Accept header that puts text/html above JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

from fastapi import Query, Request

from config.errors import InvalidParameter
from config.vocabulary import HTML, JSON
from services.web.dependencies import quick

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Format = Literal["json", "html"]
Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

FORMATS: Final[dict[str, Format]] = {"json": "json", "html": "html", JSON: "json", HTML: "html"}
"""What `f` may say: a short name or a media type."""

VARY: Final = "Accept, Accept-Language"

_MAX_RANGES = 64
"""Entries of an Accept header that are read; browsers send eight."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The representation to answer with."""

    format: Format
    language: Language
    said_language: bool = False
    """Whether the URL itself names the language, so that links of its page should too."""

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every negotiated answer."""
        return {"Vary": VARY, "Content-Language": self.language}


def preferences(header: str) -> list[tuple[str, float]]:
    """(value, q) of each entry of an Accept or Accept-Language header; malformed entries are left out."""
    entries = []
    for entry in header.split(",")[:_MAX_RANGES]:
        value, *parameters = (part.strip().lower() for part in entry.split(";"))
        weights = [p[2:].strip() for p in parameters if p.startswith("q=")]
        try:
            weight = float(weights[0]) if weights else 1.0
        except ValueError:
            continue
        if value and 0.0 <= weight <= 1.0:
            entries.append((value, weight))
    return entries


def quality(header: str, media_type: str) -> float:
    """How much an Accept header wants a media type, 0 to 1: its most specific range counts (RFC 9110, 12.5.1)."""
    ranges = dict(reversed(preferences(header)))
    for candidate in (media_type, media_type.split("/", maxsplit=1)[0] + "/*", "*/*"):
        if candidate in ranges:
            return ranges[candidate]
    return 0.0


def prefers_html(accept: str) -> bool:
    """Whether an Accept header puts text/html above JSON."""
    return quality(accept, HTML) > quality(accept, JSON)


def chosen[T](name: str, values: Sequence[str], choices: Mapping[str, T]) -> T | None:
    """What the first value of a repeatable parameter means, None without one; raises InvalidParameter.

    GDAL and others append `f` to URLs that have one already, so that later ones are ignored.
    """
    value = next((v for v in values if v), None)
    if value is None:
        return None
    key = value.strip().lower().replace("; ", ";")
    if key not in choices:
        raise InvalidParameter(name, value, "choose one of " + ", ".join(choices))
    return choices[key]


def asked_language(values: Sequence[str], accept_language: str) -> Language:
    """The language of an answer: `lang` if given (InvalidParameter if unknown), else the best known of the header."""
    language = chosen("lang", [v.split("-")[0] for v in values], {code: code for code in LANGUAGES})
    if language:
        return language
    tags = [(tag.split("-")[0], weight) for tag, weight in preferences(accept_language) if weight > 0]
    ranked = sorted(tags, key=lambda pair: -pair[1])
    return next((code for tag, _ in ranked for code in LANGUAGES if tag == code), "en")


def negotiate(request: Request, formats: Mapping[str, Format] = FORMATS) -> Asked:
    """The representation a request asks for; raises InvalidParameter naming the choices."""
    query, headers = request.query_params, request.headers
    default: Format = "html" if prefers_html(headers.get("accept", "")) else "json"
    return Asked(
        format=chosen("f", query.getlist("f"), formats) or default,
        language=asked_language(query.getlist("lang"), headers.get("accept-language", "")),
        said_language=any(query.getlist("lang")),
    )


def _negotiated(
    request: Request,
    _f: Annotated[
        str | None,
        Query(alias="f", description="Format: json or html. Absent: by the Accept header.", examples=["json"]),
    ] = None,
    _lang: Annotated[
        str | None, Query(alias="lang", description="Language: en or zh. Absent: by Accept-Language.", examples=["zh"])
    ] = None,
) -> Asked:
    return negotiate(request)


AskedDep = Annotated[Asked, quick(_negotiated)]
"""The representation asked of a route that answers JSON or HTML; declares `f` and `lang`."""
