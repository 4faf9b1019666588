"""GRIB fields on rotated and Gaussian grids, from ecCodes' own samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest

from cog.sources.opening import open_source
from config.declarations.datasets import DatasetDeclaration
from config.errors import SourceRefused
from config.grids import CRS84
from tests.support.sources import cells


def sample(path: Path, name: str, keys: dict[str, object] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """A file of a sample of ecCodes whose values are the latitudes; (longitudes, latitudes) of its points."""
    import eccodes

    handle = eccodes.codes_grib_new_from_samples(name)
    for key, value in (keys or {}).items():
        eccodes.codes_set(handle, key, value)
    if keys:
        eccodes.codes_set_values(handle, cells().ravel().astype(float))
    longitudes, latitudes = (np.array(eccodes.codes_get_array(handle, n)) for n in ("longitudes", "latitudes"))
    if not keys:
        eccodes.codes_set_values(handle, latitudes)
    path.write_bytes(eccodes.codes_get_message(handle))
    eccodes.codes_release(handle)
    return longitudes, latitudes


def test_a_rotated_grid_lies_where_eccodes_puts_its_points(tmp_path: Path) -> None:
    keys: dict[str, object] = {"Ni": 8, "Nj": 6, "iDirectionIncrementInDegrees": 1, "jDirectionIncrementInDegrees": 1}
    keys |= {"latitudeOfFirstGridPointInDegrees": 3, "latitudeOfLastGridPointInDegrees": -2}
    keys |= {"longitudeOfFirstGridPointInDegrees": 357, "longitudeOfLastGridPointInDegrees": 4}
    keys |= {"latitudeOfSouthernPoleInDegrees": -39.25, "longitudeOfSouthernPoleInDegrees": 18}
    lon, lat = sample(tmp_path / "a.grib2", "rotated_ll_sfc_grib2", keys)
    with open_source(tmp_path / "a.grib2") as source:
        (variable,) = source.description.variables
        found = source.read(variable.name, 0, rows=(0, 6))
    pole = pyproj.CRS.from_user_input(variable.grid.crs)
    x, y = pyproj.Transformer.from_crs(CRS84, pole, always_xy=True).transform(lon, lat)
    a, _, c, _, e, f = variable.grid.transform
    columns, rows = np.floor((x - c) / a).astype(int), np.floor((y - f) / e).astype(int)
    assert found[rows, columns] == pytest.approx(cells().ravel(), abs=0.05)


@pytest.mark.parametrize("name", ["regular_gg_sfc_grib2", "reduced_gg_pl_80_grib2"])
def test_gaussian_grids_are_refused_and_put_on_the_nearest_even_rows(tmp_path: Path, name: str) -> None:
    _, lat = sample(tmp_path / "a.grib2", name)
    with pytest.raises(SourceRefused, match=r"Gaussian grid.*--warp"):
        open_source(tmp_path / "a.grib2")
    with open_source(tmp_path / "a.grib2", DatasetDeclaration(warp=True)) as source:
        (variable,) = source.description.variables
        found = source.read(variable.name, 0, rows=(0, variable.grid.height))
    rows = np.unique(lat.round(6))[::-1]
    assert found[:, 0] == pytest.approx(rows, abs=0.01)
    assert (found == found[:, :1]).all()
    centres = variable.grid.transform[5] + (np.arange(rows.size) + 0.5) * variable.grid.transform[4]
    assert np.abs(centres - rows).max() < 0.05


def test_a_reduced_grid_of_even_rows_is_refused_and_keeps_its_rows(tmp_path: Path) -> None:
    _, lat = sample(tmp_path / "a.grib2", "reduced_ll_sfc_grib2")
    with pytest.raises(SourceRefused, match=r"reduced grid of latitudes and longitudes.*--warp"):
        open_source(tmp_path / "a.grib2")
    with open_source(tmp_path / "a.grib2", DatasetDeclaration(warp=True)) as source:
        (variable,) = source.description.variables
        found = source.read(variable.name, 0, rows=(0, variable.grid.height))
    rows = np.unique(lat.round(6))[::-1]
    centres = variable.grid.transform[5] + (np.arange(rows.size) + 0.5) * variable.grid.transform[4]
    assert centres == pytest.approx(rows, abs=1e-6)
    assert (found == found[:, :1]).all()
    assert found[:, 0] == pytest.approx(rows, abs=0.01)
