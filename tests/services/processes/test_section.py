"""`section-transport`: six known values as whole executions, layers, units, regions, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from config.errors import InvalidInput
from config.grids import CRS84, Grid
from tests.support.processes import answer_here, context_of, execute_here
from tests.support.rasters import publication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(0.5, 0.0, 120.0, 0.0, -0.5, 30.0), width=16, height=12)
NORTHWARD = {"type": "LineString", "coordinates": [[123, 26], [123, 27]]}
MONTHS = [f"2020-{month:02d}" for month in range(1, 13)]


def monthly(values: NDArray[np.float64]) -> dict[str | None, Any]:
    return {label: np.full((12, 16), value) for label, value in zip(MONTHS, values, strict=True)}


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Twelve months of a concentration and a velocity that swing together, and constants in other units."""
    with context_of(server, tmp_path_factory.mktemp("section")) as context:
        swing = np.cos(2 * np.pi * np.arange(12) / 12)
        fields: dict[str, tuple[str, dict[str | None, Any]]] = {
            "carbon": ("mmol m-3", monthly(80 + 20 * swing)),
            "u": ("m s-1", monthly(0.1 + 0.08 * swing)),
            "steady": ("cm s-1", {None: np.full((12, 16), 10.0)}),
            "sloping": ("mmol m-3", {None: np.linspace(0, 160, 12)[:, np.newaxis] * np.ones(16)}),
            "sheared": ("m s-1", {None: np.linspace(0, 0.2, 12)[:, np.newaxis] * np.ones(16)}),
            "by-mass": ("umol kg-1", {None: np.full((12, 16), 80 / 1.025)}),
        }  # fmt: skip
        for name, (unit, steps) in fields.items():
            made = publication(context.store, name, steps, GRID, nodata=np.nan, unit=unit)
            context.catalogue.repository.publish(made)
        holed = np.full((12, 16), 0.1)
        holed[6, 6] = np.nan  # 123-123.5 E, 26.5-27 N
        context.catalogue.repository.publish(
            publication(context.store, "holed", {None: holed}, GRID, nodata=np.nan, unit="m s-1")
        )
        yield context


def transport(context: Context, **inputs: Any) -> dict[str, Any]:
    request = {"concentration": 80, "u": {"collection": "steady"}, "v": 0, "section": NORTHWARD, "depth": 100} | inputs
    answer: dict[str, Any] = answer_here(context, "section-transport", request)
    return answer


def test_the_transport_of_a_steady_flow_in_either_direction(context: Context) -> None:
    assert transport(context)["mean"] == pytest.approx(33.59666, abs=2e-5)
    backwards = {"type": "LineString", "coordinates": NORTHWARD["coordinates"][::-1]}
    assert transport(context, section=backwards)["mean"] == pytest.approx(-33.59666, abs=2e-5)


def test_amounts_by_mass_of_water_are_taken_with_its_density(context: Context) -> None:
    answer = transport(context, concentration={"collection": "by-mass"})
    assert answer["mean"] == pytest.approx(33.59666, rel=1e-6)
    assert "density of 1025" in " ".join(answer["lineage"])


def test_products_are_made_time_by_time(context: Context) -> None:
    answer = transport(
        context, concentration={"collection": "carbon"}, u={"collection": "u"}, datetime="2020", sampling="bilinear"
    )
    assert len(answer["times"]) == 12
    assert answer["mean"] / answer["of_means"] == pytest.approx(8.8 / 8.0, rel=1e-6)


def test_what_varies_along_the_section_alone_has_no_covariance(context: Context) -> None:
    answer = transport(context, concentration={"collection": "sloping"}, u={"collection": "sheared"})
    assert answer["of_means"] == pytest.approx(answer["mean"], rel=1e-12)


def test_a_region_says_which_side_is_inside(context: Context) -> None:
    west = {"type": "Polygon", "coordinates": [[[122, 25], [123, 25], [123, 28], [122, 28], [122, 25]]]}
    [row] = transport(context, region=west)["times"]
    assert row["into_region"] == -row["to_right_net"]
    across = {"type": "Polygon", "coordinates": [[[122, 25], [124, 25], [124, 28], [122, 28], [122, 25]]]}
    with pytest.raises(InvalidInput, match="one side"):
        transport(context, region=across)


def test_cells_without_data_are_dry(context: Context) -> None:
    [row] = transport(
        context, u={"collection": "holed"}, section={"type": "LineString", "coordinates": [[123.1, 26], [123.1, 27]]}
    )["times"]
    assert row["dry_area_m2"] == pytest.approx(row["wet_area_m2"], rel=1e-3)
    assert row["to_right_net"] == pytest.approx(33.59666 / 2, rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"depth": None}, "depth: no field has levels"),
        ({"u": 0.1}, "are all numbers"),
        ({"u": {"collection": "carbon"}}, "u: its unit"),
        ({"section": {"type": "Point", "coordinates": [1, 2]}}, "LineString"),
        ({"section": {"type": "LineString", "coordinates": [[1, 2], [1, "x"]]}}, "no position"),
        ({"z_min": 200}, "z_min"),
        ({"region": {"type": "Polygon", "coordinates": 5}}, "region"),
    ],
)
def test_what_makes_no_sense_is_refused(context: Context, changes: dict[str, Any], words: str) -> None:
    request = {"concentration": 80, "u": {"collection": "steady"}, "v": 0, "section": NORTHWARD, "depth": 100} | changes
    with pytest.raises(InvalidInput, match=words):
        answer_here(context, "section-transport", {name: value for name, value in request.items() if value is not None})


def test_the_plot_shows_the_flux_density_and_is_drawn_on_request(context: Context) -> None:
    request = {"concentration": 80, "u": {"collection": "steady"}, "v": 0, "section": NORTHWARD, "depth": 100}
    first = execute_here(context, "section-transport", request, outputs_={"plot": {}})
    assert first[1] == "image/svg+xml"
    assert first == execute_here(context, "section-transport", request, outputs_={"plot": {}})
    assert "plot" not in transport(context)
