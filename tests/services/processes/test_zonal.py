"""What `zonal-statistics` answers, in this process: values against arithmetic, forms, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from pydantic import SecretStr
from pyproj import Transformer
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from cog.grids.ellipsoid import cell_areas
from config.errors import (
    AccessRestricted,
    CollectionNotFound,
    GranuleNotFound,
    GraticuleError,
    InvalidInput,
    TooLarge,
    VariableNotFound,
)
from config.grids import Grid
from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.catalogue import Catalogue
from records.datasets.models import Access, ColorClass, Granule, LayerAxis
from records.datasets.publication import Publication
from services.processes.requests import outputs, validation
from services.processes.zonal import plan
from services.processes.zonal.process import ZonalStatistics
from services.web.context import Context
from tests.support.rasters import coded, global_grid, publication, write_cog
from tests.support.zones import Here, answered, body, box, collection, executed, feature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.datasets.repository import Repository
    from tests.support.database import Server

TIMES = ("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", "2020-01-03T00:00:00Z")
GRID = global_grid(72, 36)  # cells of 5 degrees
CORNER = box(-180, 80, -170, 90)  # cells (0, 0), (0, 1), (1, 0) and (1, 1)


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """The application's parts over a catalogue that the tests of this module share."""
    folder = tmp_path_factory.mktemp("zonal")
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        settings = Settings(data_dir=folder, database=DatabaseSettings(url=SecretStr(url)))
        catalogue = Catalogue(engine)
        yield Context(settings=settings, catalogue=catalogue, store=settings.store_dir)
        catalogue.close()
        engine.dispose()


@pytest.fixture(scope="module")
def repository(context: Context) -> Repository:
    """The catalogue, for writing."""
    return context.catalogue.repository


def publish_days(context: Context, dataset_id: str) -> None:
    steps: dict[str | None, Any] = {time: coded(GRID) + number for number, time in enumerate(TIMES)}
    context.catalogue.repository.publish(publication(context.store, dataset_id, steps, GRID, unit="K"))


@pytest.fixture(scope="module")
def daily(context: Context) -> Context:
    """A dataset of three days; each adds 1 to the codes of its cells."""
    publish_days(context, "daily")
    return context


@pytest.fixture(scope="module")
def land(context: Context, repository: Repository) -> Context:
    """A dataset of classes in an equal-area projection."""
    grid = Grid(crs="EPSG:5070", transform=(30.0, 0.0, 0.0, 0.0, -30.0, 1_500_000.0), width=40, height=40)
    values = np.where(np.arange(40) < 30, 1, 2).astype("uint8") * np.ones((40, 1), "uint8")
    values[:, 39] = 0
    made = publication(context.store, "land", {None: values}, grid, nodata=0, bbox=(-97, 36, -95, 37))
    classes = tuple(
        ColorClass(value=value, color=(0, 0, 0, 255), title=title)
        for value, title in ((1, {"en": "Forest", "zh": "森林"}), (2, {"en": "Water", "zh": "水"}), (3, {"en": "Ice"}))
    )
    variable = replace(made.variables[0], kind="categorical", classes=classes, unit=None)
    repository.publish(replace(made, variables=(variable,)))
    return context


def rows(document: dict[str, Any]) -> list[Any]:
    return [row["statistics"] for row in document["rows"]]


def test_the_answer_is_in_physical_units_and_says_what_it_is_of(daily: Context) -> None:
    document = answered(
        daily, "daily", feature(CORNER, name="a"), datetime=TIMES[0], statistics=["mean", "sum", "count"]
    )
    assert rows(document) == [{"count": 4.0, "mean": 5000.5, "sum": 20_002.0, "cells": 4}]
    assert document["rows"][0]["properties"] == {"name": "a"}
    said = {name: document[name] for name in ("variable", "unit", "weights", "times", "cells")}
    assert said == {"variable": "v", "unit": "K", "weights": "coverage", "times": [TIMES[0]], "cells": 4}
    assert document["grid"]["shape"] == [36, 72]
    assert document["statistics"]["mean"]["unit"] == "K"


@pytest.mark.parametrize(
    ("when", "found"),
    [
        (None, TIMES[2:]),
        (TIMES[1], TIMES[1:2]),
        ("2020-01-02/..", TIMES[1:]),
        ([TIMES[2], "2020-01-01"], (TIMES[0], TIMES[2])),
        (["2020-01", TIMES[0]], TIMES),
    ],
)
def test_times_are_one_or_many(daily: Context, when: str | list[str] | None, found: tuple[str, ...]) -> None:
    inputs = {} if when is None else {"datetime": when}
    document = answered(daily, "daily", CORNER, statistics=["min"], **inputs)
    assert document["times"] == list(found)
    assert [row["min"] for row in rows(document)] == [TIMES.index(time) for time in found]


