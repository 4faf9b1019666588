"""The file of a coverage: GeoTIFF or NetCDF by the writers of coverages, GML, and both parts of a multipart answer."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import numpy as np
import rasterio
from starlette.responses import Response

from cog.writers.cube import Cube
from cog.writers.geotiff import write_geotiff
from cog.writers.netcdf import write_netcdf
from config.errors import GranuleNotFound, InvalidParameter, TooLarge
from config.layers import MEMBER
from config.times import label_to_path
from config.vocabulary import NETCDF
from records.datasets.models import text_in
from services.apis.wcs.gml import document
from services.apis.wcs.trimming import GML, TIFF, not_found
from services.ows.dimensions import ELEVATION, NAMES, TIME, parse_range, select
from services.selection.moments import first_moments, one_moment
from services.selection.opening.cubes import layer_axes, layer_of, steps_of
from services.selection.selection import SelectionRequest, resolve
from services.web import attribution
from services.web.transfer.streams import streamed_file

if TYPE_CHECKING:
    from fastapi import Request
    from numpy.typing import NDArray

    from services.apis.wcs.coverages import Coverage
    from services.apis.wcs.trimming import CoverageRequest
    from services.ows.time_axis import LayerTimes
    from services.selection.moments import TimeSlice
    from services.selection.selection import Selection
    from services.web.context import Context

_READ_MULTIPLE: Final = 4
"""Stored cells that are read for an answer, as a multiple of the limit on its own cells."""
_GML_CELLS: Final = 1_000_000
"""Most values of an answer in GML: each is some ten bytes."""
_AXES: Final = {ELEVATION: "level", MEMBER: MEMBER}
"""Names of axes of layers, by dimension."""
_BOUNDARY: Final = "wcs-coverage"
_PART: Final = "coverage.tif"


@dataclass(frozen=True, kw_only=True)
class CoverageFile:
    """A cube to be written, its bands (None: all), and the name of its file."""

    cube: Cube
    bands: tuple[int, ...] | None
    name: str


def plan_file(context: Context, coverage: Coverage, axis: LayerTimes | None, request: CoverageRequest) -> CoverageFile:
    """Find the granules of a request and lay out its file; opens no raster. Raises OwsFault or TooLarge."""
    is_single = request.format != NETCDF
    selection = _selection(coverage, axis, request)
    for name, labels in ((ELEVATION, selection.levels), (MEMBER, selection.members)):
        if is_single and len(labels) > 1:
            detail = f"{len(labels)} {name}s are selected, and {request.format} holds one; choose one"
            raise not_found("InvalidSubsetting", name, detail)
    plane = request.place.region.width * request.place.region.height * coverage.layer.variable.band_count
    plane *= max(1, len(selection.layers))
    limit = context.settings.limit.coverage_cells if request.format != GML else _GML_CELLS
    moments = _moments(context, selection, most=limit // max(1, plane), is_single=is_single)
    if plane * len(moments) > limit:
        raise TooLarge(
            f"the coverage would have {plane * len(moments)} cells or more, the limit is {limit}; take a smaller "
            "subset, scale it down, or choose fewer times"
        )
    most_read = _READ_MULTIPLE * context.settings.limit.coverage_cells // len(moments)
    place = replace(request.place, region=replace(request.place.region, most_read=max(1, most_read)))
    steps = steps_of([moments])
    dataset = coverage.layer.dataset
    cube = Cube(
        region=place.region,
        layers=(layer_of(context, selection, moments, steps, place=place, kernel=request.kernel),),
        steps=steps,
        layer_axes=layer_axes(selection),
        calendar=moments[0].first.calendar or "standard",
        attributes={"title": text_in(dataset.title) or dataset.id} | attribution.attributes(dataset),
        crs_uri=place.reference.uri,
    )
    ends = [label_to_path(step.label) for step in (*steps[:1], *steps[1:][-1:])]
    stem = re.sub(r"[^A-Za-z0-9._+-]", "-", "_".join([coverage.layer.name, *ends]))[:200]
    return CoverageFile(cube=cube, bands=request.bands, name=stem + (".nc" if request.format == NETCDF else ".tif"))


def answer(request: Request, coverage: Coverage, question: CoverageRequest, file: CoverageFile) -> Response:
    """Write the file and answer with it, with its description, or with its values in GML."""
    fields = [coverage.fields[band - 1] for band in file.bands] if file.bands else coverage.fields
    grid, reference = file.cube.region.output, question.place.reference
    if question.format == GML:
        with tempfile.TemporaryDirectory(prefix="graticule-wcs-") as folder:
            values = _values(write_file(Path(folder), file, TIFF))
        return Response(document(coverage, grid, reference, fields, values), media_type=GML)
    if question.is_multipart:
        description = document(coverage, grid, reference, fields, f"cid:{_PART}")
        with written(file, question.format) as content:
            body = _multipart(description.encode(), content.read(), question.format)
        return Response(body, media_type=f'multipart/related; boundary={_BOUNDARY}; type="{GML}"')
    return sent(request, written(file, question.format), question.format, file.name)


def sent(request: Request, file: IO[bytes], media_type: str, name: str) -> Response:
    """An open file as an answer of known length; closes it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return streamed_file(request, file, media_type, headers)


