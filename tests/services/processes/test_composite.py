"""`composite`: months, seasons, climatologies and anomalies of a series whose values are known by arithmetic."""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from config.errors import GranuleNotFound, InvalidInput
from config.grids import CRS84, Grid
from tests.support.processes import answer_here, cells_of, context_of
from tests.support.rasters import publication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 2.0), width=3, height=2)
MONTHS = [f"{year}-{month:02d}" for year in (2019, 2020) for month in range(1, 13)]


def cells(value: float) -> NDArray[Any]:
    made = np.full((2, 3), float(value))
    made[0, 0] = np.nan
    return made


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Two years of months, whose values are the month and ten more in the second year; and January's days."""
    with context_of(server, tmp_path_factory.mktemp("composite")) as context:
        months: dict[str | None, Any] = {
            label: cells(int(label[5:]) + (10 if label.startswith("2020") else 0)) for label in MONTHS
        }
        days: dict[str | None, Any] = {f"2020-01-{day:02d}": cells(day) for day in range(1, 32)}
        for name, steps in (("months", months), ("days", days)):
            made = publication(context.store, name, steps, GRID, nodata=np.nan, unit="K")
            context.catalogue.repository.publish(made)
        made = publication(context.store, "static", {None: cells(1)}, GRID, nodata=np.nan, unit="K")
        context.catalogue.repository.publish(made)
        yield context


def values(context: Context, inputs: dict[str, Any], output: str = "mean") -> dict[str, float]:
    """By time, the value of the cells with data, which are alike."""
    answer = answer_here(context, "composite", inputs)
    result = {}
    for link in answer[output]["maps"]:
        read = cells_of(context, link)
        assert np.isnan(read[0, 0]) or output == "count"
        assert len(set(read.ravel()[1:].tolist())) == 1
        result[link["time"][:10]] = float(read[1, 1])
    return result


def test_dekads_of_days(context: Context) -> None:
    inputs = {"field": {"collection": "days"}, "period": "dekad", "statistics": ["mean", "max", "count"]}
    assert values(context, inputs) == {"2020-01-01": 5.5, "2020-01-11": 15.5, "2020-01-21": 26.0}
    assert values(context, inputs, "max")["2020-01-21"] == 31
    assert values(context, inputs, "count")["2020-01-21"] == 11


def test_a_year_weighs_months_by_their_days(context: Context) -> None:
    days = [monthrange(2019, month)[1] for month in range(1, 13)]
    result = values(context, {"field": {"collection": "months"}, "period": "year"})
    assert result["2019-01-01"] == pytest.approx(np.average(np.arange(1, 13), weights=days), rel=1e-6)


def test_a_season_of_which_a_month_is_missing_is_left_out(context: Context) -> None:
    inputs = {"field": {"collection": "months"}, "period": "season"}
    assert list(values(context, inputs)) == [
        "2019-03-01", "2019-06-01", "2019-09-01", "2019-12-01", "2020-03-01", "2020-06-01", "2020-09-01",
    ]  # fmt: skip
    kept = values(context, inputs | {"incomplete": "keep"})
    assert (len(kept), kept["2018-12-01"], kept["2020-12-01"]) == (9, pytest.approx((31 + 2 * 28) / 59), 22)
    winter = (31 * 12 + 31 * 11 + 29 * 12) / 91
    assert kept["2019-12-01"] == pytest.approx(winter, rel=1e-6)


def test_the_climatology_of_months_and_the_anomaly_from_it(context: Context) -> None:
    field = {"collection": "months"}
    normal = values(context, {"field": field, "period": "climatology-month"})
    assert list(normal.values())[0:2] == [6, pytest.approx((28 * 2 + 29 * 12) / 57, rel=1e-6)]
    anomaly = values(context, {"field": field, "period": "anomaly-month", "climatology": "2019"}, "anomaly")
    assert (anomaly["2019-05-01" if "2019-05-01" in anomaly else "2019-05"], len(anomaly)) == (0, 24)
    assert anomaly["2020-05-01" if "2020-05-01" in anomaly else "2020-05"] == 10


def test_a_climatology_is_published_as_one(context: Context) -> None:
    answer = answer_here(context, "composite", {
        "field": {"collection": "months"}, "period": "climatology-season", "statistics": ["mean", "std"],
        "publish": {"id": "normals", "title": "Normals"}, "climatology": "2019/2020",
    })  # fmt: skip
    dataset = context.catalogue.repository.dataset("normals")
    assert [variable.id for variable in dataset.variables] == ["v_mean", "v_std"]
    assert dataset.time is not None
    assert (dataset.time.climatology, dataset.time.count) == (True, 4)
    assert answer["mean"]["collection"].endswith("/collections/normals")


def test_few_times_leave_cells_empty(context: Context) -> None:
    inputs = {"field": {"collection": "days"}, "period": "month", "minimum_fraction": 0.5, "minimum_count": 32}
    [link] = answer_here(context, "composite", inputs)["mean"]["maps"]
    assert np.isnan(cells_of(context, link)).all()


def test_what_has_no_times_or_covers_no_period_is_refused(context: Context) -> None:
    with pytest.raises(InvalidInput, match="no times"):
        answer_here(context, "composite", {"field": {"collection": "static"}, "period": "month"})
    with pytest.raises(GranuleNotFound, match="no year is covered by the 31 times"):
        answer_here(context, "composite", {"field": {"collection": "days"}, "period": "year"})
