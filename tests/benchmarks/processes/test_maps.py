"""Processes that read collections beside the loops that a scientist would write: CPU seconds, and their ratio.

Both sides read the same Cloud-Optimized GeoTIFFs. Graticule also finds the data, takes statistics and writes the
answer and its files; HTTP is left out. Run with `make bench ARGS="tests/benchmarks/processes/test_maps.py -s"`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
import rasterio
import xarray as xr
from rasterio.enums import Resampling
from rasterio.warp import reproject

from cog.grids.ellipsoid import cell_areas
from config.grids import CRS84, Grid
from tests.benchmarks.processes.test_kernels import timed
from tests.support.processes import answer_here, cells_of, context_of
from tests.support.rasters import publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from services.web.context import Context
    from tests.support.database import Server

GRID: Final = Grid(crs=CRS84, transform=(0.2, 0.0, -180.0, 0.0, -0.2, 90.0), width=1800, height=900)
MONTHS: Final = 24
LABELS: Final = [f"{2000 + number // 12}-{number % 12 + 1:02d}" for number in range(MONTHS)]
FIELD: Final = {"collection": "series"}


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Two years of monthly maps, a third of whose cells are empty."""
    random = np.random.default_rng(3)
    rows, columns = np.mgrid[: GRID.height, : GRID.width]
    land = np.sin(rows / 90) + np.cos(columns / 120) > 0.7
    steps: dict[str | None, Any] = {}
    for number, label in enumerate(LABELS):
        values = 15 + 10 * np.cos(rows / 200 + number) + random.normal(0, 0.5, land.shape)
        steps[label] = np.where(land, np.nan, np.round(values, 2)).astype("float32")
    with context_of(server, tmp_path_factory.mktemp("maps")) as context:
        made = publication(
            context.store, "series", steps, GRID, nodata=np.nan, unit="mmol m-2 d-1", value_range=(0, 30)
        )
        context.catalogue.repository.publish(made)
        yield context


@pytest.fixture(scope="module")
def files(context: Context) -> list[Path]:
    """The COGs in the order of their times."""
    granules = context.catalogue.repository.granules("series")
    return [context.asset_path(granule.asset) for granule in sorted(granules, key=lambda each: each.key or 0)]


def read(path: Path) -> NDArray[np.float32]:
    with rasterio.open(path) as raster:
        cells: NDArray[np.float32] = raster.read(1)
    return cells


def cube(files: list[Path]) -> xr.DataArray:
    times = np.array(LABELS, dtype="datetime64[ns]")
    return xr.DataArray(np.stack([read(path) for path in files]), dims=("time", "y", "x"), coords={"time": times})


def test_composite(context: Context, files: list[Path], tmp_path: Path) -> None:
    def theirs() -> Any:
        array = cube(files)
        days = array.time.dt.days_in_month
        weights = (array.notnull() * days).groupby("time.year").sum()
        means = (array * days).groupby("time.year").sum() / weights.where(weights > 0)
        for year in means.year.values:
            write(tmp_path / f"{year}.tif", means.sel(year=year).values)
        return means

    inputs = {"field": FIELD, "period": "year", "statistics": ["mean"]}
    own, other = timed(
        "composite, 24 months to 2 years, 39 million cells, beside xarray's groupby",
        lambda: answer_here(context, "composite", inputs, outputs_={"mean": {}}),
        theirs,
    )
    for number, link in enumerate(own["maps"]):
        np.testing.assert_allclose(cells_of(context, link), other.isel(year=number), rtol=1e-5)


def test_regional_budget(context: Context, files: list[Path]) -> None:
    areas = np.broadcast_to(cell_areas(GRID)[:, np.newaxis], (GRID.height, GRID.width))
    grams = 12.011e-3 * 1e-12

    def theirs() -> list[float]:
        array = cube(files)
        days = array.time.dt.days_in_month
        total = (array.astype("float64") * areas).sum(("y", "x")) * days * grams
        return [float(value) for value in total]

    own, other = timed(
        "regional-budget of the globe, 24 months, beside xarray",
        lambda: answer_here(context, "regional-budget", {"flux": FIELD}),
        theirs,
    )
    assert [row["total_TgC"] for row in own["times"]] == pytest.approx(other, rel=1e-6)


