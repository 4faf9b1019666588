"""The styles of a collection's variables: their list, a document of each, and its legend."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from config.errors import InvalidParameter
from config.times import parse_datetime
from config.vocabulary import HTML, JSON, PNG, REL, SVG
from records.datasets.models import Dataset, Style, Variable, text_in
from services.access.decision import decide
from services.access.principal import Principal
from services.access.visit import VisitDep
from services.apis.styles.stylesheets import (
    ENCODINGS,
    SLD,
    SLD10,
    SLD11,
    StyleEncoding,
    StyleSubject,
    metadata,
    stylesheet,
    stylesheet_links,
)
from services.apis.styles.titles import TITLES
from services.drawing import expressions
from services.drawing.legends.fonts import system_fonts
from services.drawing.legends.legend import Legend, OwnDrawing, legend_of, to_json
from services.drawing.legends.legend_layout import MAX_SIZE, MIN_SIZE, LegendOptions, Orientation
from services.drawing.legends.legend_png import to_png
from services.drawing.legends.legend_svg import to_svg
from services.drawing.rendering import ColorMap
from services.drawing.styles import style_of
from services.parameters.drawing import RenderParams, own_colormap
from services.parameters.granules import StyleId
from services.web.context import Context
from services.web.dependencies import inline
from services.web.documents.answers import Answer, AnswerDep
from services.web.links import Link, link, ogc_links, representations
from services.web.negotiation import VARY, Language, Offer, accept_of, asked_language, bare, choose, offers
from services.web.parameters import KNOWN

router = APIRouter(tags=["Styles"], dependencies=[KNOWN])

_FORMATS: Final = {"json": JSON, "png": PNG, "svg": SVG, "html": HTML, JSON: JSON, PNG: PNG, SVG: SVG, HTML: HTML}
_OFFERS: Final = offers({media_type: media_type for media_type in (JSON, HTML, PNG, SVG)})
_STYLES: Final[dict[str, StyleEncoding | str]] = {
    "json": JSON,
    "html": HTML,
    JSON: JSON,
    HTML: HTML,
    **ENCODINGS,
    **{entry.media_type: entry for entry in ENCODINGS.values()},
    SLD: ENCODINGS["sld"],
}
_STYLE_OFFERS: Final[tuple[Offer[StyleEncoding | str], ...]] = (
    *(Offer(media_type=text, format=text) for text in (JSON, HTML)),
    *(
        Offer(media_type=bare(entry.media_type), format=entry, by_range=False)
        for entry in ENCODINGS.values()
        if entry.media_type != SLD11
    ),
)
_C = "/collections/{collectionId}/styles"
_CACHE = "public, max-age=60"
FALLBACK: Final = "Graticule-Legend-Language"
"""The header by which a picture says that it is in another language than was asked for, since a font is missing."""

VariableQuery = Annotated[str | None, Query(max_length=200, description="A variable; absent: the first.")]
_Size = Annotated[
    int | None, Query(ge=MIN_SIZE, le=MAX_SIZE, description="Pixels of the picture; absent: what it needs.")
]


@router.get(_C, operation_id=".collection.getStyles")
def styles(visit: VisitDep, answer: AnswerDep, variable: VariableQuery = None) -> Response:
    """The styles of one variable, or of the first one."""
    dataset = visit.describable()
    subject = dataset.variable(variable)
    base = f"{visit.base_url}/collections/{dataset.id}/styles"
    own = {"variable": variable} if variable else {}
    language = answer.language
    document = {
        "default": style_of(subject, None).id,
        "variable": subject.id,
        "styles": [
            _entry(visit.context, visit.principal, dataset, subject, style, language=language)
            for style in subject.styles
        ],
        "links": representations(base, query=own),
    }
    return answer(document, "styles")


def _style_representation(
    request: Request,
    _f: Annotated[
        str | None,
        Query(alias="f", description="json, html, sld, sld11, qml, maplibre, or a media type. Absent: by Accept."),
    ] = None,
    _lang: Annotated[str | None, Query(alias="lang", description="Language: en or zh.")] = None,
) -> StyleEncoding | str:
    """The encoding of a style, or the media type of its document; raises InvalidParameter."""
    accept = accept_of(request.headers)
    asked = request.query_params.getlist("f")
    representation: StyleEncoding | str = choose(asked, accept, names=_STYLES, offers=_STYLE_OFFERS, default=JSON)
    is_newer = (
        isinstance(representation, StyleEncoding) and representation.media_type == SLD10 and "version=1.1" in accept
    )
    return ENCODINGS["sld11"] if is_newer and not any(asked) else representation


StyleRepresentationDep = Annotated[StyleEncoding | str, inline(_style_representation)]


@router.get(
    _C + "/{styleId}",
    operation_id=".collection.getStyle",
    response_class=Response,
    responses={200: {"description": "The style.", "content": {entry.media_type: {} for entry in ENCODINGS.values()}}},
)
def style_document(
    visit: VisitDep, styleId: StyleId, representation: StyleRepresentationDep, variable: VariableQuery = None
) -> Response:
    """A style: its colours with their meaning, or the style in a language of styles."""
    dataset = visit.describable()
    return answer_style(
        visit.request, visit.context, visit.principal, subject_of(dataset, variable, styleId), representation
    )


@router.get(_C + "/{styleId}/metadata", operation_id=".collection.getStyleMetadata")
def style_metadata(visit: VisitDep, styleId: StyleId, answer: AnswerDep, variable: VariableQuery = None) -> Response:
    """What there is to know of a style: its encodings, and the layer that it is made for."""
    dataset = visit.describable()
    return answer_metadata(visit.context, visit.principal, subject_of(dataset, variable, styleId), answer)


def subject_of(dataset: Dataset, variable_id: str | None, style_id: str) -> StyleSubject:
    """A style of a dataset; raises VariableNotFound or StyleNotFound."""
    variable = dataset.variable(variable_id)
    return StyleSubject(dataset=dataset, variable=variable, style=style_of(variable, style_id))


def answer_style(
    request: Request, context: Context, principal: Principal, subject: StyleSubject, representation: StyleEncoding | str
) -> Response:
    """Answer a style as its document, or in an encoding."""
    answer = Answer.to(request, dict.fromkeys(_STYLES, "html" if representation == HTML else "json"))
    if isinstance(representation, StyleEncoding):
        return stylesheet(context, principal, subject, representation, answer.language)
    legend = to_json(legend_of(subject.variable, subject.style), language=answer.language)
    document = {
        **_entry(context, principal, subject.dataset, subject.variable, subject.style, language=answer.language),
        "variable": subject.variable.id,
        "legend": {name: value for name, value in legend.items() if name not in ("variable", "style")},
    }
    return answer(document, "style")


def answer_metadata(context: Context, principal: Principal, subject: StyleSubject, answer: Answer) -> Response:
    """Answer the metadata of a style."""
    base_url = context.settings.base_url
    readable = decide(principal, subject.dataset, "read", context.settings).allowed
    here, own = f"{subject.url(base_url)}/metadata", {"variable": subject.variable.id}
    links = [
        *representations(here, query=own),
        *legend_links(base_url, subject.dataset, subject.variable, subject.style)[1:2],
    ]
    return answer(metadata(base_url, subject, answer.language, readable=readable) | {"links": links})


def _own(
    colors: Annotated[ColorMap | None, inline(own_colormap)],
    request: Request,
    rescale: Annotated[
        list[str] | None, Query(max_length=4, description="low,high of the legend; absent: those of the style.")
    ] = None,
    color_scale: Annotated[
        Literal["linear", "log"] | None, Query(description="linear or log; absent: that of the style in its range.")
    ] = None,
    expression: Annotated[str | None, Query(description="The band arithmetic that is drawn, such as b1*2.")] = None,
) -> OwnDrawing:
    """The rendering parameters of titiler, as far as one legend can show them; raises InvalidParameter."""
    ranges = RenderParams(rescale=rescale).ranges or []
    if len(ranges) > 1:
        raise InvalidParameter("rescale", rescale, "a legend has one range")
    if expression is not None:
        expressions.check(expression)
        if ";" in expression.strip(";"):
            raise InvalidParameter("expression", expression, "several blocks make true colour, which has no legend")
    name = request.query_params.get("colormap_name")
    return OwnDrawing(
        range=ranges[0] if ranges else None, colors=colors, colormap=name, expression=expression, scale=color_scale
    )


@dataclass(frozen=True, kw_only=True)
class LegendRequest:
    """The representation of a legend: its media type, and the layout of a picture."""

    media_type: str
    options: LegendOptions


def _legend_request(
    request: Request,
    orientation: Annotated[Orientation, Query(description="How a picture runs.")] = "horizontal",
    width: _Size = None,
    height: _Size = None,
    transparent: Annotated[bool, Query(description="No white ground behind a picture.")] = False,
    _f: Annotated[
        str | None, Query(alias="f", description="Format: json, png or svg. Absent: by Accept, else JSON.")
    ] = None,
    _lang: Annotated[
        str | None, Query(alias="lang", description="Language: en or zh. Absent: by Accept-Language.")
    ] = None,
    datetime: Annotated[
        str | None,
        Query(max_length=200, description="A time or an interval, as of maps; legends are the same for all."),
    ] = None,
) -> LegendRequest:
    query = request.query_params
    if datetime is not None:
        parse_datetime(datetime)
    language = asked_language(query.getlist("lang"), request.headers.get("accept-language", ""))
    return LegendRequest(
        media_type=choose(query.getlist("f"), accept_of(request.headers), names=_FORMATS, offers=_OFFERS, default=JSON),
        options=LegendOptions(
            language=language, orientation=orientation, width=width, height=height, transparent=transparent
        ),
    )


@router.get(
    _C + "/{styleId}/legend",
    operation_id=".collection.style.getLegend",
    response_class=Response,
    responses={200: {"description": "The legend.", "content": {JSON: {}, PNG: {}, SVG: {}}}},
)
def get_legend(
    visit: VisitDep,
    styleId: StyleId,
    own: Annotated[OwnDrawing, inline(_own)],
    representation: Annotated[LegendRequest, inline(_legend_request)],
    variable: VariableQuery = None,
) -> Response:
    """The meaning of a style's colours: stops or classes with their colours, names and unit, or a drawing of them."""
    subject = visit.describable().variable(variable)
    legend = legend_of(subject, style_of(subject, styleId), own)
    if representation.media_type == HTML:
        return Answer.to(visit.request, dict.fromkeys(_FORMATS, "html"))(
            to_json(legend, language=representation.options.language)
        )
    answer = encode(legend, representation)
    answer.headers["ETag"] = f'"{hashlib.sha256(answer.body).hexdigest()[:24]}"'
    if answer.headers["ETag"] in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={k: v for k, v in answer.headers.items() if k != "content-length"})
    return answer


