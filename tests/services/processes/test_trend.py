"""`trend`: maps and tables against scipy, over parts, published, and what is refused."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from config.errors import InvalidInput
from config.grids import CRS84, Grid
from services.processes.trend import maps
from tests.support.processes import answer_here, cells_of, context_of, execute_here
from tests.support.rasters import publication
from tests.support.zones import box, collection, feature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 4.0), width=3, height=4)
LABELS = [f"{year}-{month:02d}" for year in range(2000, 2005) for month in range(1, 13)]
FIELD = {"collection": "series"}


def cube() -> NDArray[np.float32]:
    """(time, row, column): noise, and a trend that grows with the cell; one cell is mostly empty."""
    random = np.random.default_rng(8)
    steps = np.arange(60)[:, np.newaxis, np.newaxis]
    values = 10 + random.normal(size=(60, 4, 3)) + steps * np.arange(12).reshape(4, 3) / 100
    values[random.random(values.shape) < 0.05] = np.nan
    values[10:, 0, 0] = np.nan
    return values.astype("float32")


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Five years of months."""
    with context_of(server, tmp_path_factory.mktemp("trend")) as context:
        steps: dict[str | None, Any] = dict(zip(LABELS, cube(), strict=True))
        made = publication(context.store, "series", steps, GRID, nodata=np.nan, unit="mg m-3", value_range=(0, 20))
        context.catalogue.repository.publish(made)
        yield context


def years() -> NDArray[np.float64]:
    starts = np.array([np.datetime64(label) for label in LABELS])
    ends = starts + np.timedelta64(1, "M")
    days = (starts.astype("datetime64[D]").astype(float) + ends.astype("datetime64[D]").astype(float)) / 2
    return (days - np.datetime64("2000-01-01").astype("datetime64[D]").astype(float)) / 365.2425 + 2000


def test_maps_of_least_squares_are_those_of_linregress_whatever_the_strips(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = {"field": FIELD, "autocorrelation": "none"}
    whole = answer_here(context, "trend", inputs)
    monkeypatch.setattr(maps, "_STRIP_VALUES", 60 * 3)
    outputs = {name: {} for name in ("slope", "p", "error", "percent", "count", "significant", "summary")}
    answer = answer_here(context, "trend", inputs, outputs_=outputs, parts=4)
    read = {name: cells_of(context, answer[name]["maps"][0]) for name in outputs if name != "summary"}
    np.testing.assert_array_equal(read["slope"], cells_of(context, whole["slope"]["maps"][0]))
    values = cube().astype("float64")
    for row, column in np.ndindex(4, 3):
        y = values[:, row, column]
        there = np.isfinite(y)
        assert read["count"][row, column] == there.sum()
        if (row, column) == (0, 0):
            assert np.isnan(read["slope"][0, 0])
            continue
        one = stats.linregress(years()[there], y[there])
        found = [read[name][row, column] for name in ("slope", "error", "p", "percent")]
        assert found == pytest.approx([one.slope, one.stderr, one.pvalue, 100 * one.slope / y[there].mean()], rel=1e-5)
        assert read["significant"][row, column] == (one.pvalue < 0.05)
    assert answer["slope"]["unit"] == "mg m-3 year-1"
    assert (answer["summary"]["count"], answer["summary"]["first"]) == (60, "2000-01")


def test_median_slopes_per_decade(context: Context) -> None:
    inputs = {"field": FIELD, "method": "theil-sen", "per": "decade", "bbox": {"bbox": [1, 0, 3, 2]}}
    outputs = {name: {} for name in ("slope", "p", "lower", "upper")}
    answer = answer_here(context, "trend", inputs | {"autocorrelation": "none"}, outputs_=outputs)
    slope = cells_of(context, answer["slope"]["maps"][0])
    assert slope.shape == (2, 2)
    y = cube()[:, 3, 2].astype("float64")
    there = np.isfinite(y)
    one = stats.theilslopes(y[there], years()[there])
    assert slope[1, 1] == pytest.approx(10 * one.slope, rel=1e-4)
    ends = [cells_of(context, answer[name]["maps"][0])[1, 1] for name in ("lower", "upper")]
    assert ends == pytest.approx([10 * one.low_slope, 10 * one.high_slope], rel=1e-4)
    assert answer["upper"]["unit"] == "mg m-3 decade-1"
    assert cells_of(context, answer["p"]["maps"][0])[1, 1] < 1e-6


def test_regions_are_a_table_of_the_trends_of_their_means(context: Context) -> None:
    polygons = collection(feature(box(0, 0, 3, 1), name="south"), feature(box(2, 1, 3, 4), name="east"))
    inputs = {"field": FIELD, "polygons": polygons, "autocorrelation": "none"}
    table = answer_here(context, "trend", inputs, outputs_={"regions": {}})
    assert [row["region"] for row in table["regions"]] == ["south", "east"]
    means = np.nanmean(cube()[:, 3, :].astype("float64"), axis=1)  # one row: cells of one area
    one = stats.linregress(years(), means)
    south = table["regions"][0]
    assert (south["slope"], south["p"]) == pytest.approx((one.slope, one.pvalue), rel=1e-6)
    reach = stats.t.ppf(0.975, 58) * one.stderr
    assert (south["lower"], south["upper"]) == pytest.approx((one.slope - reach, one.slope + reach), rel=1e-6)
    assert south["percent"] == pytest.approx(100 * one.slope / means.mean(), rel=1e-6)
    body, media_type = execute_here(
        context, "trend", inputs, outputs_={"regions": {"format": {"mediaType": "text/csv"}}}
    )
    [first, _] = list(csv.DictReader(io.StringIO(body.decode())))
    assert (media_type, first["region"], float(first["r2"])) == ("text/csv", "south", pytest.approx(one.rvalue**2))


def test_a_published_trend_has_the_whole_time_of_its_data(context: Context) -> None:
    publish = {"id": "trends", "title": {"en": "Trends", "zh": "趋势"}}
    answer_here(context, "trend", {"field": FIELD, "publish": publish}, outputs_={"slope": {}, "p": {}})
    dataset = context.catalogue.repository.dataset("trends")
    assert dataset.time is not None
    assert (dataset.time.start[:7], dataset.time.end[:7], dataset.time.count) == ("2000-01", "2005-01", 1)
    assert dataset.variable("slope").style().colormap == "balance"


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"autocorrelation": "whiten"}, "whiten does not go with ols"),
        ({"method": "theil-sen", "autocorrelation": "n_eff"}, "n_eff does not go with theil-sen"),
        ({"season": "seasonal-kendall"}, "goes with method theil-sen"),
        ({"datetime": "2000-01/2000-03"}, "3 times are too few"),
    ],
)
def test_methods_that_make_no_sense_are_refused(context: Context, inputs: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        answer_here(context, "trend", {"field": FIELD} | inputs)
