"""COGs of one block: the bytes that the writer of large ones makes, and checks that find what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rio_cogeo.cogeo import cog_validate

from cog.convert.computed import ComputedCells
from cog.convert.convert import convert
from cog.convert.profiles import profile
from cog.convert.single import is_single
from cog.sources.models import SourceVariable
from config.errors import SourceRefused
from config.grids import Grid

TIMES = ("2006-05-01", "2006-05-02", "2006-05-03")


def variable(values: NDArray[Any]) -> SourceVariable:
    height, width = values.shape
    grid = Grid(crs="EPSG:4326", transform=(0.5, 0, 10, 0, -0.5, 50), width=width, height=height)
    return SourceVariable(name="v", title="v", dtype=values.dtype.name, grid=grid, nodata=None, unit="K")


def written(values: NDArray[Any], target: Path, *, one: SourceVariable, time: str) -> bytes:
    tags = {"TIME": time, "TIME_CALENDAR": "standard"}
    with ComputedCells(one, values) as source:
        convert(source, one, 0, target=target, profile=profile(), tags=tags)
    return target.read_bytes()


@pytest.mark.parametrize("dtype", ["float32", "int16", "uint8", "float64"])
@pytest.mark.parametrize("shape", [(6, 5), (256, 256), (1, 256)])
def test_the_bytes_are_those_of_the_writer_of_large_ones(
    tmp_path: Path, dtype: str, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(3)
    steps = [(random.random(shape) * 100).astype(dtype) for _ in TIMES]
    one = variable(steps[0])
    mine = [written(c, tmp_path / f"{t}.tif", one=one, time=t) for c, t in zip(steps, TIMES, strict=True)]
    monkeypatch.setattr("cog.convert.convert.is_single", lambda _: False)
    assert mine == [written(c, tmp_path / f"{t}-2.tif", one=one, time=t) for c, t in zip(steps, TIMES, strict=True)]


def test_each_of_a_kind_is_a_cog_for_gdal_and_rio_cogeo(tmp_path: Path) -> None:
    one = variable(np.zeros((20, 30), "float32"))
    for number, time in enumerate(TIMES):
        values = np.random.default_rng(number).random((20, 30), "float32")
        values[0, number] = np.nan
        written(values, tmp_path / f"{time}.tif", one=one, time=time)
        assert cog_validate(tmp_path / f"{time}.tif", quiet=True, strict=True)[0]
        with rasterio.open(tmp_path / f"{time}.tif") as file:
            assert np.array_equal(file.read(1), values, equal_nan=True)
            assert file.tags()["TIME"] == time
            assert file.transform[:6] == one.grid.transform


@pytest.mark.parametrize(("place", "cause"), [(30, "its COG is not valid"), (-30, "its COG cannot be read|cells of")])
def test_a_file_of_a_known_kind_that_is_not_as_written_is_refused(
    tmp_path: Path, place: int, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(1).random((20, 30), "float32")
    one = variable(values)
    written(values, tmp_path / "a.tif", one=one, time=TIMES[0])
    honest = Path.write_bytes

    def broken(path: Path, content: bytes) -> int:
        changed = bytearray(content)
        changed[place] ^= 255
        return honest(path, bytes(changed))

    monkeypatch.setattr(Path, "write_bytes", broken)
    with pytest.raises(SourceRefused, match=cause):
        written(values[::-1].copy(), tmp_path / "b.tif", one=one, time=TIMES[1])
    assert not (tmp_path / "b.tif").exists()


def test_what_has_overviews_or_several_bands_is_not_of_one_block() -> None:
    assert is_single(variable(np.zeros((256, 256), "uint8")))
    assert not is_single(variable(np.zeros((257, 10), "uint8")))
