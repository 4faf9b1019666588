"""`/jobs/{jobId}/previews/{part}/{name}`: a map of a job's results as a small picture, for its page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from fastapi import APIRouter, Request
from PIL import Image
from rasterio.enums import Resampling
from starlette.responses import Response

from cog.reading.opener import open_raster
from config.errors import AssetNotFound
from config.vocabulary import PNG
from services.apis.processes.job_files import FileOfJob, FolderOfJob, file_of_job
from services.apis.processes.processes import BridgeDep
from services.drawing import colormaps
from services.web.context import ContextDep
from services.web.lanes import ComputationRoute
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

router = APIRouter(tags=["Processes"], dependencies=[KNOWN], route_class=ComputationRoute)

_EDGE: Final = 512
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The picture.", "content": {PNG: {}}},
    304: {"description": "The client has it."},
    404: {"description": "There is no such job or map, or the job has no result yet."},
}


@router.get(
    "/jobs/{jobId}/previews/{part}/{name}",
    operation_id="getJobPreview",
    summary="A map of a job's results as a small picture",
    response_class=Response,
    responses=_ANSWERS,
)
def get_job_preview(
    request: Request,
    context: ContextDep,
    bridge: BridgeDep,
    jobId: str,
    part: FolderOfJob,
    name: FileOfJob,
) -> Response:
    """A map that a job has written, at most 512 pixels large, from its 2nd to its 98th percentile of values."""
    path, status = file_of_job(context, bridge, jobId, part, name)
    if path.suffix != ".tif":
        raise AssetNotFound(f"{part}/{name} is not a map; take it from /jobs/{jobId}/files/{part}/{name}")
    tag = f'"{jobId}-{part}-{name}-{status.st_size:x}-preview"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=3600"}
    if request.headers.get("if-none-match", "").strip() == tag:
        return Response(status_code=304, headers=headers)
    with open_raster(str(path)) as raster:
        share = min(1.0, _EDGE / max(raster.full.width, raster.full.height))
        shape = (max(1, round(raster.full.height * share)), max(1, round(raster.full.width * share)))
        values = raster.full.read(1, out_shape=shape, resampling=Resampling.nearest, masked=True)
    return Response(_picture(np.ma.filled(values.astype("float64"), np.nan)), media_type=PNG, headers=headers)


def _picture(values: NDArray[np.float64]) -> bytes:
    """(row, column) values as PNG, transparent where there are none: red and blue around 0 where both signs occur."""
    there = np.isfinite(values)
    low, high = (float(each) for each in np.percentile(values[there], (2, 98))) if there.any() else (0.0, 1.0)
    name = "viridis"
    if low < 0 < high:
        name, low, high = "balance", -max(-low, high), max(-low, high)
    table = np.array([colormaps.table(name)[number] for number in range(256)], dtype="uint8")
    scaled = np.where(there, (values - low) / ((high - low) or 1.0), 0.0)
    rgba = table[np.clip(scaled * 255, 0, 255).astype("uint8")]
    rgba[~there] = 0
    content = io.BytesIO()
    Image.fromarray(rgba).save(content, "PNG")
    return content.getvalue()
