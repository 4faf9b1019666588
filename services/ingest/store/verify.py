"""Whether the store still holds what the catalogue says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import rasterio
from rasterio.errors import RasterioError
from rio_cogeo.cogeo import cog_validate

from config.vocabulary import COG
from records.datasets.models import Granule, Variable
from records.datasets.mosaic_overviews import overviews_of
from records.datasets.repository import Repository
from services.ingest.store.damage import content_fault


@dataclass(frozen=True, kw_only=True)
class AssetCheck:
    """One asset after its check; `fault` is empty when it is right."""

    dataset: str
    href: str
    fault: str = ""


def verify(repository: Repository, store: Path, dataset_id: str) -> Iterator[AssetCheck]:
    """Check every asset of a dataset: it is there, its checksum is right, that of a granule is a COG of its grid."""
    dataset = repository.dataset(dataset_id, hidden=True)
    for granule in repository.granules(dataset_id):
        variable = dataset.variable(granule.variable_id)
        yield AssetCheck(dataset=dataset_id, href=granule.asset.href, fault=_fault(granule, variable, store) or "")
    sources = {granule.source.href: granule.source for granule in repository.granules(dataset_id) if granule.source}
    for source in sources.values():
        yield AssetCheck(dataset=dataset_id, href=source.href, fault=content_fault(store / source.href, source) or "")
    for one in overviews_of(repository.engine, dataset_id):
        fault = content_fault(store / one.asset.href, one.asset)
        yield AssetCheck(dataset=dataset_id, href=one.asset.href, fault=fault or "")


def _fault(granule: Granule, variable: Variable, store: Path) -> str | None:
    path = store / granule.asset.href
    return content_fault(path, granule.asset) or _raster_fault(path, granule, variable)


def _raster_fault(path: Path, granule: Granule, variable: Variable) -> str | None:
    grid = granule.grid
    try:
        valid, errors, _ = cog_validate(path, quiet=True)
        with rasterio.open(path, driver="GTiff") as file:
            shape, dtype = file.shape, file.dtypes[0]
    except RasterioError as error:
        return f"does not open: {error}"
    if not valid and granule.asset.media_type == COG:
        return f"is no valid COG: {'; '.join(errors)}"
    if shape != (grid.height, grid.width) or dtype != variable.dtype:
        return f"holds {shape[0]} x {shape[1]} cells of {dtype}, not {grid.height} x {grid.width} of {variable.dtype}"
    return None
