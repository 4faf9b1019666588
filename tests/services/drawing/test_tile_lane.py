"""The short way to a tile answers as the route does, and never shows what the route would not."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fastapi.testclient import TestClient

from records.datasets.models import Access
from services.app import create_app
from services.drawing.tiles import plans as plans_module
from services.drawing.tiles import turns
from services.drawing.tiles.paths import split_path
from services.drawing.tiles.tile_plan import TilePlan
from tests.services.apis.tiles.test_tiles import rgba, values
from tests.support.datasets import STEPS, dated
from tests.support.rasters import coded, global_grid, publication
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from httpx import Response
    from starlette.types import ASGIApp, Message

    from config.settings import Settings
    from records.datasets.repository import Repository
    from services.drawing.tiles.matrices import Address
    from services.drawing.tiles.plans import TilePlans

OGC = "/collections/sst/map/tiles/WebMercatorQuad"
URL = "/xyz/sst/v/default/200605/1/1/0.png"
LONG = b"text/html;a=" + 2000 * b"b" + b", "


@pytest.fixture
def sst(repository: Repository, store: Path) -> None:
    repository.publish(dated(store))


@pytest.fixture
def plans(client: TestClient) -> TilePlans:
    return plans_of(client)


def plans_of(client: TestClient) -> TilePlans:
    found: TilePlans = client.app.state.tile_plans  # type: ignore[attr-defined]  # the client keeps any ASGI app
    return found


def by_route_alone(client: TestClient, plans: TilePlans, url: str) -> Response:
    """The answer of the route, from which the plan is learnt."""
    planners, plans.planners = plans.planners, ()
    answer = client.get(url)
    plans.planners = planners
    return answer


def warm(client: TestClient, plans: TilePlans, url: str = URL) -> Response:
    """The answer of the lane, once the catalogue listens and the plan is known."""
    return eventually(lambda: (plans.drawn, client.get(url), plans.drawn), lambda seen: seen[2] > seen[0])[1]


@pytest.mark.parametrize(
    "url",
    [URL, f"{OGC}/1/0/1", f"{OGC}/1/0/1?f=webp&datetime=2006-05", f"{OGC}/1/0/1?f=npy", f"{OGC}/1/0/1?tilesize=64"],
)
@pytest.mark.usefixtures("sst")
def test_the_lane_answers_as_the_route_does(client: TestClient, plans: TilePlans, url: str) -> None:
    by_route, by_lane = by_route_alone(client, plans, url), warm(client, plans, url)
    assert by_lane.content == by_route.content
    assert dict(by_lane.headers) == dict(by_route.headers)
    assert by_lane.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "/xyz/sst/v/1/1/0.webp",
        "/xyz/sst/v/grey/latest/1/1/0.npy",
        f"{OGC}/1/0/1",
        f"{OGC}/1/0/1?f=webp",
        "/collections/sst/styles/grey/map/tiles/WorldCRS84Quad/1/0/1?f=jpg",
    ],
)
@pytest.mark.usefixtures("sst")
def test_the_first_tile_of_a_path_is_planned_and_equal_to_the_routes(
    client: TestClient, plans: TilePlans, url: str
) -> None:
    warm(client, plans)
    drawn = plans.drawn
    first = client.get(url)
    assert plans.drawn == drawn + 1
    plans.forget_all()
    by_route = by_route_alone(client, plans, url)
    assert (first.status_code, first.content) == (by_route.status_code, by_route.content)
    assert dict(first.headers) == dict(by_route.headers)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/xyz/sst/nothing/1/1/0.png", 404),
        ("/xyz/nothing/v/1/1/0.png", 404),
        ("/xyz/sst/v/nothing/latest/1/1/0.png", 404),
        ("/xyz/sst/v/default/1850/1/1/0.png", 404),
        ("/xyz/sst/v/default/yesterday/1/1/0.png", 400),
        ("/xyz/sst/v/1/1/0.bmp", 400),
        ("/xyz/sst/v/1/9/0.png", 404),
        (f"{OGC}/1/0/1?f=bmp", 400),
        (f"{OGC.replace('WebMercatorQuad', 'Other')}/1/0/1", 404),
    ],
)
@pytest.mark.usefixtures("sst")
def test_what_cannot_be_planned_is_worded_by_the_route(
    client: TestClient, plans: TilePlans, url: str, status: int
) -> None:
    answer = client.get(url)
    assert answer.status_code == status
    assert answer.json()["detail"] == by_route_alone(client, plans, url).json()["detail"]
    assert len(plans) == 0


@pytest.mark.usefixtures("sst")
def test_data_that_are_restricted_are_not_planned(
    client: TestClient, plans: TilePlans, repository: Repository, store: Path
) -> None:
    repository.publish(replace(dated(store), access=Access(policy="login")))
    assert eventually(lambda: client.get(URL).status_code, lambda status: status == 403) == 403
    assert len(plans) == 0


@pytest.mark.usefixtures("sst")
def test_plans_are_bounded_by_bytes(client: TestClient, plans: TilePlans, monkeypatch: pytest.MonkeyPatch) -> None:
    warm(client, plans)
    (plan,) = plans._plans.values()  # noqa: SLF001
    monkeypatch.setattr(plans_module, "MAX_BYTES", 3 * plan.memory)
    urls = [f"/xyz/sst/v/default/latest/1/{x}/{y}.{form}" for form in ("png", "webp", "npy") for x, y in ((0, 0),)]
    for url in (*urls, URL, "/xyz/sst/v/grey/latest/1/0/0.png"):
        assert client.get(url).status_code == 200
    assert len(plans) == 3


@pytest.mark.parametrize("origins", [["*"], ["https://maps.example"]])
@pytest.mark.usefixtures("sst")
def test_the_lane_gives_the_headers_of_the_route_to_every_origin(settings: Settings, origins: list[str]) -> None:
    server = settings.server.model_copy(update={"cors_origins": origins, "url": "http://testserver/data"})
    asked: list[dict[str, str]] = [{}, {"Origin": "https://maps.example"}, {"Origin": "https://other.example"}]
    with TestClient(create_app(settings.model_copy(update={"server": server}))) as client:
        plans = plans_of(client)
        warm(client, plans, "/data" + URL)
        key = (split_path({"headers": [], "query_string": b""}, URL) or pytest.fail("no tile's path")).key
        for given in asked:
            for method, more in (("GET", {}), ("HEAD", {}), ("GET", {"If-None-Match": "*"})):
                drawn = plans.drawn
                short = client.request(method, "/data" + URL, headers=given | more)
                assert plans.drawn == drawn + (not more)
                plans.forget(key)
                plans.planners = ()
                long = client.request(method, "/data" + URL, headers=given | more)
                assert (short.status_code, short.content) == (long.status_code, long.content)
                assert dict(short.headers) == dict(long.headers)
                warm(client, plans, "/data" + URL)


@pytest.mark.usefixtures("sst")
def test_head_and_304_and_cors_hold_in_the_lane(client: TestClient, plans: TilePlans) -> None:
    shown = warm(client, plans)
    head = client.head(URL)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", shown.headers["etag"])
    for given in ({"If-None-Match": shown.headers["etag"]}, {"If-Modified-Since": shown.headers["last-modified"]}):
        again = client.get(URL, headers=given)
        assert (again.status_code, again.content) == (304, b"")
    assert client.get(URL, headers={"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}).status_code == 200
    assert client.get(URL, headers={"Origin": "http://x"}).headers["access-control-allow-origin"] == "*"


@pytest.mark.usefixtures("sst")
def test_a_plan_serves_other_tiles_and_their_errors(client: TestClient, plans: TilePlans) -> None:
    warm(client, plans)
    drawn = plans.drawn
    assert client.get(URL.replace("/1/1/0", "/3/2/5")).status_code == 200
    assert plans.drawn == drawn + 1
    for place, status in (("/1/2/0", 404), ("/99/0/0", 404), ("/1/x/0", 400), ("/1/٣/0", 400)):
        assert client.get(URL.replace("/1/1/0", place)).status_code == status


@pytest.mark.parametrize(
    ("accepts", "other"),
    [
        ([b"image/png;q=0.1,image/webp"], [b"image/png;q=0.1"]),
        ([b"image/png;q=0.1", b"image/webp"], [b"image/png;q=0.1", b"image/webp;q=0"]),
        ([LONG + b"image/webp"], [LONG + b"image/png"]),
    ],
)
@pytest.mark.usefixtures("sst")
def test_a_plan_answers_no_other_accept_than_its_own(
    client: TestClient, plans: TilePlans, accepts: list[bytes], other: list[bytes]
) -> None:
    warm(client, plans)  # the catalogue listens
    for accept, media_type in ((accepts, "image/webp"), (other, "image/png"), (accepts, "image/webp")):
        headers = [(b"accept", value) for value in accept]
        assert client.get(f"{OGC}/1/0/1", headers=headers).headers["content-type"] == media_type


def test_a_plan_does_not_outlive_its_publication(
    client: TestClient, plans: TilePlans, repository: Repository, store: Path
) -> None:
    repository.publish(dated(store))
    before = warm(client, plans)
    repository.publish(dated(store))
    tags = eventually(lambda: client.get(URL).headers["etag"], lambda tag: tag != before.headers["etag"])
    assert tags == warm(client, plans).headers["etag"]


def test_a_plan_never_passes_the_policy(
    client: TestClient, plans: TilePlans, repository: Repository, store: Path
) -> None:
    repository.publish(dated(store))
    warm(client, plans)
    repository.publish(dated(store, access=Access(policy="apply")))
    status = eventually(lambda: client.get(URL).status_code, lambda found: found != 200)
    assert status == 403
    assert client.get(URL, headers={"If-None-Match": "*"}).status_code == 403


async def ask(app: ASGIApp, path: str, *, is_gone: bool, promises: bool = False) -> list[Message]:
    """What an application sends to a client that waits, or that has gone before its tile is drawn.

    One that `promises` a body never sends it.
    """
    sent: list[Message] = []
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": [], "client": None, "server": ("testserver", 80), "scheme": "http", "root_path": ""}

    async def receive() -> Message:
        if promises:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"} if is_gone else {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def keep_pace(plans: TilePlans, monkeypatch: pytest.MonkeyPatch, *, is_quick: bool) -> None:
    """Have the tiles of known plans be drawn in the loop, or in a thread, however long they take."""
    monkeypatch.setattr(turns.Pace, "add", lambda *_: None)
    for plan in plans._plans.values():  # noqa: SLF001 - their tiles are what is paced
        plan.pace.is_quick = is_quick


@pytest.mark.parametrize("is_quick", [True, False])
@pytest.mark.usefixtures("sst")
def test_a_request_whose_client_has_gone_is_not_drawn(
    client: TestClient, plans: TilePlans, monkeypatch: pytest.MonkeyPatch, *, is_quick: bool
) -> None:
    warm(client, plans)
    monkeypatch.setattr(turns, "TURN_S", 0.0)  # after any drawing the others wait
    keep_pace(plans, monkeypatch, is_quick=is_quick)
    drawn = plans.drawn

    async def several() -> list[list[Message]]:
        return await asyncio.gather(*(ask(client.app, URL, is_gone=place % 2 == 1) for place in range(6)))

    assert client.portal is not None
    answers = client.portal.call(several)
    assert [bool(sent) for sent in answers] == [True, False] * 3
    assert plans.drawn == drawn + 3


@pytest.mark.parametrize("is_quick", [True, False])
@pytest.mark.usefixtures("sst")
def test_a_client_that_promised_a_body_keeps_nobody_waiting(
    client: TestClient, plans: TilePlans, monkeypatch: pytest.MonkeyPatch, *, is_quick: bool
) -> None:
    warm(client, plans)
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    keep_pace(plans, monkeypatch, is_quick=is_quick)

    async def several() -> list[list[Message]]:
        return await asyncio.gather(*(ask(client.app, URL, is_gone=False, promises=True) for _ in range(3)))

    assert client.portal is not None
    assert all(client.portal.call(several))


@pytest.mark.usefixtures("sst")
def test_tiles_that_wait_for_the_thread_leave_its_line_once_they_are_known_to_be_quick(
    client: TestClient, plans: TilePlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(client, plans)
    for plan in plans._plans.values():  # noqa: SLF001 - their tiles are what is paced
        plan.pace.is_quick = False
    seen: list[str] = []
    draw = TilePlan.draw

    def noted(plan: TilePlan, where: Address) -> bytes | None:
        seen.append(threading.current_thread().name.partition("_")[0])
        return draw(plan, where)

    monkeypatch.setattr(TilePlan, "draw", noted)
    monkeypatch.setattr(turns, "QUICK_S", 3600.0)

    async def several() -> list[list[Message]]:
        return await asyncio.gather(*(ask(client.app, URL, is_gone=False) for _ in range(5)))

    assert client.portal is not None
    assert all(client.portal.call(several))
    assert (seen[0], seen.count("tiles"), len(seen)) == ("tiles", 1, 5)


def test_tiles_are_slow_until_they_are_known_to_be_quick_and_a_few_that_had_to_wait_do_not_tell() -> None:
    pace = turns.Pace()
    seen = [pace.is_quick]
    for seconds in (0.0005, 0.0005, 0.1, 0.1, 0.1, 0.1, 0.0005, 0.0005):
        pace.add(seconds)
        seen.append(pace.is_quick)
    assert seen == [False, True, True, True, True, True, False, False, True]


def test_a_logarithmic_style_spreads_by_decades(client: TestClient, repository: Repository, store: Path) -> None:
    grid = global_grid(8, 4)
    ramp = np.tile(np.float32([-1, 0, 0.01, 0.1, 1, 10, 100, 1000]), (4, 1))
    made = publication(store, "chl", {None: ramp}, grid)
    style = replace(made.variables[0].styles[0], colormap="gray", range=(0.01, 100.0), scale="log")
    repository.publish(replace(made, variables=(replace(made.variables[0], styles=(style,)),)))
    west, east = (rgba(client.get(f"/collections/chl/map/tiles/WorldCRS84Quad/0/0/{x}")) for x in (0, 1))
    shown = [*west[0, 32::64, 0], *east[0, 32::64, 0]]
    assert shown == [0, 0, 0, 63, 127, 191, 255, 255]
    own = rgba(client.get("/collections/chl/map/tiles/WorldCRS84Quad/0/0/1?rescale=1,100&color_scale=log"))
    assert [*own[0, 32::64, 0]] == [0, 127, 255, 255]
    even = rgba(client.get("/collections/chl/map/tiles/WorldCRS84Quad/0/0/1?rescale=0,100&color_scale=linear"))
    assert [*even[0, 32::64, 0]] == [2, 25, 255, 255]
    refused = client.get("/collections/chl/map/tiles/WorldCRS84Quad/0/0/1?rescale=0,100&color_scale=log")
    assert refused.status_code == 400
    assert "above zero" in refused.json()["detail"]
    slow = rgba(client.get("/collections/chl/map/tiles/WorldCRS84Quad/0/0/0?reproject=bilinear"))
    assert slow[0, 32, 0] == 0


def parted(store: Path, count: int) -> object:
    """A time cut into parts side by side, which overlap by one column: part i says 100 * i + column."""
    grid = global_grid(8, 4)
    label = STEPS[0]
    granules, made = [], None
    for i in range(count):
        own = replace(grid, transform=(1.0, 0.0, -20.0 + 7 * i, 0.0, -1.0, 2.0))
        part = publication(store, f"sheets-{i}", {label: coded(own) % 10_000 + 100 * i}, own)
        made = made or part
        granules.append(replace(part.granules[0], dataset_id="sheets", part=f"s{i:03d}"))
    assert made is not None
    return replace(made, id="sheets", granules=tuple(granules), record=made.record | {"id": "sheets"})


def test_parts_of_one_time_are_one_mosaic_in_which_the_first_wins(
    client: TestClient, repository: Repository, store: Path
) -> None:
    repository.publish(parted(store, 3))  # type: ignore[arg-type]  # a Publication
    shown = values(client.get("/xyz/sheets/v/0/0/0.npy?tilesize=1024"))
    inside = shown[0][shown[1] == shown[1].max()]
    assert set(np.unique(inside)) == {*range(8), *range(101, 108), *range(201, 208)}
    one = values(client.get("/xyz/sheets/v/0/0/0.npy?tilesize=1024&part=s001"))
    assert set(np.unique(one[0][one[1] == one[1].max()])) == set(range(100, 108))


def test_a_tile_off_all_parts_is_transparent(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(parted(store, 2))  # type: ignore[arg-type]  # a Publication
    assert not rgba(client.get("/xyz/sheets/v/4/0/0.png"))[..., 3].any()
    assert client.get("/xyz/sheets/v/tilejson.json").json()["tiles"][0].endswith("/xyz/sheets/v/{z}/{x}/{y}.png")


def test_a_tile_of_more_parts_than_are_usual_is_drawn_and_not_refused(
    client: TestClient, repository: Repository, store: Path
) -> None:
    few = parted(store, 1)
    granule = few.granules[0]  # type: ignore[attr-defined]  # a Publication
    repository.publish(replace(few, granules=tuple(replace(granule, part=f"s{i:03d}") for i in range(65))))  # type: ignore[type-var]  # a Publication
    alone = client.get("/xyz/sheets/v/0/0/0.png?part=s000")
    assert client.get("/xyz/sheets/v/0/0/0.png").content == alone.content


def test_who_waits_for_a_turn_gets_it_in_order_and_one_who_leaves_holds_up_nobody() -> None:
    served: list[int] = []

    async def draw(line: turns.Turns, place: int) -> None:
        await line.next()
        served.append(place)
        line.spend(turns.TURN_S)

    async def wait() -> None:
        line = turns.Turns()
        line.spend(2 * turns.TURN_S)
        assert line.is_over
        waiting = [asyncio.create_task(draw(line, place)) for place in range(6)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        waiting[4].cancel()
        await asyncio.wait(waiting, timeout=10)
        await asyncio.sleep(0)
        assert not line.is_over

    asyncio.run(wait())
    assert served == [0, 2, 3, 5]