def written(file: CoverageFile, media_type: str) -> IO[bytes]:
    """The file, open, and without a name any more: it goes when it is closed, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="graticule-wcs-") as folder:
        return write_file(Path(folder), file, media_type).open("rb")


def write_file(folder: Path, file: CoverageFile, media_type: str) -> Path:
    """Write the file into a folder, as image/tiff or NetCDF; raises InvalidParameter for some fields of a NetCDF."""
    path = folder / file.name
    if media_type == NETCDF:
        if file.bands is not None and file.bands != tuple(range(1, file.cube.layers[0].field.bands + 1)):
            raise InvalidParameter("rangesubset", file.bands, "a NetCDF has all fields; ask for image/tiff")
        write_netcdf(path, file.cube)
        return path
    write_geotiff(path, file.cube)
    return path if file.bands is None else _with_bands(path, file.bands)


def _with_bands(path: Path, bands: tuple[int, ...]) -> Path:
    """A copy of a GeoTIFF with some of its bands."""
    copy = path.with_suffix(".bands.tif")
    with rasterio.open(path) as source:
        profile = {**source.profile, "count": len(bands), "photometric": "MINISBLACK"}
        with rasterio.open(copy, "w", **profile) as output:
            for _, window in source.block_windows(1):
                output.write(source.read(list(bands), window=window), window=window)
            output.scales = [source.scales[band - 1] for band in bands]
            output.offsets = [source.offsets[band - 1] for band in bands]
    return copy


def _values(path: Path) -> NDArray[np.float64]:
    """The physical values of a GeoTIFF (band, row, column), NaN for no data."""
    with rasterio.open(path) as source:
        stored = source.read(masked=True).astype("float64")
        scales, offsets = (np.array(numbers)[:, np.newaxis, np.newaxis] for numbers in (source.scales, source.offsets))
        values: NDArray[np.float64] = (stored * scales + offsets).filled(np.nan)
    return values


def _multipart(description: bytes, content: bytes, media_type: str) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Type: {GML}\r\n\r\n".encode()
    part = f"\r\n--{_BOUNDARY}\r\nContent-Type: {media_type}\r\nContent-ID: <{_PART}>\r\n"
    return b"".join(
        (head, description, f"{part}Content-Transfer-Encoding: binary\r\n\r\n".encode(), content,
         f"\r\n--{_BOUNDARY}--\r\n".encode())
    )  # fmt: skip


def _selection(coverage: Coverage, axis: LayerTimes | None, request: CoverageRequest) -> Selection:
    """The granules that subsets of time, elevation and member mean; raises OwsFault (InvalidSubsetting)."""
    layer, ends = coverage.layer, request.dimensions
    times = ends.get(TIME, ())
    values = {name: ends[name][0] for name in NAMES if len(ends.get(name, ())) == 1}
    try:
        selection = select(layer, axis, values)
        if len(times) > 1:
            interval = "/".join(".." if end == "*" else end for end in times)
            selection = replace(selection, times=parse_range(interval))
        several = {_AXES[name]: ":".join(ends[name]) for name in _AXES if len(ends.get(name, ())) > 1}
        if several:
            names = [name for name in _AXES if values.get(name)]
            axes = several | {_AXES[name]: values[name] for name in names}
            words = SelectionRequest(variable=layer.variable.id, axes=axes)
            selection = replace(selection, layers=resolve(layer.dataset, words).layers)
    except (InvalidParameter, GranuleNotFound) as error:
        locator = error.name if isinstance(error, InvalidParameter) else ELEVATION
        raise not_found("InvalidSubsetting", locator, error.detail) from error
    return selection


def _moments(context: Context, selection: Selection, *, most: int, is_single: bool) -> list[TimeSlice]:
    """The times of a file; raises OwsFault (InvalidSubsetting) where there are none, or several for one."""
    try:
        if is_single and selection.is_latest:
            return [one_moment(context.catalogue, selection)]
        moments = first_moments(context.catalogue, selection, 2 if is_single else most + 1)
    except GranuleNotFound as error:
        raise not_found("InvalidSubsetting", TIME, error.detail) from error
    if is_single and len(moments) > 1:
        ends = f"{moments[0].first.time} and {moments[1].first.time}"
        raise not_found("InvalidSubsetting", TIME, f"{TIFF} holds one time, and {ends} match; ask for {NETCDF}")
    return moments
