"""Rayleigh scattering of an atmosphere: optical depth, and tables of reflectance that are interpolated.

Sources: Bodhaine et al. 1999, J. Atmos. Oceanic Technol. 16, 1854, eq. 30 (optical depth); Natraj et al. 2009,
Astrophys. J. 691, 1909 (the values that tables are held against).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.ndimage import map_coordinates

from config.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

STANDARD_HPA: Final = 1013.25
DEPOLARIZATION: Final = 0.0279
"""Depolarisation factor of air (Young 1980)."""


def optical_depth(wavelength_nm: ArrayLike, pressure_hpa: ArrayLike = STANDARD_HPA) -> NDArray[np.float64]:
    """Rayleigh optical depth of air with 360 ppm of CO2 (Bodhaine et al. 1999, eq. 30), in proportion to pressure."""
    square = (np.asarray(wavelength_nm, "float64") / 1000.0) ** 2
    above = 1.0455996 - 341.29061 / square - 0.90230850 * square
    below = 1.0 + 0.0027059889 / square - 85.968563 * square
    return np.asarray(0.0021520 * above / below * np.asarray(pressure_hpa, "float64") / STANDARD_HPA)


@dataclass(frozen=True, kw_only=True)
class ReflectanceTable:
    """Rayleigh reflectance at the top of the atmosphere by pressure and angles.

    Attributes:
        pressure: hPa, rising.
        sun: Sun zenith angles, degrees, rising and evenly spaced.
        view: View zenith angles, likewise.
        azimuth: Relative azimuth angles, likewise; 0 where the light is scattered forward.
        values: (pressure, sun, view, azimuth) pi I / (mu0 F).
    """

    pressure: NDArray[np.float64]
    sun: NDArray[np.float64]
    view: NDArray[np.float64]
    azimuth: NDArray[np.float64]
    values: NDArray[np.float64]

    def at(self, pressure: ArrayLike, sun: ArrayLike, view: ArrayLike, azimuth: ArrayLike) -> NDArray[np.float64]:
        """Reflectance between the nodes, linear in each axis; NaN beyond them. Azimuths are folded to 0..180."""
        folded = np.abs((np.asarray(azimuth, "float64") + 180.0) % 360.0 - 180.0)
        axes = ((self.pressure, pressure), (self.sun, sun), (self.view, view), (self.azimuth, folded))
        places = np.stack(np.broadcast_arrays(*(_place(axis, values) for axis, values in axes)))
        return np.asarray(map_coordinates(self.values, places, order=1, mode="constant", cval=np.nan))


def _place(axis: NDArray[np.float64], values: ArrayLike) -> NDArray[np.float64]:
    """Places on an axis in nodes; NaN beyond it. An axis of one node has its own value alone."""
    at = np.asarray(values, "float64")
    if len(axis) == 1:
        return np.where(np.isclose(at, axis[0], rtol=0, atol=1e-6), 0.0, np.nan)
    return np.asarray(np.interp(at, axis, np.arange(len(axis), dtype="float64"), left=np.nan, right=np.nan))


def require_axis(name: str, values: Any) -> NDArray[np.float64]:
    """Values of an axis, rising; raises InvalidInput."""
    axis = np.asarray(values, "float64")
    if not len(axis) or (np.diff(axis) <= 0).any():
        raise InvalidInput(f"{name}: give values that rise, each once")
    return axis
