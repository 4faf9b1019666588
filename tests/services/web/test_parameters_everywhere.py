"""Every GET route refuses parameters that it does not have, and repeats of those that have one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.app import create_app
from services.web.parameters import declared_parameters
from services.web.query_checks import REPEATABLE
from tests.services.access.routes import DATA, FILLED, METADATA, NO_DATASET, TOKEN_NEEDED
from tests.support.datasets import dated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Server

EXCEPT: Final = {
    "/csw": "OWS Common (OGC 06-121r3): a server ignores parameters that it does not know",
    "/oai": "the protocol answers badArgument with status 200",
    "/healthz": "a probe may add what it likes",
    "/readyz": "a probe may add what it likes",
    "/static/{release}/{file:path}": "the server of files looks at no query",
    "/favicon.ico": "the server of files looks at no query",
    "/robots.txt": "crawlers must get it whatever they add",
    "/collections/records/items/{recordId}/versions": "answered with 403 without a token",
}
_GETS: Final = [route.removeprefix("GET ") for route in (*NO_DATASET, *TOKEN_NEEDED) if route.startswith("GET ")]
PATHS: Final = sorted({*DATA, *METADATA, *_GETS} - EXCEPT.keys())
EXAMPLES: Final = {
    **DATA,
    **{path: queries[0] for path, queries in METADATA.items()},
    "/collections/records/suggest": "?q=a",
}
"""A query that each route answers, where it needs one."""
LISTS: Final = {"/collections/{collectionId}/coverage": {"subset", "properties", "exclude-properties"}}
"""Parameters that may be repeated where neither signature nor description says so: repeats are joined."""


class Site:
    """An application over a dataset `public`, and a path of one of its files."""

    def __init__(self, client: TestClient, routes: dict[str, APIRoute], file: str) -> None:
        self.client = client
        self._routes = routes
        self._file = file
        self._described = client.get("/api?f=json").json()["paths"]

    def url(self, path: str) -> str:
        """The path of a route with its parameters filled in and a query that it answers."""
        ids = {"{collectionId}": "public", "{recordId}": "public", "{variable}": "v", "{processId}": "zonal-statistics"}
        values = FILLED | ids | {"{file:path}": self._file, "{jobId}": "none", "{itemId}": "none"}
        url = path
        for name, value in values.items():
            url = url.replace(name, value)
        assert "{" not in url, "fill in the parameter"
        return url + (EXAMPLES.get(path) or "?")

    def single_valued(self, path: str) -> set[str]:
        """The parameters of a route that have one value, from its signature and its description."""
        declared = dict(declared_parameters(self._routes[path].dependant))
        operation = self._described.get(path.replace(":path", ""), {}).get("get", {})
        declared |= {p["name"]: _may_repeat(p) for p in operation.get("parameters", ()) if p["in"] == "query"}
        return {name for name, is_list in declared.items() if not is_list} - REPEATABLE - LISTS.get(path, set())


def _may_repeat(parameter: dict[str, Any]) -> bool:
    """Whether a parameter is a list with a repeat for each entry, not one with commas."""
    return parameter.get("schema", {}).get("type") == "array" and parameter.get("explode", True)


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    store = tmp_path_factory.mktemp("parameters")
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        publication = dated(store, "public")
        Repository(engine).publish(publication)
        engine.dispose()
        settings = Settings(data_dir=store, store=str(store), database=DatabaseSettings(url=SecretStr(url)))
        app = create_app(settings)
        routes = {r.path: r for r in app.routes if isinstance(r, APIRoute) and "GET" in r.methods}
        with TestClient(app, base_url="http://localhost:8080") as client:
            yield Site(client, routes, publication.granules[0].asset.href.removeprefix("public/"))


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_parameter_is_refused_by_name(site: Site, path: str) -> None:
    answer = site.client.get(f"{site.url(path)}&nonsense=1")
    assert (answer.status_code, "nonsense" in answer.text) == (400, True), answer.text[:300]


@pytest.mark.parametrize("path", PATHS)
def test_a_repeated_parameter_is_refused_by_name(site: Site, path: str) -> None:
    url = site.url(path)
    for name in site.single_valued(path):
        first, second = ("en", "zh") if name == "lang" else ("1", "2")
        answer = site.client.get(f"{url}&{name}={first}&{name}={second}")
        assert answer.status_code == 400, (name, answer.text[:300])
        assert name in answer.json()["detail"]
        assert "more than once" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/", "/collections", "/stac", "/tileMatrixSets", "/processes"])
def test_the_first_of_several_formats_counts(site: Site, path: str) -> None:
    answer = site.client.get(f"{path}?f=json&f=html")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
