"""Which representation a client wants: its format by `f` or Accept, its language by `lang` or Accept-Language.

JSON answers everyone who does not prefer HTML: QGIS, GDAL, OWSLib and the official test suites send `*/*`,
`application/json` or nothing. HTML answers `f=html`, and an Accept header that puts text/html above JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, cast, get_args

from fastapi import Query, Request

from config.errors import InvalidParameter
from config.vocabulary import HTML, JSON
from services.web.dependencies import inline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.datastructures import Headers

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


@dataclass(frozen=True, kw_only=True)
class Offer[T]:
    """A representation that an Accept header may ask for.

    Attributes:
        media_type: Its type, without parameters.
        format: What it is to the route.
        by_range: Whether `*/*` and the like ask for it too, and not its name alone.
    """

    media_type: str
    format: T
    by_range: bool = True


def offers[T](formats: Mapping[str, T]) -> tuple[Offer[T], ...]:
    """An offer for each media type, whose parameters do not count; the first is preferred among equals."""
    return tuple(Offer(media_type=bare(media_type), format=format_) for media_type, format_ in formats.items())


def bare(media_type: str) -> str:
    """A media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def accept_of(headers: Headers) -> str:
    """The Accept header of a request; several are one (RFC 9110, 5.3)."""
    return ", ".join(headers.getlist("accept"))


def choose[T](
    values: Sequence[str], accept: str, *, names: Mapping[str, T], offers: Iterable[Offer[T]], default: T
) -> T:
    """The format to answer with: what `f` says, else what the Accept header wants most, else the default.

    Args:
        values: The values of `f`; see `chosen`.
        accept: The Accept header; see `accept_of`.
        names: What each name and media type means as a value of `f`, in lower case.
        offers: What the header may ask for; the first of equals is taken, and never one of quality 0.
        default: The format for a header that wants none of the offers, or that is absent.

    Raises:
        InvalidParameter: `f` says something else; the message names the choices.
    """
    if any(values):
        return cast("T", chosen("f", values, names))
    return best_offer(accept, offers, default)


def best_offer[T](accept: str, offers: Iterable[Offer[T]], default: T) -> T:
    """The offer that an Accept header wants most, the first of equals; the default if it wants none."""
    ranges = dict(reversed(preferences(accept)))
    best, weight_of_best = default, 0.0
    for offer in offers:
        weight = _quality(ranges, offer)
        if weight > weight_of_best:
            best, weight_of_best = offer.format, weight
    return best


def _quality(ranges: Mapping[str, float], offer: Offer[Any]) -> float:
    """How much an offer is wanted, 0 to 1: the most specific range counts (RFC 9110, 12.5.1)."""
    wider = (offer.media_type.partition("/")[0] + "/*", "*/*") if offer.by_range else ()
    return next((ranges[name] for name in (offer.media_type, *wider) if name in ranges), 0.0)


_PAGE_OR_JSON: Final[tuple[Offer[Format], ...]] = (
    Offer(media_type=JSON, format="json"),
    Offer(media_type=HTML, format="html"),
)


def prefers_html(accept: str) -> bool:
    """Whether an Accept header puts text/html above JSON."""
    return best_offer(accept, _PAGE_OR_JSON, "json") == "html"


def chosen[T](name: str, values: Sequence[str], choices: Mapping[str, T]) -> T | None:
    """What the first value of a repeatable parameter means, None without one; raises InvalidParameter.

    GDAL and others append `f` to URLs that have one already, so that later ones are ignored. A media type may have
    parameters that no choice names.
    """
    value = next((v for v in values if v), None)
    if value is None:
        return None
    key = value.strip().lower().replace("; ", ";")
    if key not in choices and bare(key) not in choices:
        raise InvalidParameter(name, value, "choose one of " + ", ".join(choices))
    return choices[key] if key in choices else choices[bare(key)]


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
    return Asked(
        format=choose(query.getlist("f"), accept_of(headers), names=formats, offers=_PAGE_OR_JSON, default="json"),
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


AskedDep = Annotated[Asked, inline(_negotiated)]
"""The representation asked of a route that answers JSON or HTML; declares `f` and `lang`."""
