"""GRIB files made with ecCodes, with known values."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest

from cog.sources.grib.messages import message_at
from cog.sources.opening import open_source
from config.errors import SourceRefused
from tests.support.sources import cells

GRID = {
    "Ni": 8, "Nj": 6, "latitudeOfFirstGridPointInDegrees": 45, "latitudeOfLastGridPointInDegrees": 40,
    "longitudeOfFirstGridPointInDegrees": 350, "longitudeOfLastGridPointInDegrees": 357,
    "iDirectionIncrementInDegrees": 1, "jDirectionIncrementInDegrees": 1, "bitsPerValue": 16,
    "dataDate": 20200131, "dataTime": 1200,
}  # fmt: skip


_ONLY_REGULAR = ("Ni", "Nj", "iDirection", "jDirection")


def write_grib(path: Path, *fields: tuple[np.ndarray[Any, Any], dict[str, Any]]) -> Path:
    """A file of fields over 8 x 6 points, from ecCodes' own samples and the keys given."""
    import eccodes

    with path.open("wb") as file:
        for values, given in fields:
            keys = GRID | given
            kind, edition = keys.pop("gridType", "regular_ll"), keys.pop("edition", 2)
            sample = "GRIB2" if kind == "lambert" else f"{kind}_sfc_grib{edition}"
            handle = eccodes.codes_grib_new_from_samples(sample)
            if kind != "regular_ll":
                eccodes.codes_set(handle, "gridType", kind)
                keys = {
                    n: v for n, v in keys.items() if not n.startswith(("Ni", "Nj", "iDir", "jDir", "latitudeOfLast"))
                }
                keys.pop("longitudeOfLastGridPointInDegrees")
            for name, value in keys.items():
                eccodes.codes_set(handle, name, value)
            eccodes.codes_set_values(handle, values.ravel().astype("float64"))
            eccodes.codes_write(handle, file)
            eccodes.codes_release(handle)
    return path


def temperature(level: int, step: int) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
    """Temperatures at a pressure and a forecast step: step * 1000 + level + row * 10 + column."""
    keys = {"shortName": "t", "typeOfLevel": "isobaricInhPa", "level": level, "stepRange": str(step)}
    return step * 1000 + level + cells(), keys