def test_order_statistics_are_those_of_the_cells(daily: Context) -> None:
    names = ["median", "majority", "stdev"]
    [row] = rows(answered(daily, "daily", CORNER, datetime=TIMES[0], statistics=names, quantiles=[0, 0.025, 1]))
    cells = [0.0, 1.0, 10_000.0, 10_001.0]
    assert row["median"] == np.median(cells)
    assert row["quantile_2_5"] == pytest.approx(np.quantile(cells, 0.025))
    assert (row["quantile_0"], row["quantile_100"], row["majority"]) == (0, 10_001, 10_001)
    assert row["stdev"] == pytest.approx(np.std(cells))


def test_a_histogram_holds_the_whole_weight(daily: Context) -> None:
    [row] = rows(answered(daily, "daily", CORNER, datetime=TIMES[0], statistics=["histogram"]))
    bins = row["histogram"]
    assert len(bins) == 32
    assert (bins[0]["low"], bins[-1]["high"]) == (0, 10_001)
    assert [each["fraction"] for each in bins] == [0.5, *[0.0] * 30, 0.5]
    asked = body("daily", CORNER, media_type="text/csv", statistics=["histogram", "mean"])
    head = executed(daily, asked)[0].decode().splitlines()[0]
    assert "v_mean" in head
    assert "histogram" not in head


def test_area_weights_are_named_and_in_square_metres(daily: Context) -> None:
    document = answered(daily, "daily", CORNER, datetime=TIMES[0], weights="area", statistics=["mean", "sum", "count"])
    [row], [first, second] = rows(document), cell_areas(GRID)[:2]
    mean = (0.5 * first + 10_000.5 * second) / (first + second)
    assert row["mean"] == pytest.approx(mean)
    assert row["count"] == pytest.approx(2 * (first + second))
    assert row["sum"] == pytest.approx(mean * row["count"])
    assert (document["weights"], document["statistics"]["sum"]["unit"]) == ("area", "K m2")


def test_polygons_of_any_declared_crs_lie_where_they_are(daily: Context) -> None:
    to_mercator = Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True)
    west, south = to_mercator.transform(-20, -10)
    east, north = to_mercator.transform(7, 15)
    expected = rows(answered(daily, "daily", box(-20, -10, 7, 15)))
    square = box(west, south, east, north)
    declared = answered(daily, "daily", square, crs="http://www.opengis.net/def/crs/EPSG/0/3857")
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    legacy = answered(daily, "daily", collection(feature(square), crs=member))
    for found in (*rows(declared), *rows(legacy)):
        assert found == pytest.approx(expected[0], rel=1e-6)


@pytest.mark.parametrize(
    "polygons",
    [
        box(170, -10, 190, 10),
        box(-190, -10, -170, 10),
        {"type": "Polygon", "coordinates": [[[170, -10], [-170, -10], [-170, 10], [170, 10], [170, -10]]]},
        {
            "type": "MultiPolygon",
            "coordinates": [box(170, -10, 180, 10)["coordinates"], box(-180, -10, -170, 10)["coordinates"]],
        },
    ],
    ids=["beyond 180", "below -180", "the short way round", "cut as RFC 7946 asks"],
)
def test_polygons_across_the_antimeridian_are_whole(daily: Context, polygons: dict[str, Any]) -> None:
    [row] = rows(answered(daily, "daily", polygons, datetime=TIMES[0], statistics=["cells", "mean"]))
    columns, lines = np.array([70, 71, 0, 1]), np.arange(16, 20)
    assert row == {"cells": 16, "mean": lines.mean() * 10_000 + columns.mean()}


def test_holes_and_polygons_of_no_cell(daily: Context) -> None:
    holed = {
        "type": "Polygon",
        "coordinates": [*box(-180, 70, -160, 90)["coordinates"], *box(-175, 75, -165, 85)["coordinates"]],
    }
    tiny, nothing = feature(box(0, 0, 1e-9, 1e-9)), feature(None)
    document = answered(
        daily, "daily", collection(feature(holed), tiny, nothing), statistics=["cells", "count", "mean"]
    )
    assert [row["cells"] for row in rows(document)] == [12, 1, 0]
    assert rows(document)[2] == {"count": 0.0, "cells": 0, "mean": None}


