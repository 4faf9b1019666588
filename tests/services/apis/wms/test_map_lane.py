"""Maps of one layer take the lane of tiles, and are what the route draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.apis.wms.test_wms import MAP, ask, fault
from tests.support.datasets import STEPS

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from services.drawing.tiles.plans import TilePlans

MERCATOR = {"CRS": "EPSG:3857", "BBOX": "0,0,4000000,2000000"}


def plans_of(client: TestClient) -> TilePlans:
    plans: TilePlans = client.app.state.tile_plans  # type: ignore[attr-defined]  # any ASGI app
    plans.forget_all()
    return plans


@pytest.mark.parametrize(
    "query",
    [
        {},
        MERCATOR | {"FORMAT": "image/jpeg", "TRANSPARENT": "FALSE"},
        {"CRS": "EPSG:4326", "BBOX": "0,0,20,40", "FORMAT": "image/png; mode=8bit", "BGCOLOR": "0x00FF00"},
        {"CRS": "EPSG:32631", "BBOX": "300000,100000,700000,300000", "FORMAT": "image/webp", "STYLES": "grey"},
        {"FORMAT": "image/geotiff", "TIME": STEPS[1]},
        {"VERSION": "1.1.1", "SRS": "EPSG:4326", "CRS": "", "TRANSPARENT": "FALSE"},
    ],
)
@pytest.mark.parametrize("path", ["/wms", "/collections/sst/wms"])
def test_the_lane_answers_maps_as_the_route_does(layers_client: TestClient, query: dict[str, str], path: str) -> None:
    plans, wanted = plans_of(layers_client), MAP | query
    by_route = ask(layers_client, wanted, path)
    drawn = plans.drawn
    by_lane = ask(layers_client, wanted, path)
    assert plans.drawn == drawn + 1
    assert (by_lane.status_code, by_lane.content) == (200, by_route.content)
    assert dict(by_lane.headers) == dict(by_route.headers)
    held = ask(layers_client, wanted, path, headers={"If-None-Match": by_route.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")


def test_another_box_or_size_is_another_map_of_the_same_plan(layers_client: TestClient) -> None:
    plans = plans_of(layers_client)
    first = ask(layers_client, MAP)
    for change in ({"BBOX": "0,0,40,20.5"}, {"WIDTH": "41"}, {"HEIGHT": "21"}):
        drawn, other = plans.drawn, ask(layers_client, MAP | change)
        assert plans.drawn == drawn + 1
        assert other.headers["etag"] != first.headers["etag"]
        plans.forget_all()
        by_route = ask(layers_client, MAP | change)
        assert (other.content, other.headers["etag"]) == (by_route.content, by_route.headers["etag"])


@pytest.mark.parametrize(
    "change",
    [
        {"BBOX": "0,0,0,20"},
        {"BBOX": "0,0,40"},
        {"BBOX": "a,0,40,20"},
        {"WIDTH": "0"},
        {"WIDTH": "4097"},
        {"HEIGHT": ""},
    ],
)
def test_a_fault_in_the_place_is_reported_as_without_a_plan(layers_client: TestClient, change: dict[str, str]) -> None:
    plans_of(layers_client)
    fault(ask(layers_client, MAP | change))
    without = ask(layers_client, MAP | change)
    ask(layers_client, MAP)
    assert ask(layers_client, MAP | change).content == without.content


@pytest.mark.parametrize(
    "change",
    [{"LAYERS": "sst.v,sst.v"}, {"COLORSCALERANGE": "auto"}, {"WIDTH": "1024", "HEIGHT": "1024"}],
    ids=["layers", "colours", "large"],
)
def test_maps_of_several_layers_of_own_colours_or_large_ones_are_left_to_the_route(
    layers_client: TestClient, change: dict[str, str]
) -> None:
    plans = plans_of(layers_client)
    for _ in range(2):
        drawn = plans.drawn
        assert ask(layers_client, MAP | change).status_code == 200
        assert plans.drawn == drawn


def test_escapes_in_names_hide_no_second_box(layers_client: TestClient) -> None:
    plans_of(layers_client)
    first = ask(layers_client, MAP)
    plain = "&".join(f"{name}={value}" for name, value in MAP.items()).replace("0,0,40,20", "100,0,140,20")
    for _ in range(2):
        assert layers_client.get(f"/wms?%42BOX=0,0,40,20&{plain}").content == first.content
