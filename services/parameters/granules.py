"""Path and query parameters that say which granules a request means."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from fastapi import Path, Query

from config.times import parse_datetime
from services.selection.selection import SelectionRequest
from services.web.dependencies import inline

_WORD: Final = Query(max_length=200)

StyleId = Annotated[str, Path(max_length=200)]
StyleQuery = Annotated[str | None, Query(max_length=200, description="A style of the variable; absent: default.")]


def moment_request(
    datetime: Annotated[
        str | None, Query(max_length=200, description="A time or an interval that selects one granule.")
    ] = None,
    nearest: Annotated[bool, Query(description="Take the nearest time if none is equal.")] = False,
    level: Annotated[str | None, _WORD] = None,
    member: Annotated[
        str | None, Query(max_length=200, description="A member of an ensemble; absent: the first.")
    ] = None,
    part: Annotated[str | None, _WORD] = None,
) -> SelectionRequest:
    """Parse what a request says of time, level, member and part, where its variable stands in the path.

    Raises InvalidParameter.
    """
    when = parse_datetime(datetime) if datetime is not None else None
    return SelectionRequest(when=when, nearest=nearest, level=level, member=member, part=part)


MomentRequestDep = Annotated[SelectionRequest, inline(moment_request)]


def granule_request(moment: MomentRequestDep, variable: Annotated[str | None, _WORD] = None) -> SelectionRequest:
    """Add the variable of a request's query; raises InvalidParameter."""
    return replace(moment, variable=variable)


GranuleRequestDep = Annotated[SelectionRequest, inline(granule_request)]
