"""`regional-budget`: totals by area and time against arithmetic and the published map of Takahashi et al."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cog.grids.ellipsoid import cell_areas
from config.declarations.datasets import parse_declaration
from config.errors import InvalidInput
from config.grids import CRS84, Grid
from services.ingest.pipeline import ingest
from tests.cog.science.test_carbon_flux import JANUARY, needs_takahashi
from tests.support.processes import answer_here, context_of, execute_here
from tests.support.rasters import publication
from tests.support.sources import DATA
from tests.support.zones import box, collection, feature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 2.0), width=4, height=2)
AREAS = cell_areas(GRID)


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A flux of 2 and 4 in two months, without a cell in the first; the same by month; and one without times."""
    with context_of(server, tmp_path_factory.mktemp("budget")) as context:
        first, second = np.full((2, 4), 2.0), np.full((2, 4), 4.0)
        first[0, 0] = np.nan
        steps: dict[str | None, Any] = {"2020-01": first, "2020-02": second}
        for name, unit in (("daily", "mmol m-2 d-1"), ("monthly", "g C m-2 month-1"), ("speed", "m s-1")):
            context.catalogue.repository.publish(
                publication(context.store, name, steps, GRID, nodata=np.nan, unit=unit)
            )
        made = publication(context.store, "timeless", {None: second}, GRID, nodata=np.nan, unit="mol m-2 yr-1")
        context.catalogue.repository.publish(made)
        yield context


def budget(context: Context, name: str, **inputs: Any) -> Any:
    return answer_here(context, "regional-budget", {"flux": {"collection": name}} | inputs)


def test_a_flux_by_day_is_added_up_over_area_and_days(context: Context) -> None:
    answer = budget(context, "daily", relative_uncertainty=0.2)
    one, two = answer["times"]
    covered = 3 * AREAS[0] + 4 * AREAS[1]
    assert one["total_TgC"] == pytest.approx(2 * covered * 31 * 12.011e-15)
    assert one["coverage"] == pytest.approx(covered / (4 * AREAS.sum()))
    assert one["filled_TgC"] == pytest.approx(2 * 4 * AREAS.sum() * 31 * 12.011e-15)
    assert one["uncertainty_TgC"] == pytest.approx(0.2 * one["total_TgC"])
    assert two["total_TgC"] == pytest.approx(4 * 4 * AREAS.sum() * 29 * 12.011e-15)
    [region] = answer["regions"]
    total = one["total_TgC"] + two["total_TgC"]
    assert (region["total_TgC"], region["days"]) == (pytest.approx(total), 60)
    assert region["rate_TgC_per_year"] == pytest.approx(total / 60 * 365.25)


def test_a_flux_by_month_has_the_months_of_its_times(context: Context) -> None:
    regions = collection(feature(box(0, 0, 2, 1), name="a"), feature(box(2, 0, 4, 1), name="b"))
    form = {"budget": {"format": {"mediaType": "text/csv"}}}
    body, _ = execute_here(
        context, "regional-budget", {"flux": {"collection": "monthly"}, "polygons": regions}, outputs_=form
    )
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert [(row["region"], row["time"]) for row in rows] == [
        ("a", "2020-01"), ("a", "2020-02"), ("b", "2020-01"), ("b", "2020-02"),
    ]  # fmt: skip
    assert float(rows[1]["total_TgC"]) == pytest.approx(4 * 2 * AREAS[1] * 1e-12)


def test_what_has_no_length_is_told_one(context: Context) -> None:
    with pytest.raises(InvalidInput, match="each_time_is"):
        budget(context, "timeless")
    [row] = budget(context, "timeless", each_time_is="year")["times"]
    assert row["total_TgC"] == pytest.approx(4 * 4 * AREAS.sum() * 12.011e-12)


def test_what_is_no_flux_is_refused(context: Context) -> None:
    with pytest.raises(InvalidInput, match="'m s-1' is no amount or mass by area and time"):
        budget(context, "speed")


@needs_takahashi
def test_the_published_map_of_january_takes_up_176_tg(context: Context) -> None:
    declaration = {
        "id": "t09", "variables": [{"source": "CO2flux", "unit": "g C m-2 month-1"}],
        "grid": {"origin": [-180, 90], "cell": [1, -1]},
    }  # fmt: skip
    report = ingest(
        [DATA / "carbon" / JANUARY], parse_declaration(declaration, name="test"),
        repository=context.catalogue.repository, store=context.store, workers=1,
    )  # fmt: skip
    assert not report.refused, report
    [row] = budget(context, "t09", each_time_is="month")["times"]
    assert row["total_TgC"] == pytest.approx(-176.05, abs=0.005)
