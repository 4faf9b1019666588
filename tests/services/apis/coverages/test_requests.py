"""What is asked wrongly is answered clearly; formats; limits."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from datetime import date
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from config.grids import CRS84, Grid
from config.settings import LimitSettings
from records.datasets.models import Access
from services.apis.coverages import streaming
from services.apis.coverages.parameters import KNOWN
from services.app import create_app
from tests.support.coverages import get, publication, steps, with_first, with_variable
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.settings import Settings
    from records.datasets.repository import Repository

GRID = global_grid(width=72, height=36)
REGION = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 50.0), width=30, height=20)
LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z")


@pytest.fixture
def region(repository: Repository, store: Path) -> str:
    """A published dataset of two times from 100 to 130 E and 30 to 50 N."""
    repository.publish(publication(store, "region", steps(REGION, LABELS), REGION))
    return "region"


BAD = {
    "unknown parameter": ("bogus=1", "bbox"),
    "unknown axis": ("subset=Foo(1:2)", "Lat, Lon"),
    "unknown scaled axis": ("scale-size=Foo(1)", "Lat, Lon"),
    "unknown resolution axis": ("resolution=Z(1)", "Lat, Lon"),
    "time is not scaled": ("scale-size=time(1)", "datetime"),
    "reversed latitude": ("subset=Lat(45:40)", "above"),
    "reversed bbox": ("bbox=100,45,110,40", "above"),
    "reversed time": ('subset=time("2007":"2006")', "ends before"),
    "reversed datetime": ("datetime=2007/2006", "ends before"),
    "nan": ("bbox=nan,30,110,40", "finite"),
    "inf": ("subset=Lat(30:inf)", "finite"),
    "overflow": ("bbox=100,30,110,1e400", "finite"),
    "underscores": ("bbox=1_0_0,30,110,40", "finite"),
    "unicode digits": ("bbox=" + quote("١٠٠") + ",30,110,40", "finite"),
    "NUL": ("bbox=100,30,110,%00", "finite"),
    "empty bbox": ("bbox=", "finite"),
    "three numbers": ("bbox=1,2,3", "4 numbers"),
    "far longitude": ("bbox=1e9,30,1e9,40", "outside"),
    "no brackets": ("subset=Lat", "axis(value)"),
    "trailing comma": ("subset=Lat(30:40),", "axis(value)"),
    "two colons": ("subset=Lat(30:35:40)", "one colon"),
    "unquoted time": ("subset=time(2006-05)", "quotation"),
    "axis twice": ("subset=Lat(30:40)&subset=lat(30:40)", "twice"),
    "both spellings of an axis": ("subset=Lon(100:110),x(100:110)", "one pair"),
    "bbox and subset": ("bbox=100,30,110,40&subset=Lat(30:40)", "one of them"),
    "datetime and subset": ('datetime=2006-05&subset=time("2006-05")', "one of them"),
    "bad datetime": ("datetime=yesterday", "ISO 8601"),
    "unknown property": ("properties=nope", "it has v"),
    "empty property": ("properties=v,", "one or more"),
    "zero size": ("scale-size=Lon(0)", "above 0"),
    "negative factor": ("scale-factor=-2", "above 0"),
    "half a cell": ("scale-size=Lon(1.5)", "whole number"),
    "two scalings": ("scale-factor=2&scale-size=Lon(1)", "one of them"),
    "contradiction": ("scale-factor=2&scaleFactor=3", "more than once"),
    "unknown format": ("f=shapefile", "choose one of geotiff"),
    "long value": ("properties=" + "a" * 3000, "longer than"),
}


def test_a_bad_parameter_is_400_and_says_why(client: TestClient, region: str) -> None:
    for name, (query, remedy) in BAD.items():
        answer = get(client, region, query)
        assert answer.status_code == 400, (name, answer.text)
        assert remedy in answer.json()["detail"], name
        assert len(answer.json()["detail"]) < 700, name


def test_a_region_outside_the_data_is_404_and_names_the_extent(client: TestClient, region: str) -> None:
    for query in ("bbox=0,0,10,10", "subset=Lat(60:70)", "subset=Lon(*:90)", "bbox=100,50,130,60"):
        answer = get(client, region, query)
        assert answer.status_code == 404, query
        assert re.search("from (100 to 130|30 to 50)", answer.json()["detail"]), query


def test_longitudes_are_modulo_360_and_outer_edges_belong_to_the_data(
    client: TestClient, repository: Repository, store: Path
) -> None:
    grid = Grid(crs=CRS84, transform=(1.0, 0.0, 170.0, 0.0, -1.0, 10.0), width=20, height=20)
    repository.publish(publication(store, "line", {None: coded(grid)}, grid, bbox=(170.0, -10.0, -170.0, 10.0)))
    for query, extent in {
        "subset=Lon(-175:*)": "185.0,-10.0,190.0,10.0",
        "subset=Lon(*:-175)": "170.0,-10.0,185.0,10.0",
        "subset=Lon(190)": "189.0,-10.0,190.0,10.0",
        "subset=Lat(10)": "170.0,9.0,190.0,10.0",
        "bbox=190,10,190,10": "189.0,9.0,190.0,10.0",
    }.items():
        answer = get(client, "line", query)
        assert (answer.status_code, answer.headers.get("content-bbox")) == (200, extent), query


def test_a_time_outside_the_data_is_404_and_names_the_extent(client: TestClient, region: str) -> None:
    for query in ("datetime=2009", 'f=netcdf&subset=time("2009-01":"2010-01")'):
        answer = get(client, region, query)
        assert answer.status_code == 404, query
        assert LABELS[0] in answer.json()["detail"], query


def test_an_unknown_collection_is_404(client: TestClient) -> None:
    for path in ("coverage", "schema", "coverage/domainset", "coverage/rangetype", "coverage/crs"):
        assert client.get(f"/collections/none/{path}").status_code == 404


def test_restricted_data_are_403_but_described(client: TestClient, repository: Repository, store: Path) -> None:
    access = Access(policy="open", embargo_until=date(2999, 1, 1))
    repository.publish(publication(store, "closed", {None: coded(GRID)}, GRID, access=access))
    assert get(client, "closed").status_code == 403
    assert client.get("/collections/closed/schema").status_code == 200


def test_the_format_follows_f_then_accept(client: TestClient, region: str) -> None:
    tiff, netcdf = "image/tiff; application=geotiff", "application/netcdf"
    for query, accept, media_type in (
        ("", "*/*", tiff),
        ("", "application/json", tiff),
        ("", "image/tiff;application=geotiff", tiff),
        ("", "application/netcdf", netcdf),
        ("", "image/tiff;q=0.5, application/x-netcdf", netcdf),
        ("", "image/tiff;q=0, application/netcdf;q=0.1", netcdf),
        ("f=netcdf", "image/tiff", netcdf),
        ("f=json&f=netcdf", "*/*", netcdf),
        ("f=GTiff&f=GTiff", "*/*", tiff),
        ("f=image/tiff;%20application=geotiff", "application/netcdf", tiff),
    ):
        answer = get(client, region, query, accept=accept)
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type), (query, accept)
        assert "Accept" in answer.headers["vary"].split(", ")


def test_six_numbers_are_a_box_with_heights(client: TestClient, region: str) -> None:
    assert get(client, region, "bbox=100,30,0,110,40,9").headers["content-bbox"] == "100.0,30.0,110.0,40.0"


def test_variables_on_different_grids_are_asked_for_apart(
    client: TestClient, repository: Repository, store: Path
) -> None:
    base = publication(store, "grids", {None: coded(GRID)}, GRID)
    repository.publish(with_variable(base, store, "w", coded(REGION), grid=REGION))
    assert "different grids" in get(client, "grids", "properties=v,w&f=netcdf").json()["detail"]
    assert get(client, "grids", "properties=w").headers["content-bbox"] == "100.0,30.0,130.0,50.0"


def test_several_levels_at_one_time_are_refused(client: TestClient, repository: Repository, store: Path) -> None:
    base = publication(store, "levels", steps(REGION, LABELS[:1]), REGION)
    granule = base.granules[0]
    repository.publish(replace(base, granules=(replace(granule, layer="0"), replace(granule, layer="10"))))
    answer = get(client, "levels", "f=netcdf")
    assert (answer.status_code, "levels" in answer.json()["detail"]) == (400, True)


@pytest.fixture
def small(settings: Settings) -> Iterator[TestClient]:
    """A client of an application that answers at most 1000 cells."""
    limited = settings.model_copy(update={"limit": LimitSettings(coverage_cells=1000)})
    with TestClient(create_app(limited), raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("query", ["", "f=netcdf", "bbox=-180,-90,180,0", "subset=Lon(100:-100)"])
def test_too_many_cells_are_413_with_remedies_that_fit(
    small: TestClient, repository: Repository, store: Path, query: str
) -> None:
    repository.publish(publication(store, "big", {LABELS[0]: coded(GRID)}, GRID))
    answer = get(small, "big", query)
    assert answer.status_code == 413
    detail = answer.json()["detail"]
    assert "the limit is 1000" in detail
    for remedy in (r"scale-factor=[0-9]+", r"bbox=[-0-9.,]+"):
        found = re.search(remedy, detail)
        assert found is not None, detail
        base = query.split("&", maxsplit=1)[0] if "factor" in remedy else ""
        assert get(small, "big", f"{base}&{found[0].rstrip('.,')}".strip("&")).status_code == 200


def test_too_many_times_are_413_and_name_one(small: TestClient, repository: Repository, store: Path) -> None:
    labels = tuple(f"2006-{month:02d}-16" for month in range(1, 13))
    repository.publish(publication(store, "long", steps(REGION, labels), REGION))
    answer = get(small, "long", "f=netcdf")
    assert answer.status_code == 413
    found = re.search(r"datetime=\S+?(?=[,. ]|$)", answer.json()["detail"])
    assert found is not None
    assert get(small, "long", "f=netcdf&" + found[0]).status_code == 200
    assert get(small, "long").status_code == 200  # a GeoTIFF is of one time


def test_too_many_variables_are_413(small: TestClient, repository: Repository, store: Path) -> None:
    base = publication(store, "wide", {None: coded(REGION)}, REGION)
    repository.publish(with_variable(base, store, "w", coded(REGION)))
    answer = get(small, "wide", "properties=v,w")
    assert answer.status_code == 413
    assert "properties=v" in answer.json()["detail"]
    assert get(small, "wide", "properties=v").status_code == 200


def test_no_file_is_left_behind(
    client: TestClient, region: str, tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    seen = []
    pieces = streaming.pieces

    def watched(file: IO[bytes]) -> Iterator[bytes]:
        seen.append(list(folder.iterdir()))
        yield from pieces(file)

    monkeypatch.setattr(streaming, "pieces", watched)
    assert get(client, region, "f=netcdf").status_code == 200
    for path in store.rglob("*.tif"):
        path.unlink()
    assert get(client, region).status_code == 503
    assert (seen, list(folder.iterdir())) == ([[]], [])


def test_a_client_that_leaves_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "answer"
    path.write_bytes(bytes(1_000_000))
    file = path.open("rb")
    pieces = streaming.pieces(file)
    assert next(pieces)
    pieces.close()  # what the server does when the connection is gone
    assert file.closed


def test_a_no_data_value_that_the_type_cannot_hold_is_none(
    client: TestClient, repository: Repository, store: Path
) -> None:
    values = (coded(GRID) % 5).astype("uint8")
    repository.publish(with_first(publication(store, "cat", {None: values}, GRID), kind="categorical", nodata=300.0))
    for format_ in ("geotiff", "netcdf"):
        assert get(client, "cat", f"f={format_}").status_code == 200


NASTY = (
    *("nan", "inf", "1e400", "", "9" * 50, "\0", "١٢", "-1e308", "1e-300", "+999999-01-01", "-999999", "/", "../.."),
    *("2006-05-16T24:60:60+99:99", '"', '("', "*", "*:*", "Lat(*)", "Lat(1e300:1e308)", "x(-1e308:1e308)", "time(*)"),
    *('time("+999999")', "Lon(0)", "x(1e-9),y(1e-9)", "x(1e300),y(1e300)", "180,90,180,90", "720,0,-720,0", "%", "é"),
)


def test_no_nasty_value_is_a_server_error(client: TestClient, region: str) -> None:
    for name in KNOWN:
        for value in NASTY:
            answer = get(client, region, f"{name}={quote(value)}")
            assert answer.status_code in (200, 400, 404, 413), (name, value, answer.text)
