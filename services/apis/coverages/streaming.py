"""Writes an answer to a file without a name, and streams it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from fastapi.responses import StreamingResponse

from cog.writers.coveragejson import write_coveragejson
from cog.writers.csv import write_csv
from cog.writers.geotiff import write_cog, write_geotiff
from cog.writers.netcdf import write_netcdf
from services.apis.coverages.formats import CoverageFormat
from services.apis.coverages.preview import write_preview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.apis.coverages.request import CoverageAnswer

_PIECE = 256 * 1024
_WRITERS: Final = {
    CoverageFormat.GEOTIFF: write_geotiff,
    CoverageFormat.COG: write_cog,
    CoverageFormat.NETCDF: write_netcdf,
    CoverageFormat.COVERAGE_JSON: write_coveragejson,
    CoverageFormat.CSV: write_csv,
}


def written(answer: CoverageAnswer) -> IO[bytes]:
    """The answer as an open file that has no name any more: it goes when it is closed, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="graticule-coverage-") as folder:
        path = Path(folder) / answer.filename
        if answer.format is CoverageFormat.PNG:
            write_preview(path, answer.cube, answer.variable)
        else:
            _WRITERS[answer.format](path, answer.cube)
        return path.open("rb")


def streamed(file: IO[bytes], media_type: str, headers: dict[str, str]) -> StreamingResponse:
    """An open file as an answer of known length."""
    size = file.seek(0, 2)
    file.seek(0)
    return StreamingResponse(pieces(file), media_type=media_type, headers=headers | {"Content-Length": str(size)})


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of a file, piece by piece; closes it at the end, or when the server gives up."""
    with file:
        while piece := file.read(_PIECE):
            yield piece
