"""The members of an ensemble, beside levels or alone, in every standard: the value of a cell tells its layer."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import netCDF4
import numpy as np
import pytest
from PIL import Image

from config.grids import CRS84, Grid
from tests.support.catalogues import reading
from tests.support.coverages import fetch_netcdf, fetch_tiff, publication, steps
from tests.support.levels import with_levels, with_members

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.publication import Publication
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(30.0, 0.0, -180.0, 0.0, -30.0, 90.0), width=12, height=6)
LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z")
LEVELS = {"500": 100_000.0, "850": 200_000.0}
MEMBERS = {"0": 0.0, "1": 1_000_000.0, "2": 2_000_000.0}
FIRST = (np.arange(72) + 1000).reshape(6, 12)
"""The cells at the second time, without what level and member add."""


def gefs(store: Path) -> Publication:
    """Two times, two levels, three members."""
    made = publication(store, "gefs", steps(GRID, LABELS), GRID, value_range=(0.0, 3_000_000.0))
    made = with_levels(made, store, LEVELS, name="isobaric")
    (variable,) = made.variables
    assert variable.levels is not None
    layers = replace(variable.levels, bounds=(("400", "600"), ("800", "900")))
    return with_members(replace(made, variables=(replace(variable, levels=layers),)), store, MEMBERS)


def surface(store: Path) -> Publication:
    """Two times of three members without levels."""
    made = publication(store, "surface", steps(GRID, LABELS), GRID, value_range=(0.0, 3_000_000.0))
    return with_members(made, store, MEMBERS)


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over both, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), gefs, surface) as client:
        yield client


def value(level: str, member: str) -> float:
    return 1000 + LEVELS[level] + MEMBERS[member]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", value("500", "0")),
        ("subset=member(2)", value("500", "2")),
        ("subset=member(1),isobaric(850)", value("850", "1")),
        ("subset=isobaric(850)&subset=member(1)", value("850", "1")),
    ],
)
def test_a_coverage_is_of_the_member_that_is_named(reader: TestClient, query: str, expected: float) -> None:
    found = fetch_tiff(reader, "gefs", f"datetime=2006-05&{quote(query, safe='=&')}")
    assert found.values[0][0, 0] == expected


def test_a_netcdf_has_members_beside_levels(reader: TestClient) -> None:
    subset = quote("member(*),isobaric(*)", safe="")
    with fetch_netcdf(reader, "gefs", f"subset={subset}") as found:
        assert found["v"].dims == ("time", "member", "isobaric", "lat", "lon")
        assert found["member"].attrs["standard_name"] == "realization"
        assert "axis" not in found["member"].attrs
        assert found["member"].values.tolist() == [0, 1, 2]
        assert found["isobaric"].attrs["bounds"] == "isobaric_bnds"
        assert found["isobaric_bnds"].values.tolist() == [[400, 600], [800, 900]]
        values = found["v"].values
    for m, member in enumerate(MEMBERS.values()):
        for n, level in enumerate(LEVELS.values()):
            assert np.array_equal(values[1, m, n], FIRST + level + member)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/collections/gefs/coverage?subset=member(7)", "it has 0, 1, 2"),
        ("/collections/gefs/coverage?f=geotiff&datetime=2006-05&subset=member(*)", "3 members"),
        ("/collections/gefs/position?coords=POINT(0 0)&member=x", "there is no member"),
        ("/collections/surface/position?coords=POINT(0 0)&level=1", "it has members"),
        ("/collections/gefs/map?subset=member(0:2)", "a map shows one member"),
        ("/edr/collections/gefs/position?coords=POINT(0 0)&member=9", "there is no member"),
    ],
)
def test_a_member_that_is_not_there_is_told(reader: TestClient, path: str, told: str) -> None:
    answer = reader.get(path)
    assert answer.status_code in (400, 404, 406)
    assert told in answer.json()["detail"]


def test_the_values_of_a_place_name_their_member(reader: TestClient) -> None:
    place = "coords=POINT(-170 80)&datetime=2006-05"
    csv = reader.get(f"/collections/gefs/position?{place}&member=1&level=850&f=csv").text.splitlines()
    assert csv[0].startswith("time,member [1],isobaric [m],")
    assert csv[1].endswith(f",{value('850', '1'):.0f}")
    document = reader.get(f"/collections/gefs/position?{place}&member=2").json()
    assert document["domain"]["axes"]["member"] == {"values": ["2"]}
    assert document["ranges"]["v"]["values"] == [value("500", "2")]
    (entry,) = reader.get("/collections/gefs/statistics?datetime=2006-05&member=2").json()["statistics"]
    assert (entry["member"], entry["level"], entry["minimum"]) == ("2", "500", value("500", "2"))


def test_a_series_is_of_one_member(reader: TestClient) -> None:
    document = reader.get("/edr/collections/gefs/position?coords=POINT(-170 80)&z=850&member=1").json()
    assert document["custom:member"] == "1"
    assert document["ranges"]["v"]["values"] == [value("850", "1") - 1000, value("850", "1")]
    described = reader.get("/edr/collections/gefs").json()
    assert described["extent"]["custom"][0]["values"] == ["0", "1", "2"]


def picture(reader: TestClient, path: str) -> np.ndarray:
    answer = reader.get(path)
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


def test_tiles_and_maps_are_of_the_member_in_path_or_query(reader: TestClient) -> None:
    other = picture(reader, "/xyz/gefs/v/default/2006-05-16T120000Z/850@2/0/0/0.png")
    query = "datetime=2006-05-16T12:00:00Z&level=850&member=2"
    assert np.array_equal(other, picture(reader, f"/collections/gefs/map/tiles/WebMercatorQuad/0/0/0?{query}&f=png"))
    assert not np.array_equal(other, picture(reader, "/xyz/gefs/v/default/2006-05-16T120000Z/850/0/0/0.png"))
    assert picture(reader, "/xyz/surface/v/default/latest/@2/0/0/0.png").shape == (256, 256, 4)
    tilejson = reader.get("/xyz/surface/v/tilejson.json?member=2&datetime=2006-05").json()
    assert "/default/20060516T120000Z/@2/{z}" in tilejson["tiles"][0]


def test_wms_wmts_and_wcs_have_a_dimension_member(reader: TestClient) -> None:
    wms = "/collections/gefs/wms?service=WMS&version=1.3.0&request="
    assert '<Dimension name="member" units="1"' in reader.get(f"{wms}GetCapabilities").text
    box = "GetFeatureInfo&layers=v&query_layers=v&crs=CRS:84&bbox=-180,-90,180,90&width=12&height=6&i=0&j=0&styles="
    info = reader.get(f"{wms}{box}&info_format=application/json&dim_member=2&elevation=850").text
    assert f"{value('850', '2'):.0f}" in info
    assert (
        "<ows:Identifier>Member</ows:Identifier>"
        in reader.get("/collections/gefs/wmts?service=WMTS&request=GetCapabilities").text
    )
    wcs = "/collections/gefs/wcs?service=WCS&version=2.0.1&request=GetCoverage&coverageId=v&format=application/netcdf"
    answer = reader.get(f"{wcs}&subset=member(1)&subset=elevation(850)&subset=time(%222006-05-16T12:00:00Z%22)")
    assert answer.status_code == 200, answer.text
    with netCDF4.Dataset("a.nc", memory=answer.content) as file:
        assert file["v"][:].ravel()[0] == value("850", "1")


def test_arrays_have_a_dimension_of_members(reader: TestClient) -> None:
    constraint = quote("v[1][2][1][0][0]", safe="")
    lines = reader.get(f"/dap/gefs.ascii?{constraint}").text.splitlines()
    assert float(lines[lines.index("v.v[1][1][1][1][1]") + 1].split(",")[-1]) == value("850", "2")
    metadata = reader.get("/collections/gefs/zarr/v/zarr.json").json()
    assert metadata["dimension_names"] == ["time", "member", "isobaric", "lat", "lon"]
    assert metadata["shape"] == [2, 3, 2, 6, 12]
    assert reader.get("/collections/gefs/zarr/isobaric/zarr.json").json()["attributes"]["bounds"] == "isobaric_bnds"


def test_documents_tell_the_members(reader: TestClient) -> None:
    collection = reader.get("/collections/gefs").json()
    assert collection["extent"]["member"]["grid"]["coordinates"] == [0.0, 1.0, 2.0]
    assert collection["graticule:variables"][0]["members"] == {"name": "member", "labels": ["0", "1", "2"]}
    cube = reader.get("/stac/collections/gefs").json()["cube:dimensions"]
    assert cube["member_v"] == {"type": "member", "values": ["0", "1", "2"]}
    items = reader.get("/stac/collections/gefs/items?limit=100").json()["features"]
    assert len(items) == 12
    assert items[0]["id"] == "gefs_20060516T120000Z_level-850_member-2"
    chosen = reader.get("/stac/search", params={"filter": "graticule:member='2' and graticule:level='850'"}).json()
    assert [item["properties"]["graticule:member"] for item in chosen["features"]] == ["2", "2"]
    granules = reader.get("/collections/gefs/granules?f=json&member=1&level=500").json()["granules"]
    assert [(g["level"], g["member"]) for g in granules] == [("500", "1"), ("500", "1")]


def test_the_page_has_a_control_for_members(reader: TestClient) -> None:
    page = reader.get("/collections/gefs?f=html&member=2&level=850").text
    assert '<select name="member"' in page
    assert "/xyz/gefs/v/default/{time}/850@2/{z}/{x}/{y}.png" in page
    assert "subset=level(850),member(2)" in page
    assert reader.get("/collections/gefs?f=html&member=7").status_code == 400
