"""COGs: the same cells, in blocks, with overviews, tags and equal bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rio_cogeo.cogeo import cog_validate

from cog.convert.convert import convert
from cog.convert.models import Converted
from cog.convert.profiles import ProfileName, best_predictor, profile
from cog.convert.validate import CellDigest, require_valid
from cog.sources.opening import open_source
from config.declarations.datasets import DatasetDeclaration, parse_declaration
from config.errors import SourceRefused
from tests.support.sources import cells, write_geotiff


def converted(
    path: Path, target: Path, *, name: ProfileName = "zstd", said: dict[str, Any] | None = None, threads: int = 1
) -> Converted:
    """A GeoTIFF, converted."""
    declaration = parse_declaration({"variables": [said]}, name="test") if said else DatasetDeclaration()
    with open_source(path, declaration) as source:
        variable = source.description.variables[0]
        return convert(
            source, variable, 0, target=target, profile=profile(name), tags={"TIME": "2006-05"}, threads=threads
        )


@pytest.mark.parametrize("name", ["zstd", "deflate", "small"])
def test_a_cog_has_every_cell_blocks_of_256_and_overviews(tmp_path: Path, name: ProfileName) -> None:
    values = cells(700, 900)
    converted(
        write_geotiff(tmp_path / "a.tif", values, transform=rasterio.Affine(0.1, 0, 0, 0, -0.1, 50)),
        tmp_path / "b.tif",
        name=name,
    )
    with rasterio.open(tmp_path / "b.tif") as file:
        assert np.array_equal(file.read(1), values)
        assert file.block_shapes == [(256, 256)]
        assert file.overviews(1) == [2, 4]
        assert file.profile["compress"] == {"small": "zstd"}.get(name, name)
        assert file.tags()["TIME"] == "2006-05"
    assert cog_validate(tmp_path / "b.tif", quiet=True, strict=True)[0]


@pytest.mark.parametrize(("height", "width"), [(600, 4), (2000, 250), (20, 700)])
def test_a_long_strip_has_the_overviews_that_a_cog_needs(tmp_path: Path, height: int, width: int) -> None:
    transform = rasterio.Affine(0.01, 0, 0, 0, -0.01, 50)
    converted(write_geotiff(tmp_path / "a.tif", cells(height, width), transform=transform), tmp_path / "b.tif")
    with rasterio.open(tmp_path / "b.tif") as file:
        assert np.array_equal(file.read(1), cells(height, width))
        assert max(file.width, file.height) / file.overviews(1)[-1] <= 512


def test_the_small_profile_makes_smaller_files(tmp_path: Path) -> None:
    values = np.random.default_rng(1).poisson(3, (600, 600)).cumsum(1).astype("uint16")
    path = write_geotiff(tmp_path / "a.tif", values, transform=rasterio.Affine(0.1, 0, 0, 0, -0.1, 50))
    common = converted(path, tmp_path / "b.tif").path
    small = converted(path, tmp_path / "c.tif", name="small").path
    assert small.stat().st_size < common.stat().st_size
    with rasterio.open(common) as one, rasterio.open(small) as other:
        assert np.array_equal(one.read(), other.read())


def test_equal_cells_make_equal_bytes(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(300, 300), transform=rasterio.Affine(0.1, 0, 0, 0, -0.1, 50))
    first, second = (converted(path, tmp_path / f"{n}.tif") for n in "bc")
    assert first.sha256 == second.sha256
    assert first.path.read_bytes() == second.path.read_bytes()


def test_a_cog_states_unit_scale_offset_no_data_and_title(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(dtype="int16"))
    said = {"unit": "K", "scale": 0.01, "offset": 273.15, "fill": -999, "title": {"en": "Warmth"}, "standard_name": "x"}
    converted(path, tmp_path / "b.tif", said=said)
    with rasterio.open(tmp_path / "b.tif") as file:
        assert (file.units, file.scales, file.offsets, file.nodata) == (("K",), (0.01,), (273.15,), -999)
        assert file.tags(1)["standard_name"] == "x"


def overview(tmp_path: Path, values: NDArray[Any], said: dict[str, Any]) -> NDArray[Any]:
    """The first overview of a COG."""
    path = write_geotiff(tmp_path / "a.tif", values, transform=rasterio.Affine(0.1, 0, 0, 0, -0.1, 50))
    converted(path, tmp_path / "b.tif", said=said)
    with rasterio.open(tmp_path / "b.tif", OVERVIEW_LEVEL=0) as file:
        return np.asarray(file.read(1))


def test_overviews_of_continuous_data_are_means_without_fill(tmp_path: Path) -> None:
    values = np.full((512, 512), 4.0, dtype="float32")
    values[::2, ::2] = -999
    values[1::2, 1::2] = 10
    found = overview(tmp_path, values, {"unit": "K", "fill": -999})
    assert np.allclose(found, 6.0)  # (4 + 4 + 10) / 3


def test_overviews_of_classes_hold_only_classes(tmp_path: Path) -> None:
    values = np.full((512, 512), 7, dtype="uint8")
    values[::2, ::2] = 200
    assert set(np.unique(overview(tmp_path, values, {"kind": "categorical"}))) == {7}


def test_overviews_of_integers_without_meaning_hold_only_their_values(tmp_path: Path) -> None:
    values = np.where(np.indices((512, 512)).sum(axis=0) % 2, 0, 100).astype("uint8")
    assert set(np.unique(overview(tmp_path, values, {}))) <= {0, 100}


def test_the_predictor_is_the_one_that_compresses_best() -> None:
    slope = np.add.outer(np.arange(256), np.arange(256)).astype("uint16") * 37
    noise = np.random.default_rng(1).integers(0, 65535, (256, 256), dtype="uint16")
    assert best_predictor([slope], profile()) == 2
    assert best_predictor([noise], profile()) == 1
    warm = (280 + np.random.default_rng(1).random((256, 256))).astype("float32")
    assert best_predictor([warm], profile()) == 3


def test_a_cog_whose_cells_differ_is_refused(tmp_path: Path) -> None:
    made = converted(write_geotiff(tmp_path / "a.tif", cells()), tmp_path / "b.tif")
    with open_source(tmp_path / "a.tif") as source:
        grid = source.description.variables[0].grid
    other = CellDigest()
    other.add(cells() + 1)
    with pytest.raises(SourceRefused, match="cells of its COG differ"):
        require_valid(made.path, grid, digest=other.value(), source="a.tif")


def test_a_failed_conversion_leaves_no_file(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(600, 600))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceRefused):
        converted(path, tmp_path / "b.tif")
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


@pytest.mark.parametrize("shape", [(1100, 700), (257, 1), (1, 300)])
def test_the_bytes_do_not_depend_on_the_number_of_threads(tmp_path: Path, shape: tuple[int, int]) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(*shape), transform=rasterio.Affine(0.1, 0, 0, 0, -0.1, 50))
    assert len({converted(path, tmp_path / f"{threads}.tif", threads=threads).sha256 for threads in (1, 2, 5)}) == 1


def test_nothing_waits_beside_a_cog_while_it_is_made(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", cells(1100, 700), transform=rasterio.Affine(0.1, 0, 0, 0, -0.1, 50))
    seen: list[set[str]] = []
    shares: list[float] = []
    with open_source(path) as source:
        variable = source.description.variables[0]

        def pulse(share: float) -> None:
            shares.append(share)
            seen.append({p.name for p in tmp_path.iterdir()})

        convert(source, variable, 0, target=tmp_path / "b.tif", profile=profile(), tags={}, pulse=pulse)
    assert seen
    assert set().union(*seen) <= {"a.tif", "b.tif"}
    assert (shares, shares[0], shares[-1]) == (sorted(shares), 0.0, 1.0)
