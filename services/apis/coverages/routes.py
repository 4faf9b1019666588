"""The routes of coverages: parse, plan, write to a file without a name, stream."""

from __future__ import annotations

from typing import Annotated, Final, cast

from fastapi import APIRouter, Path, Request
from fastapi.responses import PlainTextResponse, Response
from pyproj import CRS

from config.errors import NotFound
from config.grids import Grid
from config.vocabulary import SCHEMA_JSON
from services.access.visit import VisitDep
from services.apis.coverages import description
from services.apis.coverages.documentation import coverage_operation, coverage_responses
from services.apis.coverages.formats import CoverageFormat
from services.apis.coverages.kept import KeptCoverages, KeptFile
from services.apis.coverages.parameters import parse_query
from services.apis.coverages.request import CoverageAnswer, plan
from services.apis.coverages.streaming import streamed, written
from services.drawing.freshness import sorted_query
from services.web.crs import bounds_text, crs_key
from services.web.documents.answers import AnswerDep
from services.web.documents.extents import moment_header
from services.web.lanes import ComputationRoute
from services.web.middleware.head import is_head
from services.web.negotiation import accept_of
from services.web.parameters import KNOWN
from services.web.transfer.ranged_file import RangedFileResponse
from services.web.transfer.validators import not_modified

_BY_RANGES: Final = frozenset({CoverageFormat.NETCDF, CoverageFormat.GEOTIFF, CoverageFormat.COG})
"""The formats whose readers read by ranges of bytes."""

router = APIRouter(tags=["Coverages"], route_class=ComputationRoute)
"""The coverage itself, which parses its own query."""
descriptions = APIRouter(tags=["Coverages"], dependencies=[KNOWN])
"""The descriptions of a coverage."""


@router.get(
    "/collections/{collectionId}/coverage",
    operation_id=".collection.getCoverage",
    summary="The coverage, or a subset of it",
    response_class=Response,
    responses=coverage_responses(),
    openapi_extra=coverage_operation(),
)
def get_coverage(visit: VisitDep) -> Response:
    """The stored cells of a collection, by region, time and variable, as GeoTIFF or NetCDF-4."""
    query = parse_query(visit.request.query_params.multi_items(), accept=accept_of(visit.request.headers))
    dataset, _ = visit.readable()
    answer = plan(visit.context, dataset, query)
    headers = {
        "Content-Disposition": f'{_disposition(answer.format)}; filename="{answer.filename}"',
        "Content-Crs": f"<{answer.reference.uri}>",
        "Content-Bbox": bounds_text(answer.cube.region.output, answer.reference),
        "Vary": "Accept",
    } | moment_header([step.label for step in answer.cube.steps])
    if answer.format not in _BY_RANGES:
        return streamed(written(answer), answer.format.media_type, headers)
    base = visit.base_url
    identity = (
        dataset.id,
        str(dataset.version),
        sorted_query(visit.request.query_params.multi_items()),
        answer.format,
        base,
    )
    return _by_ranges(visit.request, answer, identity, headers | {"Accept-Ranges": "bytes"})


def _by_ranges(
    request: Request, answer: CoverageAnswer, identity: tuple[str, ...], headers: dict[str, str]
) -> Response:
    """Answer with a file, or with ranges of it; it is kept for who reads by ranges, which begins with HEAD."""
    kept = cast("KeptCoverages", request.app.state.kept_coverages)
    in_pieces = is_head(request) or "range" in request.headers
    file = kept.keep(identity, lambda: written(answer)) if in_pieces else kept.find(identity)
    if file is None:
        return streamed(written(answer), answer.format.media_type, headers)
    if not isinstance(file, KeptFile):  # larger than all that is kept may be
        return streamed(file, answer.format.media_type, {**headers, "Accept-Ranges": "none"})
    headers = headers | {"ETag": file.etag}
    return not_modified(request, headers) or RangedFileResponse(
        file.path, media_type=answer.format.media_type, headers=headers, stat_result=file.path.stat()
    )


def _disposition(format_: CoverageFormat) -> str:
    return "inline" if format_ in (CoverageFormat.PNG, CoverageFormat.COVERAGE_JSON) else "attachment"


@descriptions.get(
    "/collections/{collectionId}/schema",
    operation_id=".collection.getSchema",
    summary="JSON schema of the collection's variables",
)
def get_schema(visit: VisitDep, answer: AnswerDep) -> Response:
    """The variables with their units and classes (OGC API Common Part 3, returnables)."""
    document = description.schema(visit.describable(), visit.base_url)
    return answer(document, media_type=SCHEMA_JSON)


@descriptions.get(
    "/collections/{collectionId}/coverage/domainset",
    operation_id=".collection.getCoverageDomainSet",
    summary="Domain set of the coverage (earlier drafts)",
)
def get_domain_set(visit: VisitDep, answer: AnswerDep) -> Response:
    """The grid of the coverage as a CIS domain set."""
    dataset = visit.describable()
    return answer(description.domain_set(dataset, visit.base_url))


@descriptions.get(
    "/collections/{collectionId}/coverage/rangetype",
    operation_id=".collection.getCoverageRangeType",
    summary="Range type of the coverage (earlier drafts)",
)
def get_range_type(visit: VisitDep, answer: AnswerDep) -> Response:
    """The bands of the coverage as a SWE data record."""
    return answer(description.range_type(visit.describable()))


@descriptions.get(
    "/collections/{collectionId}/coverage/crs",
    operation_id=".collection.getCoverageCrs",
    summary="The CRS of the first variable as WKT",
    response_class=PlainTextResponse,
)
def get_crs(visit: VisitDep) -> Response:
    """The CRS of the first variable's grid as WKT 2 (ISO 19162)."""
    return _wkt(visit.describable().variable().grid)


@descriptions.get(
    "/collections/{collectionId}/coverage/crs/{key}",
    operation_id=".collection.getCoverageCrsByKey",
    summary="A CRS of the coverage that no register names, as WKT",
    response_class=PlainTextResponse,
)
def get_crs_by_key(
    visit: VisitDep, key: Annotated[str, Path(description="As it stands in the URI of the CRS.", max_length=20)]
) -> Response:
    """The CRS that a URI of this service names, as WKT 2 (ISO 19162)."""
    grids = [variable.grid for variable in visit.describable().variables]
    grid = next((grid for grid in grids if crs_key(grid.crs) == key), None)
    if grid is None:
        raise NotFound(f"no variable of collection {visit.collection_id} is in a CRS {key!r}")
    return _wkt(grid)


def _wkt(grid: Grid) -> Response:
    return PlainTextResponse(CRS.from_user_input(grid.crs).to_wkt(pretty=True))
