"""Cells of many COGs: as GDAL reads them, for every layout that the writer or another program gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio

from cog.cells.codec import Codec
from cog.grids.lattice import CellBox
from cog.series import cogs
from cog.series.cogs import Cells, read_boxes, read_points
from cog.series.directory import UnknownLayoutError, read_directory
from config.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

HEIGHT, WIDTH = 300, 530
PLACE = rasterio.Affine(2, 0, 10, 0, -2, 50)


def values(dtype: str, bands: int = 1) -> NDArray[Any]:
    random = np.random.default_rng(3).integers(0, 250, (bands, HEIGHT, WIDTH))
    return (random * (0.37 if dtype.startswith("float") else 1)).astype(dtype)


def write(path: Path, cells: NDArray[Any], **options: object) -> str:
    profile = {
        "driver": "GTiff",
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "interleave": "band",
        "transform": PLACE,
    } | options
    with rasterio.open(
        path, "w", width=WIDTH, height=HEIGHT, count=len(cells), dtype=cells.dtype.name, **profile
    ) as file:
        file.write(cells)
    return str(path)


LAYOUTS = [
    (dtype, {"compress": compress, "predictor": predictor})
    for dtype, predictors in (("float32", (1, 2, 3)), ("float64", (1, 3)), ("int16", (1, 2)), ("uint8", (1, 2)))
    for predictor in predictors
    for compress in ("zstd", "deflate")
]


@pytest.mark.parametrize(("dtype", "options"), [*LAYOUTS, ("int32", {}), ("float32", {"bigtiff": "yes"})])
def test_cells_are_those_that_were_written(tmp_path: Path, dtype: str, options: dict[str, object]) -> None:
    written = values(dtype, bands=2)
    path = write(tmp_path / "a.tif", written, **options)
    with open(path, "rb") as file:  # noqa: PTH123  the reader takes descriptors
        assert read_directory(file.fileno()).bands == 2
    cells = Cells(rows=np.array([0, 299, 255, 256, 7]), columns=np.array([0, 529, 256, 255, 7]))
    codec = Codec(dtype=dtype)
    for band in (1, 2):
        points = read_points([path, path], cells, codec, band=band)
        assert np.array_equal(points, np.tile(written[band - 1][cells.rows, cells.columns], (2, 1)))
        box = CellBox(top=200, bottom=290, left=3, right=520)
        assert np.array_equal(read_boxes([path], box, codec, band=band)[0], written[band - 1][box.slices])


@pytest.mark.parametrize(
    "options", [{"tiled": False}, {"compress": "lzw"}, {"interleave": "pixel", "compress": "zstd"}]
)
def test_other_layouts_are_read_by_gdal(tmp_path: Path, options: dict[str, object]) -> None:
    options = options if options.get("tiled", True) else {"tiled": False, "blockxsize": None, "blockysize": 16}
    written = values("float32", bands=2)
    path = write(tmp_path / "a.tif", written, **options)
    with open(path, "rb") as file, pytest.raises(UnknownLayoutError):  # noqa: PTH123
        read_directory(file.fileno())
    cells, codec = Cells(rows=np.array([5, 290]), columns=np.array([500, 3])), Codec(dtype="float32")
    assert np.array_equal(read_points([path], cells, codec, band=2)[0], written[1][cells.rows, cells.columns])
    box = CellBox(top=1, bottom=9, left=2, right=5)
    assert np.array_equal(read_boxes([path], box, codec, band=2)[0], written[1][box.slices])


def test_a_block_that_is_not_stored_has_no_data(tmp_path: Path) -> None:
    path = tmp_path / "sparse.tif"
    profile = {
        "driver": "GTiff",
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "sparse_ok": True,
        "nodata": -9.0,
        "transform": PLACE,
    }
    with rasterio.open(path, "w", width=600, height=300, count=1, dtype="float32", **profile) as file:
        file.write(np.ones((1, 100, 100), "float32"), window=rasterio.windows.Window(0, 0, 100, 100))
    codec = Codec(dtype="float32", nodata=-9.0)
    cells = Cells(rows=np.array([0, 299]), columns=np.array([0, 599]))
    assert read_points([str(path)], cells, codec).tolist() == [[1.0, -9.0]]
    assert (read_boxes([str(path)], CellBox(top=260, bottom=300, left=0, right=600), codec) == -9.0).all()


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    path, cells, codec = tmp_path / "a.tif", Cells(rows=np.array([9]), columns=np.array([9])), Codec(dtype="uint8")
    for number, options in enumerate(({"compress": "zstd"}, {"compress": "deflate"})):
        write(tmp_path / "new.tif", np.full((1, HEIGHT, WIDTH), number, "uint8"), **options)
        (tmp_path / "new.tif").rename(path)
        assert read_points([str(path)], cells, codec).tolist() == [[number]]


@pytest.mark.parametrize("damage", ["missing", "short", "garbage"])
def test_a_file_that_cannot_be_read_is_a_fault_of_the_store(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.tif"
    write(path, values("float32"), compress="zstd")
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(whole[:2000] if damage == "short" else whole[:2000] + b"\xff" * (len(whole) - 2000))
    with pytest.raises(EnvironmentFault):
        read_boxes([str(path)], CellBox(top=0, bottom=HEIGHT, left=0, right=WIDTH), Codec(dtype="float32"))


def test_directories_are_kept_within_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cogs, "_MOST_MEMORY", 5000)
    cells, codec = Cells(rows=np.array([1]), columns=np.array([1])), Codec(dtype="uint8")
    for number in range(12):
        read_points([write(tmp_path / f"{number}.tif", values("uint8"))], cells, codec)
    assert cogs.kept_memory() <= 5000


def test_many_files_are_read_by_several_threads_in_order(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.tif", np.full((1, HEIGHT, WIDTH), n, "uint8")) for n in range(3)]
    cells = Cells(rows=np.array([1, 280]), columns=np.array([1, 500]))
    read = read_points(paths * 300, cells, Codec(dtype="uint8"))
    assert np.array_equal(read[:, 0], np.tile([0, 1, 2], 300))
    assert np.array_equal(read[:, 0], read[:, 1])
