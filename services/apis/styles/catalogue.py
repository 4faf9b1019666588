"""The styles of all collections in one list (OGC API Styles, 20-009): each named `collection.variable.style`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from config.errors import StyleNotFound
from config.vocabulary import JSON
from records.datasets.layer_entries import datasets_named
from records.datasets.models import text_in
from services.access.guards import require_describable
from services.access.principal import PrincipalDep
from services.apis.styles.styles import StyleRepresentationDep, answer_metadata, answer_style, subject_of
from services.apis.styles.stylesheets import StyleSubject, stylesheet_links
from services.apis.styles.titles import TITLES
from services.ows.layers import layers_of
from services.web.context import ContextDep
from services.web.documents.answers import AnswerDep
from services.web.links import PageSpan, link, page_links, representations
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from services.access.principal import Principal
    from services.ows.layer_catalogue import LayerCatalogue
    from services.web.context import Context

router = APIRouter(tags=["Styles"], dependencies=[KNOWN])

_DEFAULT_LIMIT: Final = 100
_MAX_LIMIT: Final = 1000
_NameOfStyle = Annotated[str, Path(max_length=600, description="collection.variable.style, as the list names it.")]
_Limit = Annotated[int, Query(ge=1, le=_MAX_LIMIT, description="Collections whose styles one page holds.")]
_Offset = Annotated[int, Query(ge=0, le=10_000_000, description="Collections before the first one.")]


@router.get("/styles", operation_id="getStyles")
def all_styles(
    request: Request,
    context: ContextDep,
    answer: AnswerDep,
    limit: _Limit = _DEFAULT_LIMIT,
    offset: _Offset = 0,
) -> Response:
    """The styles of all collections, page by page."""
    layers = cast("LayerCatalogue", request.app.state.layers)
    entries = layers.layer_list(context).entries
    names = [entry.dataset_id for entry in entries[offset : offset + limit]]
    datasets = datasets_named(context.catalogue.repository.engine, names)
    subjects = [
        StyleSubject(dataset=dataset, variable=layer.variable, style=style)
        for name in names
        if (dataset := datasets.get(name)) is not None
        for layer in layers_of(dataset)
        for style in layer.styles
    ]
    here = f"{context.settings.base_url}/styles"
    span = PageSpan(offset=offset, limit=limit, shown=len(names), matched=len(entries))
    own = {} if limit == _DEFAULT_LIMIT else {"limit": str(limit)}
    at = own | ({"offset": str(offset)} if offset else {})
    return answer(
        {
            "styles": [_entry(context, subject, answer.language) for subject in subjects],
            "links": [*representations(here, query=at), *page_links(here, own, span)],
        }
    )


@router.get("/styles/{styleId}", operation_id="getStyle", response_class=Response)
def one_style(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    styleId: _NameOfStyle,
    representation: StyleRepresentationDep,
) -> Response:
    """A style: its colours with their meaning, or the style in a language of styles."""
    return answer_style(request, context, principal, _subject(context, principal, styleId), representation)


@router.get("/styles/{styleId}/metadata", operation_id="getStyleMetadata")
def one_style_metadata(
    context: ContextDep,
    principal: PrincipalDep,
    styleId: _NameOfStyle,
    answer: AnswerDep,
) -> Response:
    """What there is to know of a style."""
    return answer_metadata(context, principal, _subject(context, principal, styleId), answer)


def _subject(context: Context, principal: Principal, name: str) -> StyleSubject:
    collection_id, _, rest = name.partition(".")
    variable_id, _, style_id = rest.partition(".")
    if not (collection_id and variable_id and style_id):
        raise StyleNotFound(
            f"there is no style {name[:80]!r}: names are collection.variable.style, as /styles lists them"
        )
    return subject_of(require_describable(context, principal, collection_id), variable_id, style_id)


def _entry(context: Context, subject: StyleSubject, language: str) -> dict[str, Any]:
    base_url = context.settings.base_url
    title = text_in(subject.style.title, language) or subject.style.id
    here = f"{base_url}/styles/{subject.id}"
    return {
        "id": subject.id,
        "title": f"{text_in(subject.dataset.title, language) or subject.dataset.id}: {title}",
        "links": [
            link("self", here, JSON, title=title),
            *stylesheet_links(base_url, subject, readable=False),
            link("describedby", f"{here}/metadata", JSON, title=TITLES.phrase("metadata")),
        ],
    }
