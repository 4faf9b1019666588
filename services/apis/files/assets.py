"""`/assets/{collectionId}/{file}`: the files, whole or by byte ranges, to be read in place (RFC 9110, 13 and 14)."""

from __future__ import annotations

import os
import stat
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from cog.reading.integrity import require_intact
from config.errors import AssetNotFound, DamagedAsset
from config.vocabulary import COG
from records.datasets.assets import files
from services.access.visit import VisitDep
from services.web.context import Context
from services.web.parameters import KNOWN
from services.web.transfer.ranged_file import RangedFileResponse

if TYPE_CHECKING:
    from records.datasets.models import Asset
    from services.access.decision import Decision

router = APIRouter(tags=["Files"], dependencies=[KNOWN])

_FOREVER = "public, max-age=31536000, immutable"
"""A file's name has its checksum: other content has another name."""

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {COG: {}}},
    206: {"description": "The bytes that Range asks for; several ranges as multipart/byteranges."},
    304: {"description": "The client has it."},
    416: {"description": "No byte of the file lies in the ranges."},
}


@router.get(
    "/assets/{collectionId}/{file:path}",
    operation_id="getAsset",
    summary="A file",
    response_class=Response,
    responses=_ANSWERS,
)
def asset(
    visit: VisitDep, file: Annotated[str, Path(max_length=500, description="The file's path, as links give it.")]
) -> Response:
    """A Cloud-Optimized GeoTIFF of a collection, or an original file of it, as it is stored."""
    dataset, decision = visit.readable()
    stored = files.asset(visit.context.catalogue.repository.engine, dataset.id, f"{dataset.id}/{file}")
    headers = _headers(decision, stored)
    if _has(visit.request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return RangedFileResponse(
        _path(visit.context, stored),
        media_type=stored.media_type,
        headers=headers,
        stat_result=_stat(visit.context, stored),
    )


def _headers(decision: Decision, stored: Asset) -> dict[str, str]:
    lifetime = _FOREVER if decision.cacheable else "private, no-store"
    return {"ETag": f'"{stored.sha256}"', "Cache-Control": lifetime, "Accept-Ranges": "bytes"}


def _has(header: str, tag: str) -> bool:
    """Whether If-None-Match names an entity, compared weakly (RFC 9110, 13.1.2)."""
    return bool({entry.strip().removeprefix("W/") for entry in header.split(",")} & {"*", tag})


def _path(context: Context, asset: Asset) -> str:
    """The path of the file; raises AssetNotFound for a path that leads out of the store."""
    if ".." in PurePosixPath(asset.href).parts or PurePosixPath(asset.href).is_absolute():
        raise AssetNotFound(f"{asset.href!r} is not a path of the store")
    path = context.asset_path(asset)
    require_intact(path)
    return path


def _stat(context: Context, asset: Asset) -> os.stat_result:
    try:
        result = os.stat(_path(context, asset))
    except OSError as error:
        raise DamagedAsset(asset.href, f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(result.st_mode) or result.st_size != asset.size:
        raise DamagedAsset(asset.href, f"has {result.st_size} bytes, not {asset.size}")
    return result
