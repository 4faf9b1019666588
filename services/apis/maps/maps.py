"""OGC API Maps 1.0 (20-058): a collection drawn for any box, in any CRS and size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response
from titiler.core.resources.enums import ImageType

from cog.grids.window import extent_text
from config.errors import InvalidInput, OutsideExtent
from config.times import label_to_path
from config.vocabulary import JPEG, PNG, WEBP
from services.access.visit import VisitDep
from services.drawing.backgrounds import encode_over
from services.drawing.freshness import Freshness, sorted_query
from services.drawing.maps import MapDrawing, draw_map
from services.drawing.rendering import FILES
from services.drawing.styles import style_of
from services.parameters.conditions import not_modified
from services.parameters.drawing import BackgroundDep, MapRenderingDep
from services.parameters.granules import GranuleRequestDep, StyleId, StyleQuery
from services.selection.axes import Axes, combine, parse_subset
from services.selection.moments import grid_of, one_moment
from services.selection.resampling import parse_kernel
from services.selection.selection import Selection, SelectionRequest, resolve
from services.selection.viewports import Viewport, ViewportRequest, viewport, window_on
from services.web.crs import Reference, bounds_text
from services.web.dependencies import inline
from services.web.lanes import ComputationRoute
from services.web.negotiation import accept_of, choose, offers
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from config.grids import Grid
    from records.datasets.models import Dataset

router = APIRouter(tags=["Maps"], dependencies=[KNOWN], route_class=ComputationRoute)

MEDIA_TYPES: Final = {ImageType.png: PNG, ImageType.jpeg: JPEG, ImageType.webp: WEBP}
_NAMES: Final = {"png": ImageType.png, "jpeg": ImageType.jpeg, "jpg": ImageType.jpeg, "webp": ImageType.webp} | {
    "image/jpg": ImageType.jpeg,
    **{media: image for image, media in MEDIA_TYPES.items()},
}
_OFFERS: Final = offers({media: image for image, media in MEDIA_TYPES.items()})
_READ: Final = 16_000_000
"""Stored cells that any map may read; a larger one reads about one a pixel."""
_IMAGES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The map.", "content": {media: {} for media in MEDIA_TYPES.values()}}
}


@dataclass(frozen=True, kw_only=True)
class MapPlace:
    """The viewport of a map as written, and the axes beside space that `subset` names."""

    viewport: ViewportRequest
    axes: Axes


def map_place(
    bbox: Annotated[str | None, Query(max_length=500, description="west,south,east,north as bbox-crs says.")] = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs", max_length=300, description="Absent: CRS84.")] = None,
    subset: Annotated[list[str] | None, Query(description="Lat(a:b),Lon(c:d), E and N, time, level, member.")] = None,
    subset_crs: Annotated[str | None, Query(alias="subset-crs", max_length=300, description="Absent: CRS84.")] = None,
    center: Annotated[
        str | None, Query(max_length=200, description="The middle of the map, as center-crs says.")
    ] = None,
    center_crs: Annotated[str | None, Query(alias="center-crs", max_length=300, description="Absent: CRS84.")] = None,
    crs: Annotated[str | None, Query(max_length=300, description="CRS of the map; absent: that of the data.")] = None,
    width: Annotated[int | None, Query(gt=0, description="Columns of pixels.")] = None,
    height: Annotated[int | None, Query(gt=0, description="Rows of pixels.")] = None,
    scale_denominator: Annotated[
        float | None, Query(alias="scale-denominator", description="Scale, in pixels of 0.28 mm.", gt=0)
    ] = None,
) -> MapPlace:
    """Parse the viewport of a request; raises InvalidParameter."""
    axes = combine(parse_subset([text[:2000] for text in subset or ()]), box=bbox)
    crss = {"crs": crs, "bbox-crs": bbox_crs, "subset-crs": subset_crs, "center-crs": center_crs}
    request = ViewportRequest(
        box=bbox,
        spatial=axes.spatial,
        center=center,
        crss={name: text for name, text in crss.items() if text is not None},
        width=width,
        height=height,
        scale_denominator=scale_denominator,
    )
    return MapPlace(viewport=request, axes=axes)


MapPlaceDep = Annotated[MapPlace, inline(map_place)]
Formats = Annotated[list[str] | None, Query(description="png, jpeg or webp; absent: by Accept, else png.")]
Resampling = Annotated[str | None, Query(max_length=40, description="nearest, bilinear, cubic, average or mode.")]


@router.get(
    "/collections/{collectionId}/map",
    operation_id=".collection.getMap",
    response_class=Response,
    responses=_IMAGES,
)
def collection_map(
    visit: VisitDep,
    place: MapPlaceDep,
    granule: GranuleRequestDep,
    rendering: MapRenderingDep,
    below: BackgroundDep,
    style: StyleQuery = None,
    resampling: Resampling = None,
    f: Formats = None,
) -> Response:
    """The collection drawn, one variable at one time, in the CRS of the data unless `crs` names another."""
    dataset, decision = visit.readable()
    selection = _selection(dataset, granule, place.axes)
    variable, moment = selection.variable, one_moment(visit.context.catalogue, selection)
    data = grid_of(moment)
    native = Reference.of(data, f"{visit.base_url}/collections/{dataset.id}")
    view = viewport(data, place.viewport, native)
    image = choose(f or (), accept_of(visit.request.headers), names=_NAMES, offers=_OFFERS, default=ImageType.png)
    coloring = rendering.coloring(variable, style_of(variable, style), ImageType.png)
    freshness = Freshness(
        dataset=dataset,
        checksums=tuple(granule.asset.sha256 for parts in moment.parts.values() for granule in parts),
        query=sorted_query(visit.request.query_params.multi_items()),
        media_type=MEDIA_TYPES[image],
        time=moment.first.time,
        may_advance=selection.may_advance,
    )
    headers = freshness.headers(visit.request.url.path, decision) | _headers(view)
    name = "_".join((dataset.id, variable.id, *([label_to_path(moment.first.time)] if moment.first.time else ())))
    headers["Content-Disposition"] = f'inline; filename="{name}.{image.value}"'
    _require_meeting(data, view)
    unchanged = not_modified(visit.request, headers)
    if unchanged is not None:
        return unchanged
    drawing = MapDrawing(
        selection=selection,
        moment=moment,
        view=view,
        rendering=rendering,
        coloring=coloring,
        kernel=parse_kernel(resampling) or "nearest",
    )
    content = encode_over(draw_map(visit.context, drawing), below, FILES[image])
    return Response(content, media_type=MEDIA_TYPES[image], headers=headers)


@router.get(
    "/collections/{collectionId}/styles/{styleId}/map",
    operation_id=".collection.style.getMap",
    response_class=Response,
    responses=_IMAGES,
)
def styled_map(
    visit: VisitDep,
    styleId: StyleId,
    place: MapPlaceDep,
    granule: GranuleRequestDep,
    rendering: MapRenderingDep,
    below: BackgroundDep,
    resampling: Resampling = None,
    f: Formats = None,
) -> Response:
    """The collection drawn in a named style."""
    return collection_map(visit, place, granule, rendering, below, styleId, resampling, f)


def _selection(dataset: Dataset, granule: SelectionRequest, axes: Axes) -> Selection:
    """Resolve a request of one time and layer; raises InvalidInput where two parameters limit the same axis."""
    axes = combine(axes, when=granule.when)
    selection = resolve(dataset, replace(granule, when=axes.when, axes=axes.others))
    for what, labels in (("level", selection.levels), ("member", selection.members)):
        if len(labels) > 1:
            raise InvalidInput(f"a map shows one {what}, and subset selects {len(labels)}")
    return selection


def _headers(view: Viewport) -> dict[str, str]:
    return {
        "Content-Crs": f"<{view.reference.uri}>",
        "Content-Bbox": bounds_text(view.grid, view.reference),
    }


def _require_meeting(data: Grid, view: Viewport) -> None:
    """Raise OutsideExtent for a map that shows none of the data (OGC 20-058, subset-definition)."""
    if window_on(data, view) is None:
        raise OutsideExtent(f"the region does not meet the data; {extent_text(data)}")
