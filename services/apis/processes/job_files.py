"""`/jobs/{jobId}/files/{part}/{name}`: the files of a job's results, whole or by byte ranges, until it is removed."""

from __future__ import annotations

import os
import stat
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from config.errors import AssetNotFound, ResultNotReady
from config.vocabulary import COG, CSV, GEOJSON, JSON, NETCDF, PARQUET, PNG, SVG, WEBP
from services.apis.processes.processes import BridgeDep
from services.compute.staging import job_folder
from services.web.context import ContextDep
from services.web.parameters import KNOWN
from services.web.transfer.ranged_file import RangedFileResponse

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from services.pygeoapi.bridge import Bridge
    from services.web.context import Context

router = APIRouter(tags=["Processes"], dependencies=[KNOWN])

_TYPES: Final = {
    ".tif": COG,
    ".nc": NETCDF,
    ".csv": f"{CSV}; charset=utf-8",
    ".json": JSON,
    ".geojson": GEOJSON,
    ".png": PNG,
    ".svg": SVG,
    ".webp": WEBP,
    ".txt": "text/plain; charset=utf-8",
    ".zip": "application/zip",
    ".fgb": "application/flatgeobuf",
    ".parquet": PARQUET,
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file."},
    206: {"description": "The bytes that Range asks for."},
    304: {"description": "The client has it."},
    404: {"description": "There is no such job or file, or the job has no result yet."},
    416: {"description": "No byte of the file lies in the ranges."},
}
_NAME: Final = r"^[A-Za-z0-9_][A-Za-z0-9_.+-]*$"
FolderOfJob = Annotated[str, Path(max_length=200, pattern=_NAME, description="Part of the job that wrote the file.")]
FileOfJob = Annotated[str, Path(max_length=200, pattern=_NAME, description="Name of the file.")]


@router.get(
    "/jobs/{jobId}/files/{part}/{name}",
    operation_id="getJobFile",
    summary="A file of a job's results",
    response_class=Response,
    responses=_ANSWERS,
)
def get_job_file(
    request: Request,
    context: ContextDep,
    bridge: BridgeDep,
    jobId: str,
    part: FolderOfJob,
    name: FileOfJob,
) -> Response:
    """A file that a job has written, as the links in its results name it."""
    path, status = file_of_job(context, bridge, jobId, part, name)
    tag = f'"{jobId}-{part}-{quote(name)}-{status.st_size:x}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=3600", "Accept-Ranges": "bytes"}
    if request.headers.get("if-none-match", "").strip() == tag:
        return Response(status_code=304, headers=headers)
    media_type = _TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
    return RangedFileResponse(path, media_type=media_type, headers=headers, stat_result=status)


def file_of_job(context: Context, bridge: Bridge, job_id: str, part: str, name: str) -> tuple[FilePath, os.stat_result]:
    """Path and status of a file that a job has written; raises JobNotFound, ResultNotReady or AssetNotFound."""
    job = bridge.executions.jobs.get(job_id)
    if job.status != "successful":
        raise ResultNotReady(f"job {job_id} is {job.status} and has no files; ask /jobs/{job_id} when it has")
    path = job_folder(context.store, job.id) / part / name
    try:
        status = os.stat(path, follow_symlinks=False)
    except OSError as error:
        raise AssetNotFound(f"job {job_id} has no file {part}/{name}") from error
    if not stat.S_ISREG(status.st_mode):
        raise AssetNotFound(f"job {job_id} has no file {part}/{name}")
    return path, status
