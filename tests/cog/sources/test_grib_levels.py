"""Levels, intervals and row orders of GRIB fields, made with ecCodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cog.sources.opening import open_source
from config.errors import SourceRefused
from tests.cog.sources.test_grib import write_grib
from tests.support.sources import cells


def surface(code: int, scale: int, value: int) -> dict[str, Any]:
    """The keys of a level of one surface (GRIB 2, template 4.0)."""
    return {
        "shortName": "t",
        "typeOfFirstFixedSurface": code,
        "scaleFactorOfFirstFixedSurface": scale,
        "scaledValueOfFirstFixedSurface": value,
    }


def layer(code: int, scale: int, first: int, second: int) -> dict[str, Any]:
    """The keys of a layer between two surfaces."""
    below = {
        "typeOfSecondFixedSurface": code,
        "scaleFactorOfSecondFixedSurface": scale,
        "scaledValueOfSecondFixedSurface": second,
    }
    return surface(code, scale, first) | below


@pytest.mark.parametrize(
    ("code", "scale", "value", "label", "unit"),
    [
        (104, 4, 9950, "0.995", "1"),
        (109, 6, 2, "0.000002", "K m2 kg-1 s-1"),
        (109, 6, 0x80000002, "-0.000002", "K m2 kg-1 s-1"),
        (100, 0, 85000, "850", "hPa"),
        (100, 0, 1, "0.01", "hPa"),
        (106, 2, 10, "0.1", "m"),
    ],
)
def test_a_level_is_what_its_scaled_value_says(
    tmp_path: Path, code: int, scale: int, value: int, label: str, unit: str
) -> None:
    with open_source(write_grib(tmp_path / "a.grib2", (cells(), surface(code, scale, value)))) as source:
        levels = source.description.variables[0].levels
    assert levels is not None
    assert (levels.labels, levels.unit, levels.bounds) == ((label,), unit, ())


def test_layers_are_levels_with_bounds(tmp_path: Path) -> None:
    fields = [(cells() + 280, layer(106, 1, 0, 1)), (cells() + 285, layer(106, 1, 1, 4))]
    with open_source(write_grib(tmp_path / "a.grib2", *fields)) as source:
        (variable,) = source.description.variables
        assert variable.levels is not None
        assert variable.levels.labels == ("0.05", "0.25")
        assert variable.levels.bounds == (("0", "0.1"), ("0.1", "0.4"))
        assert [float(source.read("t", 0, rows=(0, 1), layer=n)[0, 0]) for n in range(2)] == [280, 285]


def test_intervals_of_other_lengths_that_end_together_are_variables_of_their_own(tmp_path: Path) -> None:
    fields = [(cells(), {"shortName": "tp", "stepType": "accum", "stepRange": f"{start}-6"}) for start in (0, 3)]
    with open_source(write_grib(tmp_path / "a.grib2", *fields)) as source:
        names = {v.name: v.steps[0].start for v in source.description.variables if v.steps[0]}
    assert names == {"tp_6h": "2020-01-31T12:00:00Z", "tp_3h": "2020-01-31T15:00:00Z"}


def test_rows_that_run_to_and_fro_are_turned(tmp_path: Path) -> None:
    values = cells()
    values[1::2] = values[1::2, ::-1]
    keys = {"shortName": "t", "typeOfLevel": "surface", "alternativeRowScanning": 1}
    with open_source(write_grib(tmp_path / "a.grib2", (values, keys))) as source:
        assert source.read("t", 0, rows=(0, 6)) == pytest.approx(cells(), abs=0.05)


def test_a_parameter_on_a_grid_that_is_not_served_is_left_out(tmp_path: Path) -> None:
    damaged = write_grib(tmp_path / "b.grib2", (cells(), {"shortName": "u"})).read_bytes()
    place = damaged.index((72).to_bytes(4, "big") + b"\x03") + 30
    damaged = damaged[:place] + b"\x11" * 8 + damaged[place + 8 :]
    good = write_grib(tmp_path / "a.grib2", (cells(), {"shortName": "t"})).read_bytes()
    (tmp_path / "c.grib2").write_bytes(good + damaged)
    with open_source(tmp_path / "c.grib2") as source:
        assert [v.name for v in source.description.variables] == ["t"]
        ((name, reason),) = source.description.unusable
    assert (name, "is damaged" in reason) == ("u", True)
    (tmp_path / "d.grib2").write_bytes(damaged)
    with pytest.raises(SourceRefused, match=r"grid is damaged: it states 286331153 x"):
        open_source(tmp_path / "d.grib2")


def test_cells_of_a_strip_are_those_of_the_whole(tmp_path: Path) -> None:
    with open_source(write_grib(tmp_path / "a.grib2", (cells(), {"shortName": "t"}))) as source:
        whole = source.read("t", 0, rows=(0, 6))
        assert np.array_equal(whole[2:4], source.read("t", 0, rows=(2, 4)))
