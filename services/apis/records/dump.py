"""The whole catalogue as NDJSON, for mirrors: `/collections/records/dump`."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from records.documents.presentation import RECORDS_PATH
from records.writing import dump
from services.access.decision import decide
from services.access.principal import PrincipalDep
from services.web.context import ContextDep
from services.web.middleware.head import is_head
from services.web.parameters import KNOWN

router = APIRouter(tags=["Records"], dependencies=[KNOWN])

NDJSON: Final = "application/x-ndjson"
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A record a line, in all its languages, in the order of ids.",
        "content": {NDJSON: {"schema": {"type": "string"}}},
    }
}


@router.get(
    f"{RECORDS_PATH}/dump",
    operation_id="dumpRecords",
    summary="Every public record, as lines of JSON",
    responses=_RESPONSES,
    response_class=StreamingResponse,
)
def dump_records(request: Request, context: ContextDep, principal: PrincipalDep) -> StreamingResponse:
    """The whole catalogue as NDJSON, produced while it is sent."""
    settings = context.settings
    lines = dump.lines(
        context.catalogue.repository.engine,
        base_url=settings.base_url,
        is_readable=lambda dataset: decide(principal, dataset, "read", settings).allowed,
        link_data=context.link_data,
    )
    headers = {"Content-Disposition": 'attachment; filename="records.ndjson"'}
    return StreamingResponse(iter(()) if is_head(request) else lines, media_type=NDJSON, headers=headers)
