"""The queries of EDR: geometry in, values out, in four encodings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from cog.zones.named.regions import named_region
from config.boxes import parse_number
from config.errors import InvalidInput, InvalidParameter
from records.datasets.models import text_in
from services.access.visit import Visit, VisitDep
from services.apis.edr.encodings.covjson import coverage_json
from services.apis.edr.encodings.files import written
from services.apis.edr.encodings.geojson import feature_collection
from services.apis.edr.encodings.tables import csv_pieces
from services.apis.edr.parameters import MEDIA_TYPES, CommonDep, CommonParameters, EdrQuery, resolve_query
from services.apis.edr.places import geometries
from services.apis.edr.places.trajectories import along_path
from services.apis.edr.places.zones import over_zones, zone_fractions
from services.apis.edr.samples import NamedZone, Sampling
from services.apis.edr.sampling import at_places, in_block
from services.gridded.store import array_dataset
from services.web.context import Context
from services.web.crs import parse_crs
from services.web.lanes import ComputationRoute
from services.web.middleware.head import is_head
from services.web.negotiation import accept_of
from services.web.parameters import KNOWN
from services.web.transfer.streams import streamed, streamed_file
from services.web.transfer.validators import not_modified, version_headers

if TYPE_CHECKING:
    from collections.abc import Callable

router = APIRouter(tags=["EDR"], dependencies=[KNOWN], route_class=ComputationRoute)

Coords = Annotated[str, Query(max_length=geometries.LONGEST, description="WKT, x before y, in the CRS of crs.")]
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The values.", "content": {media_type: {} for media_type in MEDIA_TYPES.values()}}
}


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A query that is resolved, and the headers of its answer."""

    context: Context
    query: EdrQuery
    headers: dict[str, str]

    def answer(self, request: Request, make: Callable[[], Sampling]) -> Response:
        """Make the answer and encode it, unless the client has it."""
        unchanged = not_modified(request, self.headers)
        return unchanged or _encoded(request, self, make())


def _source(visit: Visit, common: CommonParameters) -> _Source:
    request, context = visit.request, visit.context
    dataset, decision = visit.readable()
    query = resolve_query(array_dataset(context, dataset), common, accept_of(request.headers))
    identity = (request.url.path, request.url.query, query.encoding, context.settings.base_url)
    headers = version_headers(dataset, *identity, audience=decision.audience, cacheable=decision.cacheable)
    return _Source(context=context, query=query, headers=headers | {"Vary": "Accept"})


