"""`match-up`: a real cruise against monthly maps, windows against arithmetic, tables, plots, and what is refused."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import TYPE_CHECKING, Any

import netCDF4
import numpy as np
import pytest

from config.declarations.datasets import parse_declaration
from config.errors import InvalidInput
from config.grids import CRS84, Grid
from services.ingest.pipeline import ingest
from tests.support.processes import answer_here, context_of, execute_here
from tests.support.rasters import publication
from tests.support.sources import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.web.context import Context
    from tests.support.database import Server

CRUISE = DATA / "insitu" / "kitidis_consistent.tsv"
GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 5.0), width=6, height=5)
CELLS = np.arange(30, dtype="float32").reshape(5, 6) + 1


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Two days of 5 by 6 cells, the second ten times the first with a hole."""
    with context_of(server, tmp_path_factory.mktemp("matchup")) as context:
        holed = CELLS * 10
        holed[0, 0] = np.nan
        steps: dict[str | None, Any] = {"2020-01-01": CELLS, "2020-01-02": holed}
        made = publication(context.store, "days", steps, GRID, nodata=np.nan, unit="degC")
        context.catalogue.repository.publish(made)
        yield context


def table(*rows: str) -> str:
    return "\n".join(["lat,lon,time,sst,id", *rows])


def rows_of(context: Context, points: str, **inputs: Any) -> list[dict[str, Any]]:
    request = {"points": points, "columns": {"measured": "sst"}, "field": {"collection": "days"}} | inputs
    form = {"pairs": {"format": {"mediaType": "application/json"}}}
    pairs: list[dict[str, Any]] = answer_here(context, "match-up", request, outputs_=form)["pairs"]
    return pairs


def test_points_take_the_cell_and_the_time_that_hold_them(context: Context) -> None:
    points = table(
        "4.5,0.5,2020-01-01T12:00:00Z,1,a", "4.5,0.5,2020-01-02T23:00:00Z,1,b", "0.1,5.9,2020-01-02,300,c",
        "50,0,2020-01-01,1,d", "4.5,1.5,2020-01-03,1,e", "4.5,1.5,2020-01-01,,f",
        "4.5,361.5,2020-01-01T23:30:00+01:00,2,g",
    )  # fmt: skip
    rows = rows_of(context, points)
    assert [row["value"] for row in rows] == [1, None, 300, None, None, None, 2]
    assert [row["refused"] for row in rows] == [None, "no data", None, "outside", "no time", "no measurement", None]
    assert (rows[2]["cell_lon"], rows[2]["cell_lat"], rows[2]["value_time"]) == (5.5, 0.5, "2020-01-02")


@pytest.mark.parametrize(
    ("space", "value"),
    [
        ("nearest", 15),
        ("bilinear", 15 + 0.25 * 1 + 0.3 * 6),
        ("mean-3x3", 15),
        ("median-3x3", 15),
        ("mean-5x5-filtered", 15),
    ],
)
def test_windows_have_the_values_of_arithmetic(context: Context, space: str, value: float) -> None:
    [row] = rows_of(context, table("2.2,2.75,2020-01-01,1,a"), space=space)
    assert row["value"] == pytest.approx(value)


def test_uneven_and_empty_windows_are_refused(context: Context) -> None:
    points = table("2.5,2.5,2020-01-01,1,a", "4.5,0.5,2020-01-01,1,b")
    rows = rows_of(context, points, space="mean-3x3", maximum_cv=0.2)
    assert [row["refused"] for row in rows] == ["cv", "no data"]  # a window at the corner has 4 cells of 9


def test_a_time_window_takes_the_nearest_time_within(context: Context) -> None:
    points = table("4.5,1.5,2020-01-02T02:00:00Z,1,a", "4.5,1.5,2020-01-01T12:30:00Z,1,b")
    rows = rows_of(context, points, time_window="PT3H")
    assert [(row["value"], row["hours"]) for row in rows] == [(20, -2), (None, None)]


def test_measurements_are_converted_and_reduced_by_cell(context: Context) -> None:
    kelvin = table("4.5,0.5,2020-01-01,274.15,a", "4.4,0.4,2020-01-01,276.15,b", "3.5,0.5,2020-01-01,280.15,c")
    request = {"points": kelvin, "columns": {"measured": "sst"}, "field": {"collection": "days"}, "value_unit": "K"}
    plain = answer_here(context, "match-up", request, outputs_={"statistics": {}})
    assert (plain["n"], plain["n_pairs"], plain["n_cells"]) == (3, 3, 2)
    assert plain["bias"] == pytest.approx((1 - 1 + 1 - 3 + 7 - 7) / 3)
    reduced = answer_here(context, "match-up", request | {"reduce": "cell-mean"}, outputs_={"statistics": {}})
    assert (reduced["n"], reduced["bias"]) == (2, pytest.approx((1 - 2 + 0) / 2))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"points": "a,b\n"}, "at least one row"),
        ({"points": "a,b\n1,2", "columns": {"measured": "b"}}, "say which column is lon"),
        ({"columns": {"measured": "none"}}, "there is no column 'none'"),
        ({"points": table("x,0,2020-01-01,1,a")}, "lat is 'x', not a number"),
        ({"points": table("0,0,yesterday,1,a")}, "row 0: .*ISO 8601"),
        ({"points": table("100,0,2020-01-01,1,a")}, "is no place"),
        ({"value_unit": "m"}, "value: its unit"),
        ({"features": {"type": "FeatureCollection", "features": []}}, "one of them"),
    ],
)
def test_tables_that_cannot_be_read_are_refused(context: Context, changes: dict[str, Any], words: str) -> None:
    request = {
        "points": table("0.5,0.5,2020-01-01,1,a"),
        "columns": {"measured": "sst"},
        "field": {"collection": "days"},
    }
    with pytest.raises(InvalidInput, match=words):
        answer_here(context, "match-up", request | changes)


