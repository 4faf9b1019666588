"""Lists of the files of a collection for programs: their URLs for `wget -i`, and their checksums for `sha256sum -c`."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from config.errors import TooLarge
from config.times import parse_datetime
from records.datasets.assets import files
from records.datasets.assets.file_links import asset_url
from services.access.visit import Visit, VisitDep
from services.web.dependencies import inline
from services.web.lanes import SearchRoute
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from records.datasets.models import Asset

router = APIRouter(tags=["Files"], dependencies=[KNOWN], route_class=SearchRoute)

MOST_FILES: Final = 100_000
"""Files of a list."""
_Filter = Query(max_length=200)
_Role = Annotated[
    Literal["data", "source"], Query(description="data: the converted files; source: the original ones, where kept.")
]


def _criteria(
    variable: Annotated[str | None, Query(max_length=127, description="Only files of this variable.")] = None,
    datetime: Annotated[str | None, Query(max_length=200, description="Only files that meet this time.")] = None,
    level: Annotated[str | None, _Filter] = None,
    member: Annotated[str | None, _Filter] = None,
    part: Annotated[str | None, _Filter] = None,
) -> files.GranuleFilter:
    when = parse_datetime(datetime) if datetime else None
    return files.GranuleFilter(
        variable=variable or None, when=when, level=level or None, member=member or None, part=part or None
    )


_CriteriaDep = Annotated[files.GranuleFilter, inline(_criteria)]


@router.get(
    "/collections/{collectionId}/files.txt",
    operation_id=".collection.getFileUrls",
    summary="URLs of the files",
    response_class=PlainTextResponse,
)
def file_urls(visit: VisitDep, criteria: _CriteriaDep, role: _Role = "data") -> PlainTextResponse:
    """The URL of each file, one a line, the latest first: what `wget -i` takes."""
    base = visit.base_url
    assets = _assets(visit, criteria, role)
    return PlainTextResponse("".join(f"{asset_url(base, asset)}\n" for asset in assets))


@router.get(
    "/collections/{collectionId}/files.sha256",
    operation_id=".collection.getFileChecksums",
    summary="Checksums of the files",
    response_class=PlainTextResponse,
)
def file_checksums(visit: VisitDep, criteria: _CriteriaDep, role: _Role = "data") -> PlainTextResponse:
    """SHA-256 and name of each file, one a line: what `sha256sum -c` takes in the folder where they were saved."""
    assets = _assets(visit, criteria, role)
    return PlainTextResponse("".join(f"{asset.sha256}  {PurePosixPath(asset.href).name}\n" for asset in assets))


def _assets(visit: Visit, criteria: files.GranuleFilter, role: str) -> list[Asset]:
    """The files that are meant, each once; raises TooLarge."""
    dataset, _ = visit.readable()
    if criteria.variable:
        dataset.variable(criteria.variable)
    engine = visit.context.catalogue.repository.engine
    granules, total = files.granules(engine, dataset, criteria, limit=MOST_FILES, offset=0)
    if total > MOST_FILES:
        raise TooLarge(
            f"{total} files are more than {MOST_FILES}; ask for fewer by datetime, variable, level, member or part"
        )
    assets = [granule.source if role == "source" else granule.asset for granule in granules]
    return list({asset.href: asset for asset in assets if asset is not None}.values())
