"""Lists of the datasets of this interface, by words, place, time and variable, as ERDDAP's search takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query

from config.boxes import parse_number
from config.errors import InvalidParameter
from config.times import parse_datetime
from records.datasets.models import text_in
from services.access.decision import decide
from services.apis.opendap.griddap.view import why_absent
from services.web.dependencies import inline

if TYPE_CHECKING:
    from config.times import TimeRange
    from records.datasets.models import Dataset
    from services.access.principal import Principal
    from services.web.context import Context

ANY: Final = "(ANY)"
PAGE: Final = 1000
"""Datasets of a page at most."""
_Text = Query(max_length=200)
_Name = Annotated[str, _Text]


@dataclass(frozen=True, kw_only=True)
class DatasetSearch:
    """A page of the datasets that match.

    Attributes:
        text: A part of the id or title; empty for any.
        box: (west, south, east, north), or None.
        when: Times, or None.
        standard_name: CF name of a variable in lower case; None for any.
        long_name: Title of a variable in lower case; None for any.
        variable: Its id in lower case; None for any.
        is_elsewhere: Whether it asks for what this interface has none of.
        page: Number of the page, from 1.
        items: Datasets of a page.
    """

    text: str = ""
    box: tuple[float, float, float, float] | None = None
    when: TimeRange | None = None
    standard_name: str | None = None
    long_name: str | None = None
    variable: str | None = None
    is_elsewhere: bool = False
    page: int = 1
    items: int = PAGE

    def matches(self, dataset: Dataset) -> bool:
        """Whether some variable of a dataset has the names."""
        return any(
            self.standard_name in (None, (variable.standard_name or "").lower())
            and self.long_name in (None, text_in(variable.title).lower())
            and self.variable in (None, variable.id.lower())
            for variable in dataset.variables
        )


def find(context: Context, principal: Principal, search: DatasetSearch) -> list[Dataset]:
    """A page of the datasets that match and whose data the client may read."""
    if search.is_elsewhere:
        return []
    datasets, _ = context.catalogue.repository.datasets(
        limit=search.items,
        offset=(search.page - 1) * search.items,
        q=search.text or None,
        bbox=search.box,
        when=search.when,
    )
    readable = [d for d in datasets if decide(principal, d, "read", context.settings).allowed]
    return [dataset for dataset in readable if why_absent(dataset) is None and search.matches(dataset)]


def _search(
    text: Annotated[str, Query(alias="searchFor", max_length=200, description="A part of the id or title.")] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    items: Annotated[int, Query(alias="itemsPerPage", ge=1, le=10**9)] = PAGE,
    protocol: _Name = ANY,
    data_type: Annotated[str, Query(alias="cdm_data_type", max_length=200)] = ANY,
    institution: _Name = ANY,
    ioos_category: _Name = ANY,
    keywords: _Name = ANY,
    long_name: _Name = ANY,
    standard_name: _Name = ANY,
    variable: Annotated[str, Query(alias="variableName", max_length=200)] = ANY,
    west: Annotated[str, Query(alias="minLon", max_length=40)] = "",
    east: Annotated[str, Query(alias="maxLon", max_length=40)] = "",
    south: Annotated[str, Query(alias="minLat", max_length=40)] = "",
    north: Annotated[str, Query(alias="maxLat", max_length=40)] = "",
    start: Annotated[str, Query(alias="minTime", max_length=40)] = "",
    end: Annotated[str, Query(alias="maxTime", max_length=40)] = "",
) -> DatasetSearch:
    kinds = (protocol.lower() in ("griddap", ANY.lower()), data_type.lower() in ("grid", ANY.lower()))
    others = all(value == ANY for value in (institution, ioos_category, keywords))
    return DatasetSearch(
        text=text.strip(),
        box=_box(west, south, east, north),
        when=parse_datetime(f"{start or '..'}/{end or '..'}", name="minTime") if start or end else None,
        standard_name=_named(standard_name),
        long_name=_named(long_name),
        variable=_named(variable),
        is_elsewhere=not (all(kinds) and others),
        page=page,
        items=min(items, PAGE),
    )


SearchDep = Annotated[DatasetSearch, inline(_search)]


def _named(value: str) -> str | None:
    return None if value == ANY else value.lower()


def _box(west: str, south: str, east: str, north: str) -> tuple[float, float, float, float] | None:
    """The box of four texts, of which each may be absent."""
    if not {west, south, east, north} - {"", ANY}:
        return None
    left, bottom = _bound("minLon", west, -180.0), _bound("minLat", south, -90.0)
    right, top = _bound("maxLon", east, 180.0), _bound("maxLat", north, 90.0)
    if bottom > top:
        raise InvalidParameter("minLat", south, f"it is above maxLat={top:g}")
    return left, bottom, right, top


def _bound(name: str, text: str, default: float) -> float:
    return parse_number(text, name=name) if text not in ("", ANY) else default
