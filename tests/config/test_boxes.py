"""The `bbox` parameter."""

from __future__ import annotations

import pytest

from config.boxes import parse_bbox, plain_boxes
from config.errors import InvalidParameter


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("100,-10,150,40", (100, -10, 150, 40)),
        ("1,2,-5,3,4,5", (1, 2, 3, 4)),
        ("170,0,-170,10", (170, 0, -170, 10)),
        ("0,-100,1,95", (0, -90, 1, 90)),
        (" 1 , 2e0 ,3.5,+4", (1, 2, 3.5, 4)),
    ],
)
def test_four_or_six_numbers_make_a_box(text: str, box: tuple[float, ...]) -> None:
    assert parse_bbox(text) == box


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2,3",
        "a,b,c,d",
        "0,10,10,0",
        "nan,0,1,1",
        "0,0,1e400,1",
        "1,2,3,4,5,6,7",
        "١,2,3,4",
        "0,91,1,92",
        "1,2,9,3,4,5",
    ],
)
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter):
        parse_bbox(text)


def test_a_box_across_the_antimeridian_is_two_plain_ones() -> None:
    assert plain_boxes((170, 0, -170, 10)) == [(170, 0, 180, 10), (-180, 0, -170, 10)]
    assert plain_boxes((170, 0, 190, 10)) == [(170, 0, 180, 10), (-180, 0, -170, 10)]
    assert plain_boxes((-400, 0, 400, 10)) == [(-180, 0, 180, 10)]