def test_classes_have_names_and_fractions(land: Context) -> None:
    from_albers = shapely.geometry.mapping(shapely.box(0, 1_498_800, 1200, 1_500_000))
    document = answered(land, "land", json.loads(json.dumps(from_albers)), crs="EPSG:5070")
    [row] = rows(document)
    assert (row["majority"], row["majority_title"]["zh"]) == (1, "森林")
    assert [(share["value"], share["title"]["en"]) for share in row["fractions"]] == [(1, "Forest"), (2, "Water")]
    assert [share["fraction"] for share in row["fractions"]] == pytest.approx([30 / 39, 9 / 39])
    assert row["valid_fraction"] == pytest.approx(39 / 40)


def test_a_polygon_in_degrees_is_bent_onto_a_projected_grid(land: Context) -> None:
    to_degrees = Transformer.from_crs("EPSG:5070", "OGC:CRS84", always_xy=True)
    square = shapely.segmentize(shapely.box(100, 1_499_000, 1000, 1_499_800), 10)
    degrees = shapely.transform(square, lambda p: np.stack(to_degrees.transform(*p.T), axis=1))
    [found] = rows(answered(land, "land", json.loads(json.dumps(shapely.geometry.mapping(degrees)))))
    assert found["count"] == pytest.approx(900 * 800 / 30**2, rel=1e-6)


def test_geojson_keeps_the_polygons_and_their_properties(daily: Context) -> None:
    asked = collection(feature(CORNER, name="a", note="b") | {"id": 7}, feature(box(0, 0, 5, 5), name="c"))
    request = body("daily", asked, media_type="application/geo+json", properties=["name"], statistics=["min"])
    document, media_type = executed(daily, request)
    found = json.loads(document)
    assert media_type == "application/geo+json"
    assert [f["geometry"] for f in found["features"]] == [CORNER, box(0, 0, 5, 5)]
    assert found["features"][0]["properties"] == {"name": "a", "time": TIMES[2], "v_min": 2.0, "v_cells": 4}
    assert (found["features"][0]["id"], found["zonal_statistics"]["unit"]) == (7, "K")


def test_csv_has_a_line_for_each_polygon_and_time(daily: Context) -> None:
    asked = collection(feature(CORNER, name='a,\n"b"'), feature(box(0, 0, 5, 5), name="c"))
    text, media_type = executed(daily, body("daily", asked, media_type="text/csv", datetime="2020", statistics=["max"]))
    lines = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
    assert media_type == "text/csv"
    assert [(line["feature"], line["name"], line["time"]) for line in lines][:4] == [
        *(("0", 'a,\n"b"', time) for time in TIMES),
        ("1", "c", TIMES[0]),
    ]
    assert [float(line["v_max"]) for line in lines[:3]] == [10_001, 10_002, 10_003]
    assert (lines[0]["unit"], lines[0]["weights"], lines[0]["v_cells"]) == ("K", "coverage", "4")


def test_csv_holds_every_property(daily: Context) -> None:
    own = {"name": "a", "ok": True, "codes": [1, 2], "of": {"x": "é"}, "size": 1.5, "none": None}
    text, _ = executed(daily, body("daily", collection(feature(CORNER, **own)), media_type="text/csv"))
    [line] = csv.DictReader(io.StringIO(text.decode(), newline=""))
    assert [line[name] for name in own] == ["a", "true", "[1, 2]", '{"x": "é"}', "1.5", ""]


def test_the_wide_layout_has_times_side_by_side(daily: Context) -> None:
    inputs: dict[str, Any] = {"datetime": "2020", "statistics": ["min"], "layout": "wide", "prefix": ""}
    text, _ = executed(daily, body("daily", feature(CORNER), media_type="text/csv", **inputs))
    [line] = csv.DictReader(io.StringIO(text.decode(), newline=""))
    assert [line[f"min_2020010{day}T000000Z"] for day in (1, 2, 3)] == ["0.0", "1.0", "2.0"]
    [row] = answered(daily, "daily", CORNER, **inputs)["rows"]
    assert [timed["statistics"]["min"] for timed in row["times"]] == [0, 1, 2]


def test_class_fractions_are_columns_of_every_class(land: Context) -> None:
    outside = box(-60, 0, -59, 1)
    asked = body("land", collection(feature(box(-96.05, 36, -95.9, 36.6)), feature(outside)), media_type="text/csv")
    first, second = csv.DictReader(io.StringIO(executed(land, asked)[0].decode(), newline=""))
    assert float(first["v_fraction_1"]) + float(first["v_fraction_2"]) == pytest.approx(1)
    assert (first["v_fraction_3"], second["v_fraction_1"], second["v_majority"]) == ("0.0", "", "")