def test_regrid(context: Context, files: list[Path], tmp_path: Path) -> None:
    inputs = {"field": FIELD, "cell": [1, 1], "extent": [-180, -90, 180, 90], "datetime": "2000-01/2000-06"}
    target = rasterio.Affine(1, 0, -180, 0, -1, 90)

    def theirs() -> list[NDArray[np.float32]]:
        maps = []
        for number, path in enumerate(files[:6]):
            out = np.full((180, 360), np.nan, "float32")
            reproject(
                read(path), out, src_transform=rasterio.Affine(*GRID.transform), src_crs="EPSG:4326", src_nodata=np.nan,
                dst_transform=target, dst_crs="EPSG:4326", dst_nodata=np.nan, resampling=Resampling.average,
            )  # fmt: skip
            write(tmp_path / f"{number}.tif", out)
            maps.append(out)
        return maps

    answer_here(context, "regrid", inputs)  # modules are imported, and files compared with their checksums, once
    theirs()
    own, other = timed(
        "regrid by area, 6 maps of 1.6 million cells to 1 degree, beside GDAL's average, which weights no areas",
        lambda: answer_here(context, "regrid", inputs),
        theirs,
    )
    links = next(value for name, value in own.items() if name != "summary")["maps"]
    areas = np.broadcast_to(cell_areas(GRID)[:, np.newaxis], (GRID.height, GRID.width))
    for number, link in enumerate(links):
        values = read(files[number]).astype("float64")
        np.testing.assert_allclose(cells_of(context, link)[60:120], other[number][60:120], atol=0.05)
        weights = np.where(np.isnan(values), 0, areas).reshape(180, 5, 360, 5).sum((1, 3))
        totals = np.nan_to_num(values * areas).reshape(180, 5, 360, 5).sum((1, 3))
        expected = np.divide(totals, weights, out=np.full((180, 360), np.nan), where=weights > 0)
        np.testing.assert_allclose(cells_of(context, link), expected, rtol=1e-6)


def test_band_math(context: Context, files: list[Path], tmp_path: Path) -> None:
    inputs = {
        "formula": "where(t > 10, sqrt(t) * 2 - t / 3, nan)", "fields": {"t": FIELD}, "variable": "w", "title": "W",
        "unit": "1", "datetime": "2000-01/2000-06",
    }  # fmt: skip

    def theirs() -> list[NDArray[np.float32]]:
        maps = []
        for number, path in enumerate(files[:6]):
            t = read(path).astype("float64")
            with np.errstate(invalid="ignore"):
                out = np.where(t > 10, np.sqrt(t) * 2 - t / 3, np.nan).astype("float32")
            write(tmp_path / f"{number}.tif", out)
            maps.append(out)
        return maps

    own, other = timed(
        "band-math, 6 maps of 1.6 million cells, beside numpy and rasterio",
        lambda: answer_here(context, "band-math", inputs),
        theirs,
    )
    links = next(value for name, value in own.items() if name != "summary")["maps"]
    np.testing.assert_allclose(cells_of(context, links[5]), other[5], rtol=1e-6)


def test_export(context: Context, files: list[Path], tmp_path: Path) -> None:
    def theirs() -> int:
        encoding = {"v": {"zlib": True, "complevel": 4}}
        cube(files).to_dataset(name="v").to_netcdf(tmp_path / "theirs.nc", encoding=encoding)
        return (tmp_path / "theirs.nc").stat().st_size

    own, other = timed(
        "export to NetCDF, 24 maps of 1.6 million cells, beside xarray's to_netcdf",
        lambda: answer_here(context, "export", FIELD | {"format": "netcdf"}),
        theirs,
    )
    [link] = own["files"]["files"]
    print(f"{link['bytes'] / 1e6:.0f} MB, {other / 1e6:.0f} MB; {json.dumps(own['summary'])}")
    place = context.store / ".staging" / "/".join(link["href"].split("/jobs/")[1].split("/files/"))
    with xr.open_dataset(place) as written:
        np.testing.assert_array_equal(written["v"].squeeze().values[3], read(files[3]))


def write(path: Path, cells: NDArray[Any]) -> None:
    """A COG as rasterio writes it, with GDAL's own driver."""
    height, width = cells.shape
    with rasterio.open(
        path, "w", driver="COG", width=width, height=height, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(360 / width, 0, -180, 0, -180 / height, 90), nodata=np.nan, compress="ZSTD",
    ) as raster:  # fmt: skip
        raster.write(cells.astype("float32"), 1)