def test_fields_are_times_and_levels_of_a_variable(tmp_path: Path) -> None:
    places = [(level, step) for step in (6, 18) for level in (850, 500)]
    path = write_grib(tmp_path / "a.grib", *(temperature(*place) for place in places))
    with open_source(path) as source:
        (variable,) = source.description.variables
        assert variable.levels is not None
        assert (variable.name, variable.unit, variable.standard_name) == ("t", "K", "air_temperature")
        assert (variable.levels.labels, variable.levels.unit) == (("850", "500"), "hPa")
        assert [s.label for s in variable.steps if s] == ["2020-01-31T18:00:00Z", "2020-02-01T06:00:00Z"]
        assert variable.grid.transform == pytest.approx((1, 0, -10.5, 0, -1, 45.5))
        for number, (level, step) in enumerate(places):
            found = source.read("t", number // 2, rows=(1, 4), layer=number % 2)
            assert found == pytest.approx(temperature(level, step)[0][1:4], abs=0.05)  # 16 bits a value


def test_a_file_in_gzip_is_read_as_what_it_holds(tmp_path: Path) -> None:
    plain = write_grib(tmp_path / "a.grib", temperature(850, 6))
    packed = tmp_path / "a.grib.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    with open_source(plain) as one, open_source(packed) as other:
        assert repr(other.description.variables) == repr(one.description.variables)
        assert other.description.path == str(packed)
        np.testing.assert_array_equal(one.read("t", 0, rows=(0, 6)), other.read("t", 0, rows=(0, 6)))


def test_broken_gzip_and_too_much_of_it_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = gzip.compress(write_grib(tmp_path / "a.grib", temperature(850, 6)).read_bytes())
    packed = tmp_path / "a.gz"
    packed.write_bytes(content[:-12])
    with pytest.raises(SourceRefused, match="gzip content is broken"):
        open_source(packed)
    packed.write_bytes(content)
    monkeypatch.setattr("cog.sources.grib.gzipped._MOST_BYTES", 100)
    with pytest.raises(SourceRefused, match="gunzip"):
        open_source(packed)


def test_an_accumulation_has_its_interval_as_bounds(tmp_path: Path) -> None:
    keys = {"shortName": "tp", "stepType": "accum", "stepRange": "6-12"}
    with open_source(write_grib(tmp_path / "a.grib", (cells(), keys))) as source:
        (step,) = source.description.variables[0].steps
    assert step is not None
    assert (step.label, step.start, step.end) == (
        "2020-02-01T00:00:00Z",
        "2020-01-31T18:00:00Z",
        "2020-02-01T00:00:00Z",
    )


@pytest.mark.parametrize("edition", [1, 2])
def test_values_that_the_bitmap_leaves_out_are_no_data(tmp_path: Path, edition: int) -> None:
    values = cells()
    values[2, 3] = 9999
    keys = {"edition": edition, "shortName": "t", "bitmapPresent": 1, "missingValue": 9999}
    with open_source(write_grib(tmp_path / "a.grib", (values, keys))) as source:
        found = source.read("t", 0, rows=(0, 6))
    assert np.argwhere(np.isnan(found)).tolist() == [[2, 3]]


def test_rows_that_run_north_are_flipped(tmp_path: Path) -> None:
    south_up = {"latitudeOfFirstGridPointInDegrees": 40, "latitudeOfLastGridPointInDegrees": 45}
    keys = {"shortName": "t", "jScansPositively": 1} | south_up
    with open_source(write_grib(tmp_path / "a.grib", (cells(), keys))) as source:
        assert source.description.variables[0].grid.transform == pytest.approx((1, 0, -10.5, 0, -1, 45.5))
        assert source.read("t", 0, rows=(0, 6)) == pytest.approx(cells()[::-1], abs=0.05)


@pytest.mark.parametrize(
    "projection",
    [
        {"gridType": "lambert", "LaDInDegrees": 25, "LoVInDegrees": 265, "Latin1InDegrees": 25, "Latin2InDegrees": 30},
        {"gridType": "polar_stereographic", "LaDInDegrees": 60, "orientationOfTheGridInDegrees": 249},
    ],
    ids=lambda keys: str(keys["gridType"]),
)
def test_points_of_a_projected_grid_lie_where_eccodes_puts_them(tmp_path: Path, projection: dict[str, Any]) -> None:
    place = {"Nx": 8, "Ny": 6, "latitudeOfFirstGridPointInDegrees": 20, "longitudeOfFirstGridPointInDegrees": 240}
    steps = {"DxInMetres": 50_000, "DyInMetres": 50_000, "jScansPositively": 1}
    path = write_grib(tmp_path / "a.grib", (cells(), projection | place | steps | {"shortName": "t"}))
    with path.open("rb") as file, message_at(file, 0) as message:
        lon, lat = (np.asarray(message.array(name)).reshape(6, 8)[::-1] for name in ("longitudes", "latitudes"))
    with open_source(path) as source:
        grid = source.description.variables[0].grid
    a, _, c, _, e, f = grid.transform
    x, y = np.meshgrid(c + a * (np.arange(8) + 0.5), f + e * (np.arange(6) + 0.5))
    crs = pyproj.CRS.from_user_input(grid.crs)
    found = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(x, y)
    assert found[0] % 360 == pytest.approx(lon % 360, abs=1e-4)
    assert found[1] == pytest.approx(lat, abs=1e-4)


def test_a_damaged_gaussian_grid_is_refused_by_that_name(tmp_path: Path) -> None:
    path = write_grib(tmp_path / "a.grib", (cells(), {"gridType": "regular_gg", "N": 32, "shortName": "t"}))
    with pytest.raises(SourceRefused, match="the rows of its grid cannot be read"):
        open_source(path)


def test_two_fields_of_one_time_and_level_are_refused(tmp_path: Path) -> None:
    path = write_grib(tmp_path / "a.grib", temperature(850, 6), temperature(850, 6))
    with pytest.raises(SourceRefused, match="two fields of t at 2020-01-31T18:00:00Z and level 850"):
        open_source(path)


def test_a_level_that_lacks_a_time_is_refused(tmp_path: Path) -> None:
    path = write_grib(tmp_path / "a.grib", temperature(850, 6), temperature(500, 6), temperature(850, 12))
    with pytest.raises(SourceRefused, match="no field of t at 2020-02-01T00:00:00Z and level 500"):
        open_source(path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = write_grib(tmp_path / "a.grib", temperature(850, 6), temperature(500, 6))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(SourceRefused, match="ecCodes cannot read it"):
        open_source(path)
