"""What a stored record must hold, and the bounds of its time and place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from shapely.geometry import shape

from config.errors import InvalidRecord
from records.documents.documents import (
    FIRST_TIME,
    LAST_TIME,
    MAX_DOCUMENT_BYTES,
    box_geometry,
    id_forms,
    require_valid,
    searchable,
    time_bounds,
)
from tests.support.records import document


def changed(**properties: object) -> dict[str, Any]:
    found = document("a")
    found["properties"] |= properties
    return found


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (document("a/b"), "id"),
        (document(""), "id"),
        ({"id": "a"}, "properties"),
        (changed(type=None), "type"),
        (changed(title="plain"), "title"),
        (changed(title={}), "title"),
        (changed(title={"en": " "}), "title"),
        (changed(title={"en": "x" * 1001}), "title"),
        (changed(title={"not a tag": "x"}), "title"),
        (changed(description="plain"), "description"),
        (changed(keywords={"en": "sst"}), "keywords"),
        (changed(externalIds=[{"scheme": "doi"}]), "externalIds"),
        (changed(contacts=["me"]), "contacts"),
        (changed(themes=[{"concepts": {}}]), "themes"),
        (changed(license="other"), "license"),
        (changed(size=float("nan")), "JSON"),
        (changed(note="\ud800"), "JSON"),
        (changed(note=json.loads("[" * 100 + "]" * 100)), "deep"),
        (changed(note="\x00"), "U\\+0000"),
        (changed(note="x" * MAX_DOCUMENT_BYTES), "bytes"),
        ({**document("a"), "links": [{"rel": "about"}]}, "links"),
        ({**document("a"), "geometry": {"type": "Point", "coordinates": [200, 0]}}, "geometry"),
        ({**document("a"), "geometry": {"type": "GeometryCollection", "geometries": []}}, "geometry"),
        ({**document("a"), "geometry": {"type": "Polygon", "coordinates": "x"}}, "geometry"),
    ],
)
def test_a_document_that_cannot_be_served_is_refused_by_member(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidRecord, match=named):
        require_valid(wrong)


def test_a_licence_other_with_a_link_is_valid() -> None:
    link = {"rel": "license", "href": "https://example.org/terms"}
    require_valid(document("a", license="other", links=(link,)))


@pytest.mark.parametrize(
    ("member", "bounds"),
    [
        (None, None),
        ({"interval": ["2001-02-03", ".."]}, (datetime(2001, 2, 3, tzinfo=UTC), LAST_TIME)),
        (
            {"interval": ["..", "2001-02-28"]},
            (FIRST_TIME, datetime(2001, 2, 28, 23, 59, 59, 999999, UTC)),
        ),
        ({"timestamp": "2001-02-03T12:00:00+08:00"}, (datetime(2001, 2, 3, 4, tzinfo=UTC),) * 2),
        ({"date": "2000-02-29"}, (datetime(2000, 2, 29, tzinfo=UTC), datetime(2000, 2, 29, 23, 59, 59, 999999, UTC))),
    ],
)
def test_times_have_bounds_that_are_inside(member: dict[str, Any] | None, bounds: object) -> None:
    assert time_bounds(member) == bounds


@pytest.mark.parametrize(
    "interval",
    [["2001", ".."], ["2001-02-30", ".."], ["2002-01-01", "2001-01-01"], ["2001-01-01T00:00:00", ".."], [".."]],
)
def test_a_time_that_is_not_rfc_3339_is_refused(interval: list[str]) -> None:
    with pytest.raises(InvalidRecord, match="time"):
        time_bounds({"interval": interval})


def test_a_box_across_the_antimeridian_has_two_parts_of_the_right_area() -> None:
    crossing = shape(box_geometry(170, -10, -160, 10))
    assert crossing.geom_type == "MultiPolygon"
    assert crossing.area == pytest.approx(30 * 20)


def test_an_identifier_has_three_forms_without_case() -> None:
    assert id_forms({"scheme": "DOI", "value": "10.1/AbC"}) == ["10.1/abc", "doi:10.1/abc", "doi:"]
    assert id_forms({"value": "X"}) == ["x"]


def test_a_bow_tie_is_searched_by_a_valid_geometry() -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]]}
    assert json.loads(json.dumps(bow)) == bow
    assert searchable({**document("a"), "geometry": bow})["geometry"] is not None
