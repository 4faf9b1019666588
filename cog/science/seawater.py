"""Properties of sea water and of the air above it that gas exchange depends on.

Arrays of any shape, float64; temperature in degrees Celsius, practical salinity, pressure in atmospheres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Field = NDArray[np.float64]

SchmidtFit = Literal["W92", "W14"]

KELVIN: Final = 273.15
_SCHMIDT: Final[dict[SchmidtFit, tuple[float, ...]]] = {
    "W92": (2073.1, -125.62, 3.6276, -0.043219),
    "W14": (2116.8, -136.25, 4.7353, -0.092307, 0.0007555),
}
_GAS_CONSTANT: Final = 82.057
"""cm3 atm mol-1 K-1."""


def schmidt_number(temperature: Field, fit: SchmidtFit = "W14") -> Field:
    """Schmidt number of CO2 in sea water of salinity 35.

    `W14`: Wanninkhof 2014 (Limnol. Oceanogr. Methods 12, 351), -2 to 40 degrees. `W92`: Wanninkhof 1992 (J. Geophys.
    Res. 97, 7373), 0 to 30 degrees.
    """
    return _polynomial(temperature, _SCHMIDT[fit])


def _polynomial(x: Field, coefficients: tuple[float, ...]) -> Field:
    result: Any = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        result = result * x + coefficient
    return np.asarray(result, dtype="float64")


def co2_solubility(temperature: Field, salinity: Field, *, zero: float = KELVIN) -> Field:
    """K0 of CO2, mol L-1 atm-1 (Weiss 1974, Mar. Chem. 2, 203, the volumetric coefficients of table 1).

    `zero` is 0 degrees Celsius in kelvin; Takahashi et al. 2009 took 273.16.
    """
    x = (temperature + zero) / 100
    salting = 0.027766 + x * (-0.025888 + 0.0050578 * x)
    return np.asarray(np.exp(-58.0931 + 90.5069 / x + 22.2940 * np.log(x) + salinity * salting))


def co2_solubility_by_mass(temperature: Field, salinity: Field) -> Field:
    """K0 of CO2, mol kg-1 atm-1 (Weiss 1974, the gravimetric coefficients of table 1)."""
    x = (temperature + KELVIN) / 100
    salting = 0.023517 + x * (-0.023656 + 0.0047036 * x)
    return np.asarray(np.exp(-60.2409 + 93.4517 / x + 23.3585 * np.log(x) + salinity * salting))


def water_vapour_pressure(temperature: Field, salinity: Field) -> Field:
    """Pressure of water vapour at saturation over sea water, atm (Weiss and Price 1980, Mar. Chem. 8, 347)."""
    x = (temperature + KELVIN) / 100
    return np.asarray(np.exp(24.4543 - 67.4509 / x - 4.8489 * np.log(x) - 0.000544 * salinity))


def fugacity_ratio(temperature: Field, pressure: Field, *, mole_fraction: float = 4e-4) -> Field:
    """fCO2 / pCO2 of CO2 in air at a pressure in atm (Weiss 1974, equations 6, 9 and 11)."""
    kelvin = temperature + KELVIN
    virial = -1636.75 + kelvin * (12.0408 + kelvin * (-0.0327957 + kelvin * 3.16528e-5))
    cross = 57.7 - 0.118 * kelvin
    exponent = pressure * (virial + 2 * (1 - mole_fraction) ** 2 * cross) / (_GAS_CONSTANT * kelvin)
    return np.asarray(np.exp(exponent))
