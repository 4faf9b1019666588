"""Every parameter of every route that /api names, with nasty values: never a server error, and soon an answer.

`make fuzz` tries every value in every parameter.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from tests.services.fuzz.conftest import COLLECTIONS, SHARES, THOROUGH

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.fuzzed

ALLOWED = frozenset({200, 304, 400, 401, 403, 404, 405, 406, 410, 413})
MOST_SECONDS = 20.0

NASTY = (
    "",
    "nan",
    "-inf",
    "1e400",
    "-1e308",
    "9" * 60,
    "\0",
    "١٢",
    "%",
    "é'\"<>;--",
    "x" * 3000,
    "..",
    "2006/2005",
    "+999999-01-01",
    "0,10,1,5",
    "10,0,5,1",
    "nan,0,1,1",
    "-1e9,-1e9,1e9,1e9",
    "720,90,-720,-90",
    "Lat(1e300:1e308)",
    "x(-1e308:1e308)",
    "Lon(1e-300)",
    "POINT(1e308 1e308)",
    "MULTIPOINT((0 0)",
    "EPSG:4978",
    "[EPSG:32661]",
    "{}",
    "[[]]",
)
VALUES = {"styleId": "default", "variable": "v", "tileMatrixSetId": "WebMercatorQuad"}
"""Path parameters that lead somewhere; every other one is 0."""


def operations(document: dict[str, Any]) -> Iterator[tuple[str, list[str], list[str]]]:
    """(path, names of its path parameters, names of its query parameters) of every GET."""
    for path, item in sorted(document["paths"].items()):
        if "get" in item:
            parameters = item["get"].get("parameters", [])
            yield path, *([p["name"] for p in parameters if p["in"] == where] for where in ("path", "query"))


def filled(path: str, names: list[str], **chosen: str) -> str:
    for name in names:
        path = path.replace(f"{{{name}}}", quote(chosen.get(name, VALUES.get(name, "0")), safe=""))
    return path


def asked(client: TestClient, url: str) -> str | None:
    """What is wrong with an answer, or None."""
    started = time.perf_counter()
    answer = client.get(url)
    seconds = time.perf_counter() - started
    if answer.status_code not in ALLOWED:
        return f"{answer.status_code} {url[:200]} {answer.text[:200]}"
    return f"{seconds:.1f} s {url[:200]}" if seconds > MOST_SECONDS else None


@pytest.mark.timeout(3600)
def test_no_parameter_of_any_route_breaks_the_service(fuzzed: TestClient, share: int) -> None:
    """Each nasty value in some of the parameters, in turn: every pair takes minutes, and is for `make fuzz`."""
    wrong = []
    turn = share
    for path, in_path, in_query in list(operations(fuzzed.get("/api?f=json").json()))[share::SHARES]:
        own = "/collections/{collectionId}" in path and "tiles" not in path
        for name in in_query:
            collections = COLLECTIONS if THOROUGH else [COLLECTIONS[turn % 2]]
            urls = dict.fromkeys(filled(path, in_path, collectionId=id_) for id_ in collections)
            needed = "coords=POINT(1%201)&" if path.endswith("/position") and name != "coords" else ""
            some = NASTY if THOROUGH else NASTY[turn % 14 :: 14] if own else [NASTY[turn % len(NASTY)]]
            turn += 1
            wrong += [asked(fuzzed, f"{url}?{needed}{name}={quote(value)}") for url in urls for value in some]
        for name in in_path:
            turn += 1
            chosen = {"collectionId": COLLECTIONS[turn % 2], name: NASTY[turn % len(NASTY)]}
            wrong.append(asked(fuzzed, filled(path, in_path, **chosen)))
    assert not [found for found in wrong if found]


@pytest.mark.parametrize(
    "path",
    [
        "styles/default/legend?rescale=x",
        "styles/default/legend?rescale=",
        "styles/default/legend?rescale=1,2,3",
        "map?scale-denominator=5e-324",
        "map?rescale=x",
    ],
)
def test_what_generated_requests_broke_is_400(fuzzed: TestClient, path: str) -> None:
    assert fuzzed.get(f"/collections/sea/{path}").status_code == 400


@pytest.mark.parametrize("path", ["tiles/WebMercatorQuad", "WebMercatorQuad/tilejson.json"])
@pytest.mark.parametrize("zoom", ["9" * 60, "25", "-1", "x"])
def test_zooms_beyond_the_matrix_set_are_400_for_titiler(fuzzed: TestClient, path: str, zoom: str) -> None:
    assert fuzzed.get(f"/titiler/sea/{path}?maxzoom={zoom}").status_code == 400
    assert fuzzed.get(f"/titiler/sea/{path}?maxzoom=24&minzoom=0").status_code == 200


def test_a_view_from_space_has_bounds_for_titiler(fuzzed: TestClient) -> None:
    west, south, east, north = fuzzed.get("/titiler/view/WebMercatorQuad/tilejson.json").json()["bounds"]
    assert -90 < west < -60 < 60 < east < 90
    assert -85 < south < -60 < 60 < north < 85


def test_a_point_beyond_all_numbers_is_beside_the_data(fuzzed: TestClient) -> None:
    assert fuzzed.get("/edr/collections/sea/position?coords=POINT(1e308%201e308)").status_code == 404
