"""`/collections/{collectionId}/granules`: the granules of a collection with their files, a page at a time."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Response

from config.times import parse_datetime
from records.datasets.assets import files
from records.datasets.assets.file_links import asset_url, file_members
from services.access.visit import VisitDep
from services.web.context import Context
from services.web.crs import crs_uri
from services.web.documents.answers import AnswerDep
from services.web.documents.titles import TITLES
from services.web.links import PageSpan, link, page_links, representations
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from records.datasets.models import Asset, Dataset, Granule

router = APIRouter(tags=["Files"], dependencies=[KNOWN])

_PAGE = 50
"""Granules of a page without `limit`."""
_Filter = Query(max_length=200)


@router.get("/collections/{collectionId}/granules", operation_id=".collection.getGranules", summary="The granules")
def granules(
    visit: VisitDep,
    answer: AnswerDep,
    variable: Annotated[str | None, Query(max_length=127, description="Only granules of this variable.")] = None,
    datetime: Annotated[str | None, Query(max_length=200, description="Only granules that meet this time.")] = None,
    level: Annotated[str | None, _Filter] = None,
    member: Annotated[str | None, _Filter] = None,
    part: Annotated[str | None, _Filter] = None,
    limit: Annotated[int, Query(ge=1, description="Most granules of the answer.")] = _PAGE,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="Granules before the first of the answer.")] = 0,
) -> Response:
    """The granules of a collection, the latest first: time, level, member, part, file with its size and checksum."""
    dataset, _ = visit.readable()
    if variable:
        dataset.variable(variable)
    criteria = files.GranuleFilter(
        variable=variable or None,
        when=parse_datetime(datetime) if datetime else None,
        level=level or None,
        member=member or None,
        part=part or None,
    )
    limit = min(limit, visit.context.settings.limit.items)
    engine = visit.context.catalogue.repository.engine
    page, total = files.granules(engine, dataset, criteria, limit=limit, offset=offset)
    document = _document(visit.context, dataset, page, total)
    here = f"{visit.base_url}/collections/{dataset.id}/granules"
    parameters = {"variable": variable, "datetime": datetime, "level": level, "member": member, "part": part}
    query = {name: value for name, value in parameters.items() if value} | {"limit": str(limit)}
    document["links"] = [
        *representations(here, query=dict(visit.request.query_params)),
        *page_links(here, query, PageSpan(offset=offset, limit=limit, shown=len(page), matched=total)),
        link(
            "collection",
            f"{visit.base_url}/collections/{dataset.id}",
            title=TITLES.phrase("collection"),
        ),
    ]
    return answer(document, "granules", dataset=dataset, offset=offset, limit=limit, columns=_columns(page))


def _document(context: Context, dataset: Dataset, page: list[Granule], total: int) -> dict[str, Any]:
    base = context.settings.base_url
    return {
        "numberMatched": total,
        "numberReturned": len(page),
        "granules": [granule_document(base, dataset, granule) for granule in page],
    }


def source_member(base_url: str, source: Asset) -> dict[str, Any]:
    """The original file of a granule as an asset of STAC."""
    return {
        "href": asset_url(base_url, source),
        "type": source.media_type,
        "title": TITLES.phrase("source_file"),
        "roles": ["source"],
        **file_members(source),
    }


def granule_document(base_url: str, dataset: Dataset, granule: Granule) -> dict[str, Any]:
    """A granule: its id, key, bounds [start, end), grid and its one asset, with the member names of STAC."""
    key = {
        "time": granule.time,
        "start": granule.start,
        "end": granule.end,
        "calendar": granule.calendar,
        "level": granule.level,
        **({"member": granule.member} if granule.member else {}),
        "part": granule.part,
    }
    data = {
        "href": asset_url(base_url, granule.asset),
        "type": granule.asset.media_type,
        "roles": ["data"],
        **file_members(granule.asset),
        "proj:code": crs_uri(granule.grid, f"{base_url}/collections/{dataset.id}"),
        "proj:shape": [granule.grid.height, granule.grid.width],
        "proj:transform": list(granule.grid.transform),
    }
    return {
        "id": f"{granule.variable_id}-{PurePosixPath(granule.asset.href).stem}",
        "variable": granule.variable_id,
        **{name: value for name, value in key.items() if value is not None},
        "assets": {"data": data, **({"source": source_member(base_url, granule.source)} if granule.source else {})},
    }


def _columns(page: list[Granule]) -> dict[str, bool]:
    """The optional columns that the page needs."""
    return {
        "has_levels": any(g.level for g in page),
        "has_members": any(g.member for g in page),
        "has_parts": any(g.part for g in page),
    }
