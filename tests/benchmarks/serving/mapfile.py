"""The configuration of MapServer over the rasters of the benchmark, for tiles and for WMS."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from rio_tiler.colormap import cmap

from tests.benchmarks.serving.rasters import CLASSES, CRS, FLOAT_RANGE, INT16_RANGE, degrees

if TYPE_CHECKING:
    from tests.benchmarks.serving.rasters import Layer

WMS_CRS: Final = ("EPSG:3857", "EPSG:4326", "EPSG:32650")
_PNG: Final = 'OUTPUTFORMAT NAME "png" DRIVER "AGG/PNG" MIMETYPE "image/png" IMAGEMODE RGBA TRANSPARENT ON {} END'
_JPEG: Final = (
    'OUTPUTFORMAT NAME "jpeg" DRIVER "AGG/JPEG" MIMETYPE "image/jpeg" IMAGEMODE RGB FORMATOPTION "QUALITY=90" END'
)
_TUNED: Final = 'CONFIG "GDAL_CACHEMAX" "256" CONFIG "GDAL_DISABLE_READDIR_ON_OPEN" "EMPTY_DIR"'


def mapfile_text(layers: list[Layer], *, is_wms: bool = False) -> str:
    """The mapfile; for WMS with its metadata, JPEG, GDAL's settings, and PNG packed as quickly as MapServer can."""
    mercator = 'PROJECTION "init=epsg:3857" END'
    parts = "\n".join(_layer(layer, is_wms=is_wms) for layer in layers)
    head = f"{_PNG.format('')} IMAGETYPE png {mercator}"
    if is_wms:
        metadata = f'"wms_title" "bench" "wms_srs" "{" ".join(WMS_CRS)}" "wms_enable_request" "*"'
        png = _PNG.format('FORMATOPTION "COMPRESSION=1"')
        head = f"{png} {_JPEG} IMAGETYPE png {mercator} {_TUNED} WEB METADATA {metadata} END END"
    return f"MAP NAME bench SIZE 256 256 MAXSIZE 4096 {head}\n{parts}\nEND\n"


def _layer(layer: Layer, *, is_wms: bool) -> str:
    processing = ['"CLOSE_CONNECTION=DEFER"', '"RESAMPLE=NEAREST"']
    classes = ""
    if layer.kind == "classes":
        each = (f"CLASS EXPRESSION ([pixel] = {v}) STYLE COLOR {r} {g} {b} END END" for v, (r, g, b) in CLASSES if v)
        classes = "\n".join(each)  # an expression in brackets ends with its line
    elif layer.kind == "float":
        processing += ['"SCALE={},{}"'.format(*FLOAT_RANGE), '"SCALE_BUCKETS=256"', '"BANDS=1"']
        classes = _ramp(FLOAT_RANGE)
    elif layer.kind == "int16":
        processing += ['"SCALE={},{}"'.format(*INT16_RANGE), '"BANDS=1"']
    told = " ".join(f"PROCESSING {text}" for text in processing)
    west, south, east, north = degrees(layer.path)
    metadata = [f'"wms_extent" "{west} {south} {east} {north}"'] if layer.crs == "geographic" else []
    if is_wms:
        metadata.append(f'"wms_title" "{layer.id}"')
    extra = f"METADATA {' '.join(metadata)} END" if metadata else ""
    projection = f'PROJECTION "{_projection(layer)}" END'
    return (
        f'LAYER NAME "{layer.id}" TYPE RASTER STATUS ON DATA "{layer.path}" {projection} {extra} {told} {classes} END'
    )


def _projection(layer: Layer) -> str:
    code = CRS[layer.crs]
    if code.startswith("EPSG:"):
        return f"init={code.lower()}"
    parameters = "proj=aea lat_0=30 lon_0=95 lat_1=15 lat_2=65 x_0=0 y_0=0 datum=WGS84 units=m"
    return '" "'.join(parameters.split())


def _ramp(ends: tuple[float, float], steps: int = 8) -> str:
    """viridis in straight pieces, as MapServer draws ramps."""
    colors, (low, high) = cmap.get("viridis"), ends
    places = [round(255 * i / steps) for i in range(steps + 1)]
    pieces = []
    for first, last in pairwise(places):
        r, b = (low + (high - low) * place / 255 for place in (first, last))
        shades = " ".join(str(c) for place in (first, last) for c in colors[place][:3])
        test = f"EXPRESSION ([pixel] >= {r} AND [pixel] <= {b})"
        pieces.append(f'CLASS {test} STYLE COLORRANGE {shades} DATARANGE {r} {b} RANGEITEM "pixel" END END')
    return "\n".join(pieces)
