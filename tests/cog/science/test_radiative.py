"""Radiative transfer against published tables, a scalar code of others, conservation of energy, and reciprocity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PythonicDISORT import pydisort

from cog.science.radiative import Atmosphere, ScatteringLayer, solve_sun
from cog.science.rayleigh import ReflectanceTable, optical_depth, require_axis
from config.errors import InvalidInput

SUN = float(np.degrees(np.arccos(0.2)))


def test_the_values_of_coulson_and_natraj_are_met_to_1e_5() -> None:
    """Optical depth 0.5, black surface, mu0 0.2, flux pi: I, Q, U at (mu 0.02, 30 degrees) and (0.92, 60)."""
    atmosphere = Atmosphere(taus=(0.5,), depolarization=0.0)
    views = np.degrees(np.arccos([0.02, 0.92]))
    for order in (0, 3):  # air has three Fourier modes
        solution = solve_sun(replace(atmosphere, azimuth_order=order), SUN, views.tolist(), [30.0, 60.0])
        stokes = solution.reflectance[0] * 0.2
        assert stokes[0, 0] == pytest.approx([0.39444956, -0.06485313, 0.04390364], rel=1e-5)
        assert stokes[1, 1] == pytest.approx([0.05643322, -0.01979730, 0.03822653], rel=1e-5)


@pytest.mark.filterwarnings("ignore:Some eigenvalues:UserWarning")  # numpy 2.5 always calls them complex
def test_scalar_radiances_with_particles_are_those_of_pythonicdisort() -> None:
    """Two layers of air and of particles (Henyey-Greenstein, g 0.7) at its own quadrature angles."""
    streams, moments = 16, tuple(0.7**order for order in range(17))
    shares, taus, albedos = np.array([0.6, 0.4]), np.array([0.05, 0.2]), np.array([0.5, 0.9])
    layers = tuple(
        ScatteringLayer(rayleigh=share, tau=tau, ssa=ssa, moments=moments)
        for share, tau, ssa in zip(shares, taus, albedos, strict=True)
    )
    atmosphere = Atmosphere(taus=(0.3,), layers=layers, depolarization=0.0, streams=streams, stokes=1)
    air, particles = 0.3 * shares, taus * albedos
    rayleigh = np.zeros(17)
    rayleigh[[0, 2]] = 1.0, 0.1
    mixed = (air[:, None] * rayleigh + particles[:, None] * np.array(moments)) / (air + particles)[:, None]
    mus, *_, radiance = pydisort(
        np.cumsum(air + taus),
        (air + particles) / (air + taus),
        streams,
        mixed,
        0.2,
        1.0,
        0.0,
        NFourier=streams,
        NLeg=streams,
    )
    views = np.degrees(np.arccos(mus[: streams // 2]))
    ours = solve_sun(atmosphere, SUN, views.tolist(), [0.0, 90.0]).reflectance[0, :, :, 0] * 0.2 / np.pi
    theirs = np.stack([radiance(0.0, angle)[: streams // 2] for angle in (0.0, np.pi / 2)], axis=1)
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_energy_is_conserved_and_reciprocity_holds() -> None:
    """Without absorption what does not leave at the top reaches a black surface."""
    atmosphere = Atmosphere(taus=(0.3185,), depolarization=0.0279, streams=24)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    mus, share = (nodes + 1) / 2, weights / 2
    views, azimuths = np.degrees(np.arccos(mus)), np.arange(0, 360, 45.0)
    solution = solve_sun(atmosphere, 40.0, views.tolist(), azimuths.tolist())
    upward = (solution.reflectance[0, :, :, 0].mean(axis=1) * mus * share * 2).sum()
    assert upward + solution.sun_transmittance[0] == pytest.approx(1, abs=3e-5)
    below = 1 - (solution.transmittance[0] * mus * share * 2).sum()
    assert solution.spherical_albedo[0] == pytest.approx(below, abs=3e-5)
    angles = (20.0, 55.0)
    there, back = (
        solve_sun(atmosphere, *pair).reflectance[0, 0, 0, 0]
        for pair in ((20.0, [55.0], [70.0]), (55.0, [20.0], [70.0]))
    )
    assert there == pytest.approx(back, rel=1e-6), angles


def test_optical_depths_are_near_those_of_hansen_and_travis() -> None:
    bands = [412, 443, 490, 555, 660, 680, 745, 865]
    others = [0.3185, 0.2361, 0.1560, 0.0938, 0.0464, 0.0411, 0.0284, 0.0155]
    assert optical_depth(bands) == pytest.approx(others, rel=0.006)
    assert optical_depth(412, 506.625) == pytest.approx(optical_depth(412) / 2)


def test_tables_are_linear_between_nodes_and_empty_beyond() -> None:
    axes = [np.array([950.0, 1050.0]), np.arange(0, 81, 5.0), np.arange(0, 71, 5.0), np.arange(0, 181, 10.0)]
    p, s, v, a = np.meshgrid(*axes, indexing="ij")
    table = ReflectanceTable(
        pressure=axes[0], sun=axes[1], view=axes[2], azimuth=axes[3], values=p + 2 * s + 3 * v + 4 * a
    )
    got = table.at([1000, 1000, 1000, 1000], [12.5, 12.5, 81, 12.5], [33, 33, 33, 33], [45, -45, 45, 315])
    expected = 1000 + 25 + 99 + 180
    assert got[[0, 1, 3]] == pytest.approx([expected] * 3)
    assert np.isnan(got[2])
    with pytest.raises(InvalidInput, match="sun_zenith: give values that rise"):
        require_axis("sun_zenith", [10, 10])
