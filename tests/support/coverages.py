"""Fetched coverages as arrays, and datasets beyond one continuous variable, for the tests of coverages."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import xarray as xr
from rasterio.io import MemoryFile

from config.times import key_label
from records.datasets.models import Variable
from records.datasets.publication import Publication
from tests.support.rasters import publication, write_cog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response
    from numpy.typing import NDArray

    from config.grids import Grid


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A GeoTIFF as rasterio reads it: values (band, row, column) as stored."""

    values: NDArray[Any]
    transform: rasterio.Affine
    crs: rasterio.CRS
    nodata: float | None
    tags: dict[str, str]
    profile: dict[str, Any]


def get(client: TestClient, dataset_id: str, query: str = "", **headers: str) -> Response:
    """The answer to a coverage request, whatever its status."""
    return client.get(f"/collections/{dataset_id}/coverage?{query}", headers=headers)


def fetch_tiff(client: TestClient, dataset_id: str, query: str = "") -> Fetched:
    """A coverage as GeoTIFF, which must succeed."""
    answer = get(client, dataset_id, query)
    assert answer.status_code == 200, answer.text
    with MemoryFile(answer.content) as memory, memory.open() as source:
        return Fetched(
            values=source.read(),
            transform=source.transform,
            crs=source.crs,
            nodata=source.nodata,
            tags=source.tags(),
            profile=dict(source.profile)
            | {"scales": source.scales, "offsets": source.offsets, "units": source.units}
            | {"descriptions": source.descriptions, "band_tags": source.tags(1), "magic": answer.content[:4]},
        )


@contextmanager
def fetch_netcdf(client: TestClient, dataset_id: str, query: str = "", **options: Any) -> Iterator[xr.Dataset]:
    """A coverage as NetCDF, opened by xarray; options are those of `xarray.open_dataset`."""
    answer = get(client, dataset_id, f"f=netcdf&{query}")
    assert answer.status_code == 200, answer.text
    with xr.open_dataset(io.BytesIO(answer.content), engine="h5netcdf", **options) as dataset:
        yield dataset


def wrapped(values: NDArray[Any], rows: slice, first: int, count: int) -> NDArray[Any]:
    """Columns first, first + 1, ... of (row, column) values, modulo the number of columns."""
    return values[rows][:, np.arange(first, first + count) % values.shape[1]]


def with_variable(
    base: Publication,
    store: Path,
    variable_id: str,
    values: NDArray[Any],
    **changes: Any,
) -> Publication:
    """A publication with one more variable, like its first but for `changes`, the same values at each of its times."""
    first = base.variables[0]
    grid = changes.get("grid", first.grid)
    variable = replace(first, id=variable_id, source_name=variable_id, dtype=values.dtype.name, **changes)
    granules = tuple(
        replace(
            granule,
            variable_id=variable_id,
            grid=grid,
            asset=write_cog(
                store, granule.asset.href.replace("/v/", f"/{variable_id}/"), values, grid, nodata=variable.nodata
            ),
        )
        for granule in base.granules
    )
    return replace(base, variables=(*base.variables, variable), granules=(*base.granules, *granules))


def with_first(base: Publication, **changes: Any) -> Publication:
    """A publication whose first variable is changed."""
    first: Variable = replace(base.variables[0], **changes)
    return replace(base, variables=(first, *base.variables[1:]))


def in_calendar(base: Publication, calendar: str, bounds: dict[str, tuple[int, int]]) -> Publication:
    """A publication in another calendar, with the bounds (order keys) of each label."""
    granules = []
    for granule in base.granules:
        assert granule.time is not None
        start, end = bounds[granule.time]
        labels = {"start": key_label(start), "end": key_label(end)}
        granules.append(replace(granule, calendar=calendar, start_key=start, end_key=end, **labels))
    return replace(base, granules=tuple(granules))


def steps(grid: Grid, labels: tuple[str | None, ...], *, dtype: str = "float32") -> dict[str | None, NDArray[Any]]:
    """Values row * width + column + 1000 * step at each label."""
    cells = np.arange(grid.width * grid.height).reshape(grid.height, grid.width)
    return {label: (cells + 1000 * number).astype(dtype) for number, label in enumerate(labels)}


__all__ = [
    "Fetched",
    "fetch_netcdf",
    "fetch_tiff",
    "get",
    "in_calendar",
    "publication",
    "steps",
    "with_first",
    "with_variable",
    "wrapped",
]
