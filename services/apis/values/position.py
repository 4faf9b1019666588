"""Values at one point or a list of points: the position query of OGC API EDR (OGC 19-086r6, 8.2.4)."""

from __future__ import annotations

from typing import Annotated, Final

import numpy as np
import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from config.errors import InvalidInput, InvalidParameter
from config.grids import CRS84
from config.times import parse_datetime
from config.vocabulary import COVERAGE_JSON, CSV, GEOJSON, JSON
from services.access.visit import VisitDep
from services.apis.values.documents import coverage_json, csv_text, geojson
from services.apis.values.parameters import Names, parse_points, variables_of
from services.selection.opening.values import series_at
from services.selection.selection import SelectionRequest, resolve_all
from services.web.crs import Reference, parse_crs
from services.web.documents.extents import moment_header
from services.web.lanes import ComputationRoute
from services.web.negotiation import accept_of, choose, offers
from services.web.parameters import KNOWN

router = APIRouter(tags=["Values"], dependencies=[KNOWN], route_class=ComputationRoute)

_NAMES: Final = {
    **dict.fromkeys(("coveragejson", "covjson", "json", JSON, COVERAGE_JSON), COVERAGE_JSON),
    **dict.fromkeys(("geojson", GEOJSON), GEOJSON),
    **dict.fromkeys(("csv", CSV), CSV),
}
_OFFERS: Final = offers({media_type: media_type for media_type in (COVERAGE_JSON, GEOJSON, CSV)})
_Level = Query(max_length=200)


_LONGEST_NAME = 150
"""Characters of the name of a file."""


@router.get(
    "/collections/{collectionId}/position",
    operation_id=".collection.getPosition",
    response_class=Response,
    responses={200: {"description": "The values.", "content": {COVERAGE_JSON: {}, GEOJSON: {}, CSV: {}}}},
)
def position(
    visit: VisitDep,
    coords: Annotated[
        str, Query(description="POINT(x y) or MULTIPOINT((x y),(x y)) as WKT, in the axis order of crs.")
    ],
    datetime: Annotated[
        str | None, Query(max_length=200, description="A time, or an interval for a series; absent: the latest.")
    ] = None,
    nearest: Annotated[bool, Query(description="Take the nearest time if none is equal.")] = False,
    properties: Names = None,
    parameter_name: Annotated[
        str | None, Query(alias="parameter-name", max_length=2000, description="The same, as EDR calls it.")
    ] = None,
    level: Annotated[str | None, _Level] = None,
    member: Annotated[str | None, _Level] = None,
    z: Annotated[str | None, Query(max_length=200, description="The level, as EDR calls it.")] = None,
    part: Annotated[str | None, _Level] = None,
    crs: Annotated[str | None, Query(max_length=300, description="CRS of coords; absent: CRS84.")] = None,
    f: Annotated[list[str] | None, Query(description="CoverageJSON, GeoJSON or csv; absent: by Accept.")] = None,
) -> Response:
    """The physical values of the cells that hold the points; null where there are no data."""
    dataset, _ = visit.readable()
    if level is not None and z is not None:
        raise InvalidInput("level and z both choose a level; give one of them")
    granules = SelectionRequest(
        when=None if datetime is None else parse_datetime(datetime),
        nearest=nearest,
        level=level if level is not None else z,
        member=member,
        part=part,
    )
    selections = resolve_all(dataset, granules, variables_of(dataset, properties, parameter_name))
    media_type = choose(f or (), accept_of(visit.request.headers), names=_NAMES, offers=_OFFERS, default=COVERAGE_JSON)
    reference = _reference(crs, media_type)
    points = parse_points(coords, reference)
    xs, ys = np.array(points.xs), np.array(points.ys)
    series = [series_at(visit.context, selection, xs, ys, reference) for selection in selections]
    if any(each.labels != series[0].labels for each in series[1:]):
        raise InvalidInput("these variables have different times; ask for each by itself")
    headers = moment_header(series[0].labels) | {"Vary": "Accept"}
    if media_type == CSV:
        names = "_".join([dataset.id, *(selection.variable.id for selection in selections)])[:_LONGEST_NAME]
        headers["Content-Disposition"] = f'attachment; filename="{names}.csv"'
        return Response(csv_text(series, points, reference), media_type=CSV, headers=headers)
    document = (geojson if media_type == GEOJSON else coverage_json)(series, points, reference)
    return Response(orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), media_type=media_type, headers=headers)


def _reference(crs: str | None, media_type: str) -> Reference:
    reference = parse_crs(crs or CRS84, name="crs")
    if media_type == GEOJSON and not (reference.crs == CRS84 and not reference.north_first):
        raise InvalidParameter("crs", crs, "GeoJSON is in CRS84 (RFC 7946); leave crs out, or ask for CoverageJSON")
    return reference
