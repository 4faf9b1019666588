"""Files with the inventories of real ones: GFS on 0.25 degrees, the ERA5 ensemble of data assimilations, and GEFS.

Each message becomes a time and layer of a variable, or is named with a reason: none is lost.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cog.sources.models import SourceDescription
from cog.sources.opening import open_source
from tests.cog.sources.test_grib import write_grib
from tests.support.sources import cells

type Keys = dict[str, Any]
type Field = tuple[np.ndarray[Any, Any], Keys]


def keys(category: int, number: int, surface: int, *values: int, scale: int = 0, **more: Any) -> Keys:
    """Keys of a GFS field: its parameter, its surface, and no, one or two values of that."""
    steps = {"stepRange": more.pop("stepRange", "9")}  # set last: another template would reset it
    found: Keys = {"centre": "kwbc", "tablesVersion": 2, "discipline": more.pop("discipline", 0)}
    found |= {"parameterCategory": category, "parameterNumber": number}
    if "typeOfStatisticalProcessing" in more:
        found["productDefinitionTemplateNumber"] = 8
    found["typeOfFirstFixedSurface"] = surface
    for which, value in zip(("First", "Second"), values, strict=False):
        found[f"typeOf{which}FixedSurface"] = surface
        found[f"scaleFactorOf{which}FixedSurface"] = scale
        found[f"scaledValueOf{which}FixedSurface"] = value
    return found | more | steps


PRESSURES = (1, 40, 1000, 50000, 85000, 100000)
SOIL = ((0, 10), (10, 40), (40, 100), (100, 200))
SIGMA = ((33, 100), (44, 72), (44, 100), (72, 94))
NEGATIVE = 0x80000002
"""-2 as GRIB writes it."""
AVERAGE = {"typeOfStatisticalProcessing": 0, "stepRange": "6-9"}
ACCUMULATED = {"typeOfStatisticalProcessing": 1}

GFS: tuple[Keys, ...] = (
    keys(3, 1, 101, 0),
    *(keys(1, number, 105, 1) for number in (22, 23)),
    *(keys(category, number, 100, p) for p in PRESSURES for category, number in ((3, 5), (0, 0), (2, 2))),
    *(keys(14, 192, 100, p) for p in (1, 40)),
    *(keys(0, 0, 103, height) for height in (2, 80, 100)),
    *(keys(2, 2, 103, height) for height in (10, 20, 30)),
    keys(0, 4, 103, 2, typeOfStatisticalProcessing=2, stepRange="6-9"),
    *(keys(number[0], number[1], 106, *ends, scale=2, discipline=2) for number in ((0, 2), (0, 192)) for ends in SOIL),
    *(keys(category, number, 109, value, scale=6) for value in (2, NEGATIVE) for category, number in ((3, 5), (0, 0))),
    keys(0, 0, 104, 995, scale=3),
    *(keys(1, 1, 104, *ends, scale=2) for ends in SIGMA),
    *(keys(7, 6, 108, top, 0) for top in (18000, 9000, 25500)),
    *(keys(3, 5, surface) for surface in (4, 6, 7, 204, 215)),
    *(keys(1, 8, 1, 0, stepRange=steps, **ACCUMULATED) for steps in ("0-9", "6-9")),
    keys(1, 7, 1, 0),
    keys(1, 7, 1, 0, **AVERAGE),
    *(keys(6, 1, surface, **more) for surface in (214, 224, 234) for more in ({}, AVERAGE)),
    keys(7, 8, 103, 3000, 0),
    keys(0, 0, 1, 0, discipline=2),
)


@pytest.fixture(scope="module")
def gfs(tmp_path_factory: pytest.TempPathFactory) -> SourceDescription:
    """A file of all of them."""
    path = write_grib(tmp_path_factory.mktemp("gfs") / "gfs.t00z.pgrb2.0p25.f009", *((cells(), one) for one in GFS))
    with open_source(path) as source:
        return source.description


def test_every_message_of_gfs_is_a_time_and_layer_of_a_variable(gfs: SourceDescription) -> None:
    assert gfs.unusable == gfs.skipped == ()
    assert sum(len(variable.steps) * len(variable.layers) for variable in gfs.variables) == len(GFS)


@pytest.mark.parametrize(
    ("name", "kind", "unit", "labels", "bounds"),
    [
        ("gh_isobaricInhPa", "isobaricInhPa", "hPa", ("0.01", "0.4", "10", "500", "850", "1000"), ()),
        ("o3mr", "isobaricInhPa", "hPa", ("0.01", "0.4"), ()),
        ("clwmr", "hybrid", "1", ("1",), ()),
        ("t_heightAboveGround", "heightAboveGround", "m", ("80", "100"), ()),
        (
            "soilw",
            "depthBelowLandLayer",
            "m",
            ("0.05", "0.25", "0.7", "1.5"),
            (("0", "0.1"), ("0.1", "0.4"), ("0.4", "1"), ("1", "2")),
        ),
        ("gh_potentialVorticity", "potentialVorticity", "K m2 kg-1 s-1", ("0.000002", "-0.000002"), ()),
        ("t_sigma", "sigma", "1", ("0.995",), ()),
        (
            "r",
            "sigmaLayer",
            "1",
            ("0.665", "0.58", "0.72", "0.83"),
            (("0.33", "1"), ("0.44", "0.72"), ("0.44", "1"), ("0.72", "0.94")),
        ),
        ("cape", "pressureFromGroundLayer", "hPa", ("90", "45", "127.5"), (("180", "0"), ("90", "0"), ("255", "0"))),
        ("hlcy", "heightAboveGroundLayer", "m", ("1500",), (("3000", "0"),)),
    ],
)
def test_levels_of_gfs_have_their_values_units_and_ends(
    gfs: SourceDescription,
    name: str,
    kind: str,
    unit: str,
    labels: tuple[str, ...],
    bounds: tuple[tuple[str, str], ...],
) -> None:
    levels = gfs.variable(name).levels
    assert levels is not None
    assert (levels.name, levels.unit, levels.labels, levels.bounds) == (kind, unit, labels, bounds)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("tp_9h", "2020-01-31T12:00:00Z", "2020-01-31T21:00:00Z"),
        ("tp_3h", "2020-01-31T18:00:00Z", "2020-01-31T21:00:00Z"),
        ("prate_surface_avg", "2020-01-31T18:00:00Z", "2020-01-31T21:00:00Z"),
        ("tmax", "2020-01-31T18:00:00Z", "2020-01-31T21:00:00Z"),
    ],
)
def test_intervals_of_gfs_begin_and_end_as_stated(gfs: SourceDescription, name: str, start: str, end: str) -> None:
    (step,) = gfs.variable(name).steps
    assert step is not None
    assert (step.start, step.end, step.label) == (start, end, end)


def member(number: int, level: int, **more: Any) -> Field:
    """A field of an ensemble at a pressure: member * 1000 + level + row * 10 + column."""
    said = {"shortName": "t", "typeOfLevel": "isobaricInhPa", "level": level, "perturbationNumber": number}
    return cells() + number * 1000 + level, more | said


ECMWF = {"edition": 1, "setLocalDefinition": 1, "localDefinitionNumber": 1}
EDA = ECMWF | {"marsStream": "enda", "marsType": "an", "numberOfForecastsInEnsemble": 10}
OPER = ECMWF | {"marsStream": "oper", "marsType": "an", "numberOfForecastsInEnsemble": 0}
GEFS = {"productDefinitionTemplateNumber": 1, "numberOfForecastsInEnsemble": 30}


def test_the_ensemble_of_era5_is_members_by_levels(tmp_path: Path) -> None:
    fields = [member(number, level, **EDA) for number in range(10) for level in (1000, 850)]
    with open_source(write_grib(tmp_path / "eda.grib", *fields)) as source:
        (variable,) = source.description.variables
        assert variable.members is not None
        assert variable.members.labels == tuple(map(str, range(10)))
        assert variable.layers[-1] == "850@9"
        assert source.read("t", 0, rows=(0, 6), layer=19)[5, 7] == pytest.approx(9907, abs=0.2)


def test_a_single_run_of_era5_is_no_member(tmp_path: Path) -> None:
    with open_source(write_grib(tmp_path / "hres.grib", member(0, 500, **OPER))) as source:
        assert source.description.variables[0].layers == ("500",)


def test_the_control_of_gefs_in_a_file_of_its_own_is_a_member(tmp_path: Path) -> None:
    with open_source(write_grib(tmp_path / "gec00.grib2", member(0, 500, **GEFS))) as source:
        assert source.description.variables[0].layers == ("500@0",)


def test_a_member_without_a_level_is_told_and_others_stay(tmp_path: Path) -> None:
    fields = [member(number, level, **GEFS) for number in (1, 2) for level in (1000, 850)]
    other = (cells(), {"shortName": "2t"})
    with open_source(write_grib(tmp_path / "a.grib2", *fields[:3], other)) as source:
        assert [variable.name for variable in source.description.variables] == ["2t"]
        ((name, reason),) = source.description.unusable
    assert name == "t"
    assert "level 850 of member 2" in reason
