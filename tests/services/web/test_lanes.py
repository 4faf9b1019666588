"""Lanes: requests of one kind wait for each other, and are refused where too many wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest

from config.errors import Overloaded
from config.settings import DatabaseSettings, LimitSettings, Settings
from services.web.lanes import Lane, Lanes

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient


async def _in_turn(lane: Lane, log: list[int], number: int) -> None:
    async with lane.place():
        log.append(number)
        await asyncio.sleep(0)


def test_requests_are_answered_in_the_order_in_which_they_came() -> None:
    log: list[int] = []

    async def run() -> None:
        lane = Lane("searches", 1)
        await asyncio.gather(*(_in_turn(lane, log, number) for number in range(8)))

    asyncio.run(run())
    assert log == list(range(8))


def test_an_answer_under_way_waits_for_its_turn_and_is_never_refused() -> None:
    log: list[int] = []

    async def go_on(lane: Lane, number: int) -> None:
        async with lane.turn():
            log.append(number)
            await asyncio.sleep(0)

    async def run() -> None:
        lane = Lane("computations", 1, patience_s=0.0)
        await asyncio.gather(*(go_on(lane, number) for number in range(20)))

    asyncio.run(run())
    assert log == list(range(20))


def test_request_is_refused_where_too_many_wait() -> None:
    async def run() -> list[BaseException | None]:
        lane = Lane("searches", 2)
        return await asyncio.gather(*(_in_turn(lane, [], 0) for _ in range(20)), return_exceptions=True)

    refused = [answer for answer in asyncio.run(run()) if answer is not None]
    assert len(refused) == 20 - 2 - 16
    assert all(isinstance(error, Overloaded) and "16 wait" in error.detail for error in refused)


def test_request_is_refused_when_its_patience_ends() -> None:
    async def run() -> None:
        lane = Lane("searches", 1, patience_s=0.01)
        async with lane.place():
            with pytest.raises(Overloaded, match="ask again"):
                async with lane.place():
                    pass
        async with lane.place():  # the place of the one that gave up is not lost
            pass

    asyncio.run(run())


@pytest.mark.parametrize(("threads", "pool"), [(16, 10), (4, 3), (64, 40)])
def test_lanes_leave_threads_and_connections_to_everything_else(threads: int, pool: int) -> None:
    lanes = Lanes(Settings(limit=LimitSettings(threads=threads), database=DatabaseSettings(pool_size=pool)))
    searching = lanes.filters.places + lanes.searches.places
    assert searching + lanes.computations.places < threads
    assert searching < pool


@pytest.fixture
def narrow(empty_client: TestClient) -> Iterator[TestClient]:
    """A client of an application whose lane of filters has one place, which is taken."""
    state = cast("FastAPI", empty_client.app).state
    assert empty_client.portal is not None
    lane, before = Lane("searches by a filter", 1, patience_s=0.01), state.lanes.filters
    place = lane.place()
    empty_client.portal.call(place.__aenter__)
    state.lanes.filters = lane
    try:
        yield empty_client
    finally:
        state.lanes.filters = before
        empty_client.portal.call(place.__aexit__, None, None, None)


@pytest.mark.parametrize(
    "path",
    [
        "/collections/records/items?filter=title='x'",
        "/stac/search?filter=id='x'",
        "/csw?service=CSW&version=2.0.2&request=GetRecords&typenames=csw:Record&constraint=title='x'",
    ],
)
def test_search_by_a_filter_is_refused_with_a_time_to_ask_again(narrow: TestClient, path: str) -> None:
    response = narrow.get(path)
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert "searches by a filter" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/collections/records/items?q=ice", "/stac/search?limit=1", "/collections"])
def test_other_requests_do_not_wait_for_filters(narrow: TestClient, path: str) -> None:
    assert narrow.get(path).status_code == 200
