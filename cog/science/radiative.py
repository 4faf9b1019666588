"""Vector radiative transfer in plane-parallel layers over a Lambertian surface, by discrete ordinates (sasktran2).

Its objects must die in the thread that made them: solve in the main thread of a process. Importing it takes a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sasktran2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_EARTH_M: Final = 6_371_000.0
_ALBEDOS: Final = (0.0, 0.25, 0.5)


@dataclass(frozen=True, kw_only=True)
class ScatteringLayer:
    """A layer.

    Attributes:
        rayleigh: Its share of the Rayleigh optical depth of the atmosphere.
        tau: Optical depth of particles.
        ssa: Single scattering albedo of particles.
        moments: Legendre moments of their phase function, the first 1; they are taken not to polarise.
    """

    rayleigh: float
    tau: float = 0.0
    ssa: float = 1.0
    moments: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, kw_only=True)
class Atmosphere:
    """What light goes through.

    Attributes:
        taus: Rayleigh optical depth of each band.
        layers: From the top down; their shares add up to 1.
        depolarization: Depolarisation factor of air.
        albedo: Of the Lambertian surface.
        streams: Discrete ordinates of both hemispheres together.
        azimuth_order: Fourier modes of azimuth; 0: as many as matter.
        stokes: 3 for I, Q and U; 1 for I alone, which is up to 10 % wrong in the blue.
    """

    taus: tuple[float, ...]
    layers: tuple[ScatteringLayer, ...] = (ScatteringLayer(rayleigh=1.0),)
    depolarization: float
    albedo: float = 0.0
    streams: int = 40
    azimuth_order: int = 0
    stokes: int = 3


@dataclass(frozen=True, kw_only=True)
class SunSolution:
    """The light that leaves the top at one sun angle.

    Attributes:
        reflectance: (band, view, azimuth, stokes) pi I / (mu0 F); Q and U as in the tables of Natraj et al.
        transmittance: (band, view) of the whole atmosphere, for light that comes or goes at a view angle.
        sun_transmittance: (band,) at the sun's angle.
        spherical_albedo: (band,) of the atmosphere, for light from below.
    """

    reflectance: NDArray[np.float64]
    transmittance: NDArray[np.float64]
    sun_transmittance: NDArray[np.float64]
    spherical_albedo: NDArray[np.float64]


def solve_sun(atmosphere: Atmosphere, sun: float, views: Sequence[float], azimuths: Sequence[float]) -> SunSolution:
    """Solve one sun angle for all views; angles in degrees, azimuth 0 where the light is scattered forward.

    Transmittances and spherical albedo are those of the equation of a Lambertian surface, rho(A) = rho(0) +
    A t(sun) t(view) / (1 - A s), which two albedos beside 0 determine.
    """
    places = [(view, azimuth) for view in views for azimuth in azimuths]
    shape = (len(atmosphere.taus), len(views), len(azimuths), atmosphere.stokes)
    reflectance = _radiance(atmosphere, sun, places, atmosphere.albedo).reshape(shape)
    nadir = [(view, 0.0) for view in (*views, sun)]
    black, grey, bright = (_radiance(atmosphere, sun, nadir, albedo)[..., 0] for albedo in _ALBEDOS)
    first, second = (grey - black) / _ALBEDOS[1], (bright - black) / _ALBEDOS[2]
    spherical = ((second - first) / (_ALBEDOS[2] * second - _ALBEDOS[1] * first))[:, -1]
    both = first * (1 - _ALBEDOS[1] * spherical[:, None])
    own = np.sqrt(both[:, -1])
    return SunSolution(
        reflectance=reflectance,
        transmittance=both[:, :-1] / own[:, None],
        sun_transmittance=own,
        spherical_albedo=spherical,
    )


def _radiance(
    atmosphere: Atmosphere, sun: float, places: Sequence[tuple[float, float]], albedo: float
) -> NDArray[np.float64]:
    """(band, place, stokes) reflectance."""
    mu0, count = float(np.cos(np.radians(sun))), len(atmosphere.layers)
    config = sasktran2.Config()
    config.num_threads = 1
    config.num_stokes, config.num_streams = atmosphere.stokes, atmosphere.streams
    config.num_singlescatter_moments = atmosphere.streams + 1
    config.multiple_scatter_source = sasktran2.MultipleScatterSource.DiscreteOrdinates
    config.single_scatter_source = sasktran2.SingleScatterSource.DiscreteOrdinates
    if atmosphere.azimuth_order:
        config.num_forced_azimuth = atmosphere.azimuth_order
    geometry = sasktran2.Geometry1D(
        mu0,
        0.0,
        _EARTH_M,
        np.arange(count + 1, dtype="float64"),
        sasktran2.InterpolationMethod.LowerInterpolation,
        sasktran2.GeometryType.PlaneParallel,
    )
    viewing = sasktran2.ViewingGeometry()
    for view, azimuth in places:
        mu = float(np.cos(np.radians(view)))
        viewing.add_ray(sasktran2.GroundViewingSolar(mu0, float(np.radians(azimuth)), mu, count + 1.0))
    medium = sasktran2.Atmosphere(geometry, config, numwavel=len(atmosphere.taus), calculate_derivatives=False)
    for height, layer in enumerate(reversed(atmosphere.layers)):
        _fill(medium, height, layer, atmosphere)
    medium.storage.total_extinction[count] = medium.storage.total_extinction[count - 1]
    medium.storage.ssa[count] = medium.storage.ssa[count - 1]
    medium.leg_coeff.a1[:, count] = medium.leg_coeff.a1[:, count - 1]
    if atmosphere.stokes > 1:
        medium.leg_coeff.a2[:, count] = medium.leg_coeff.a2[:, count - 1]
        medium.leg_coeff.b1[:, count] = medium.leg_coeff.b1[:, count - 1]
    medium.surface.albedo[:] = albedo
    radiance = sasktran2.Engine(config, geometry, viewing).calculate_radiance(medium)["radiance"].to_numpy()
    return np.asarray(np.pi * radiance / mu0)


def _fill(medium: Any, height: int, layer: ScatteringLayer, atmosphere: Atmosphere) -> None:
    """Set the extinction and phase matrix of a layer: those of air and particles, by what each scatters."""
    air = np.array(atmosphere.taus) * layer.rayleigh
    particles = layer.tau * layer.ssa
    scattered = np.maximum(air + particles, 1e-300)
    medium.storage.total_extinction[height] = air + layer.tau
    medium.storage.ssa[height] = np.where(air + layer.tau > 0, scattered / np.maximum(air + layer.tau, 1e-300), 1.0)
    shape = (1 - atmosphere.depolarization) / (2 + atmosphere.depolarization)
    coefficients = medium.leg_coeff
    most = min(len(layer.moments), len(coefficients.a1))
    for order in range(most):
        coefficients.a1[order, height] = (2 * order + 1) * layer.moments[order] * particles / scattered
    coefficients.a1[0, height] = 1.0
    coefficients.a1[2, height] += shape * air / scattered
    if atmosphere.stokes > 1:
        coefficients.a2[2, height] = 6 * shape * air / scattered
        coefficients.b1[2, height] = -np.sqrt(6.0) * shape * air / scattered
