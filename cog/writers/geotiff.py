"""Writes one time of a coverage as a tiled, deflated GeoTIFF (OGC 19-008r4), cloud-optimized on request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window as RasterWindow

from cog.grids.georeference import written_crs
from config.errors import InvalidInput
from config.grids import Grid

if TYPE_CHECKING:
    from cog.writers.cube import CoverageField, Cube

BLOCK = 256
_RGB = 3
CLASSIC_BYTES = 4_000_000_000
"""Most bytes of cells in a classic TIFF, whose offsets are 32 bits (TIFF 6.0); the rest is for tags."""

_TAGS = {
    "title": "TIFFTAG_IMAGEDESCRIPTION",
    "license": "LICENSE",
    "license_url": "LICENSE_URL",
    "attribution": "TIFFTAG_COPYRIGHT",
    "doi": "DOI",
    "cstr": "CSTR",
    "references": "REFERENCES",
    "source": "SOURCE",
    "collection": "COLLECTION",
    "history": "HISTORY",
}
"""The tag of each global attribute."""


def write_geotiff(path: Path, cube: Cube) -> None:
    """Write the cube's one time to `path`, each band of each layer as a band, values as they are stored.

    A classic TIFF below CLASSIC_BYTES, a BigTIFF above. Raises InvalidInput where one GeoTIFF cannot hold the cube.
    """
    fields = [layer.field for layer in cube.layers]
    _require_one_encoding(fields)
    with rasterio.open(path, "w", **_profile(cube.region.output, fields)) as output:
        _describe(output, cube)
        band = 1
        for layer in cube.layers:
            (source,) = layer.paths
            if source is None:
                raise InvalidInput(f"{layer.field.id} has no data at that time")
            for row, values in cube.strips(layer, source):
                count, rows, columns = values.shape
                indexes = list(range(band, band + count))
                output.write(values, indexes=indexes, window=RasterWindow(0, row, columns, rows))
            band += layer.field.bands


def write_cog(path: Path, cube: Cube) -> None:
    """Write the cube's one time to `path` as a Cloud-Optimized GeoTIFF (OGC 21-026), with overviews."""
    plain = path.with_suffix(".plain")
    write_geotiff(plain, cube)
    field = cube.layers[0].field
    nbytes = plain.stat().st_size
    copy_raster(
        plain,
        path,
        driver="COG",
        compress="DEFLATE",
        predictor="YES",
        blocksize=512,
        overview_resampling="AVERAGE" if field.method == "average" else "NEAREST",
        bigtiff="YES" if 2 * max(nbytes, _size(cube)) > CLASSIC_BYTES else "NO",
    )
    plain.unlink()


def _size(cube: Cube) -> int:
    """Bytes of the cells."""
    grid, fields = cube.region.output, [layer.field for layer in cube.layers]
    return grid.width * grid.height * sum(field.bands * np.dtype(field.dtype).itemsize for field in fields)


def same_nodata(first: float | None, second: float | None) -> bool:
    """Whether two no-data values are one; NaN is one value."""
    if first is None or second is None:
        return first is second
    return first == second or (np.isnan(first) and np.isnan(second))


def _require_one_encoding(fields: list[CoverageField]) -> None:
    first = fields[0]
    for other in fields[1:]:
        if other.dtype != first.dtype or not same_nodata(other.nodata, first.nodata):
            raise InvalidInput(
                f"{first.id} ({first.dtype}, no data {first.nodata}) and {other.id} ({other.dtype}, no data "
                f"{other.nodata}) cannot be bands of one GeoTIFF; ask for f=netcdf, or for one of them by properties="
            )


def _profile(grid: Grid, fields: list[CoverageField]) -> dict[str, Any]:
    count = sum(field.bands for field in fields)
    dtype = np.dtype(fields[0].dtype)
    size = grid.width * grid.height * count * dtype.itemsize
    colors = {"photometric": "RGB"} if len(fields) == 1 and fields[0].bands >= _RGB else {}
    if colors and count > _RGB:
        colors["alpha"] = "NON-PREMULTIPLIED"
    return {
        **colors,
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": count,
        "dtype": dtype.name,
        "nodata": fields[0].nodata,
        "crs": written_crs(grid.crs)[0],
        "transform": rasterio.Affine(*grid.transform),
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "compress": "DEFLATE",
        "predictor": 3 if dtype.kind == "f" else 2,
        # strips come field by field, so bands of their own planes are written once and in order
        "interleave": "band",
        "BIGTIFF": "YES" if size > CLASSIC_BYTES else "NO",
    }


def _describe(output: rasterio.io.DatasetWriter, cube: Cube) -> None:
    tags = {_TAGS[name]: text for name, text in cube.attributes.items() if name in _TAGS}
    for step in cube.steps:
        tags |= {"TIME": step.label, "CALENDAR": cube.calendar}
    if cube.members is not None:
        tags |= {"MEMBER": cube.members.labels[0]}
    if cube.levels is not None:
        tags |= {"LEVEL": cube.levels.labels[0], "LEVEL_AXIS": cube.levels.name, "LEVEL_UNIT": cube.levels.unit or "1"}
    output.update_tags(**tags, **written_crs(cube.region.output.crs)[1])
    bands = [(layer.field, band) for layer in cube.layers for band in range(layer.field.bands)]
    output.scales = tuple(field.scale for field, _ in bands)
    output.offsets = tuple(field.offset for field, _ in bands)
    output.units = tuple(field.unit or "" for field, _ in bands)
    for index, (field, _) in enumerate(bands, start=1):
        output.set_band_description(index, field.id)
        names = {"LONG_NAME": field.long_name, "STANDARD_NAME": field.standard_name}
        output.update_tags(index, **{name: text for name, text in names.items() if text})
