"""The files of the store over HTTP: whole, by ranges, with strong tags, and never one too many."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from records.datasets.models import Access
from tests.support.catalogues import reading
from tests.support.datasets import dated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.models import Asset
    from records.datasets.publication import Publication
    from records.datasets.repository import Repository
    from tests.support.database import Server

COG = "image/tiff; application=geotiff; profile=cloud-optimized"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of `reader`."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def sst(folder: Path) -> Publication:
    """The dataset `sst` of three months."""
    return dated(folder)


@pytest.fixture(scope="module")
def asset(sst: Publication) -> Asset:
    """The file of the first month of `sst`."""
    return sst.granules[0].asset


@pytest.fixture(scope="module")
def reader(server: Server, folder: Path, sst: Publication) -> Iterator[TestClient]:
    """A client of an application over `sst`, which no test changes."""
    with reading(server, folder, lambda _: sst) as client:
        yield client


def url(asset: Asset) -> str:
    return f"/assets/{asset.href}"


def test_a_file_is_served_as_it_is_stored(reader: TestClient, asset: Asset, folder: Path) -> None:
    answer = reader.get(url(asset))
    assert answer.content == (folder / asset.href).read_bytes()
    assert answer.headers["content-type"] == COG
    assert answer.headers["etag"] == f'"{asset.sha256}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert "immutable" in answer.headers["cache-control"]


def test_head_has_the_headers_of_get_and_ignores_ranges(reader: TestClient, asset: Asset) -> None:
    get, head = reader.get(url(asset)), reader.head(url(asset), headers={"Range": "bytes=0-3"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers
    assert int(head.headers["content-length"]) == asset.size


def test_a_range_is_a_part_of_the_file(reader: TestClient, asset: Asset, folder: Path) -> None:
    answer = reader.get(url(asset), headers={"Range": "bytes=100-199"})
    assert (answer.status_code, answer.headers["content-range"]) == (206, f"bytes 100-199/{asset.size}")
    assert answer.headers["content-length"] == "100"
    assert answer.content == (folder / asset.href).read_bytes()[100:200]
    last = reader.get(url(asset), headers={"Range": "bytes=-16"})
    assert last.content == (folder / asset.href).read_bytes()[-16:]


def test_several_ranges_come_in_parts(reader: TestClient, asset: Asset, folder: Path) -> None:
    answer = reader.get(url(asset), headers={"Range": "bytes=0-3, 50-59"})
    assert answer.status_code == 206
    boundary = re.fullmatch(r"multipart/byteranges; boundary=(\w+)", answer.headers["content-type"])
    assert boundary is not None
    parts = answer.content.split(b"--" + boundary[1].encode())[1:-1]
    stored = (folder / asset.href).read_bytes()
    for part, (first, last) in zip(parts, [(0, 3), (50, 59)], strict=True):
        head, _, body = part.partition(b"\r\n\r\n")
        assert f"bytes {first}-{last}/{asset.size}".encode() in head
        assert body.removesuffix(b"\r\n") == stored[first : last + 1]


def test_a_range_beyond_the_file_is_416_with_its_size(reader: TestClient, asset: Asset) -> None:
    answer = reader.get(url(asset), headers={"Range": f"bytes={asset.size}-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{asset.size}")
    assert str(asset.size) in answer.json()["detail"]


@pytest.mark.parametrize("header", ["lines=0-1", "bytes=5-2", "bytes=x"])
def test_what_is_no_range_gets_the_whole_file(reader: TestClient, asset: Asset, header: str) -> None:
    answer = reader.get(url(asset), headers={"Range": header})
    assert (answer.status_code, len(answer.content)) == (200, asset.size)


@pytest.mark.parametrize(("tag", "status"), [("{}", 206), ("W/{}", 200), ('"other"', 200)])
def test_if_range_needs_the_same_file(reader: TestClient, asset: Asset, tag: str, status: int) -> None:
    headers = {"Range": "bytes=0-3", "If-Range": tag.format(f'"{asset.sha256}"')}
    assert reader.get(url(asset), headers=headers).status_code == status


@pytest.mark.parametrize(("tag", "status"), [("{}", 304), ('"a", W/{}', 304), ("*", 304), ('"a"', 200)])
def test_if_none_match_saves_the_transfer(reader: TestClient, asset: Asset, tag: str, status: int) -> None:
    answer = reader.get(url(asset), headers={"If-None-Match": tag.format(f'"{asset.sha256}"')})
    assert answer.status_code == status
    assert answer.headers["etag"] == f'"{asset.sha256}"'


@pytest.mark.parametrize(
    "path",
    [
        "/assets/sst/v/none.tif",
        "/assets/sst/../sst/v/none.tif",
        "/assets/sst/%2e%2e/%2e%2e/etc/passwd",
        "/assets/sst//etc/passwd",
        "/assets/sst/v/2006.tif%00.tif",
        "/assets/sst/",
        "/assets/other/v/none.tif",
    ],
)
def test_nothing_but_files_of_the_catalogue_is_served(reader: TestClient, asset: Asset, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_a_file_is_found_under_its_own_dataset_only(client: TestClient, repository: Repository, store: Path) -> None:
    first = dated(store)
    asset = first.granules[0].asset
    repository.publish(first)
    repository.publish(dated(store, "other", access=Access(policy="open")))
    assert client.get(f"/assets/other/{asset.href.partition('/')[2]}").status_code == 200
    assert client.get(f"/assets/other/{asset.href}").status_code == 404


def test_a_withdrawn_file_is_gone(client: TestClient, repository: Repository, store: Path) -> None:
    made = dated(store)
    repository.publish(made)
    asset = made.granules[0].asset
    repository.publish(replace(made, granules=made.granules[1:]))
    assert client.get(url(asset)).status_code == 404


@pytest.mark.parametrize(
    "access", [Access(policy="login"), Access(policy="apply"), Access(embargo_until=date(2999, 1, 1))]
)
def test_files_of_restricted_data_are_refused_and_not_linked(
    client: TestClient, repository: Repository, store: Path, access: Access
) -> None:
    made = dated(store, access=access)
    repository.publish(made)
    for path in (url(made.granules[0].asset), "/collections/sst/granules"):
        assert client.get(path).status_code == 403
        assert client.get(path, headers={"Range": "bytes=0-3"}).status_code == 403
    assert "/assets/" not in client.get("/collections/sst").text
    assert "/assets/" not in client.get("/collections/records/items/sst").text


def test_a_file_missing_from_the_store_is_the_operators_fault(
    client: TestClient, repository: Repository, store: Path
) -> None:
    made = dated(store)
    repository.publish(made)
    asset = made.granules[0].asset
    (store / asset.href).unlink()
    answer = client.get(url(asset))
    assert answer.status_code == 503
    assert str(store) not in answer.text