def encode(legend: Legend, representation: LegendRequest) -> Response:
    """Encode a legend in the format of the request."""
    options = representation.options
    headers = {"Vary": VARY, "Content-Language": options.language, "Cache-Control": _CACHE}
    if representation.media_type == SVG:
        return Response(to_svg(legend, options), media_type=SVG, headers=headers)
    if representation.media_type == PNG:
        picture = to_png(legend, options, system_fonts())
        if picture.language != options.language:
            headers |= {"Content-Language": picture.language, FALLBACK: f"{picture.language}; no font for the letters"}
        return Response(picture.content, media_type=PNG, headers=headers)
    body = orjson.dumps(to_json(legend, language=options.language))
    return Response(body, media_type=JSON, headers=headers)


def legend_links(base_url: str, dataset: Dataset, variable: Variable, style: Style) -> list[Link]:
    """Links to the legend of a style in each format."""
    here = f"{base_url}/collections/{dataset.id}/styles/{style.id}/legend"
    own = {"variable": variable.id}
    return [
        link(
            REL + "legend",
            f"{here}{_suffix(own | {'f': name})}",
            _FORMATS[name],
            title=TITLES.phrase("legend", format=name.upper()),
        )
        for name in ("json", "png", "svg")
    ]


def _entry(
    context: Context, principal: Principal, dataset: Dataset, variable: Variable, style: Style, *, language: Language
) -> dict[str, Any]:
    """A style in the list; its tiles and its map are linked only if the principal may read the data."""
    base = f"{context.settings.base_url}/collections/{dataset.id}/styles/{style.id}"
    own = {"variable": variable.id}
    subject = StyleSubject(dataset=dataset, variable=variable, style=style)
    readable = decide(principal, dataset, "read", context.settings).allowed
    drawings = [
        link(REL + "tilesets-map", f"{base}/map/tiles{_suffix(own)}"),
        *ogc_links("map", f"{base}/map{_suffix(own)}", PNG),
    ]
    return {
        "id": style.id,
        "title": text_in(style.title, language) or style.id,
        "colormap": style.colormap,
        "range": list(style.range) if style.range else None,
        "scale": style.scale,
        "links": [
            *representations(base, query=own),
            *legend_links(context.settings.base_url, dataset, variable, style),
            *stylesheet_links(context.settings.base_url, subject, readable=readable),
            link("describedby", f"{base}/metadata{_suffix(own)}", JSON, title=TITLES.phrase("metadata")),
            *(drawings if readable else ()),
        ],
    }


def _suffix(parameters: Mapping[str, str]) -> str:
    return "?" + urlencode(parameters) if parameters else ""
