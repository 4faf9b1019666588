"""Units as data centres write them, and conversions with a note."""

from __future__ import annotations

import pytest

from cog.science.units import conversion, parse_unit
from config.errors import InvalidInput


@pytest.mark.parametrize(
    ("unit", "target", "value", "converted"),
    [
        ("K", "degC", 300.15, 27.0),
        ("degrees_celsius", "K", 27.0, 300.15),
        ("Pa", "hPa", 101_325.0, 1013.25),
        ("atm", "hPa", 1.0, 1013.25),
        ("uatm", "uatm", 380.0, 380.0),
        ("Pa", "uatm", 38.0, 38.0 / 0.101325),
        ("%", "1", 40.0, 0.4),
        ("umol mol-1", "ppm", 400.0, 400.0),
        ("1e-6", "ppm", 400.0, 400.0),
        ("knots", "m s-1", 10.0, 5.1444444),
        ("m/s", "m s-1", 7.0, 7.0),
        ("m^2 s^-2", "m2 s-2", 50.0, 50.0),
        ("mmol m-2 d-1", "mol m-2 yr-1", 1.0, 0.36525),
        ("mmol/m2/day", "g C m-2 d-1", 2.0, 0.024022),
        ("g C m-2 month-1", "mol m-2 month-1", 12.011, 1.0),
        ("µmol L-1", "mmol m-3", 3.0, 3.0),
    ],
)
def test_values_are_converted(unit: str, target: str, value: float, converted: float) -> None:
    change = conversion(unit, target, name="field")
    assert value * change.factor + change.offset == pytest.approx(converted, rel=1e-6)


def test_a_conversion_is_noted_and_none_is_not() -> None:
    assert conversion("K", "degC", name="sst").note == "sst was converted from K to degC"
    assert conversion("degree_C", "degC", name="sst").note is None
    assert "absolute" not in (conversion("psu", "psu", name="s").note or "")
    assert "g kg-1" in (conversion("g kg-1", "psu", name="s").note or "")


@pytest.mark.parametrize(
    ("unit", "target"), [("m s-1", "degC"), ("umol kg-1", "mmol m-3"), ("uatm", "ppm"), ("degC", "psu")]
)
def test_another_quantity_is_refused_by_name(unit: str, target: str) -> None:
    with pytest.raises(InvalidInput, match="pco2: "):
        conversion(unit, target, name="pco2")


@pytest.mark.parametrize("unit", ["", "furlong", "m s-", "ms^-1 x", "a" * 200, "m\x00"])
def test_unknown_units_are_refused(unit: str) -> None:
    with pytest.raises(InvalidInput, match="unit"):
        parse_unit(unit)
