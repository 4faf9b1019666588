"""The rasters of the benchmark: four kinds of data in four CRSs, of one place and with about as many cells."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import rasterio
import yaml
from morecantile import tms
from rasterio.transform import from_bounds
from rasterio.warp import Resampling, calculate_default_transform, reproject, transform_bounds
from rasterio.windows import Window

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ZOOM: Final = 10
"""Zoom at which a pixel of a Web Mercator tile is a cell."""
_FIRST: Final = (822, 400)
"""Column and row of the tile in the north-west corner, in East China."""
_STRIP = 1024

CRS: Final = {
    "geographic": "EPSG:4326",
    "mercator": "EPSG:3857",
    "utm": "EPSG:32650",
    "albers": "ESRI:102025",
}
KINDS: Final = ("classes", "float", "rgb", "int16")
CLASSES: Final = tuple((value, ((value * 53) % 256, (value * 101) % 256, (value * 199) % 256)) for value in range(12))
"""Value and colour of each class; 0 has no data."""
FLOAT_RANGE: Final = (0.0, 30.0)
INT16_RANGE: Final = (-500.0, 4500.0)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One raster and where its file stands once it is published."""

    kind: str
    crs: str
    path: Path

    @property
    def id(self) -> str:
        """Its collection."""
        return f"{self.kind}-{self.crs}"


def tiles(size: int) -> list[tuple[int, int, int]]:
    """(zoom, column, row) of every tile that lies wholly in the rasters, three zooms deep."""
    count = size // 256
    found = []
    for zoom in range(ZOOM, ZOOM - 3, -1):
        factor = 2 ** (ZOOM - zoom)
        for column in range(-(-_FIRST[0] // factor), (_FIRST[0] + count) // factor):
            found += [(zoom, column, row) for row in range(-(-_FIRST[1] // factor), (_FIRST[1] + count) // factor)]
    return found


def generate(folder: Path, size: int, kind: str, crs: str) -> Path:
    """The raster of a kind in a CRS as a tiled GeoTIFF, made once a folder."""
    path = folder / f"{kind}-{crs}-{size}.tif"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part.tif")
    if crs == "mercator":
        _write(partial, kind, mercator_bounds(size), size)
    else:
        _warp(generate(folder, size, kind, "mercator"), partial, CRS[crs])
    partial.rename(path)
    return path


def mercator_bounds(size: int) -> tuple[float, float, float, float]:
    """(west, south, east, north) of the rasters in Web Mercator, metres."""
    matrices, count = tms.get("WebMercatorQuad"), size // 256
    first = matrices.xy_bounds(_FIRST[0], _FIRST[1], ZOOM)
    last = matrices.xy_bounds(_FIRST[0] + count - 1, _FIRST[1] + count - 1, ZOOM)
    return (first.left, last.bottom, last.right, first.top)


def _write(path: Path, kind: str, bounds: tuple[float, float, float, float], size: int) -> None:
    values = _values(kind, slice(0, 1), size)
    profile = _profile(kind, len(values), values.dtype.name) | {
        "width": size,
        "height": size,
        "crs": "EPSG:3857",
        "transform": from_bounds(*bounds, size, size),
    }
    with rasterio.open(path, "w", **profile) as dataset:
        if kind == "rgb":
            dataset.colorinterp = [rasterio.enums.ColorInterp[name] for name in ("red", "green", "blue")]
        for first in range(0, size, _STRIP):
            rows = slice(first, min(first + _STRIP, size))
            dataset.write(_values(kind, rows, size), window=Window(0, first, size, rows.stop - first))


def _profile(kind: str, count: int, dtype: str) -> dict[str, Any]:
    nodata = {"classes": 0, "float": float("nan"), "int16": -32768}.get(kind)
    photometric = {"photometric": "RGB"} if kind == "rgb" else {}
    tiled = {
        "driver": "GTiff",
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "ZSTD",
        "zstd_level": 1,
    }
    return tiled | photometric | {"count": count, "dtype": dtype, "nodata": nodata}


def _values(kind: str, rows: slice, size: int) -> NDArray[Any]:
    """(band, row, column): smooth fields with noise, as observed ones are; classes in patches; some without data."""
    row, column = np.mgrid[rows, 0:size].astype("float32")
    field = np.sin(row / 310) * np.cos(column / 470) + 0.4 * np.sin(row / 57 + column / 83)
    noise = np.random.default_rng(rows.start).normal(0, 0.02, field.shape).astype("float32")
    if kind == "classes":
        patches = ((field + noise + 1.5) * 4).astype("uint8") % len(CLASSES)
        return patches[np.newaxis]
    if kind == "float":
        values = 15 + 8 * (field + noise)
        values[field < -1.1] = np.nan
        return values[np.newaxis].astype("float32")
    if kind == "int16":
        values = (2000 + 1500 * (field + noise)).astype("int16")
        values[field < -1.1] = -32768
        return values[np.newaxis]
    shifts = (0.0, 0.3, 0.6)
    return np.stack([np.clip(128 + 80 * (field + noise + shift), 0, 255) for shift in shifts]).astype("uint8")


def _warp(source: Path, path: Path, crs: str) -> None:
    with rasterio.open(source) as raster:
        transform, width, height = calculate_default_transform(
            raster.crs, crs, raster.width, raster.height, *raster.bounds
        )
        profile = raster.profile | {"crs": crs, "transform": transform, "width": width, "height": height}
        with rasterio.open(path, "w", **profile) as target:
            target.colorinterp = raster.colorinterp
            for band in raster.indexes:
                reproject(
                    rasterio.band(raster, band),
                    rasterio.band(target, band),
                    resampling=Resampling.nearest,
                    num_threads=2,
                )


def declaration(kind: str, id_: str) -> dict[str, Any]:
    """What the files leave unsaid."""
    styles = {
        "float": [{"colormap": "viridis", "range": list(FLOAT_RANGE)}],
        "int16": [{"colormap": "gray", "range": list(INT16_RANGE)}],
    }.get(kind, [])
    variable: dict[str, Any] = {"unit": "1"} if kind in ("float", "int16") else {}
    if kind == "classes":
        variable["kind"] = "categorical"
        variable["classes"] = [{"value": v, "color": "#{:02x}{:02x}{:02x}".format(*c)} for v, c in CLASSES if v]
    variables = [] if kind == "rgb" else [variable | ({"styles": styles} if styles else {})]
    return {"id": id_, "variables": variables, "record": {"title": {"en": id_}}}


def publish(work: Path, size: int, kind: str, crs: str, environment: dict[str, str]) -> Layer:
    """Ingest a raster as an operator does; the file that is served is the store's."""
    source = generate(work / "sources", size, kind, crs)
    layer = Layer(kind=kind, crs=crs, path=work)
    described = work / f"{layer.id}.yaml"
    described.write_text(yaml.safe_dump(declaration(kind, layer.id)), "utf-8")
    words = [sys.executable, "-m", "services.cli", "ingest", str(source), "--dataset", str(described)]
    subprocess.run(words, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (stored,) = (work / "var" / "store" / layer.id).rglob("*.tif")
    return Layer(kind=kind, crs=crs, path=stored)


def degrees(path: Path) -> tuple[float, float, float, float]:
    """The bounds of a raster in longitude and latitude."""
    with rasterio.open(path) as raster:
        west, south, east, north = transform_bounds(raster.crs, "EPSG:4326", *raster.bounds)
    return west, south, east, north