def test_plots_have_the_same_bytes_again(context: Context) -> None:
    points = table(*(f"{i % 5 + 0.5},{i % 6 + 0.5},2020-01-01,{i + 1},p{i}" for i in range(30)))
    request = {
        "points": points, "columns": {"measured": "sst"}, "field": {"collection": "days"},
        "plots": ["scatter", "density", "residual-time", "map"],
    }  # fmt: skip
    for media_type, start in (("image/svg+xml", b"<?xml"), ("image/png", b"\x89PNG")):
        form = {"plot": {"format": {"mediaType": media_type}}}
        first, answered = execute_here(context, "match-up", request, outputs_=form)
        assert (answered, first[: len(start)]) == (media_type, start)
        assert execute_here(context, "match-up", request, outputs_=form)[0] == first


@pytest.mark.skipif(not CRUISE.is_file(), reason="the real data are not beside the repository")
def test_a_cruise_against_the_monthly_maps_of_its_months(context: Context) -> None:
    files = [DATA / "carbon" / f"2013{month}01_OCF-SST-GLO-1M-100-REYNOLDS_TMH.nc" for month in (10, 11)]
    declaration = {
        "id": "reynolds",
        "variables": [{"source": "sst_mean", "fill": 9.969209968386869e36}],
        "time": {"pattern": r"(?P<year>\d{4})(?P<month>\d{2})01_.*"},
    }
    report = ingest(
        files, parse_declaration(declaration, name="test"), repository=context.catalogue.repository,
        store=context.store, workers=1,
    )  # fmt: skip
    assert not report.refused, report
    request = {
        "points": CRUISE.read_text("utf-8"),
        "columns": {"measured": "temperature"}, "field": {"collection": "reynolds"},
        "value_unit": "degC",
    }  # fmt: skip
    form = {"statistics": {}, "pairs": {"format": {"mediaType": "text/csv"}}}
    answer = json.loads(execute_here(context, "match-up", request, outputs_=form)[0])
    statistics = answer["statistics"]
    expected = {
        "n": 3677, "n_cells": 144, "bias": -0.2177, "median_bias": -0.2426, "rmse": 0.7623, "unbiased_rmse": 0.7306,
        "mae": 0.5316, "r": 0.99145, "slope": 0.9753, "intercept": 0.3253, "rma_slope": 0.9837, "robust_sigma": 0.4209,
    }  # fmt: skip
    assert {name: statistics[name] for name in expected} == pytest.approx(expected, abs=6e-5)
    months = [row["value_time"] for row in csv.DictReader(io.StringIO(answer["pairs"]["value"])) if row["value"]]
    assert (months.count("2013-10"), months.count("2013-11")) == (2780, 897)


def test_pairs_come_as_cf_points_and_are_points_again(context: Context, tmp_path: Path) -> None:
    points = table("4.5,0.5,2020-01-01T12:00:00Z,1,a", "4.5,0.5,2020-01-02T23:00:00Z,7,b", "50,0,2020-01-01,1,c")
    request = {"points": points, "columns": {"measured": "sst"}, "field": {"collection": "days"}}
    form = {"pairs": {"format": {"mediaType": "application/netcdf"}}}
    body, media_type = execute_here(context, "match-up", request, outputs_=form)
    assert media_type == "application/netcdf"
    (tmp_path / "pairs.nc").write_bytes(body)
    with netCDF4.Dataset(tmp_path / "pairs.nc") as file:
        assert (file.featureType, file["value"].units, file["value"].coordinates) == ("point", "degC", "time lat lon")
        assert file["refused"][:].tolist() == ["", "no data", "outside"]
        assert file["value"][0] == 1
        assert netCDF4.num2date(file["time"][1], file["time"].units).isoformat() == "2020-01-02T23:00:00"
    again = {"netcdf": base64.b64encode(body).decode(), "columns": {"measured": "measured", "id": "id"}}
    rows = answer_here(
        context, "match-up", again | {"field": {"collection": "days"}},
        outputs_={"pairs": {"format": {"mediaType": "application/json"}}},
    )["pairs"]  # fmt: skip
    assert [row["refused"] for row in rows] == [None, "no data", "outside"]
    assert [(row["id"], row["measured"], row["value"]) for row in rows] == [("a", 1, 1), ("b", 7, None), ("c", 1, None)]


@pytest.mark.skipif(not (DATA / "insitu").is_dir(), reason="shared/data is not there")
def test_a_real_trajectory_is_read(context: Context) -> None:
    text = base64.b64encode((DATA / "insitu" / "dsg_trajectory_example.nc").read_bytes()).decode()
    request = {"netcdf": text, "columns": {"measured": "fCO2_recommended"}, "field": {"collection": "days"}}
    statistics = answer_here(context, "match-up", request, outputs_={"statistics": {}})
    assert (statistics["n_points"], statistics["refused"]["no time"]) == (
        1326,
        1326 - statistics["refused"].get("no measurement", 0),
    )
    with pytest.raises(InvalidInput, match="no variable 'x'; there are expocode"):
        answer_here(context, "match-up", request | {"columns": {"measured": "x"}})
