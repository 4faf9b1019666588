"""Reference times of CF time coordinates by UDUNITS' rules, and the times counted from them."""

from __future__ import annotations

from pathlib import Path

import netCDF4
import numpy as np
import pytest

from cog.sources.calendars import text_steps
from cog.sources.opening import open_source
from cog.sources.references import moments
from config.errors import SourceRefused
from tests.support.sources import cells, write_netcdf

LAT, LON = np.arange(5.5, -0.5, -1), np.arange(10.5, 18.5)


def first(units: str, value: float = 0, calendar: str = "standard") -> str:
    """The time of a value, as text."""
    return str(moments(np.array([value]), units, calendar)[0])


@pytest.mark.parametrize(
    ("units", "moment"),
    [
        ("hours since 2000-01-01 00:00:00 -6:00", "2000-01-01 06:00:00"),
        ("hours since 2000-01-01 00:00:00 +8", "1999-12-31 16:00:00"),
        ("hours since 2000-01-01 00:00:00 -3:30", "2000-01-01 03:30:00"),
        ("hours since 2000-01-01 00:00:00 -600", "2000-01-01 06:00:00"),
        ("hours since 2000-01-01 12", "2000-01-01 12:00:00"),
        ("hours  since  2000-01-01  06:00", "2000-01-01 06:00:00"),
        ("hours since 2000-01-01T06", "2000-01-01 06:00:00"),
        ("days since 2000-01-01T06:00:00Z", "2000-01-01 06:00:00"),
        ("days since 2000-01-01 06:00 UTC", "2000-01-01 06:00:00"),
        ("hours since 1-1-1 00:00:0.0", "0001-01-01 00:00:00"),
        ("Seconds since 1970-01-01 00:00:00.5", "1970-01-01 00:00:00.500000"),
    ],
)
def test_a_reference_is_read_as_udunits_reads_it(units: str, moment: str) -> None:
    assert first(units) == moment


@pytest.mark.parametrize(
    "units",
    [
        "hours since 01-01-2000",
        "hours since 2000-01-01 00:00 EST",
        "hours since 2000-01-01 00:00 UTC+8",
        "hours since 2000-01-01 06:00 PM",
        "hours since 2000-01-01 -6:00",
        "hours since 2000-01-01 00:00 +99:00",
        "days since 2000-01-01 25:00",
        "day as %Y%m%d.%f",
    ],
)
def test_a_reference_that_could_be_misread_is_refused(units: str) -> None:
    with pytest.raises(ValueError, match=r"it does not read|is no zone|is no time of day"):
        first(units)


def test_whole_months_are_counted_on_the_calendar() -> None:
    dates = moments(np.array([0.0, 1, 12, -1]), "months since 1958-01-01", "standard")
    assert [str(date)[:10] for date in dates] == ["1958-01-01", "1958-02-01", "1959-01-01", "1957-12-01"]
    assert first("years since 1958-03-15", 2)[:10] == "1960-03-15"
    assert first("months since 2000-01-01", 0.5, "360_day")[:10] == "2000-01-16"


@pytest.mark.parametrize(("units", "value"), [("months since 2000-01-01", 0.5), ("months since 2000-01-31", 1)])
def test_months_of_no_one_length_are_refused_with_a_remedy(tmp_path: Path, units: str, value: float) -> None:
    path = write_netcdf(tmp_path / "a.nc", cells()[np.newaxis], LAT, LON, [value], units=units)
    with pytest.raises(SourceRefused, match="declare `time`"):
        open_source(path)


def test_a_fraction_of_a_second_is_kept(tmp_path: Path) -> None:
    units = "seconds since 2000-01-01 12:00:00"
    path = write_netcdf(tmp_path / "a.nc", cells()[np.newaxis], LAT, LON, [700000000.123], units=units)
    with open_source(path) as source:
        (step,) = source.description.variables[0].steps
    assert step is not None
    assert step.label == "2022-03-08T08:26:40.123Z"


def test_times_may_be_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(str(path), "w") as file:
        for name, axis, unit in (("lat", LAT, "degrees_north"), ("lon", LON, "degrees_east")):
            file.createDimension(name, len(axis))
            file.createVariable(name, "f8", (name,)).units = unit
            file[name][:] = axis
        file.createDimension("Time", 2)
        file.createDimension("DateStrLen", 19)
        times = file.createVariable("Times", "S1", ("Time", "DateStrLen"))
        times[:] = netCDF4.stringtochar(np.array([b"2008-09-30_12:00:00", b"2008-09-30_18:00:00"]))
        strings = file.createVariable("time", str, ("Time",))
        strings.standard_name = "time"
        strings[:] = np.array(["2008-09-30T12:00:00", "2008-09-30T18:00:00+08:00"], dtype=object)
        variable = file.createVariable("v", "f4", ("Time", "lat", "lon"))
        variable.coordinates, variable.units = "time", "K"
        variable[:] = np.stack([cells(), cells()])
    with open_source(path) as source:
        labels = [step.label for step in source.description.variables[0].steps if step]
    assert labels == ["2008-09-30T12:00:00Z", "2008-09-30T10:00:00Z"]


def test_texts_of_digits_are_times_and_others_are_refused() -> None:
    labels = [step.label for step in text_steps(["20060516", "2006-05-16_18:00:00"], "standard", path=Path("a"))]
    assert labels == ["2006-05-16", "2006-05-16T18:00:00Z"]
    with pytest.raises(SourceRefused, match=r"holds texts such as 'spring'.*declare `time`"):
        text_steps(["spring"], "standard", path=Path("a"))
