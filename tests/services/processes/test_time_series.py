"""`time-series`: points and regions over time, as a table and a plot."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from config.errors import InvalidInput
from config.grids import CRS84, Grid
from tests.support.processes import answer_here, context_of, execute_here
from tests.support.rasters import publication
from tests.support.zones import box, feature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 2.0), width=3, height=2)
FIELD = {"collection": "months"}
MONTHS = ("2020-01", "2020-02", "2020-03")


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Three months of six cells, counted on, one missing in the second."""
    with context_of(server, tmp_path_factory.mktemp("series")) as context:
        steps: dict[str | None, Any] = {
            label: np.arange(6.0).reshape(2, 3) + 10 * number for number, label in enumerate(MONTHS)
        }
        steps["2020-02"][0, 1] = np.nan
        context.catalogue.repository.publish(publication(context.store, "months", steps, GRID, nodata=np.nan, unit="K"))
        yield context


def test_points_take_their_cells_at_every_time(context: Context) -> None:
    inputs = {"field": FIELD, "points": [[1.5, 1.5], [361.5, 0.5], [50, 50]]}
    rows = answer_here(context, "time-series", inputs, outputs_={"series": {}})["series"]
    assert [row["value"] for row in rows] == [1, None, 21, 4, 14, 24, None, None, None]
    assert [row["time"] for row in rows[:3]] == list(MONTHS)


def test_regions_have_statistics_by_area(context: Context) -> None:
    inputs = {"field": FIELD, "polygons": feature(box(0, 0, 3, 1), name="south"), "statistics": ["mean", "max"]}
    form = {"series": {"format": {"mediaType": "text/csv"}}}
    body, media_type = execute_here(context, "time-series", inputs, outputs_=form)
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert media_type == "text/csv"
    assert [(row["place"], round(float(row["mean"]), 9), float(row["max"]), row["unit"]) for row in rows] == [
        ("south", 4, 5, "K"), ("south", 14, 15, "K"), ("south", 24, 25, "K"),
    ]  # fmt: skip


def test_the_plot_has_the_same_bytes_again(context: Context) -> None:
    inputs = {"field": FIELD, "points": [[0.5, 0.5], [1.5, 1.5]]}
    first, media_type = execute_here(context, "time-series", inputs, outputs_={"plot": {}})
    assert (media_type, first[:5]) == ("image/svg+xml", b"<?xml")
    assert execute_here(context, "time-series", inputs, outputs_={"plot": {}})[0] == first


def test_points_and_polygons_are_one_or_the_other(context: Context) -> None:
    with pytest.raises(InvalidInput, match="points or polygons"):
        answer_here(context, "time-series", {"field": FIELD})
