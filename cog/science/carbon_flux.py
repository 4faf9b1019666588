"""The air-sea flux of CO2 by the bulk formula, its uncertainty, and what it is made of.

F = k K0 (pCO2 of the water - pCO2 of the air) (1 - ice). Positive is out of the water. With k in cm/h, K0 in mol L-1
atm-1 and partial pressures in uatm the factor to mmol m-2 d-1 is 0.24 exactly. `rapid` takes the solubility of the
water side at the temperature below the skin and that of the air side at that of the skin (Woolf et al. 2016, J.
Geophys. Res. Oceans 121, 1229).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from cog.science.gas_transfer import require_moments, transfer_velocity
from cog.science.seawater import co2_solubility, fugacity_ratio, water_vapour_pressure

if TYPE_CHECKING:
    from cog.science.gas_transfer import GasTransfer
    from cog.science.seawater import Field

Method = Literal["bulk", "rapid"]
Skin = Literal["none", "offset", "donlon2002"]
Quantity = Literal["pco2", "fco2"]

FACTOR: Final = 0.24
"""cm/h * mol L-1 atm-1 * uatm in mmol m-2 d-1."""
HPA_PER_ATM: Final = 1013.25
_DONLON: Final = (-0.14, -0.30, 3.7)
"""Skin minus bulk temperature, K: a + b exp(-U / c) (Donlon et al. 2002, J. Climate 15, 353)."""


@dataclass(frozen=True, kw_only=True)
class FluxMethod:
    """How the flux is computed.

    Attributes:
        transfer: The transfer velocity.
        method: `bulk` or `rapid`.
        skin: The temperature of the skin, for `rapid`: as below it, a fixed offset, or Donlon's by wind.
        skin_offset: Skin minus bulk, K.
        quantity: `fco2` converts partial pressures to fugacities.
        ignores_ice: Whether the flux under ice is not reduced.
        k_uncertainty: Relative standard uncertainty of k; of K0 it is 0.002.
        sea_uncertainty: Standard uncertainty of the pCO2 of the water, uatm.
        air_uncertainty: Standard uncertainty of the pCO2 of the air, uatm.
    """

    transfer: GasTransfer
    method: Method = "bulk"
    skin: Skin = "none"
    skin_offset: float = -0.17
    quantity: Quantity = "pco2"
    ignores_ice: bool = False
    k_uncertainty: float = 0.20
    k0_uncertainty: float = 0.002
    sea_uncertainty: float = 35.0
    air_uncertainty: float = 10.0


@dataclass(frozen=True, kw_only=True)
class FluxInputs:
    """The fields of a block, float64 of one shape or single numbers; NaN is no data.

    Attributes:
        temperature: Degrees Celsius, below the skin.
        salinity: Practical.
        wind: Mean wind at 10 m, m/s; None where no parametrisation needs it.
        wind_square: Mean of its square, m2 s-2.
        ice: Fraction of the area under ice, 0 to 1; None: none.
        sea: pCO2 of the water, uatm; None where `difference` is there.
        air: pCO2 of the air, uatm; None where it comes of `mole_fraction` or `difference` is there.
        mole_fraction: xCO2 in dry air, ppm.
        pressure: hPa, for the humidity of `mole_fraction` and for fugacities.
        difference: pCO2 of the water less that of the air, uatm.
        sea_uncertainty: Standard uncertainty of the pCO2 of the water, uatm; None: that of the method.
        air_uncertainty: The same of the air.
    """

    temperature: Field
    salinity: Field
    wind_square: Field
    wind: Field
    ice: Field | None = None
    sea: Field | None = None
    air: Field | None = None
    mole_fraction: Field | None = None
    pressure: Field | None = None
    difference: Field | None = None
    sea_uncertainty: Field | None = None
    air_uncertainty: Field | None = None


@dataclass(frozen=True, kw_only=True)
class FluxFields:
    """What a block comes to: partial pressures in uatm, the flux in mmol m-2 d-1 of carbon, and their uncertainties."""

    sea: Field | None
    air: Field | None
    difference: Field
    flux: Field
    uncertainty: Field
    sea_uncertainty: Field
    air_uncertainty: Field

    @property
    def difference_uncertainty(self) -> Field:
        """Standard uncertainty of the difference of partial pressures, whose errors are independent, uatm."""
        return np.asarray(np.hypot(self.sea_uncertainty, self.air_uncertainty))


def air_pco2(mole_fraction: Field, pressure: Field, temperature: Field, salinity: Field) -> Field:
    """pCO2, uatm, of air that is saturated with water vapour at the surface.

    Args:
        mole_fraction: xCO2 in dry air, ppm.
        pressure: hPa.
        temperature: Degrees Celsius.
        salinity: Practical.
    """
    return np.asarray(mole_fraction * (pressure / HPA_PER_ATM - water_vapour_pressure(temperature, salinity)))


def compute_flux(inputs: FluxInputs, method: FluxMethod) -> FluxFields:
    """Compute the flux of a block; raises InvalidInput for a second moment of the wind that no wind has."""
    require_moments(inputs.wind, inputs.wind_square)
    skin = _skin_temperature(inputs, method)
    sea, air = _partial_pressures(inputs, method, skin)
    transfer = method.transfer
    velocity = transfer_velocity(transfer, inputs.temperature, inputs.wind, inputs.wind_square)
    below = co2_solubility(inputs.temperature, inputs.salinity, zero=transfer.zero)
    open_water = 1.0 if inputs.ice is None or method.ignores_ice else 1.0 - inputs.ice
    scale = FACTOR * velocity * open_water
    if method.method == "rapid" and sea is not None and air is not None:
        above = co2_solubility(skin, inputs.salinity, zero=transfer.zero)
        difference = sea - air
        flux = scale * (below * sea - above * air)
    else:
        both = None if sea is None or air is None else sea - air
        stated = inputs.difference if both is None else both
        assert stated is not None
        difference = stated
        flux = scale * below * difference
    errors = [
        np.where(np.isfinite(difference), method_error if own is None else own, np.nan)
        for own, method_error in (
            (inputs.sea_uncertainty, method.sea_uncertainty),
            (inputs.air_uncertainty, method.air_uncertainty),
        )
    ]
    return FluxFields(
        sea=sea,
        air=air,
        difference=np.asarray(difference),
        flux=np.asarray(flux),
        uncertainty=_uncertainty(flux, scale * below, method, errors),
        sea_uncertainty=errors[0],
        air_uncertainty=errors[1],
    )


def _uncertainty(flux: Field, sensitivity: Field, method: FluxMethod, errors: list[Field]) -> Field:
    """Standard uncertainty, absolute because the difference of pressures crosses 0."""
    relative = method.k_uncertainty**2 + method.k0_uncertainty**2
    pressures = errors[0] ** 2 + errors[1] ** 2
    return np.asarray(np.sqrt(flux**2 * relative + sensitivity**2 * pressures))


def _skin_temperature(inputs: FluxInputs, method: FluxMethod) -> Field:
    if method.skin == "offset":
        return inputs.temperature + method.skin_offset
    if method.skin == "donlon2002":
        base, gain, scale = _DONLON
        return np.asarray(inputs.temperature + base + gain * np.exp(-inputs.wind / scale))
    return inputs.temperature


def _partial_pressures(inputs: FluxInputs, method: FluxMethod, skin: Field) -> tuple[Field | None, Field | None]:
    sea, air = inputs.sea, inputs.air
    at_surface = skin if method.method == "rapid" else inputs.temperature
    if inputs.mole_fraction is not None and inputs.pressure is not None:
        air = air_pco2(inputs.mole_fraction, inputs.pressure, at_surface, inputs.salinity)
    if method.quantity == "fco2":
        pressure = (inputs.pressure if inputs.pressure is not None else np.float64(HPA_PER_ATM)) / HPA_PER_ATM
        sea = None if sea is None else sea * fugacity_ratio(inputs.temperature, np.asarray(pressure))
        air = None if air is None else air * fugacity_ratio(at_surface, np.asarray(pressure))
    return sea, air
