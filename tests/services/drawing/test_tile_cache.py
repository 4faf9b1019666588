"""Tiles from the cache are those that would be drawn, of the newest publication, open to all, and within its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from config.settings import Settings, TileSettings
from records.datasets.models import Access
from services.app import create_app
from services.drawing.tiles.tile_cache import TileCache
from tests.support.datasets import dated
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from httpx import Response

    from records.datasets.repository import Repository

URL = "/xyz/sst/v/default/200605/1/1/0.png"
HIT, STORED = "graticule; hit", "graticule; fwd=miss; stored"
FRESH = {"ETag": '"a"', "Cache-Control": "public, max-age=60"}


@pytest.fixture
def caching(settings: Settings) -> Iterator[TestClient]:
    """A client of an application that keeps 8 MiB of tiles."""
    with _client(settings) as client:
        yield client


def _client(settings: Settings, **changes: object) -> TestClient:
    known = settings.model_copy(update={"tile": TileSettings(cache_mb=8), **changes})
    return TestClient(create_app(known), base_url="http://localhost:8080", raise_server_exceptions=False)


def status(answer: Response) -> str | None:
    return answer.headers.get("cache-status")


@pytest.mark.parametrize("ask", ["png", "png?tilesize=64", "webp", "npy", "tif", "png?resampling=bilinear"])
def test_a_hit_is_equal_to_the_byte(
    caching: TestClient, client: TestClient, repository: Repository, store: Path, ask: str
) -> None:
    repository.publish(dated(store))
    url = URL.replace("png", ask)
    first, again, plain = caching.get(url), caching.get(url), client.get(url)
    assert (status(first), status(again), status(plain)) == (STORED, HIT, None)
    assert again.content == first.content == plain.content
    assert {**plain.headers, "cache-status": HIT, "x-request-id": ""} == {**again.headers, "x-request-id": ""}


def test_the_lane_finds_what_the_route_kept(caching: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(dated(store))
    plans, cache = caching.app.state.tile_plans, caching.app.state.tile_cache  # type: ignore[attr-defined]  # any ASGI app
    shown = [caching.get(URL) for _ in range(20)]
    assert [status(answer) for answer in shown] == [STORED, *[HIT] * 19]
    assert plans.drawn <= 1  # by the lane, if the catalogue listened already
    assert (cache.hits, len(cache)) == (19, 1)
    assert status(eventually(lambda: caching.get(URL.replace("1/1/0", "2/1/1")), lambda a: status(a) == HIT)) == HIT
    known = caching.get(URL, headers={"If-None-Match": shown[0].headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_another_tile_style_or_time_is_not_found(caching: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(dated(store))
    urls = [URL, URL.replace("1/1/0", "1/0/1"), URL.replace("default", "grey"), URL.replace("200605", "200604")]
    answers = [caching.get(url) for url in urls]
    assert {status(answer) for answer in answers} == {STORED}
    assert len({answer.headers["etag"] for answer in answers}) == 4


def test_a_republication_is_drawn_anew(caching: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(dated(store))
    before = caching.get(URL)
    assert status(caching.get(URL)) == HIT
    made = dated(store)
    grey = replace(made.variables[0].styles[1], id="default")
    repository.publish(replace(made, variables=(replace(made.variables[0], styles=(grey,)),)))
    after = eventually(lambda: caching.get(URL), lambda answer: answer.headers["etag"] != before.headers["etag"])
    assert status(after) == STORED
    assert after.content != before.content


def test_what_is_withdrawn_from_the_public_is_refused(caching: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(dated(store))
    assert [status(caching.get(URL)) for _ in range(2)] == [STORED, HIT]
    repository.publish(dated(store, access=Access(policy="apply")))
    refused = eventually(lambda: caching.get(URL), lambda answer: answer.status_code != 200)
    assert (refused.status_code, status(refused)) == (403, None)


def test_what_is_not_open_is_never_kept(settings: Settings, repository: Repository, store: Path) -> None:
    repository.publish(dated(store, access=Access(policy="login")))
    with _client(settings, serve_restricted=True) as client:
        answers = [client.get(URL) for _ in range(10)]
        assert {(a.status_code, status(a), a.headers["cache-control"]) for a in answers} == {
            (200, None, "private, no-store")
        }
        assert len(client.app.state.tile_cache) == 0  # type: ignore[attr-defined]  # any ASGI app


def test_the_bound_is_kept_and_the_least_used_falls_out() -> None:
    cache = TileCache(1)
    for number in range(300):
        cache.keep(FRESH | {"ETag": str(number)}, b"x" * 20_000, {})
        assert cache.get(FRESH | {"ETag": "0"}) is not None
        assert cache.size <= 1 << 20
    assert 40 < len(cache) < 53
    assert cache.get(FRESH | {"ETag": "1"}) is None
    assert cache.get(FRESH | {"ETag": "299"}) is not None


def test_a_tile_too_large_and_a_cache_of_nothing_keep_nothing() -> None:
    cache, none = TileCache(1), TileCache(0)
    assert cache.keep(FRESH, b"x" * 140_000, {}) == none.keep(FRESH, b"x", {}) == {}
    assert (len(cache), len(none), none.get(FRESH), none.misses) == (0, 0, None, 0)
