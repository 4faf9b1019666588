from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from morecantile.errors import InvalidZoomError
from rasterio.errors import RasterioIOError
from rio_tiler.errors import InvalidExpression, MaxArraySizeError, TileOutsideBounds
from titiler.core.errors import BadRequestError

from config import errors
from services.app import create_app
from services.web.errors import FOREIGN
from services.web.problems import STATUS, status_of

if TYPE_CHECKING:
    from config.settings import Settings


def _ours(cls: type[errors.GraticuleError] = errors.GraticuleError) -> list[type[errors.GraticuleError]]:
    return [cls, *(found for child in cls.__subclasses__() for found in _ours(child))]


@pytest.mark.parametrize("cls", _ours())
def test_every_error_of_the_tree_has_a_status(cls: type[errors.GraticuleError]) -> None:
    made = cls.__new__(cls)
    assert status_of(made) in set(STATUS.values())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/collections/none", 404),
        ("/collections?limit=0", 400),
        ("/?f=xml", 400),
        ("/?lang=xx", 400),
    ],
)
def test_errors_have_the_members_of_a_problem(client: TestClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"type", "title", "status", "detail"}
    assert response.json()["status"] == status


def test_a_wrong_method_is_answered_with_the_right_ones(client: TestClient) -> None:
    response = client.delete("/conformance")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"
    assert "DELETE is not possible at /conformance; it answers GET" in response.json()["detail"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TileOutsideBounds("outside"), 404),
        (InvalidExpression("b9"), 400),
        (MaxArraySizeError("too many"), 413),
        (BadRequestError("bad"), 400),
        (InvalidZoomError("99"), 400),
        (RasterioIOError("/srv/store/secret.tif: no such file"), 500),
    ],
)
def test_errors_of_the_tile_libraries_have_their_status(settings: Settings, error: Exception, status: int) -> None:
    def fails() -> None:
        raise error

    app = create_app(settings)
    app.add_api_route("/fails", fails)
    with TestClient(app) as client:
        response = client.get("/fails")
    assert response.status_code == status
    assert set(response.json()) == {"type", "title", "status", "detail"}
    assert "/srv/store" not in response.text


def test_the_cause_of_a_fault_of_the_machine_is_not_published(settings: Settings) -> None:
    def fails() -> None:
        raise errors.DatabaseUnavailable("the database does not answer: host db.internal port 5432")

    app = create_app(settings)
    app.add_api_route("/fails", fails)
    with TestClient(app) as client:
        response = client.get("/fails")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert "db.internal" not in response.text


def test_a_browser_gets_a_page_of_the_same_status(client: TestClient) -> None:
    response = client.get("/collections/none", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "There is no collection &#39;none&#39;" in response.text


def test_hostile_paths_do_not_reach_a_page_unescaped(client: TestClient) -> None:
    response = client.get("/<script>alert(1)</script>", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert "<script>alert" not in response.text


def test_foreign_errors_are_exceptions_of_libraries_alone() -> None:
    assert not any(issubclass(cls, errors.GraticuleError) for cls in FOREIGN)
