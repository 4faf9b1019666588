"""Parts of a series: every value as the COGs have it, in files that any reader of Zarr 3 understands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import zarr

from cog.cells.codec import Codec
from cog.grids.lattice import CellBox
from cog.series import build, parts
from cog.series.build import PartOrder, build_part
from cog.series.cogs import Cells
from cog.series.layout import PartLayout, Tier
from cog.series.packing import IntegerPacking, NotExactError, proposed
from cog.series.parts import PartFile
from cog.series.verify import file_fault, value_fault
from config.errors import EnvironmentFault
from tests.support.rasters import global_grid, write_cog

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

HEIGHT, WIDTH, STEPS = 270, 300, 20
TIERS = [Tier(steps=32, edge=8, is_tiled=True), Tier(steps=20, edge=16, is_tiled=False)]
FLOATS = Codec(dtype="float32", nodata=np.nan)


def hundredths(nodata: float = np.nan) -> NDArray[np.float32]:
    random = np.random.default_rng(1)
    values = (random.integers(-5, 4000, (STEPS, HEIGHT, WIDTH)) / 100).astype("float32")
    values[:, 100:140, 200:] = nodata
    return values


def order(folder: Path, values: NDArray[Any], codec: Codec, tier: Tier) -> PartOrder:
    grid = global_grid(WIDTH, HEIGHT)
    paths = [str(folder / write_cog(folder, f"{n}.tif", day, grid).href) for n, day in enumerate(values)]
    return PartOrder(
        paths=tuple(paths), height=HEIGHT, width=WIDTH, codec=codec, tier=tier, folder=folder / f"{tier.steps}.zarr"
    )


def built(work: PartOrder) -> tuple[PartFile, str]:
    made = build_part(work)
    return PartFile(path=str(work.folder), layout=made.layout), made.sha256


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize(
    ("codec", "dtype"),
    [(FLOATS, "int16"), (replace(FLOATS, nodata=-9999.0), "int16"), (Codec(dtype="uint8", nodata=3.0), "uint8")],
)
def test_every_value_of_a_part_is_that_of_the_cogs(tmp_path: Path, tier: Tier, codec: Codec, dtype: str) -> None:
    values = hundredths(codec.nodata or 0) if codec.is_float else (hundredths(3) % 250).astype("uint8")
    work = order(tmp_path, values, codec, tier)
    part, sha256 = built(work)
    assert part.layout.packing.dtype == dtype
    box = CellBox(top=0, bottom=HEIGHT, left=0, right=WIDTH)
    assert np.array_equal(part.box(box, slice(None)), values, equal_nan=codec.is_float)
    some = CellBox(top=90, bottom=141, left=190, right=263)
    assert np.array_equal(part.box(some, slice(3, 17, 4)), values[3:17:4, *some.slices], equal_nan=codec.is_float)
    cells = Cells(rows=np.array([0, 269, 120, 255, 256]), columns=np.array([0, 299, 250, 256, 255]))
    assert np.array_equal(part.points(cells), values[:, cells.rows, cells.columns], equal_nan=codec.is_float)
    assert file_fault(part, sha256) is None
    assert value_fault(part, work.paths, codec) is None


@pytest.mark.parametrize("tier", TIERS)
def test_zarr_reads_the_values(tmp_path: Path, tier: Tier) -> None:
    values = hundredths()
    part, _ = built(order(tmp_path, values, FLOATS, tier))
    array = zarr.open_array(part.path, mode="r")
    assert (array.shape, array.dtype.name) == ((STEPS, HEIGHT, WIDTH), "int16")
    stored = np.asarray(array[:])
    physical = stored * array.attrs["scale_factor"] + array.attrs["add_offset"]
    read = np.where(stored == -32768, np.nan, physical).astype("float32")
    assert np.array_equal(read, values, equal_nan=True)


def test_a_layout_is_the_same_after_the_catalogue() -> None:
    layout = PartLayout(
        steps=9,
        height=5,
        width=6,
        tier=Tier(steps=16, edge=32, is_tiled=False),
        packing=IntegerPacking("float32", np.nan),
    )
    back = PartLayout.from_json(layout.to_json())
    assert back.metadata() == layout.metadata()
    assert back.tier == layout.tier


@pytest.mark.parametrize(
    ("values", "scale", "offset"),
    [
        ([1.0, 250.0, np.nan], 1.0, 0.0),
        ([0.1, 12.7], 0.1, 0.0),
        ([273.15, 310.27, 180.01], 0.01, 0.0),
        ([373.15, 310.27, 280.01], 0.01, 327.0),
        ([0.123, -1.001], 0.001, 0.0),
        ([0.1234567, 1.0], None, 0.0),
        ([1.0e9, 1.0], None, 0.0),
        ([np.inf, 1.0], 1.0, 0.0),
        ([np.nan, np.nan], None, 0.0),
    ],
)
def test_a_packing_is_proposed_where_it_gives_every_value_back(
    values: list[float], scale: float | None, offset: float
) -> None:
    cells = np.array(values, "float32")
    packing = proposed(cells, FLOATS)
    assert (packing.scale, packing.offset) == (scale, offset)
    valid = np.isfinite(cells)
    back = packing.unpacked(packing.packed(cells, FLOATS))
    assert np.array_equal(back[valid], cells[valid])
    assert np.array_equal(FLOATS.valid(back), valid)


def test_a_packing_that_loses_a_value_is_refused() -> None:
    packing = IntegerPacking("float32", np.nan, 0.01, 0.0)
    for value in (0.123, 400.0, 1e30, np.float32(0.01) + np.float32(1e-9)):
        with pytest.raises(NotExactError):
            packing.packed(np.array([value], "float32"), FLOATS)


@pytest.mark.parametrize("tier", TIERS)
def test_one_cell_that_does_not_fit_keeps_the_values_of_all(tmp_path: Path, tier: Tier) -> None:
    values = hundredths()
    values[5, 260, 290] = 0.12345  # in none of the samples
    part, _ = built(order(tmp_path, values, FLOATS, tier))
    assert part.layout.packing.dtype == "float32"
    box = CellBox(top=0, bottom=HEIGHT, left=0, right=WIDTH)
    assert np.array_equal(part.box(box, slice(None)), values, equal_nan=True)


def test_bands_of_rows_make_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = order(tmp_path, hundredths(), FLOATS, TIERS[0])
    _, whole = built(work)
    monkeypatch.setattr(build, "MOST_BYTES", 32 * 256 * 2 * 16)
    pulses: list[None] = []
    again = build_part(replace(work, folder=tmp_path / "again"), pulse=lambda: pulses.append(None))
    assert again.sha256 == whole
    assert len(pulses) == 2 * (256 // 16 + 1)


def test_a_build_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    work = order(tmp_path, hundredths(), FLOATS, TIERS[0])

    class StopError(Exception):
        pass

    calls: list[None] = []

    def stop() -> None:
        calls.append(None)
        if len(calls) == 3:
            raise StopError

    with pytest.raises(StopError):
        build_part(work, pulse=stop)
    finished = sorted(path for path in work.folder.rglob("*") if path.is_file() and path.suffix != ".unfinished")
    assert finished
    kept = {path: path.stat().st_ino for path in finished}
    part, sha256 = built(work)
    assert all(path.stat().st_ino == inode for path, inode in kept.items())
    assert file_fault(part, sha256) is None
    assert value_fault(part, work.paths, FLOATS) is None


@pytest.mark.parametrize("tier", TIERS)
def test_damage_is_found(tmp_path: Path, tier: Tier) -> None:
    work = order(tmp_path, hundredths(), FLOATS, tier)
    part, sha256 = built(work)
    path = work.folder / "c/0/0/0"
    whole = path.read_bytes()
    path.write_bytes(whole[:-2] + b"\0\0")
    assert "checksum" in (file_fault(part, sha256) or "")
    path.write_bytes(whole[:100])
    assert "broken" in (file_fault(part, sha256) or "")
    with pytest.raises(EnvironmentFault):
        part.points(Cells(rows=np.array([0]), columns=np.array([0])))
    path.write_bytes(b"\xff" + whole[1:])
    assert "SHA-256" in (file_fault(part, sha256) or "")
    path.unlink()
    assert "cannot be read" in (file_fault(part, sha256) or "")
    with pytest.raises(EnvironmentFault):
        part.box(CellBox(top=0, bottom=5, left=0, right=5), slice(None))


def test_a_value_that_differs_is_found(tmp_path: Path) -> None:
    values = hundredths()
    work = order(tmp_path, values, FLOATS, TIERS[1])
    part, _ = built(work)
    values[7, 200, 31] += 1
    write_cog(tmp_path, "7.tif", values[7], global_grid(WIDTH, HEIGHT))
    assert value_fault(part, work.paths, FLOATS) == "differs from the COG at row 200, column 31, time 7"


def test_threads_and_one_thread_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part, _ = built(order(tmp_path, hundredths(), FLOATS, TIERS[0]))
    box = CellBox(top=0, bottom=HEIGHT, left=0, right=WIDTH)
    several = part.box(box, slice(None))
    monkeypatch.setattr(parts, "THREADS", 1)
    assert np.array_equal(part.box(box, slice(None)), several, equal_nan=True)
