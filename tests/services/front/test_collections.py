from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from fastapi.testclient import TestClient

from records.datasets.models import TimeExtent
from services.app import create_app
from services.web.documents.extents import rfc3339, temporal_interval
from tests.services.conftest import MANY
from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from pathlib import Path

    from config.settings import Settings
    from records.datasets.repository import Repository

REL = "http://www.opengis.net/def/rel/ogc/1.0/"


def _ids(client: TestClient, query: str = "") -> list[str]:
    return [entry["id"] for entry in client.get("/collections" + query).json()["collections"]]


def test_the_catalogue_of_records_comes_first(many_client: TestClient) -> None:
    document = many_client.get("/collections").json()
    assert [entry["id"] for entry in document["collections"]] == ["records", *MANY]
    assert document["collections"][0]["itemType"] == "record"
    assert document["numberMatched"] == document["numberReturned"] == 6


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["sst", "secret", "records"])
def test_a_collection_is_the_same_in_the_list_and_alone(secret_client: TestClient, name: str, language: str) -> None:
    listed = secret_client.get(f"/collections?lang={language}").json()["collections"]
    alone = secret_client.get(f"/collections/{name}?lang={language}").json()
    assert alone == next(entry for entry in listed if entry["id"] == name)


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6, 7])
def test_next_links_reach_every_collection_once(many_client: TestClient, limit: int) -> None:
    found, href = [], f"/collections?limit={limit}"
    while href:
        document = many_client.get(href).json()
        assert document["numberReturned"] == len(document["collections"]) <= limit
        assert document["numberMatched"] == 6
        found += [entry["id"] for entry in document["collections"]]
        href = next((link["href"] for link in document["links"] if link["rel"] == "next"), "")
    assert found == ["records", *MANY]


def test_prev_links_lead_back(many_client: TestClient) -> None:
    document = many_client.get("/collections?limit=2&offset=4").json()
    back = next(link["href"] for link in document["links"] if link["rel"] == "prev")
    assert [entry["id"] for entry in many_client.get(back).json()["collections"]] == ["many-1", "many-2"]


def test_a_limit_above_the_largest_is_the_largest(many_client: TestClient) -> None:
    assert len(_ids(many_client, "?limit=999999")) == 6


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "offset=-1", "offset=x", "q=" + "a" * 201])
def test_bad_paging_is_refused(client: TestClient, query: str) -> None:
    assert client.get("/collections?" + query).status_code == 400


@pytest.mark.parametrize(
    ("q", "ids"),
    [
        ("many-3", ["many-3"]),
        ("MANY-3", ["many-3"]),
        ("数据集 many-2", ["many-2"]),
        ("目录", ["records"]),
        ("%", []),
        ("many_3", []),
        ("'; drop table datasets; --", []),
    ],
)
def test_q_is_a_part_of_the_id_or_title(many_client: TestClient, q: str, ids: list[str]) -> None:
    document = many_client.get("/collections", params={"q": q}).json()
    assert [entry["id"] for entry in document["collections"]] == ids
    assert document["numberMatched"] == len(ids)


def _boxed(repository: Repository, store: Path, name: str, bbox: tuple[float, float, float, float]) -> None:
    values = np.zeros((4, 8), "float32")
    repository.publish(publication(store, name, {None: values}, global_grid(8, 4), bbox=bbox))


@pytest.mark.parametrize(
    ("bbox", "ids"),
    [
        ("0,0,10,10", {"europe"}),
        ("175,-5,176,5", {"fiji"}),
        ("-176,-5,-175,5", {"fiji"}),
        ("170,-5,-170,5", {"fiji"}),
        ("100,-5,120,5", set()),
        ("100,-5,5,5", {"europe", "fiji"}),
        ("-180,-90,180,90", {"europe", "fiji"}),
        ("190,-5,190,5", set()),
        ("184,-5,184,5", {"fiji"}),
        ("0,0,-5,10,10,5", {"europe"}),
        ("0,-90,10,-80", set()),
    ],
)
def test_bbox_selects_across_the_antimeridian(
    client: TestClient, repository: Repository, store: Path, bbox: str, ids: set[str]
) -> None:
    _boxed(repository, store, "europe", (-10, -5, 30, 60))
    _boxed(repository, store, "fiji", (174, -20, -174, 0))
    assert set(_ids(client, f"?bbox={bbox}")) == ids | {"records"}


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("2006-05-16T12:00:00Z", True),
        ("2006-05", True),
        ("2005/2006-04", True),
        ("2007/..", False),
        ("../2006-03", False),
        ("2006-05-17", False),
    ],
)
def test_datetime_selects_collections(sst_client: TestClient, when: str, *, found: bool) -> None:
    assert ("sst" in _ids(sst_client, f"?datetime={when}")) is found


def test_a_collection_without_time_meets_every_time(many_client: TestClient) -> None:
    assert "many-0" in _ids(many_client, "?datetime=1900")


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "0,10,10,0", "nan,0,1,1", "inf,0,1,1", "1,2,3,4,5,6,7"])
def test_a_bad_bbox_is_refused(client: TestClient, bbox: str) -> None:
    assert client.get(f"/collections?bbox={bbox}").status_code == 400


