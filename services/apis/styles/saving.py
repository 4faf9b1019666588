"""Styles that holders of a token save: a name for colours, range and scale that someone found good on the page."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from config.declarations.datasets import DatasetDeclaration, VariableDeclaration, parse_declaration
from config.declarations.variables import StyleDeclaration
from config.errors import Conflict, InvalidInput, InvalidParameter, TooLarge
from records.access.tokens import Token
from records.datasets.models import Dataset, Variable
from services.access.guards import require_token
from services.access.principal import PrincipalDep
from services.access.visit import VisitDep
from services.ingest.publishing.editing import DatasetEdit, edit
from services.ingest.store.locking import ingest_lock
from services.parameters.granules import StyleId
from services.web.context import Context, ContextDep
from services.web.parameters import KNOWN

MOST_STYLES: Final = 50
"""Styles of a variable."""
_MOST_BYTES: Final = 10_000
_LONGEST_TITLE: Final = 200
_DEFAULT: Final = "default"

router = APIRouter(tags=["Styles"], dependencies=[KNOWN])

_VariableQuery = Annotated[str | None, Query(max_length=200, description="A variable; absent: the first.")]


class SavedStyle(BaseModel):
    """The body of a style that is saved."""

    model_config = ConfigDict(extra="forbid")

    title: dict[str, Annotated[str, Field(max_length=_LONGEST_TITLE)]] = Field(
        default_factory=dict, max_length=10, description="Title by language."
    )
    colormap: str = Field(max_length=60, description="A colour map that `graticule styles list` shows.")
    range: tuple[float, float] | None = Field(None, description="Values, in the unit, at both ends of the colours.")
    scale: str = Field("linear", pattern="^(linear|log)$", description="How values spread over the colours.")


_OPENAPI: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": SavedStyle.model_json_schema()}}},
    "security": [{"bearer": []}],
}
_FAILURES: Final[dict[int | str, dict[str, Any]]] = {
    400: {"description": "The style is not valid; the member is named."},
    401: {"description": "A valid token is needed."},
    403: {"description": "The token does not allow it, or there is no token at all."},
    404: {"description": "There is no such collection, variable or style."},
    409: {"description": "An ingest of the dataset runs; try again when it has ended."},
}


def _writer(context: ContextDep, principal: PrincipalDep) -> Token:
    return require_token(context, principal, "style")


_WriterDep = Annotated[Token, Depends(_writer)]


@router.put(
    "/collections/{collectionId}/styles/{styleId}",
    operation_id=".collection.putStyle",
    status_code=204,
    response_class=Response,
    responses=_FAILURES | {201: {"description": "The style is new."}, 204: {"description": "The style is replaced."}},
    openapi_extra=_OPENAPI,
)
async def put_style(visit: VisitDep, token: _WriterDep, styleId: StyleId, variable: _VariableQuery = None) -> Response:
    """Save a style of a variable under a name: one commit, which later ingests of the dataset keep."""
    saved = _declared(styleId, await _body(visit.request))

    def save() -> bool:
        dataset = visit.describable()
        subject = dataset.variable(variable)
        if subject.kind != "continuous":
            raise InvalidInput(
                f"variable {subject.id} has no colour map: its {subject.kind} colours are those of the data"
            )
        is_new = styleId not in {style.id for style in subject.styles}
        if is_new and len(subject.styles) >= MOST_STYLES:
            raise InvalidInput(f"variable {subject.id} has {MOST_STYLES} styles, the most there may be; delete one")
        _write(visit.context, dataset, subject, saved, without=styleId, who=token.name)
        return is_new

    is_new = await run_in_threadpool(save)
    if not is_new:
        return Response(status_code=204)
    place = f"{visit.base_url}/collections/{visit.collection_id}/styles/{styleId}"
    return Response(status_code=201, headers={"Location": place})


@router.delete(
    "/collections/{collectionId}/styles/{styleId}",
    operation_id=".collection.deleteStyle",
    status_code=204,
    response_class=Response,
    responses=_FAILURES,
    openapi_extra={"security": _OPENAPI["security"]},
)
def delete_style(visit: VisitDep, token: _WriterDep, styleId: StyleId, variable: _VariableQuery = None) -> Response:
    """Delete a style of a variable; `default` stays."""
    dataset = visit.describable()
    subject = dataset.variable(variable)
    if styleId == _DEFAULT:
        raise InvalidParameter("styleId", styleId, "every variable keeps a default; PUT replaces it")
    subject.style(styleId)  # raises StyleNotFound
    _write(visit.context, dataset, subject, without=styleId, who=token.name)
    return Response(status_code=204)


async def _body(request: Request) -> SavedStyle:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > _MOST_BYTES:
            raise TooLarge(f"a style has at most {_MOST_BYTES} bytes")
        parts.append(part)
    try:
        return SavedStyle.model_validate(orjson.loads(b"".join(parts)))
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"the body is not JSON: {error}") from error
    except ValidationError as error:
        raise InvalidInput(_cause(error)) from error


def _declared(style_id: str, saved: SavedStyle) -> StyleDeclaration:
    try:
        return StyleDeclaration.model_validate({"id": style_id, **saved.model_dump()})
    except ValidationError as error:
        raise InvalidInput(_cause(error)) from error


def _cause(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'style'}: {first['msg']}"


def _write(
    context: Context, dataset: Dataset, subject: Variable, *saved: StyleDeclaration, without: str, who: str
) -> None:
    """Write the declared styles of a variable, one of them changed; raises Conflict while an ingest writes them too."""

    def refuse() -> None:
        raise Conflict(f"an ingest of {dataset.id} runs; try again when it has ended")

    repository = context.catalogue.repository
    with ingest_lock(repository.engine, dataset.id, waiting=refuse):
        before = parse_declaration(repository.origin(dataset.id).declaration, name=dataset.id)
        declared = before.variable(subject.source_name)
        styles = [*(style for style in (declared.styles if declared else ()) if style.id != without), *saved]
        changed = VariableDeclaration(source=subject.source_name, id=subject.id, styles=styles)
        edit(
            repository, dataset.id, DatasetEdit(declaration=DatasetDeclaration(variables=[changed])), who=f"token {who}"
        )
    context.catalogue.forget(dataset.id)
