"""The look of a variable that declares none: the colours and range that people of the field expect of its quantity.

The quantity is known by its CF standard name, else by its unit, else by the signs of its values. Colour maps are
cmocean's (MIT) and matplotlib's, by the names that rio-tiler gives them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from records.datasets.models import Style

if TYPE_CHECKING:
    from cog.statistics.histogram import Histogram
    from records.datasets.models import Statistics

Range = tuple[float, float]
Spread = Literal["percentiles", "symmetric", "from zero", "logarithmic"]

_LEAST_SHARE = 1 / 3
"""Of a usual range, the part that the middle 96 % of the values must fill for it to be used."""
_WELL_WITHIN = 0.25
"""A mean below this many standard deviations lies at zero: its values are drawn about zero."""


@dataclass(frozen=True)
class Look:
    """Colours of a quantity.

    Attributes:
        colormap: rio-tiler's name of the colour map.
        spread: Where the ends of the colours lie: at the 2nd and 98th percentile; as far below zero as above; from zero
            to the 98th percentile of the values above it; at the percentiles, by decimal logarithm.
        usual: The range that the field uses, in the first of `units`, where the values lie within it.
        units: Spellings of the unit of `usual`.
    """

    colormap: str
    spread: Spread = "percentiles"
    usual: Range | None = None
    units: tuple[str, ...] = ()


_CELSIUS = ("degC", "degree_Celsius", "degrees_Celsius", "Celsius", "deg_C", "celsius", "°C", "C")
_SPEED = ("m s-1", "m/s", "m s**-1", "m s^-1")
_FRACTION = ("1", "")
_METRES = ("m", "metre", "meter", "metres", "meters")
_DEGREES = ("degree", "degrees", "degree_true", "deg")

_BY_NAME: tuple[tuple[str, Look], ...] = (
    ("*direction", Look("phase", usual=(0, 360), units=_DEGREES)),
    ("*anomaly*", Look("balance", "symmetric")),
    ("tendency_of_*", Look("balance", "symmetric")),
    ("*difference*", Look("balance", "symmetric")),
    ("*net_downward*flux*", Look("balance", "symmetric")),
    ("*correlation*", Look("balance", usual=(-1, 1), units=_FRACTION)),
    ("*brightness_temperature*", Look("gray_r", usual=(180, 320), units=("K", "kelvin"))),
    ("*outgoing_longwave_flux*", Look("gray_r")),
    ("sea_*temperature*", Look("thermal", usual=(-2, 32), units=_CELSIUS)),
    ("*temperature*", Look("thermal")),
    ("sea_*salinity*", Look("haline", usual=(30, 38), units=("1e-3", "psu", "PSU", "1", "0.001"))),
    ("sea_water_*density*", Look("dense")),
    ("*chlorophyll*", Look("algae", "logarithmic", (0.01, 20), ("mg m-3", "mg/m3", "mg m^-3", "mg/m^3"))),
    ("*phytoplankton*", Look("algae", "logarithmic")),
    ("*primary_production*", Look("tempo", "logarithmic")),
    ("*productivity*", Look("tempo", "logarithmic")),
    ("*suspended_matter*", Look("turbid", "logarithmic")),
    ("*turbidity*", Look("turbid", "logarithmic")),
    ("*attenuation*radiative_flux*", Look("turbid", "logarithmic")),
    ("*secchi_depth*", Look("deep_r", "logarithmic")),
    ("*dissolved_organic*", Look("matter", "logarithmic")),
    ("*oxygen*", Look("oxy", "from zero")),
    ("*nitrate*", Look("matter", "from zero")),
    ("*phosphate*", Look("matter", "from zero")),
    ("*silicate*", Look("matter", "from zero")),
    ("*ph_reported*", Look("viridis", usual=(7.7, 8.3), units=_FRACTION)),
    ("*alkalinity*", Look("haline")),
    ("*dissolved_inorganic_carbon*", Look("haline")),
    ("*partial_pressure_of_carbon_dioxide*", Look("matter", usual=(250, 500), units=("uatm", "µatm", "microatm"))),
    ("*fugacity_of_carbon_dioxide*", Look("matter", usual=(250, 500), units=("uatm", "µatm", "microatm"))),
    ("surface_downward*flux*carbon_dioxide*", Look("balance_r", "symmetric")),
    ("surface_upward*flux*carbon_dioxide*", Look("balance", "symmetric")),
    ("sea_surface_wave_significant_height", Look("amp", "from zero", (0, 10), _METRES)),
    ("sea_surface*wave*period*", Look("tempo", "from zero", (0, 20), ("s",))),
    ("wind_speed*", Look("speed", "from zero", (0, 25), _SPEED)),
    ("*speed*", Look("speed", "from zero")),
    ("*vorticity*", Look("curl", "symmetric")),
    ("*divergence*", Look("delta", "symmetric")),
    ("eastward_*", Look("balance", "symmetric")),
    ("northward_*", Look("balance", "symmetric")),
    ("upward_*velocity*", Look("balance", "symmetric")),
    ("*_eastward_*velocity", Look("balance", "symmetric")),
    ("*_northward_*velocity", Look("balance", "symmetric")),
    ("*_x_velocity", Look("balance", "symmetric")),
    ("*_y_velocity", Look("balance", "symmetric")),
    ("*mixed_layer_thickness*", Look("deep", "logarithmic")),
    ("sea_floor_depth*", Look("deep", "from zero")),
    ("surface_altitude", Look("topo", "symmetric")),
    ("height_above_reference_ellipsoid", Look("topo", "symmetric")),
    ("sea_ice_area_fraction", Look("ice", usual=(0, 1), units=_FRACTION)),
    ("sea_ice_thickness", Look("ice", "from zero")),
    ("*snow_thickness*", Look("ice", "from zero")),
    ("*precipitation*", Look("rain", "from zero")),
    ("*rainfall*", Look("rain", "from zero")),
    ("*water_content_of_soil*", Look("rain")),
    ("*moisture*soil*", Look("rain")),
    ("*soil*moisture*", Look("rain")),
    ("*vegetation_index*", Look("ylgn", usual=(-0.1, 0.9), units=_FRACTION)),
    ("leaf_area_index", Look("ylgn", "from zero")),
    ("*photosynthetic*", Look("solar", "from zero")),
    ("*downwelling_shortwave*", Look("solar", "from zero")),
    ("*optical_thickness*aerosol*", Look("ylorrd", "from zero")),
    ("*mole_fraction_of_ozone*", Look("ylorrd", "from zero")),
    ("*cloud_area_fraction*", Look("gray", usual=(0, 1), units=_FRACTION)),
    ("*population*", Look("inferno", "logarithmic")),
)
"""The first pattern that fits a CF standard name counts."""

_BY_UNIT: dict[str, Look] = {
    "%": Look("viridis", usual=(0, 100), units=("%",)),
    "K": Look("thermal"),
    **dict.fromkeys((*_CELSIUS,), Look("thermal")),
    "uatm": Look("matter"),
    "mm d-1": Look("rain", "from zero"),
    "mm h-1": Look("rain", "from zero"),
    "mm/h": Look("rain", "from zero"),
    "mm/day": Look("rain", "from zero"),
}


def default_style(
    *, standard_name: str | None, unit: str | None, statistics: Statistics | None, above_zero: float | None = None
) -> Style:
    """The style `default` of a continuous variable.

    Args:
        standard_name: CF standard name, or None.
        unit: Unit of the physical values, or None.
        statistics: Statistics of the physical values; None: no cell has data.
        above_zero: The 98th percentile of the values above zero, or None: not known, or there is none.
    """
    look = _look(standard_name or "", unit or "", statistics)
    ends, logarithmic = (0.0, 1.0), False
    if statistics is not None:
        ends, logarithmic = _ends(look, unit or "", statistics, above_zero)
    return Style(
        id="default",
        title={"en": "Default", "zh": "默认"},
        colormap=look.colormap,
        range=ends,
        scale="log" if logarithmic else "linear",
    )


def percentile_above_zero(histogram: Histogram, *, scale: float, offset: float) -> float | None:
    """The 98th percentile of the physical values above zero; None: there is none."""
    positive = histogram.above(0.0, scale=scale, offset=offset)
    return positive.percentiles([98], scale=scale, offset=offset)[0] if positive.codes.size else None


def middle_range(statistics: Statistics | None) -> Range:
    """The 2nd and 98th percentile, else all values, else a range of 1 from the only value."""
    if statistics is None:
        return (0.0, 1.0)
    low, high = statistics.percentile_2, statistics.percentile_98
    if low < high:
        return (low, high)
    if statistics.minimum < statistics.maximum:
        return (statistics.minimum, statistics.maximum)
    return (low, low + 1.0)


def _look(standard_name: str, unit: str, statistics: Statistics | None) -> Look:
    named = next((look for pattern, look in _BY_NAME if fnmatchcase(standard_name, pattern)), None)
    if named is not None:
        return named
    if unit in _BY_UNIT and not (statistics is not None and _lies_about_zero(statistics)):
        return _BY_UNIT[unit]
    if statistics is not None and _lies_about_zero(statistics):
        return Look("balance", "symmetric")
    return Look("viridis")


def _lies_about_zero(statistics: Statistics) -> bool:
    """Whether values of both signs have their mean near zero, as those of a departure have."""
    both = statistics.percentile_2 < 0 < statistics.percentile_98
    return both and abs(statistics.mean) < _WELL_WITHIN * statistics.stddev


def _ends(look: Look, unit: str, statistics: Statistics, above_zero: float | None) -> tuple[Range, bool]:
    """The ends of the colours, and whether values spread by their logarithm."""
    low, high = middle_range(statistics)
    logarithmic = look.spread == "logarithmic" and low > 0
    if look.usual is not None and unit in look.units and _fits(look.usual, (low, high), logarithmic=logarithmic):
        return look.usual, logarithmic
    if look.spread == "symmetric":
        reach = _rounded(max(abs(low), abs(high)))
        return (-reach, reach), False
    if look.spread == "from zero" and statistics.minimum >= 0:
        return (0.0, _rounded(above_zero or high)), False
    return (low, high), logarithmic


def _fits(usual: Range, middle: Range, *, logarithmic: bool) -> bool:
    """Whether the middle of the values lies in a usual range and fills enough of it to be told apart."""
    (low, high), (first, last) = usual, middle
    if not low <= first < last <= high:
        return False
    if logarithmic:
        low, high, first, last = (math.log10(value) for value in (low, high, first, last))
    return (last - first) >= _LEAST_SHARE * (high - low)


def _rounded(reach: float) -> float:
    """The least number of the form 1, 1.5, 2, 3, 4, 5, 6 or 8 times a power of ten that is not below a positive one."""
    if not reach > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(reach))
    return next(
        float(f"{step * power:.6g}") for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= reach * (1 - 1e-9)
    )
