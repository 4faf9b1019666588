"""The default style of a variable: colours by quantity, and ranges in which its values can be told apart."""

from __future__ import annotations

import numpy as np
import pytest

from cog.statistics.histogram import Histogram
from records.datasets.models import Statistics
from services.drawing import colormaps
from services.ingest.publishing import looks
from services.ingest.publishing.looks import default_style, percentile_above_zero


def _statistics(low: float, high: float, *, mean: float | None = None, stddev: float | None = None) -> Statistics:
    """Statistics of values that lie between two percentiles, with a few beyond them."""
    reach = high - low
    return Statistics(
        minimum=low if low >= 0 else low - reach / 10,
        maximum=high + reach / 10,
        mean=(low + high) / 2 if mean is None else mean,
        stddev=reach / 4 if stddev is None else stddev,
        percentile_2=low,
        percentile_98=high,
        valid_percent=100.0,
    )


@pytest.mark.parametrize(
    ("standard_name", "unit", "values", "colormap", "ends", "scale"),
    [
        ("sea_surface_temperature", "degC", (1.0, 29.0), "thermal", (-2, 32), "linear"),
        ("sea_surface_temperature", "K", (274.0, 302.0), "thermal", (274.0, 302.0), "linear"),
        ("sea_surface_temperature", "degC", (24.0, 28.0), "thermal", (24.0, 28.0), "linear"),
        ("sea_surface_temperature_anomaly", "K", (-1.2, 2.6), "balance", (-3, 3), "linear"),
        ("mass_concentration_of_chlorophyll_a_in_sea_water", "mg m-3", (0.02, 8.0), "algae", (0.01, 20), "log"),
        ("mass_concentration_of_chlorophyll_a_in_sea_water", "mg m-3", (0.0, 8.0), "algae", (0.0, 8.0), "linear"),
        ("sea_surface_wave_from_direction", "degree", (4.0, 352.0), "phase", (0, 360), "linear"),
        ("eastward_wind", "m s-1", (-7.0, 9.5), "balance", (-10, 10), "linear"),
        ("wind_speed", "m s-1", (1.0, 17.0), "speed", (0, 25), "linear"),
        ("surface_downward_mass_flux_of_carbon_dioxide", None, (-2.0, 3.0), "balance_r", (-3, 3), "linear"),
        ("sea_ice_area_fraction", "1", (0.0, 1.0), "ice", (0, 1), "linear"),
        (None, "degC", (3.0, 19.0), "thermal", (3.0, 19.0), "linear"),
        (None, "furlong", (3.0, 19.0), "viridis", (3.0, 19.0), "linear"),
    ],
)  # fmt: skip
def test_a_quantity_has_the_colours_and_range_that_its_field_expects(
    standard_name: str | None,
    unit: str | None,
    values: tuple[float, float],
    colormap: str,
    ends: tuple[float, float],
    scale: str,
) -> None:
    style = default_style(standard_name=standard_name, unit=unit, statistics=_statistics(*values))
    assert (style.colormap, style.range, style.scale) == (colormap, ends, scale)


def test_values_of_both_signs_about_zero_are_drawn_about_zero_whatever_their_name() -> None:
    style = default_style(standard_name=None, unit="K", statistics=_statistics(-4.0, 4.2, mean=0.1, stddev=2.0))
    assert (style.colormap, style.range) == ("balance", (-5, 5))


def test_temperatures_in_degrees_about_freezing_are_no_departures() -> None:
    style = default_style(standard_name="air_temperature", unit="degC", statistics=_statistics(-9.0, 11.0))
    assert (style.colormap, style.range) == ("thermal", (-9.0, 11.0))


def test_rain_that_falls_on_few_cells_is_drawn_up_to_where_it_rains() -> None:
    """97 % of the cells are dry: the 98th percentile of all cells is 0.8, that of the wet ones 39.2."""
    histogram = Histogram(exact=True, codes=np.arange(0, 401), counts=np.array([13_000, *np.ones(400, dtype=int)]))
    above = percentile_above_zero(histogram, scale=0.1, offset=0.0)
    assert above == pytest.approx(39.2)
    style = default_style(
        standard_name="precipitation_amount", unit="kg m-2", statistics=_statistics(0.0, 0.8), above_zero=above
    )
    assert (style.colormap, style.range) == ("rain", (0.0, 40.0))


def test_without_any_value_above_zero_there_is_no_percentile_of_them() -> None:
    histogram = Histogram(exact=True, codes=np.array([-3, 0]), counts=np.array([5, 5]))
    assert percentile_above_zero(histogram, scale=1.0, offset=0.0) is None


def test_a_variable_without_data_has_a_range_all_the_same() -> None:
    style = default_style(standard_name="sea_surface_temperature", unit="degC", statistics=None)
    assert (style.colormap, style.range) == ("thermal", (0.0, 1.0))


def test_every_colour_map_of_the_table_can_be_drawn() -> None:
    table = [look for _, look in looks._BY_NAME] + list(looks._BY_UNIT.values())  # noqa: SLF001 - the whole table
    assert {look.colormap for look in table} <= set(colormaps.names())
