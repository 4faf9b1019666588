"""Air-sea transfer velocities of CO2 as functions of the wind at 10 m."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cog.science.seawater import KELVIN, schmidt_number
from cog.science.units import CARBON_G_PER_MOL
from config.errors import InvalidInput

if TYPE_CHECKING:
    from cog.science.seawater import Field, SchmidtFit

_ROUNDING: Final = 1e-6
"""By how much a second moment of the wind may lie below the square of its mean, as a share."""


@dataclass(frozen=True, kw_only=True)
class GasTransfer:
    """A parametrisation: k = (constant + linear <U> + square <U2> + cube <U><U2>) (Sc / reference)^-1/2, in cm/h.

    Attributes:
        id: Its name.
        source: The publication.
        reference: The Schmidt number of its coefficients, 600 (fresh water, 20 degrees) or 660 (sea water).
        schmidt: The fit of the Schmidt number.
        zero: 0 degrees Celsius in kelvin, as the publication computes the solubility.
        carbon: Molar mass of carbon that it takes, g mol-1.
        month_days: Days that it takes for a month; None: those of the month.
        uncertainty: Relative standard uncertainty of k.
    """

    id: str
    source: str = ""
    square: float = 0.0
    linear: float = 0.0
    constant: float = 0.0
    cube: float = 0.0
    reference: float = 660.0
    schmidt: SchmidtFit = "W14"
    zero: float = KELVIN
    carbon: float = CARBON_G_PER_MOL
    month_days: float | None = None
    uncertainty: float = 0.20


TRANSFERS: Final[dict[str, GasTransfer]] = {
    each.id: each
    for each in (
        GasTransfer(id="W14", square=0.251, source="Wanninkhof 2014, Limnol. Oceanogr. Methods 12, 351"),
        GasTransfer(id="Ho06", square=0.266, reference=600.0, source="Ho et al. 2006, Geophys. Res. Lett. 33, L16611"),
        GasTransfer(
            id="N00", square=0.222, linear=0.333, reference=600.0,
            source="Nightingale et al. 2000, Global Biogeochem. Cycles 14, 373",
        ),
        GasTransfer(id="Sw07", square=0.27, source="Sweeney et al. 2007, Global Biogeochem. Cycles 21, GB2015"),
        GasTransfer(id="W92", square=0.31, schmidt="W92", source="Wanninkhof 1992, J. Geophys. Res. 97, 7373"),
        GasTransfer(
            id="T09", square=0.26, schmidt="W92", zero=273.16, carbon=12.01, month_days=365 / 12,
            source="Takahashi et al. 2009, Deep-Sea Res. II 56, 554",
        ),
    )
}  # fmt: skip
"""The parametrisations that are offered by name."""


def transfer_velocity(transfer: GasTransfer, temperature: Field, wind: Field, wind_square: Field) -> Field:
    """Transfer velocity k, cm/h.

    Args:
        transfer: The parametrisation.
        temperature: Of the water, degrees Celsius.
        wind: Mean wind speed at 10 m, m/s.
        wind_square: Mean of its square, m2 s-2.
    """
    speed = transfer.square * wind_square
    if transfer.linear:
        speed = speed + transfer.linear * wind
    if transfer.cube:
        speed = speed + transfer.cube * wind * wind_square
    if transfer.constant:
        speed = speed + transfer.constant
    schmidt = schmidt_number(temperature, transfer.schmidt)
    return np.asarray(speed * np.sqrt(transfer.reference / schmidt))


def require_moments(wind: Field, wind_square: Field) -> None:
    """Raise InvalidInput where the mean of the square lies below the square of the mean: no distribution has that."""
    with np.errstate(invalid="ignore"):
        bad = wind_square < wind**2 * (1 - _ROUNDING)
    if bad.any():
        place = np.unravel_index(int(np.argmax(bad)), bad.shape)
        raise InvalidInput(
            f"wind_moment2: {int(bad.sum())} cells have a second moment below the square of the mean wind, such as "
            f"{wind_square[place]:.6g} m2 s-2 at a mean of {wind[place]:.6g} m/s; is it a variance?"
        )