def test_a_document_response_names_the_media_type(daily: Context) -> None:
    request = body("daily", CORNER, media_type="text/csv") | {"response": "document"}
    document = json.loads(executed(daily, request)[0])
    assert document["statistics"]["mediaType"] == "text/csv"
    assert document["statistics"]["value"].startswith("feature,id,")


def test_parts_of_one_time_are_one_mosaic_or_one_part(context: Context, repository: Repository) -> None:
    made = publication(context.store, "sheets", {None: np.full((36, 72), 5, "int16")}, GRID, nodata=-1)
    holes = np.where(np.arange(72) < 36, 1, -1).astype("int16") * np.ones((36, 1), "int16")
    asset = write_cog(context.store, "sheets/v/a.tif", holes, GRID, nodata=-1)
    parts = [replace(made.granules[0], part="b"), replace(made.granules[0], part="a", asset=asset)]
    repository.publish(replace(made, granules=tuple(parts)))
    names: Any = {"statistics": ["mean"]}
    everything = box(-180, -90, 180, 90)
    assert rows(answered(context, "sheets", everything, **names))[0]["mean"] == 3.0
    assert rows(answered(context, "sheets", everything, part="b", **names))[0]["mean"] == 5.0


def test_a_level_is_the_first_unless_it_is_named(context: Context, repository: Repository) -> None:
    made = publication(context.store, "deep", {None: np.full((36, 72), 5, "int16")}, GRID)
    asset = write_cog(context.store, "deep/v/a.tif", np.full((36, 72), 7, "int16"), GRID)
    axis = LayerAxis(name="depth", unit="m", positive="down", labels=("0", "10"))
    granules: tuple[Granule, ...] = (
        replace(made.granules[0], layer="0"),
        replace(made.granules[0], layer="10", asset=asset),
    )
    repository.publish(replace(made, variables=(replace(made.variables[0], levels=axis),), granules=granules))
    document = answered(context, "deep", CORNER)
    assert (rows(document)[0]["mean"], document["level"], document["level_axis"]["unit"]) == (5.0, "0", "m")
    assert rows(answered(context, "deep", CORNER, level="10"))[0]["mean"] == 7.0
    with pytest.raises(GranuleNotFound, match="it has 0, 10 m"):
        answered(context, "deep", CORNER, level="11")


