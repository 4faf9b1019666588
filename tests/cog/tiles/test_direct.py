"""What is read by a raster's own directories is what GDAL reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window

from cog.reading.opener import close_all, open_raster
from cog.series.directory import UnknownLayoutError
from cog.tiles import direct
from cog.tiles.direct import LOOKS, DirectRaster, first_look
from cog.tiles.read import read_cells, read_first
from cog.tiles.source import ImageRequest, RasterSource
from config.errors import EnvironmentFault
from tests.support.rasters import coded, global_grid, write_cog

if TYPE_CHECKING:
    from pathlib import Path

WINDOWS = [(0, 0, 1, 1), (255, 255, 2, 2), (0, 0, 700, 500), (300, 100, 257, 300), (699, 499, 1, 1)]


def _raster(path: Path, dtype: str, bands: int = 1, **options: Any) -> Path:
    """A COG of random cells with overviews, 700 x 500."""
    cells = np.random.default_rng(7).integers(0, 200, (bands, 500, 700)).astype(dtype)
    profile = {"width": 700, "height": 500, "count": bands, "dtype": dtype, "crs": "EPSG:4326"}
    source = path.with_suffix(".source.tif")
    with rasterio.open(
        source, "w", driver="GTiff", transform=rasterio.Affine(0.1, 0, 0, 0, -0.1, 50), **profile
    ) as dataset:
        dataset.write(cells)
        if options.pop("alpha", False):
            dataset.colorinterp = [*[ColorInterp.gray] * (bands - 1), ColorInterp.alpha]
        if options.pop("mask", False):
            dataset.write_mask(np.ones((500, 700), bool))
    copy_raster(source, path, driver="COG", blocksize=256, overview_resampling="nearest", **options)
    return path


@pytest.mark.parametrize(
    ("dtype", "options"),
    [
        ("uint8", {"compress": "DEFLATE"}),
        ("int16", {"compress": "ZSTD", "predictor": "STANDARD"}),
        ("float32", {"compress": "ZSTD", "predictor": "FLOATING_POINT"}),
        ("float64", {"compress": "NONE"}),
        ("uint16", {"compress": "ZSTD", "bands": 3, "interleave": "BAND"}),
    ],
)
def test_windows_of_every_resolution_are_gdals(tmp_path: Path, dtype: str, options: dict[str, Any]) -> None:
    path = str(_raster(tmp_path / "a.tif", dtype, **options))
    raster = DirectRaster(path, "1", None)
    with open_raster(path) as by_gdal:
        assert (raster.overview_sizes, raster.bands, raster.dtype) == (
            by_gdal.overview_sizes,
            by_gdal.bands,
            by_gdal.dtype,
        )
        for level in (None, *range(len(raster.overview_sizes))):
            width, height = raster.size(level)
            for column, row, across, down in WINDOWS:
                if column >= width or row >= height:
                    continue
                window = Window(column, row, min(across, width - column), min(down, height - row))
                expected = by_gdal.at(level).read(raster.bands, window=window)
                np.testing.assert_array_equal(raster.at(level).read(raster.bands, window=window), expected)


@pytest.mark.parametrize(
    "options", [{"mask": True}, {"bands": 2, "alpha": True}, {"compress": "LZW"}, {"bands": 3, "interleave": "PIXEL"}]
)
def test_what_is_not_read_here_is_left_to_gdal(tmp_path: Path, options: dict[str, Any]) -> None:
    path = str(_raster(tmp_path / "a.tif", "uint8", **options))
    with pytest.raises(UnknownLayoutError):
        DirectRaster(path, "1", None)
    assert first_look(path, "1") is None


def test_a_block_that_is_not_stored_is_left_to_gdal(tmp_path: Path) -> None:
    grid = global_grid(512, 256)
    path = tmp_path / "sparse.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=512,
        height=256,
        count=1,
        dtype="uint8",
        tiled=True,
        blockxsize=256,
        blockysize=256,
        sparse_ok=True,
        crs="EPSG:4326",
        transform=rasterio.Affine(*grid.transform),
    ):
        pass
    source = RasterSource(path=str(path), grid=grid, version="1")
    request = ImageRequest(bounds=grid.bounds, crs="OGC:CRS84", shape=(64, 128))
    assert read_first(source, request) is None
    assert first_look(str(path), "1") is None


def test_the_first_images_are_those_of_gdal_which_reads_the_next(tmp_path: Path) -> None:
    grid = global_grid()
    asset = write_cog(tmp_path, "a/v/static.tif", coded(grid), grid)
    source = RasterSource(path=str(tmp_path / asset.href), grid=grid, version=asset.sha256)
    request = ImageRequest(bounds=(-30.0, -40.0, 50.0, 60.0), crs="OGC:CRS84", shape=(200, 160))
    with open_raster(source.path, source.version) as raster:
        expected = read_cells(source, raster, request)
    assert expected is not None
    for _ in range(LOOKS):
        shown = read_first(source, request)
        assert shown is not None
        np.testing.assert_array_equal(shown.values, expected.values)
    assert read_first(source, request) is None
    close_all()


def test_a_file_in_the_place_of_another_is_read_anew(tmp_path: Path) -> None:
    grid = global_grid(8, 4)
    request = ImageRequest(bounds=grid.bounds, crs="OGC:CRS84", shape=(4, 8))
    for version, offset in (("1", 0), ("2", 5)):
        path = tmp_path / write_cog(tmp_path, "a/v/static.tif", coded(grid) + offset, grid).href
        shown = read_first(RasterSource(path=str(path), grid=grid, version=version), request)
        assert shown is not None
        np.testing.assert_array_equal(shown.values[0], coded(grid) + offset)


def test_a_file_cut_short_is_an_error_of_the_store(tmp_path: Path) -> None:
    grid = global_grid()
    path = tmp_path / write_cog(tmp_path, "a/v/static.tif", coded(grid), grid).href
    path.write_bytes(path.read_bytes()[:-20_000])
    with pytest.raises(EnvironmentFault):
        read_first(
            RasterSource(path=str(path), grid=grid, version="1"),
            ImageRequest(bounds=grid.bounds, crs="OGC:CRS84", shape=(180, 360)),
        )


def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = global_grid(8, 4)
    paths = [str(tmp_path / write_cog(tmp_path, f"a/v/{n}.tif", coded(grid), grid).href) for n in range(6)]
    kept = direct._Kept()  # noqa: SLF001 - a process has one; the test has its own
    monkeypatch.setattr(direct, "_kept", kept)
    monkeypatch.setattr(direct, "MAX_BYTES", 3 * DirectRaster(paths[0], "1", None).memory)
    for path in paths:
        assert first_look(path, "1") is not None
    assert list(kept.rasters) == paths[3:]
    assert direct.kept_memory() == sum(size for _, size in kept.rasters.values())
