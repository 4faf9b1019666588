"""Transports across sections whose values follow from arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from cog.science.sections import TGC_PER_YEAR, cut_section, layer_bounds, transport_across
from config.errors import InvalidInput

NORTHWARD = [(123, 26), (123, 27)]


def transport(vertices: list[tuple[float, float]], layers: list[tuple[float, float, float]], v: float = 0.0) -> float:
    """mmol/s; layers are thickness, concentration and eastward velocity."""
    section = cut_section(vertices, 2000)
    ones = np.ones((len(layers), section.length.size))
    thickness, concentration, east = (np.array(each)[:, np.newaxis] for each in zip(*layers, strict=True))
    return transport_across(section, thickness[:, 0], concentration * ones, east * ones, v * ones).total


def test_an_eastward_flow_goes_to_the_right_of_a_walk_northward() -> None:
    section = cut_section(NORTHWARD, 2000)
    assert section.length.sum() == pytest.approx(110_795.722, abs=5e-4)
    total = transport(NORTHWARD, [(100, 80, 0.1)])
    assert total == pytest.approx(88_636_577.66, abs=0.5)
    assert total * TGC_PER_YEAR == pytest.approx(33.59666, abs=5e-6)
    assert pytest.approx(3.7904e-7, rel=1e-5) == TGC_PER_YEAR


def test_the_other_way_round_it_goes_to_the_left() -> None:
    assert transport(NORTHWARD[::-1], [(100, 80, 0.1)]) * TGC_PER_YEAR == pytest.approx(-33.59666, abs=5e-6)


def test_layers_add_up() -> None:
    total = transport(NORTHWARD, [(10, 100, 0.3), (20, 80, 0.2), (70, 60, 0.1)])
    assert total == pytest.approx(115_227_550.95, abs=0.5)
    assert total * TGC_PER_YEAR == pytest.approx(43.67566, abs=5e-6)


def test_nothing_stays_in_a_closed_box_of_solid_rotation() -> None:
    section = cut_section([(120, 25), (125, 25), (125, 30), (120, 30), (120, 25)], 5000)
    east = 0.1 * np.cos(np.radians(section.lat))[np.newaxis]
    result = transport_across(section, np.array([100.0]), np.full_like(east, 80.0), east, np.zeros_like(east))
    assert abs(result.total) < 1e-12 * (result.to_right - result.to_left)


def test_of_an_oblique_line_only_the_northward_extent_counts() -> None:
    section = cut_section([(123, 26), (124.3, 26.5)], 500)
    extent = cut_section([(123, 26), (123, 26.5)], 500).length.sum()
    east = np.full((1, section.length.size), 0.1)
    result = transport_across(section, np.array([100.0]), np.full_like(east, 80.0), east, np.zeros_like(east))
    assert result.total == pytest.approx(0.1 * 80 * 100 * extent, rel=2e-6)
    assert 0.1 * 80 * 100 * extent == pytest.approx(44_316_736.05, rel=1e-8)
    fine = cut_section([(123, 26), (124.3, 26.5)], 100)
    assert 800 * (fine.length * fine.east).sum() == pytest.approx(44_316_736.05, rel=2e-9)


def test_the_mean_of_products_is_not_the_product_of_means() -> None:
    phase = np.cos(2 * np.pi * np.arange(12) / 12)
    products = [transport(NORTHWARD, [(100, 80 + 20 * each, 0.1 + 0.08 * each)]) for each in phase]
    means = transport(NORTHWARD, [(100, 80, 0.1)])
    assert np.mean(products) / means == pytest.approx(8.8 / 8.0, rel=1e-9)


def test_layers_reach_half_way_and_are_clipped() -> None:
    depths = np.array([5.0, 15.0, 35.0])
    assert layer_bounds(depths).tolist() == [10, 15, 20]
    assert layer_bounds(depths, top=4, bottom=20).tolist() == [6, 10, 0]
    assert layer_bounds(np.array([10.0])).tolist() == [20]


def test_dry_pieces_contribute_nothing_and_a_point_is_no_line() -> None:
    section = cut_section(NORTHWARD, 20_000)
    east = np.full((1, section.length.size), 0.1)
    east[0, 0] = np.nan
    result = transport_across(section, np.array([100.0]), np.full_like(east, 80.0), east, np.zeros_like(east))
    assert result.dry_area == pytest.approx(100 * section.length[0])
    assert result.total == pytest.approx(88_636_577.66 * 5 / 6, rel=1e-9)
    with pytest.raises(InvalidInput, match="two different vertices"):
        cut_section([(1, 1), (1, 1)], 1000)
