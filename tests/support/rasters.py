"""Small rasters whose answers are known by arithmetic, published without ingest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.io import MemoryFile
from rio_cogeo.cogeo import cog_translate

from config.boxes import plain_boxes
from config.grids import CRS84, Grid
from config.times import key_label, parse_time
from config.vocabulary import COG
from records.datasets.models import Access, Asset, Granule, Statistics, Style, Variable
from records.datasets.publication import Publication
from records.documents.documents import box_geometry

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def global_grid(width: int = 360, height: int = 180, west: float = -180.0) -> Grid:
    """A global geographic grid, north up, whose first column starts at `west`."""
    return Grid(crs=CRS84, transform=(360 / width, 0.0, west, 0.0, -180 / height, 90.0), width=width, height=height)


def coded(grid: Grid) -> NDArray[np.float32]:
    """(row, column) values that say where they are: row * 10,000 + column, exact in float32."""
    rows, columns = np.mgrid[: grid.height, : grid.width]
    return (rows * 10_000 + columns).astype("float32")


def write_cog(
    store: Path, href: str, values: NDArray[Any], grid: Grid, *, nodata: float | None = None, mask: bool = False
) -> Asset:
    """Write (row, column) or (band, row, column) values as a COG of the store; with a mask that hides the first row."""
    bands = values if values.ndim == 3 else values[np.newaxis]
    path = store / href
    path.parent.mkdir(parents=True, exist_ok=True)
    crs = rasterio.CRS.from_user_input("EPSG:4326" if grid.crs == CRS84 else grid.crs)
    profile = {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": bands.shape[0],
        "dtype": bands.dtype.name,
        "crs": crs,
        "transform": rasterio.Affine(*grid.transform),
        "nodata": nodata,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            dataset.write(bands)
            if mask:
                dataset.write_mask(np.arange(grid.height)[:, np.newaxis] * np.ones(grid.width) > 0)
        with memory.open() as dataset:
            output = {"driver": "GTiff", "tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "ZSTD"}
            cog_translate(
                dataset, path, output, in_memory=True, quiet=True, overview_resampling="nearest", add_mask=mask
            )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Asset(href=href, sha256=digest, size=path.stat().st_size, media_type=COG)


def publication(
    store: Path,
    dataset_id: str,
    steps: dict[str | None, NDArray[Any]],
    grid: Grid,
    *,
    nodata: float | None = None,
    scale: float = 1.0,
    offset: float = 0.0,
    access: Access | None = None,
    value_range: tuple[float, float] | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    unit: str = "1",
) -> Publication:
    """A dataset of one variable `v` with one granule a time label (None: without time), its COGs in the store."""
    first = next(iter(steps.values()))
    physical = first.astype("float64") * scale + offset
    low, high = value_range or (float(np.nanmin(physical)), float(np.nanmax(physical)) + 1.0)
    variable = Variable(
        id="v",
        source_name="v",
        title={"en": "Value", "zh": "值"},
        unit=unit,
        standard_name=None,
        dtype=first.dtype.name,
        band_count=1,
        nodata=nodata,
        scale=scale,
        offset=offset,
        kind="continuous",
        classes=(),
        statistics=Statistics(
            minimum=low, maximum=high, mean=0, stddev=1, percentile_2=low, percentile_98=high, valid_percent=100
        ),
        grid=grid,
        styles=(Style(id="default", title={"en": "Default"}, colormap="viridis", range=(low, high)),),
    )
    granules = tuple(_granule(store, dataset_id, label, values, grid, nodata) for label, values in steps.items())
    return Publication(
        id=dataset_id,
        title={"en": f"Dataset {dataset_id}", "zh": f"数据集 {dataset_id}"},
        description={"en": "Generated."},
        access=access or Access(),
        bbox=bbox or grid.bounds,
        variables=(variable,),
        granules=granules,
        record={
            "id": dataset_id,
            "type": "Feature",
            "geometry": _footprint(bbox or grid.bounds),
            "properties": {"type": "dataset", "title": {"en": f"Dataset {dataset_id}", "zh": f"数据集 {dataset_id}"}},
        },
    )


def _footprint(bbox: tuple[float, float, float, float]) -> dict[str, Any] | None:
    """The box as GeoJSON, also where it crosses 180 degrees; none if it is in metres."""
    if max(map(abs, bbox)) > 360:
        return None
    boxes = plain_boxes(bbox)
    return box_geometry(boxes[0][0], bbox[1], boxes[-1][2], bbox[3])


def _granule(
    store: Path, dataset_id: str, label: str | None, values: NDArray[Any], grid: Grid, nodata: float | None
) -> Granule:
    when = parse_time(label) if label else None
    name = (label or "static").replace(":", "")
    asset = write_cog(store, f"{dataset_id}/v/{name}.tif", values, grid, nodata=nodata)
    return Granule(
        dataset_id=dataset_id,
        variable_id="v",
        time=label,
        calendar="standard" if when else None,
        key=when.start if when else None,
        start=key_label(when.start) if when and when.start is not None else None,
        end=key_label(when.end) if when and when.end is not None else None,
        start_key=when.start if when else None,
        end_key=when.end if when else None,
        layer=None,
        part=None,
        asset=asset,
        grid=grid,
    )