def test_texts_are_in_the_asked_language(sst_client: TestClient) -> None:
    assert sst_client.get("/collections/sst?lang=zh").json()["title"] == "数据集 sst"
    assert sst_client.get("/collections/sst", headers={"Accept-Language": "en"}).json()["title"] == "Dataset sst"
    assert sst_client.get("/collections/sst?lang=zh").json()["graticule:variables"][0]["title"] == "值"


def test_extent_is_four_numbers_and_a_closed_interval(sst_client: TestClient) -> None:
    extent = sst_client.get("/collections/sst").json()["extent"]
    assert extent["spatial"]["bbox"] == [[-180.0, -90.0, 180.0, 90.0]]
    assert extent["temporal"]["interval"] == [["2006-04-16T12:00:00Z", "2006-06-16T12:00:00Z"]]


def _time(first: str, last: str, *, start: str, end: str, calendar: str = "360_day") -> TimeExtent:
    return TimeExtent(calendar=calendar, first=first, last=last, start=start, end=end, count=2)


def test_days_that_the_gregorian_calendar_lacks_are_clamped() -> None:
    time = _time("1999-02-30", "2000-02-30", start="1999-02-30T00:00:00Z", end="2000-02-30T00:00:00Z")
    assert temporal_interval(time) == ("1999-02-28T00:00:00Z", "2000-02-29T00:00:00Z")


@pytest.mark.parametrize(
    ("label", "moment"),
    [
        ("2006", "2006-01-01T00:00:00Z"),
        ("2006-05", "2006-05-01T00:00:00Z"),
        ("2006-05-16", "2006-05-16T00:00:00Z"),
        ("2006-05-16T12:30Z", "2006-05-16T12:30:00Z"),
        ("2006-05-16T12:30:15.5Z", "2006-05-16T12:30:15.5Z"),
        ("+12000-01-01", None),
        ("0000", None),
    ],
)
def test_labels_become_rfc_3339(label: str, moment: str | None) -> None:
    assert rfc3339(label) == moment


def test_times_keep_their_labels_and_calendar(sst_client: TestClient) -> None:
    time = sst_client.get("/collections/sst").json()["graticule:time"]
    assert (time["first"], time["last"], time["count"]) == ("2006-04-16T12:00:00Z", "2006-06-16T12:00:00Z", 3)
    assert time["calendar"] == "standard"


def test_variables_are_described(sst_client: TestClient) -> None:
    variable = sst_client.get("/collections/sst").json()["graticule:variables"][0]
    assert (variable["id"], variable["unit"], variable["dataType"]) == ("v", "degC", "float32")
    assert variable["styles"] == [{"id": "default", "title": "Default", "colormap": "viridis", "range": [4.0, 5.0]}]
    assert variable["grid"]["shape"] == [4, 8]


@pytest.mark.parametrize(
    ("rel", "href", "media_type"),
    [
        (REL + "coverage", "/coverage", "image/tiff; application=geotiff"),
        (REL + "tilesets-map", "/map/tiles", "application/json"),
        ("item", "/map/tiles/WorldCRS84Quad/{tileMatrix}/{tileRow}/{tileCol}?f=png", "image/png"),
    ],
)
def test_an_open_collection_links_to_its_data(sst_client: TestClient, rel: str, href: str, media_type: str) -> None:
    links = sst_client.get("/collections/sst").json()["links"]
    found = next(link for link in links if link["rel"] == rel)
    assert found["href"] == "http://localhost:8080/collections/sst" + href
    assert found["type"] == media_type


def test_every_link_is_given_once(sst_client: TestClient) -> None:
    links = [(link["rel"], link["href"]) for link in sst_client.get("/collections/sst").json()["links"]]
    assert len(set(links)) == len(links)


def test_a_restricted_collection_links_to_no_data(secret_client: TestClient) -> None:
    document = secret_client.get("/collections/secret").json()
    assert {link["rel"] for link in document["links"]} == {"self", "alternate", "parent", "describedby", "related"}
    access = document["graticule:access"]
    assert (access["policy"], access["served"], access["embargoUntil"]) == ("apply", False, "2999-01-01")
    assert "embargo" in access["reason"]


def test_a_restricted_collection_is_served_where_the_operator_says_so(secret_settings: Settings) -> None:
    with TestClient(create_app(secret_settings.model_copy(update={"serve_restricted": True}))) as client:
        document = client.get("/collections/secret").json()
    assert document["graticule:access"]["served"] is True
    assert REL + "coverage" in {link["rel"] for link in document["links"]}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/ogc-catalog+json"),
        ("application/json", "application/json"),
        ("application/geo+json, application/json", "application/json"),
        ("application/ogc-catalog+json", "application/ogc-catalog+json"),
        ("text/html", "text/html"),
    ],
)
def test_the_catalogue_has_its_own_media_type(client: TestClient, accept: str, media_type: str) -> None:
    answer = client.get("/collections/records", headers={"Accept": accept})
    assert answer.headers["content-type"].split(";")[0] == media_type


@pytest.mark.parametrize("name", ["none", "SST", "sst%2F..%2Fx", "%00", "a" * 127])
def test_an_unknown_collection_is_not_found(sst_client: TestClient, name: str) -> None:
    assert sst_client.get(f"/collections/{name}").status_code in (404, 400)
