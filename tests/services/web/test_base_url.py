"""Links follow the host of the request where no base URL is set, and nothing that is kept mixes hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from config.settings import ServerSettings, Settings
from services.app import create_app
from services.web.base_url import base_of
from tests.support.catalogues import reading
from tests.support.datasets import dated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server

OWN = "http://localhost:8080"


def base(host: str | None, *, scheme: str = "http", url: str = "", hosts: tuple[str, ...] = ("*",)) -> str:
    settings = Settings(server=ServerSettings(url=url, hosts=list(hosts)))
    headers = [] if host is None else [(b"host", host.encode("latin-1"))]
    return base_of({"type": "http", "scheme": scheme, "headers": headers}, settings)


@pytest.mark.parametrize(
    ("host", "scheme", "expected"),
    [
        ("data.example.org", "http", "http://data.example.org"),
        ("Data.Example.org:8197", "http", "http://data.example.org:8197"),
        ("data.example.org:80", "http", "http://data.example.org"),
        ("data.example.org:443", "https", "https://data.example.org"),
        ("data.example.org:80", "https", "https://data.example.org:80"),
        ("192.0.2.1:8080", "http", "http://192.0.2.1:8080"),
        ("[2001:db8::1]:8080", "http", "http://[2001:db8::1]:8080"),
    ],
)
def test_the_host_of_a_request_is_the_base_of_its_links(host: str, scheme: str, expected: str) -> None:
    assert base(host, scheme=scheme) == expected


@pytest.mark.parametrize(
    "host",
    [
        None, "", "a b", "a/b", "a@b", "a?b", "a#b", 'a"b', "a<b", "x:y", "a:123456", "-a", "a-", "[::1", "é.org",
        "a,b", "a\r\nb", "x" * 300,
    ],
)  # fmt: skip
def test_what_is_no_host_is_not_followed(host: str | None) -> None:
    assert base(host) == OWN


def test_a_base_url_and_a_list_of_hosts_bind() -> None:
    assert base("evil.example", url="https://data.example.org/x") == "https://data.example.org/x"
    listed = ("data.example.org", "[::1]:8080")
    assert base("evil.example", hosts=listed) == OWN
    assert base("data.example.org:9000", hosts=listed) == "http://data.example.org:9000"
    assert base("[::1]:8080", hosts=listed) == "http://[::1]:8080"
    assert base("[::1]:8081", hosts=listed) == OWN
    assert base("data.example.org", hosts=()) == OWN


@pytest.mark.parametrize("host", ["http://a", "a b", "a/b", ""])
def test_a_setting_that_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        ServerSettings(hosts=[host])


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over one dataset, without a base URL."""
    with reading(server, tmp_path_factory.mktemp("store"), dated) as client:
        yield client


DOCUMENTS = (
    "/", "/conformance", "/collections", "/collections/sst", "/collections/sst/schema", "/collections/sst/map/tiles",
    "/collections/sst/map/tiles/WebMercatorQuad", "/collections/sst/styles", "/collections/sst/granules", "/api",
    "/tileMatrixSets", "/collections/records", "/collections/records/items", "/collections/records/items/sst",
    "/stac", "/stac/collections/sst", "/stac/search", "/processes", "/jobs", "/edr", "/edr/collections/sst",
    "/collections/sst/zarr", "/dap/sst.das", "/collections/sst/coverage/domainset",
    "/collections/sst/wmts/1.0.0/WMTSCapabilities.xml", "/wmts/1.0.0/WMTSCapabilities.xml",
    "/wms?service=WMS&request=GetCapabilities", "/wcs?service=WCS&request=GetCapabilities&version=2.0.1",
    "/csw?service=CSW&version=2.0.2&request=GetCapabilities", "/oai?verb=Identify", "/sitemap.xml", "/robots.txt",
    "/?f=html", "/collections?f=html", "/collections/sst?f=html", "/collections/records/items/sst?f=html",
    "/stac/collections/sst?f=html", "/api?f=html", "/nothing?f=html", "/collections/records/items/sst?f=dcat",
)  # fmt: skip


@pytest.mark.parametrize("path", DOCUMENTS)
def test_links_are_of_the_host_that_asks_whoever_asked_before(reader: TestClient, path: str) -> None:
    """Twice each, in turn: what the first answer left behind must not show in the next."""
    answers = {}
    for host in ("one.example", "two.example:8197", "one.example", "two.example:8197"):
        answer = reader.get(path, headers={"Host": host})
        answers[host] = answer
        others = {"one.example", "two.example:8197", "localhost:8080"} - {host}
        assert not [other for other in others if f"http://{other}" in answer.text], (host, path)
    silent = ("/nothing", "/dap/sst.das", "/robots.txt", "/collections/sst/coverage/domainset")
    if "f=html" not in path and path not in silent:  # pages link without the host
        assert all(f"http://{host}" in answer.text for host, answer in answers.items())


@pytest.mark.parametrize("path", ["/wms?service=WMS&request=GetCapabilities", "/dap/sst.das", "/edr/collections/sst"])
def test_an_entity_tag_of_one_host_is_none_of_another(reader: TestClient, path: str) -> None:
    tag = reader.get(path, headers={"Host": "one.example"}).headers.get("etag")
    if tag is None:
        return
    assert reader.get(path, headers={"Host": "one.example", "If-None-Match": tag}).status_code == 304
    assert reader.get(path, headers={"Host": "two.example", "If-None-Match": tag}).status_code == 200


def test_pictures_are_the_same_for_every_host(reader: TestClient) -> None:
    path = "/xyz/sst/v/0/0/0.png"
    one, two = (reader.get(path, headers={"Host": host}) for host in ("one.example", "two.example"))
    assert (one.status_code, one.content, one.headers["etag"]) == (200, two.content, two.headers["etag"])


def test_a_host_that_is_not_listed_gets_links_to_the_default(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with reading(server, tmp_path_factory.mktemp("store"), dated) as client:
        settings: Settings = client.app.state.context.settings  # type: ignore[attr-defined]  # any ASGI app
        bound = settings.model_copy(update={"server": settings.server.model_copy(update={"hosts": ["one.example"]})})
        with TestClient(create_app(bound)) as bound_client:
            for host, expected in (("one.example", "http://one.example/"), ("evil.example", OWN + "/")):
                document = bound_client.get("/", headers={"Host": host}).json()
                assert document["links"][0]["href"] == expected