BOWTIE = {"type": "Polygon", "coordinates": [[[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]]}


@pytest.mark.parametrize(
    ("inputs", "error", "said"),
    [
        ({"polygons": collection(feature(CORNER), feature(BOWTIE))}, InvalidInput, "feature 1: no valid polygon: Self"),
        ({"polygons": {"type": "Point", "coordinates": [0, 0]}}, InvalidInput, "GeoJSON FeatureCollection"),
        ({"polygons": feature({"type": "Point", "coordinates": [0, 0]})}, InvalidInput, "feature 0: .*'Point'"),
        ({"polygons": box(0, 0, 5, 95)}, InvalidInput, "feature 0: .*outside the earth"),
        ({"polygons": box(0, 0, 5e5, 5e5)}, InvalidInput, "`crs` says"),
        ({"polygons": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}}, InvalidInput, "closed"),
        ({"polygons": {"type": "Polygon", "coordinates": [[["0", 0]] * 4]}}, InvalidInput, "two or more numbers"),
        ({"polygons": {"type": "Polygon", "coordinates": [[[10**400, 0]] * 4]}}, InvalidInput, "range of a double"),
        ({"polygons": {"type": "MultiPolygon", "coordinates": []}}, InvalidInput, "has no polygon"),
        ({"polygons": collection()}, InvalidInput, "at least one feature"),
        ({"polygons": CORNER | {"crs": {"type": "link"}}}, InvalidInput, "polygons.crs"),
        ({"crs": "EPSG:999999"}, InvalidInput, "PROJ knows no such CRS"),
        ({"crs": "+proj=longlat +nadgrids=/etc/passwd"}, InvalidInput, "OGC URI"),
        ({"crs": "EPSG:5773"}, InvalidInput, "geographic or projected"),
        ({"collection": "none"}, CollectionNotFound, "none"),
        ({"variable": "w"}, VariableNotFound, "it has v"),
        ({"datetime": "1999"}, GranuleNotFound, "selects no time"),
        ({"datetime": "x"}, InvalidInput, "ISO 8601"),
        ({"level": "5"}, InvalidInput, "v has no levels; leave it out"),
        ({"statistics": ["mode"]}, InvalidInput, "statistics"),
        ({"quantiles": [1.5]}, InvalidInput, "quantiles"),
        ({"weights": "none"}, InvalidInput, "weights"),
        ({"polygons": feature(CORNER, v_min=1)}, InvalidInput, "set `prefix`"),
        ({"statistics": ["fractions"], "polygons": box(-180, -90, 180, 90)}, InvalidInput, "2592 distinct values"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_with_the_reason(
    daily: Context, inputs: dict[str, Any], error: type[GraticuleError], said: str
) -> None:
    request = body("daily", CORNER, media_type="application/geo+json")
    request["inputs"] |= inputs
    with pytest.raises(error, match=said):
        executed(daily, request)


def test_an_invalid_polygon_is_repaired_when_that_is_asked(daily: Context) -> None:
    [row] = rows(answered(daily, "daily", BOWTIE, repair=True, statistics=["count"]))
    assert row["count"] == pytest.approx(2.0)


@pytest.mark.parametrize("wanted", [{"statistics": ["mean"]}, {"weights": "area"}])
def test_classes_and_projected_grids_refuse_what_means_nothing(land: Context, wanted: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        answered(land, "land", box(-96, 36, -95, 37), **wanted)


def test_restricted_data_is_refused_before_and_in_the_worker(context: Context, repository: Repository) -> None:
    made: Publication = publication(context.store, "closed", {None: coded(GRID)}, GRID, access=Access(policy="login"))
    repository.publish(made)
    process = ZonalStatistics()
    checked = validation.check(body("closed", CORNER), process.description)
    with pytest.raises(AccessRestricted):
        process.require(checked, context)
    with pytest.raises(AccessRestricted):
        process.plan(checked, Here(context))


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of few cells, so that small data is split."""
    monkeypatch.setattr(plan, "_PART_CELLS", 10)
    monkeypatch.setattr(plan, "_PART_DISTINCT_CELLS", 10)


@pytest.mark.usefixtures("small_parts")
def test_parts_together_answer_what_one_execution_does(daily: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = [feature(box(-180 + 7 * k, -50 + 2 * k, -160 + 9 * k, 3 * k), k=k) for k in range(9)]
    request = body("daily", collection(*shapes), datetime="2020", statistics=["mean", "stdev", "median", "cells"])
    split = json.loads(executed(daily, request, parts=9)[0])
    monkeypatch.setattr(plan, "_PART_DISTINCT_CELLS", 10**9)
    assert split == json.loads(executed(daily, request)[0])
    assert len(split["rows"]) == 27


@pytest.mark.usefixtures("small_parts")
def test_a_dataset_that_changes_between_parts_is_answered_as_it_was_planned(
    context: Context, repository: Repository
) -> None:
    process, here = ZonalStatistics(), Here(context)
    publish_days(context, "changing")
    request = body("changing", box(-180, -90, 180, 90), datetime="2020", statistics=["mean"])
    checked = validation.check(request, process.description)
    before = executed(context, request)[0]
    planned = process.plan(checked, here)
    results = [process.part(planned.parts[0], here)]
    repository.publish(publication(context.store, "changing", {TIMES[0]: -coded(GRID)}, GRID))
    results += [process.part(part, here) for part in planned.parts[1:]]
    assert len(results) > 1
    made = process.combine(checked, planned, results, here)
    assert outputs.encode(made, checked, process.description["outputs"])[0] == before


def test_work_beyond_the_bound_is_refused_with_the_remedy(daily: Context) -> None:
    limit = daily.settings.limit.model_copy(update={"zone_cells": 100})
    bounded = replace(daily, settings=daily.settings.model_copy(update={"limit": limit}))
    with pytest.raises(TooLarge, match="the limit is 100: ask for fewer or smaller"):
        answered(bounded, "daily", box(-180, -90, 180, 90))


def test_too_many_features_or_vertices_are_refused(daily: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cog.zones.geojson.MOST_FEATURES", 2)
    with pytest.raises(TooLarge, match="3 features are more than 2"):
        answered(daily, "daily", collection(*[feature(CORNER)] * 3))
    monkeypatch.setattr("cog.zones.geojson.MOST_VERTICES", 9)
    with pytest.raises(TooLarge, match="more than 9 vertices"):
        answered(daily, "daily", collection(*[feature(CORNER)] * 2))
