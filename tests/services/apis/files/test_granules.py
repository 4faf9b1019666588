"""The list of granules, and the links to files with their sizes and checksums."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.catalogues import reading
from tests.support.datasets import STEPS, dated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from tests.support.database import Server

GRANULES = "/collections/sst/granules"


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), dated) as client:
        yield client


def is_described(link: dict[str, Any], client: TestClient) -> bool:
    """Whether size and checksum are those of what the link leads to."""
    content = client.get(link["href"]).content
    digest = "1220" + hashlib.sha256(content).hexdigest()
    return (link["file:size"], link["file:checksum"]) == (len(content), digest)


def test_granules_are_listed_with_times_bounds_grid_and_file(client: TestClient) -> None:
    found = client.get(GRANULES).json()
    assert (found["numberMatched"], found["numberReturned"]) == (3, 3)
    assert [g["time"] for g in found["granules"]] == list(STEPS[::-1])
    latest = found["granules"][0]
    assert (latest["variable"], latest["calendar"], latest["start"]) == ("v", "standard", STEPS[-1])
    data = latest["assets"]["data"]
    assert (data["roles"], data["proj:shape"], data["type"]) == (
        ["data"],
        [180, 360],
        "image/tiff; application=geotiff; profile=cloud-optimized",
    )
    assert is_described(data, client)


def test_granules_are_paged_and_every_one_is_on_one_page(client: TestClient) -> None:
    href, seen = GRANULES + "?limit=2", []
    while href:
        page = client.get(href).json()
        seen += [g["id"] for g in page["granules"]]
        href = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert len(seen) == len(set(seen)) == 3
    second = client.get(GRANULES + "?limit=2&offset=2").json()
    assert next(k["href"] for k in second["links"] if k["rel"] == "prev").endswith("/granules?limit=2")


@pytest.mark.parametrize(
    ("query", "count"),
    [("datetime=2006-05", 1), ("datetime=2006-05/..", 2), ("variable=v", 3), ("level=5", 0), ("part=x%00", 0)],
)
def test_granules_are_chosen_by_time_variable_level_and_part(client: TestClient, query: str, count: int) -> None:
    assert client.get(f"{GRANULES}?{query}").json()["numberMatched"] == count


@pytest.mark.parametrize(
    ("query", "status"),
    [("limit=0", 400), ("offset=-1", 400), ("datetime=yesterday", 400), ("what=1", 400), ("variable=w", 404)],
)
def test_bad_parameters_are_refused(client: TestClient, query: str, status: int) -> None:
    assert client.get(f"{GRANULES}?{query}").status_code == status


@pytest.mark.parametrize("path", ["/collections/sst", "/collections/records/items/sst"])
def test_collection_and_record_link_the_latest_file_and_the_list(client: TestClient, path: str) -> None:
    links = client.get(path).json()["links"]
    (latest,) = [link for link in links if link["rel"] == "enclosure"]
    assert latest["type"].endswith("profile=cloud-optimized")
    assert is_described(latest, client)
    (listed,) = [link for link in links if link["rel"] == "contents"]
    assert listed["href"] == f"http://localhost:8080{GRANULES}"


def test_the_list_of_collections_links_the_same_files(client: TestClient) -> None:
    listed = client.get("/collections").json()["collections"]
    assert next(c for c in listed if c["id"] == "sst") == client.get("/collections/sst").json()


@pytest.mark.parametrize(("language", "words"), [("en", "Files"), ("zh", "文件")])
def test_the_page_lists_the_files(client: TestClient, language: str, words: str) -> None:
    page = client.get(GRANULES, params={"f": "html", "lang": language, "limit": 2}).text
    assert f"<h1>{words}</h1>" in page
    assert page.count('href="/assets/sst/v/') == 2
    assert 'rel="next"' in page
    assert "gdalinfo /vsicurl/http://localhost:8080/assets/sst/v/" in page


def test_lists_for_wget_have_each_file_with_its_checksum(client: TestClient) -> None:
    urls = client.get("/collections/sst/files.txt").text.splitlines()
    sums = dict(line.split("  ")[::-1] for line in client.get("/collections/sst/files.sha256").text.splitlines())
    assert len(urls) == len(sums) == 3
    for url in urls:
        assert hashlib.sha256(client.get(url).content).hexdigest() == sums[url.rsplit("/", 1)[-1]]
    one = client.get("/collections/sst/files.txt", params={"datetime": STEPS[0]})
    assert one.headers["content-type"].startswith("text/plain")
    assert len(one.text.splitlines()) == 1
    assert client.get("/collections/sst/files.txt?variable=none").status_code == 404
