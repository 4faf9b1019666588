"""`/tables/{recordId}/{name}`: the tables that processes have published, whole or by byte ranges."""

from __future__ import annotations

import os
import stat
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from config.errors import AssetNotFound
from config.vocabulary import CSV, NETCDF, PARQUET
from records.documents.kept_files import kept_href
from records.search import search
from services.ingest.publishing.tables import table_path
from services.web.context import ContextDep
from services.web.parameters import KNOWN
from services.web.transfer.ranged_file import RangedFileResponse

router = APIRouter(tags=["Files"], dependencies=[KNOWN])

_TYPES = {".csv": f"{CSV}; charset=utf-8", ".parquet": PARQUET, ".nc": NETCDF}


@router.get(
    "/tables/{recordId}/{name}",
    operation_id="getTable",
    summary="A published table",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": {CSV: {}, PARQUET: {}, NETCDF: {}}},
        206: {"description": "The bytes that Range asks for."},
        304: {"description": "The client has it."},
        416: {"description": "No byte of the file lies in the ranges."},
    },
)
def table(
    request: Request,
    context: ContextDep,
    recordId: Annotated[str, Path(max_length=127, pattern=r"^[a-z0-9]", description="Identifier of a record.")],
    name: Annotated[str, Path(max_length=200, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\.(csv|parquet|nc)$")],
) -> Response:
    """A table that a record links to: public, as the record is."""
    record = search.get(context.catalogue.repository.engine, recordId)
    href = kept_href(recordId, name)
    missing = AssetNotFound(f"record {recordId} has no table {name}; its links name those that it has")
    if not any(link.get("href") == href for link in record.document.get("links", [])):
        raise missing
    path = table_path(context.store, record.document["id"], name)
    try:
        status = os.stat(path, follow_symlinks=False)
    except OSError as error:
        raise missing from error
    if not stat.S_ISREG(status.st_mode):
        raise missing
    headers = {"ETag": f'"{name}"', "Cache-Control": "public, max-age=86400", "Accept-Ranges": "bytes"}
    if request.headers.get("if-none-match", "").strip() == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return RangedFileResponse(path, media_type=_TYPES[path.suffix], headers=headers, stat_result=status)