def _encoded(request: Request, source: _Source, answer: Sampling) -> Response:
    query, base = source.query, source.context.settings.base_url
    media_type = MEDIA_TYPES[query.encoding]
    name = query.arrays.dataset.id
    if query.encoding == "CSV":
        headers = source.headers | {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return streamed(request, csv_pieces(answer), media_type, headers)
    if query.encoding == "NetCDF":
        headers = source.headers | {"Content-Disposition": f'attachment; filename="{name}.nc"'}
        return streamed_file(request, written(answer), media_type, headers)
    if is_head(request):
        return Response(media_type=media_type, headers=source.headers)
    if query.encoding == "GeoJSON":
        body = feature_collection(answer, f"{base}{request.url.path}")
    else:
        body = coverage_json(answer, base)
    return Response(body, media_type=media_type, headers=source.headers)


@router.get("/edr/collections/{collectionId}/position", operation_id=".edr.getPosition", responses=_RESPONSES)
def get_position(visit: VisitDep, coords: Coords, common: CommonDep) -> Response:
    """The values of the cells that hold a POINT, or the points of a MULTIPOINT, at every time."""
    source = _source(visit, common)
    query = source.query
    geometry = geometries.parse_wkt(coords, "POINT", "MULTIPOINT")
    places = geometries.points(query.first.grid, geometry, query.reference)
    return source.answer(visit.request, lambda: at_places(visit.context, query, places))


@router.get("/edr/collections/{collectionId}/radius", operation_id=".edr.getRadius", responses=_RESPONSES)
def get_radius(
    visit: VisitDep,
    coords: Coords,
    within: Annotated[str, Query(max_length=40, description="The distance from the point.")],
    within_units: Annotated[str, Query(alias="within-units", max_length=20, description="m, km, mi, nm or ft.")],
    common: CommonDep,
) -> Response:
    """The values of the cells whose centre lies within a distance of a POINT, and of the one that holds it."""
    source = _source(visit, common)
    query = source.query
    metres = geometries.distance(within, within_units, name="within")
    geometry = geometries.parse_wkt(coords, "POINT")
    places = geometries.around(query.first.grid, geometry, query.reference, metres)
    return _in_degrees(source).answer(
        visit.request, lambda: at_places(visit.context, _in_degrees(source).query, places)
    )


def _in_degrees(source: _Source) -> _Source:
    """The source of an answer whose places are in degrees, whatever the CRS of the query."""
    return replace(source, query=replace(source.query, reference=parse_crs("CRS84", name="crs")))


@router.get("/edr/collections/{collectionId}/area", operation_id=".edr.getArea", responses=_RESPONSES)
def get_area(visit: VisitDep, coords: Coords, common: CommonDep) -> Response:
    """The cells that a POLYGON or MULTIPOLYGON covers; with statistics, those over its area at every time."""
    source = _source(visit, common)
    query = source.query
    grid = query.first.grid
    geometry = geometries.parse_wkt(coords, "POLYGON", "MULTIPOLYGON")
    zone = geometries.zone_of(grid, geometry, query.reference)
    if query.statistics and query.over != "time":
        place = NamedZone(id="area", title="area", geometry=geometry, zone=zone)
        return source.answer(visit.request, lambda: over_zones(visit.context, query, [place]))
    block = geometries.covered_block(grid, zone, zone_fractions(grid, zone))
    return source.answer(visit.request, lambda: in_block(visit.context, query, block))


@router.get("/edr/collections/{collectionId}/cube", operation_id=".edr.getCube", responses=_RESPONSES)
def get_cube(
    visit: VisitDep,
    bbox: Annotated[
        str, Query(max_length=300, description="west,south,east,north, or with heights, in the CRS of crs.")
    ],
    common: CommonDep,
) -> Response:
    """Every cell that a box meets, at every time and level."""
    heights = geometries.box_heights(bbox)
    if heights is not None and common.z is not None:
        raise InvalidInput("bbox and z both choose levels; give one of them")
    parameters = common if heights is None else replace(common, z=heights)
    source = _source(visit, parameters)
    block = geometries.box(source.query.first.grid, bbox, source.query.reference)
    return source.answer(visit.request, lambda: in_block(visit.context, source.query, block))


@router.get("/edr/collections/{collectionId}/trajectory", operation_id=".edr.getTrajectory", responses=_RESPONSES)
def get_trajectory(visit: VisitDep, coords: Coords, common: CommonDep) -> Response:
    """The cells that a LINESTRING crosses; of LINESTRINGM, with M in seconds since 1970, each at its time."""
    source = _in_degrees_of(visit, common)
    geometry = geometries.parse_wkt(coords, "LINESTRING")
    reference = parse_crs(common.crs or "CRS84", name="crs")
    places = geometries.along(source.query.first.grid, geometry, reference)
    if places.moments is None:
        return source.answer(visit.request, lambda: at_places(visit.context, source.query, places))
    if common.datetime is not None:
        raise InvalidParameter("datetime", common.datetime, "the coordinates of LINESTRINGM say when; leave it out")
    return source.answer(visit.request, lambda: along_path(visit.context, source.query, places))


def _in_degrees_of(visit: Visit, common: CommonParameters) -> _Source:
    return _in_degrees(_source(visit, common))


@router.get("/edr/collections/{collectionId}/corridor", operation_id=".edr.getCorridor", responses=_RESPONSES)
def get_corridor(
    visit: VisitDep,
    coords: Coords,
    common: CommonDep,
    corridor_width: Annotated[str, Query(alias="corridor-width", max_length=40, description="The whole width.")],
    width_units: Annotated[str, Query(alias="width-units", max_length=20, description="m, km, mi, nm or ft.")],
    corridor_height: Annotated[
        str | None, Query(alias="corridor-height", max_length=40, description="Levels within half of it around z.")
    ] = None,
    height_units: Annotated[str | None, Query(alias="height-units", max_length=20, description="Unit of it.")] = None,
) -> Response:
    """The cells whose centre lies within half a width of a LINESTRING, and those that it crosses."""
    del height_units  # the height is in the unit of the levels, which the collection names
    parameters = common
    if corridor_height is not None and common.z is not None and common.z.replace(".", "").lstrip("-").isdigit():
        half = parse_number(corridor_height, name="corridor-height") / 2
        parameters = replace(common, z=f"{float(common.z) - half}/{float(common.z) + half}")
    source = _in_degrees_of(visit, parameters)
    metres = geometries.distance(corridor_width, width_units, name="corridor-width")
    geometry = geometries.parse_wkt(coords, "LINESTRING")
    reference = parse_crs(common.crs or "CRS84", name="crs")
    places = geometries.beside(source.query.first.grid, geometry, reference, metres)
    return source.answer(visit.request, lambda: at_places(visit.context, source.query, places))


@router.get(
    "/edr/collections/{collectionId}/locations/{locationId}", operation_id=".edr.getLocation", responses=_RESPONSES
)
def get_location(
    visit: VisitDep,
    location_id: Annotated[str, Path(alias="locationId", max_length=200, description="Id of a region.")],
    common: CommonDep,
) -> Response:
    """Means over a named region at every time, or other statistics."""
    source = _in_degrees_of(visit, common)
    query = source.query
    region = named_region(visit.context.settings.locations, location_id)
    zone = geometries.zone_of(query.first.grid, region.geometry, query.reference)
    place = NamedZone(id=region.id, title=text_in(dict(region.titles)), geometry=region.geometry, zone=zone)
    return source.answer(visit.request, lambda: over_zones(visit.context, query, [place]))
