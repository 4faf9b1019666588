"""`/collections/{collectionId}/times`: the times of a variable, their interval and gaps, and the nearest to one.

Labels are in the source's own calendar, as `datetime` takes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Response

from config.errors import GranuleNotFound
from config.times import label_to_path, parse_datetime
from records.datasets.series.intervals import interval_of
from records.datasets.series.moments import moment
from services.access.visit import VisitDep
from services.web.documents.answers import AnswerDep
from services.web.documents.titles import TITLES
from services.web.links import PageSpan, link, page_links, representations
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from config.times import TimeRange
    from records.datasets.models import Dataset, Variable
    from records.datasets.series.moments import Moment
    from records.datasets.series.steps import StepIndex

router = APIRouter(tags=["Collections"], dependencies=[KNOWN])


@router.get(
    "/collections/{collectionId}/times", operation_id=".collection.getTimes", summary="Times, their interval and gaps"
)
def times(
    visit: VisitDep,
    answer: AnswerDep,
    variable: Annotated[str | None, Query(max_length=127, description="A variable; absent: the first.")] = None,
    datetime: Annotated[
        str | None,
        Query(max_length=200, description="A time or interval; absent: all times, and the latest as `time`."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="Most times of the answer.")] = 100,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="Times before the first of the answer.")] = 0,
) -> Response:
    """The times in `datetime`, page by page, with the gaps among them.

    `time` is the one that lies in it, else the nearest to it, with those before and after it.
    """
    dataset = visit.describable()
    of_variable = dataset.variable(variable)
    when = parse_datetime(datetime) if datetime else None
    nearest = moment(visit.context.catalogue.repository.engine, dataset.id, of_variable.id, when)
    if nearest is None or dataset.time is None:
        raise GranuleNotFound(f"{dataset.id}/{of_variable.id} has no times")
    here = f"{visit.base_url}/collections/{dataset.id}"
    page = _page(visit.context.catalogue.steps(dataset, of_variable), dataset, when, limit=limit, offset=offset)
    written = {"variable": variable, "datetime": datetime, "limit": str(limit) if limit != 100 else None}
    query = {name: value for name, value in written.items() if value is not None}
    span = PageSpan(offset=offset, limit=limit, shown=len(page.labels), matched=page.matched)
    links = [
        *representations(f"{here}/times", query=query | ({"offset": str(offset)} if offset else {})),
        link("collection", here, title=TITLES.phrase("collection")),
    ]
    document = _document(dataset, of_variable, nearest, page)
    return answer(document | {"links": [*links, *page_links(f"{here}/times", query, span)]})


@dataclass(frozen=True, kw_only=True)
class _Page:
    """Some times of a variable.

    Attributes:
        labels: Their labels.
        matched: How many the request means in all.
        count: How many the variable has.
        interval: ISO 8601 duration from each time of the variable to the next, or None.
        missing: How many of that interval are missing, in all.
        gaps: Those that begin after one of the times.
    """

    labels: list[str]
    matched: int
    count: int
    interval: str | None
    missing: int
    gaps: list[dict[str, Any]]


def _page(index: StepIndex, dataset: Dataset, when: TimeRange | None, *, limit: int, offset: int) -> _Page:
    keys, first_of_time = np.unique(index.keys, return_index=True)  # levels and parts share their times
    matched = np.unique(np.searchsorted(keys, index.keys[index.within(when)]))
    places = matched[offset : offset + limit]
    climatology = dataset.time is not None and dataset.time.climatology
    interval = None if climatology else interval_of(keys, index.calendar or "standard")

    def label(place: int) -> str:
        return index.labels[int(first_of_time[place])]

    shown = {int(place) for place in places}
    return _Page(
        labels=[label(place) for place in places.tolist()],
        matched=len(matched),
        count=len(keys),
        interval=interval.duration if interval else None,
        missing=interval.missing if interval else 0,
        gaps=[
            {"after": label(place), "before": label(place + 1), "missing": count}
            for place, count in (interval.gaps if interval else ())
            if place in shown
        ],
    )


def _document(dataset: Dataset, variable: Variable, nearest: Moment, page: _Page) -> dict[str, Any]:
    assert dataset.time is not None
    labels = {"time": nearest.time, "earlier": nearest.earlier, "later": nearest.later}
    return {
        "variable": variable.id,
        "calendar": dataset.time.calendar,
        **{name: label for name, label in labels.items() if label is not None},
        "path": label_to_path(nearest.time),
        "first": dataset.time.first,
        "last": dataset.time.last,
        "count": page.count,
        **({} if page.interval is None else {"interval": page.interval, "missing": page.missing}),
        "numberMatched": page.matched,
        "numberReturned": len(page.labels),
        "times": page.labels,
        "gaps": page.gaps,
    }
