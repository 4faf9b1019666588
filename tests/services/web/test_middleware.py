from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from starlette.responses import Response

from config.setting_groups.server import ServerSettings
from config.settings import LimitSettings, Settings
from services.app import create_app

PATHS = ["/", "/conformance", "/collections", "/collections/sst", "/api", "/healthz", "/nothing", "/collections/none"]


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("path", PATHS)
def test_head_answers_with_the_headers_of_get(sst_client: TestClient, path: str, accept: str) -> None:
    head = sst_client.head(path, headers={"Accept": accept})
    get = sst_client.get(path, headers={"Accept": accept})
    assert head.status_code == get.status_code
    assert head.headers == get.headers
    assert head.content == b""
    assert get.content


@pytest.mark.parametrize("path", ["/", "/nothing", "/collections/none", "/collections?limit=x"])
def test_every_origin_may_read_answers_and_errors(client: TestClient, path: str) -> None:
    response = client.get(path, headers={"Origin": "https://elsewhere.example"})
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers
    for name in ("Content-Crs", "Content-Bbox", "Location", "Link", "ETag"):
        assert name in response.headers["access-control-expose-headers"]


def test_an_unexpected_error_has_a_body_and_cors_headers(settings: Settings) -> None:
    app = create_app(settings)
    app.add_api_route("/broken", lambda: 1 / 0)
    with TestClient(app) as client:
        response = client.get("/broken", headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == 500
    assert response.json()["title"] == "Internal Server Error"
    assert "division" not in response.text
    assert response.headers["access-control-allow-origin"] == "*"


def test_a_preflight_is_answered(client: TestClient) -> None:
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, prefer",
    }
    response = client.options("/processes/echo/execution", headers=asked)
    assert response.status_code == 200
    assert "POST" in response.headers["access-control-allow-methods"]
    assert "prefer" in response.headers["access-control-allow-headers"]


@pytest.mark.parametrize("path", ["/conformance/", "/collections/", "/collections/sst/", "/api//"])
def test_a_trailing_slash_changes_nothing(sst_client: TestClient, path: str) -> None:
    response = sst_client.get(path, follow_redirects=False)
    assert response.status_code == 200
    assert response.content == sst_client.get(path.rstrip("/")).content


def _limited(settings: Settings) -> Settings:
    return settings.model_copy(update={"limit": LimitSettings(body_bytes=1024)})


def test_a_declared_body_above_the_limit_is_refused(settings: Settings) -> None:
    with TestClient(create_app(_limited(settings))) as client:
        response = client.post("/conformance", content=b"x" * 1025)
    assert response.status_code == 413
    assert "1025 bytes" in response.json()["detail"]
    assert "1024" in response.json()["detail"]


def test_an_undeclared_body_above_the_limit_is_refused(settings: Settings) -> None:
    app = create_app(_limited(settings))

    async def swallow(body: dict[str, str]) -> dict[str, str]:
        return body

    swallow.__annotations__ = {"body": dict[str, str]}
    app.add_api_route("/swallow", swallow, methods=["POST"])
    with TestClient(app) as client:
        response = client.post("/swallow", content=(b"x" * 400 for _ in range(4)))
    assert response.status_code == 413


@pytest.mark.parametrize("path", ["/", "/conformance", "/collections/sst", "/api"])
def test_the_path_prefix_of_the_public_url_is_served_with_and_without(sst_settings: Settings, path: str) -> None:
    server = ServerSettings(url="https://data.example.org/graticule")
    with TestClient(create_app(sst_settings.model_copy(update={"server": server}))) as client:
        with_prefix, without = client.get("/graticule" + path), client.get(path)
    assert with_prefix.status_code == 200
    assert with_prefix.content == without.content
    assert "https://data.example.org/graticule" in with_prefix.text
    assert "testserver" not in with_prefix.text


def test_a_path_that_only_begins_like_the_prefix_is_another(settings: Settings) -> None:
    server = ServerSettings(url="https://data.example.org/graticule")
    with TestClient(create_app(settings.model_copy(update={"server": server}))) as client:
        assert client.get("/graticules").status_code == 404
        assert client.get("/graticule/").status_code == 200
        assert client.get("/graticule").json()["links"][0]["href"] == "https://data.example.org/graticule/"


def test_the_pages_of_a_prefixed_service_stay_below_it(sst_settings: Settings) -> None:
    server = ServerSettings(url="https://data.example.org/graticule")
    with TestClient(create_app(sst_settings.model_copy(update={"server": server}))) as client:
        page = client.get("/graticule/collections/sst?f=html").text
        sheet = page.split('<link rel="stylesheet" href="', 1)[1].split('"', 1)[0]
        assert sheet.startswith("/graticule/static/")
        assert client.get(sheet).status_code == 200
    assert 'href="/collections' not in page


def test_json_is_compressed_for_those_who_accept_gzip(client: TestClient) -> None:
    packed = client.get("/api", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/api", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert "Accept-Encoding" in plain.headers["vary"]


def test_images_are_not_compressed(settings: Settings) -> None:
    app = create_app(settings)
    app.add_route("/image", lambda _request: Response(b"0" * 5000, media_type="image/png"))
    with TestClient(app) as client:
        response = client.get("/image", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in response.headers
    assert response.headers["content-length"] == "5000"


def test_answers_do_not_say_what_made_them(settings: Settings) -> None:
    app = create_app(settings)
    app.add_route("/boast", lambda _request: Response(headers={"X-Powered-By": "pygeoapi 0.24"}))
    with TestClient(app) as client:
        response = client.get("/boast")
    assert "x-powered-by" not in response.headers
    assert response.headers["x-content-type-options"] == "nosniff"


def test_pages_may_load_from_their_own_host_alone(client: TestClient) -> None:
    policy = client.get("/?f=html").headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert set(directives.values()) == {"'none'", "'self'", "'self' data: blob:"}
