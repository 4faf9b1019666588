"""Every route decides: restricted data is refused, its metadata links to none of it, and a new route is classified."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
from starlette.routing import Route, compile_path

from config.settings import DatabaseSettings, Settings
from config.times import label_to_path
from records.database.engine import driver_url
from records.datasets.models import Access
from records.datasets.repository import Repository
from services.app import create_app
from tests.services.access.routes import (
    CLASSIFIED,
    DATA,
    EXECUTIONS,
    FILLED,
    LAYERS,
    LISTS_OF_LAYERS,
    METADATA,
    OWN_ERRORS,
    POSTED_DATA,
    POSTED_LAYERS,
    POSTED_METADATA,
    TOKEN_NEEDED,
)
from tests.support.datasets import STEPS, dated
from tests.support.series import with_levels
from tests.support.zones import body, box, feature

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response

    from records.datasets.publication import Publication
    from tests.support.database import Server

BASE = "http://localhost:8080"
SOON = datetime.now(UTC).date() + timedelta(days=2)  # to come, also if midnight passes during the tests
RESTRICTED = {
    "login-only": Access(policy="login"),
    "on-application": Access(policy="apply"),
    "under-embargo": Access(embargo_until=SOON),
}
STATISTICS = {"minimum", "maximum", "mean", "validPercent", "statistics"}
PATTERNS = [compile_path(path)[0] for path in DATA]


@dataclass(frozen=True)
class Site:
    """An application over one public dataset, `public`, and restricted ones, and paths of files by dataset."""

    client: TestClient
    settings: Settings
    files: dict[str, str]

    def get(self, path: str, query: str, dataset_id: str) -> Response:
        """The answer of a route for a dataset."""
        return self.client.get(self.url(path, dataset_id) + query)

    def url(self, path: str, dataset_id: str) -> str:
        """The path of a route with its parameters filled in."""
        deep = "deep" if "{level}" in path else "v"
        values = FILLED | {"{collectionId}": dataset_id, "{recordId}": dataset_id, "{variable}": deep}
        values["{file:path}"] = self.files[dataset_id]
        if path.startswith("/styles/"):
            values["{styleId}"] = f"{dataset_id}.v.default"
        if path.startswith("/edr/"):
            values["{itemId}"] = label_to_path(STEPS[0])
        elif "{itemId}" in path:
            items = self.client.get(f"/stac/collections/{dataset_id}/items?limit=1").json()
            values["{itemId}"] = items["features"][0]["id"]
        for name, value in values.items():
            path = path.replace(name, value)
        assert "{" not in path, "fill in the parameter"
        return path


def described_by_time_and_level(store: Path, dataset_id: str, access: Access) -> Publication:
    """A dataset with a variable `v` of three times and a variable `deep` of three levels."""
    made, levelled = dated(store, dataset_id, access=access), with_levels(store, dataset_id)
    deep = replace(levelled.variables[0], id="deep", source_name="deep")
    granules = tuple(replace(granule, variable_id="deep") for granule in levelled.granules)
    return replace(made, variables=(*made.variables, deep), granules=(*made.granules, *granules))


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    store = tmp_path_factory.mktemp("access")
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        files = {}
        for dataset_id, access in {"public": Access(), **RESTRICTED}.items():
            made = described_by_time_and_level(store, dataset_id, access)
            Repository(engine).publish(made)
            files[dataset_id] = made.granules[0].asset.href.removeprefix(f"{dataset_id}/")
        engine.dispose()
        settings = Settings(data_dir=store, store=str(store), database=DatabaseSettings(url=SecretStr(url)))
        with TestClient(create_app(settings), base_url=BASE) as client:
            yield Site(client, settings, files)


def data_links(text: str, dataset_id: str) -> set[str]:
    """The paths in a document at which a route serves data of a dataset; templates count."""
    paths = re.findall(r"/(?:collections|titiler|xyz|assets)/[^\s\"'<>?&#)]+", html.unescape(text))
    matches = [pattern.match(path.rstrip("{.,;")) for pattern in PATTERNS for path in paths]
    return {match[0] for match in matches if match is not None and match["collectionId"] == dataset_id}


def test_every_route_is_classified_once() -> None:
    routes = create_app(Settings()).routes
    assert all(isinstance(route, Route) for route in routes), "classify what is mounted or included, too"
    methods = [f"{m} {r.path}" for r in routes if isinstance(r, Route) for m in (r.methods or ()) if m != "HEAD"]
    assert sorted(methods) == CLASSIFIED


@pytest.mark.parametrize("path", DATA)
def test_data_is_served_if_public_and_refused_if_restricted(site: Site, path: str) -> None:
    assert site.get(path, DATA[path], "public").status_code == 200
    for dataset_id in RESTRICTED:
        answer = site.get(path, DATA[path], dataset_id)
        assert answer.status_code == 403
        assert f"collection {dataset_id} is catalogued, but its data" in answer.text
        if path not in OWN_ERRORS:
            assert answer.json()["type"] == "urn:graticule:error:access-restricted"


def layer_urls(site: Site, dataset_id: str) -> list[str]:
    """Every request of web services for the first layer of a dataset."""
    values = FILLED | {"{collectionId}": dataset_id, "{dataset}": dataset_id, "{map}": f"{dataset_id}.v@WorldCRS84Quad"}
    values["{style}/{place:path}"] = "default/current/WebMercatorQuad/1/1/0.png"
    values["{layer}"] = f"{dataset_id}.v"
    urls = [path + query for path, queries in LAYERS.items() for query in queries]
    for name, value in values.items():
        urls = [url.replace(name, value) for url in urls]
    assert not any("{" in url for url in urls)
    return urls


def test_layers_are_served_if_public_and_refused_if_restricted(site: Site) -> None:
    for url in layer_urls(site, "public"):
        assert site.client.get(url).status_code == 200, url
    for dataset_id in RESTRICTED:
        for url in layer_urls(site, dataset_id):
            answer = site.client.get(url)
            assert answer.status_code == 403, url
            assert f"collection {dataset_id} is catalogued, but its data" in answer.text


@pytest.mark.parametrize("path", POSTED_LAYERS)
def test_posted_layers_are_served_if_public_and_refused_if_restricted(site: Site, path: str) -> None:
    for dataset_id in ("public", *RESTRICTED):
        body = (
            '<GetCoverage xmlns="http://www.opengis.net/wcs/2.0" service="WCS" version="2.0.1">'
            f"<CoverageId>{dataset_id}.v</CoverageId></GetCoverage>"
        )
        answer = site.client.post(path.replace("{collectionId}", dataset_id), content=body)
        assert answer.status_code == (200 if dataset_id == "public" else 403)


@pytest.mark.parametrize("path", LISTS_OF_LAYERS)
def test_lists_of_layers_hold_what_may_be_read(site: Site, path: str) -> None:
    answer = site.client.get(path + LISTS_OF_LAYERS[path])
    assert answer.status_code == 200
    assert "public.v" in answer.text
    assert not any(dataset_id in answer.text for dataset_id in RESTRICTED)


@pytest.mark.parametrize("path", POSTED_DATA)
def test_data_in_a_polygon_is_served_if_public_and_refused_if_restricted(site: Site, path: str) -> None:
    polygon = feature(box(0, 0, 10, 10))
    assert site.client.post(site.url(path, "public"), json=polygon).status_code == 200
    for dataset_id in RESTRICTED:
        answer = site.client.post(site.url(path, dataset_id), json=polygon)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:graticule:error:access-restricted")


@pytest.mark.parametrize("path", METADATA)
def test_metadata_of_restricted_datasets_links_to_no_data(site: Site, path: str) -> None:
    for query in METADATA[path]:
        for dataset_id in RESTRICTED:
            answer = site.get(path, query, dataset_id)
            assert answer.status_code == 200, answer.text
            assert data_links(answer.text, dataset_id) == set(), query


def statistics(text: str) -> set[str]:
    """What a document says of the values of cells: the members of statistics, and extents of variables."""
    if not text.startswith("{"):
        return set()
    names, here = set(), [json.loads(text)]
    while here:
        node = here.pop()
        if isinstance(node, dict):
            names |= STATISTICS & node.keys()
            if node.get("type") == "data" and "extent" in node:
                names.add("extent")
            here += node.values()
        elif isinstance(node, list):
            here += node
    return names


@pytest.mark.parametrize("path", ["/collections/{collectionId}", "/stac/collections/{collectionId}"])
def test_statistics_are_told_of_public_data_only(site: Site, path: str) -> None:
    assert statistics(site.get(path, "", "public").text)
    for dataset_id in RESTRICTED:
        assert statistics(site.get(path, "", dataset_id).text) == set()
    open_settings = site.settings.model_copy(update={"restricted_statistics": True})
    with TestClient(create_app(open_settings), base_url=BASE) as client:
        assert statistics(replace(site, client=client).get(path, "", "login-only").text)


@pytest.mark.parametrize("path", POSTED_METADATA)
def test_posted_searches_link_to_no_restricted_data(site: Site, path: str) -> None:
    media_type, content = POSTED_METADATA[path]
    answer = site.client.post(path, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == 200
    for dataset_id in RESTRICTED:
        assert dataset_id in answer.text
        assert data_links(answer.text, dataset_id) == set()


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/collections", 10),
        ("/collections/{collectionId}", 10),
        ("/collections/{collectionId}/styles", 2),
        ("/collections/records/items/{recordId}", 3),
        ("/collections/records/items", 3),
        ("/stac/search", 3),
    ],
)
def test_metadata_of_public_datasets_links_to_their_data(site: Site, path: str, number: int) -> None:
    assert len(data_links(site.get(path, "", "public").text, "public")) >= number


@pytest.mark.parametrize("path", EXECUTIONS)
def test_processes_refuse_restricted_data(site: Site, path: str) -> None:
    url = path.replace("{processId}", "zonal-statistics")
    polygon = box(0, 0, 10, 10)
    for dataset_id in RESTRICTED:
        fields = {"collection": dataset_id, "polygons": json.dumps(polygon)}
        sent = {"data": fields} if path.endswith("form") else {"json": body(dataset_id, polygon)}
        answer = site.client.post(url, **sent)  # type: ignore[arg-type]  # either of two keywords
        assert answer.status_code == 403
        assert "is catalogued, but its data is" in answer.text


@pytest.mark.parametrize("route", [*TOKEN_NEEDED, "POST /collections/records/items"])
def test_records_are_not_written_without_a_token(site: Site, route: str) -> None:
    method, path = route.split()
    for dataset_id in ("public", *RESTRICTED):
        headers = {"Content-Type": "application/geo+json"}
        answer = site.client.request(method, site.url(path, dataset_id), content="{}", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:graticule:error:forbidden")


def test_restricted_data_that_is_served_is_never_stored_by_caches(site: Site) -> None:
    settings = site.settings.model_copy(update={"serve_restricted": True})
    with TestClient(create_app(settings), base_url=BASE) as client:
        urls = [
            site.url(path, name) + query for (path, query), name in zip(DATA.items(), cycle(RESTRICTED), strict=False)
        ]
        urls += [url for name in RESTRICTED for url in layer_urls(site, name)]
        answers = [client.get(url) for url in urls]
    assert {answer.status_code for answer in answers} == {200}
    lifetimes = [answer.headers["cache-control"] for answer in answers if "cache-control" in answer.headers]
    assert len(lifetimes) > len(RESTRICTED)
    assert set(lifetimes) == {"private, no-store"}
