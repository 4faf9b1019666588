"""Geometries with heights (RFC 7946, 3.1.1): kept as they were written, found by their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.apis.records.test_record_transactions import ITEMS, document, send

if TYPE_CHECKING:
    from tests.services.apis.records.conftest import Writing

BOX = [[75, 26, 4000], [105, 26, 4100.5], [105, 40, 0], [75, 40, -10], [75, 26, 4000]]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [BOX]},
        {"type": "Point", "coordinates": [90.5, 30.5, 4700]},
        {"type": "MultiPolygon", "coordinates": [[BOX]]},
        {"type": "LineString", "coordinates": [[80, 30, 1], [81, 31, 2]]},
    ],
    ids=["polygon", "point", "polygons", "line"],
)
def test_heights_are_kept_by_post_put_and_patch(writing: Writing, geometry: dict[str, object]) -> None:
    name = f"high-{geometry['type']}"
    here = f"{ITEMS}/{name}"
    assert send(writing, "POST", ITEMS, {**document(name), "geometry": geometry}).status_code == 201
    assert send(writing, "PUT", here, {**document(name), "geometry": geometry}).status_code in (200, 204)
    assert send(writing, "PATCH", here, {"geometry": geometry}).status_code in (200, 204)
    assert writing.client.get(here).json()["geometry"] == geometry
    for box, found in (("74,25,106,41", 1), ("0,0,1,1", 0)):
        assert len(writing.client.get(f"{ITEMS}?bbox={box}&ids={name}").json()["features"]) == found
