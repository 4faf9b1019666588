"""Parameters that the routes of values share, and the points of `coords`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Query

from config.boxes import parse_number
from config.errors import InvalidInput, InvalidParameter
from services.selection.selection import variables_named

if TYPE_CHECKING:
    from records.datasets.models import Dataset, Variable
    from services.web.crs import Reference

MAX_POINTS = 1000
_LONGEST = 60_000
_COORDINATE = 1e8
_LONGITUDE, _LATITUDE = 720.0, 90.0
_POINT = re.compile(r"\s*POINT\s*Z?\s*\(([^()]*)\)\s*", re.ASCII | re.IGNORECASE)
_MULTIPOINT = re.compile(r"\s*MULTIPOINT\s*Z?\s*\((.*)\)\s*", re.ASCII | re.IGNORECASE | re.DOTALL)
_REMEDY = "write POINT(116.4 39.9) or MULTIPOINT((116.4 39.9),(121.5 31.2)), x before y, or as the CRS has it"

Names = Annotated[
    str | None, Query(max_length=2000, description="Variables by id, joined by commas; absent: the first.")
]


@dataclass(frozen=True, kw_only=True)
class Points:
    """Points of a request.

    Attributes:
        xs: Coordinates to the east.
        ys: Coordinates to the north.
        are_listed: Whether they were written as a list.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    are_listed: bool


def parse_points(text: str, reference: Reference) -> Points:
    """Parse the points of a WKT text, in the axis order of a CRS; a height is left out. Raises InvalidParameter."""
    if len(text) > _LONGEST:
        raise InvalidParameter("coords", text, f"longer than {_LONGEST} characters")
    single, several = _POINT.fullmatch(text), _MULTIPOINT.fullmatch(text)
    if single is not None:
        pairs = [_pair(single[1], text, reference)]
    elif several is not None:
        parts = several[1].split(",")
        if len(parts) > MAX_POINTS:
            raise InvalidParameter("coords", f"{len(parts)} points", f"at most {MAX_POINTS} points are possible")
        pairs = [_pair(_bare(part, text), text, reference) for part in parts]
    else:
        raise InvalidParameter("coords", text, _REMEDY)
    return Points(xs=tuple(x for x, _ in pairs), ys=tuple(y for _, y in pairs), are_listed=several is not None)


def _bare(part: str, text: str) -> str:
    """Strip the brackets of a point of a list, if it has any; raises InvalidParameter."""
    point = part.strip()
    if point.startswith("(") != point.endswith(")"):
        raise InvalidParameter("coords", text, _REMEDY)
    return point[1:-1] if point.startswith("(") else point


def _pair(text: str, whole: str, reference: Reference) -> tuple[float, float]:
    numbers = [parse_number(part, name="coords") for part in text.split()]
    if len(numbers) not in (2, 3):
        raise InvalidParameter("coords", whole, _REMEDY)
    x, y = (numbers[1], numbers[0]) if reference.north_first else (numbers[0], numbers[1])
    limits = (_LONGITUDE, _LATITUDE) if reference.is_degrees else (_COORDINATE, _COORDINATE)
    for value, limit in zip((x, y), limits, strict=True):
        if abs(value) > limit:
            raise InvalidParameter("coords", whole, f"{value:.10g} is outside {-limit:g} to {limit:g}")
    return x, y


def variables_of(dataset: Dataset, properties: str | None, parameter_name: str | None) -> list[Variable]:
    """Return the variables of `properties`, or of `parameter-name` as EDR calls it; raises InvalidInput."""
    if properties is not None and parameter_name is not None:
        raise InvalidInput("properties and parameter-name both choose variables; give one of them")
    text = properties if properties is not None else parameter_name
    names = None if text is None else [part.strip() for part in text.split(",")]
    return variables_named(dataset, names, parameter="properties" if parameter_name is None else "parameter-name")
