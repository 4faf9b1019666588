"""Tiles of several collections over one another: the dataset tilesets of OGC API Tiles (20-057, 10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from cog.tiles import proven
from cog.tiles.encode import encode
from config.errors import GranuleNotFound, GraticuleError, InvalidParameter
from config.times import TimeRange, parse_datetime
from config.vocabulary import CRS84_URI, JSON, REL
from records.datasets.models import Dataset, text_in
from services.access.guards import require_readable
from services.access.principal import PrincipalDep
from services.apis.tiles.tiles import IMAGES, Formats, Number
from services.apis.tiles.tilesets import item_links, matrix_set_uri
from services.drawing import formats
from services.drawing.freshness import Freshness, combined_headers, is_known
from services.drawing.pictures import blank, stacked
from services.drawing.rendering import FILES, Rendering
from services.drawing.styles import style_of
from services.drawing.tiles import matrices
from services.drawing.tiles.image import read_picture
from services.drawing.tiles.matrices import MatrixSet, address, draws_from, footprint_of
from services.drawing.tiles.tile_plan import location_headers, plan_of
from services.parameters.matrix_sets import MatrixSetDep, MatrixSetsDep
from services.selection.opening.pictures import PictureSource, picture_source
from services.selection.selection import SelectionRequest, resolve
from services.web.context import Context, ContextDep
from services.web.dependencies import inline
from services.web.documents.answers import AnswerDep
from services.web.lanes import ComputationRoute
from services.web.links import representations
from services.web.negotiation import Language, accept_of
from services.web.parameters import KNOWN

if TYPE_CHECKING:
    from cog.tiles.encode import Picture
    from services.access.decision import Decision
    from services.access.principal import Principal
    from services.drawing.tiles.matrices import Address
    from services.ows.layer_catalogue import LayerCatalogue

MAX_COLLECTIONS: Final = 12
"""Collections of one tile, as many as layers of one map of WMS."""
_PATH: Final = "/map/tiles"
_MAX_TEXT: Final = 4000

router = APIRouter(tags=["Tiles"], dependencies=[KNOWN])
drawing_router = APIRouter(tags=["Tiles"], dependencies=[KNOWN], route_class=ComputationRoute)


@dataclass(frozen=True, kw_only=True)
class LayerChoice:
    """The collections of a request: their ids, None for the first ones of the catalogue, and their time."""

    ids: tuple[str, ...] | None
    when: TimeRange | None

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters that mean the same again."""
        names = {} if self.ids is None else {"collections": ",".join(self.ids)}
        return names | ({} if self.when is None else {"datetime": self.when.text})


def _choice(
    collections: Annotated[
        str | None,
        Query(max_length=_MAX_TEXT, description=f"Ids with commas, the lowest first, {MAX_COLLECTIONS} at most."),
    ] = None,
    datetime: Annotated[str | None, Query(max_length=200, description="A time; absent: each one's latest.")] = None,
) -> LayerChoice:
    ids = None if collections is None else tuple(name.strip() for name in collections.split(","))
    if ids is not None and not all(ids):
        raise InvalidParameter("collections", collections, "ids with commas between them are needed")
    if ids is not None and len(ids) > MAX_COLLECTIONS:
        raise InvalidParameter("collections", f"{len(ids)} ids", f"at most {MAX_COLLECTIONS} are drawn in one tile")
    return LayerChoice(ids=ids, when=None if datetime is None else parse_datetime(datetime))


ChoiceDep = Annotated[LayerChoice, inline(_choice)]


@dataclass(frozen=True, kw_only=True)
class TileLayer:
    """A collection of a tile, and the decision that it may be read."""

    dataset: Dataset
    decision: Decision


@router.get(_PATH, operation_id=".map.getTileSetsList")
def dataset_tilesets(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    sets: MatrixSetsDep,
    choice: ChoiceDep,
    answer: AnswerDep,
) -> Response:
    """The tilesets of several collections together; without `collections`, of the first of the catalogue."""
    layers = _layers(request, context, principal, choice)
    names = _named(choice, layers)
    boxes = [layer.dataset.bbox for layer in layers]
    entries = [
        _tileset(context, layers, entry, names, answer.language)
        for entry in sets
        if any(matrices.is_met(box, entry) for box in boxes)
    ]
    links = representations(f"{context.settings.base_url}{_PATH}", query=choice.parameters)
    return answer({"links": links, "tilesets": entries})


@router.get(_PATH + "/{tileMatrixSetId}", operation_id=".map.getTileSet")
def dataset_tileset(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    entry: MatrixSetDep,
    choice: ChoiceDep,
    answer: AnswerDep,
) -> Response:
    """A tileset of several collections together."""
    layers = _layers(request, context, principal, choice)
    return answer(_tileset(context, layers, entry, _named(choice, layers), answer.language))


@drawing_router.get(
    _PATH + "/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", operation_id=".map.getTile", **IMAGES
)
def dataset_tile(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    entry: MatrixSetDep,
    tileMatrix: Number,
    tileRow: Number,
    tileCol: Number,
    choice: ChoiceDep,
    f: Formats = None,
) -> Response:
    """A tile of several collections over one another, each in its default style; what has no data there shows none."""
    where = address(entry, matrix=tileMatrix, row=tileRow, column=tileCol)
    image = formats.image_type(f, accept_of(request.headers))
    form = FILES.get(image)
    if form is None:
        raise InvalidParameter("f", f, f"tiles of several collections are {', '.join(FILES.values())}")
    layers = _layers(request, context, principal, choice, is_tile=True)
    sources = [(layer, source) for layer in layers if (source := _source(context, layer, where, choice)) is not None]
    query, media_type = request.query_params.multi_items(), formats.MEDIA_TYPES[image]
    fresh = [Freshness.of(source, query, media_type) for _, source in sources]
    parts = [own.headers(request.url.path, layer.decision) for own, (layer, _) in zip(fresh, sources, strict=True)]
    headers = combined_headers(parts) if parts else {"Cache-Control": "no-cache", "Vary": Freshness.VARY}
    if parts and is_known(headers, if_none_match=request.headers.get("if-none-match"), if_modified_since=None):
        return Response(status_code=304, headers=headers)
    edge = entry.matrices[where.matrix].tile
    drawn = [_picture(source, where, own) for own, (_, source) in zip(fresh, sources, strict=True)]
    content = encode(stacked(drawn or [blank(edge, edge)]), form)
    return Response(content, media_type=media_type, headers=headers | location_headers(where, where.bounds))


def _layers(
    request: Request, context: Context, principal: Principal, choice: LayerChoice, *, is_tile: bool = False
) -> list[TileLayer]:
    """The collections of a request; raises CollectionNotFound, AccessRestricted or InvalidParameter."""
    if choice.ids is not None:
        return [
            TileLayer(dataset=d, decision=c) for d, c in (require_readable(context, principal, i) for i in choice.ids)
        ]
    catalogue = cast("LayerCatalogue", request.app.state.layers)
    layers: list[TileLayer] = []
    for entry in catalogue.layer_list(context).entries:
        try:
            dataset, decision = require_readable(context, principal, entry.dataset_id)
        except GraticuleError:
            continue
        if len(layers) == MAX_COLLECTIONS:
            if is_tile:
                remedy = f"there are more than {MAX_COLLECTIONS} collections: name up to {MAX_COLLECTIONS} of them"
                raise InvalidParameter("collections", "", remedy)
            break
        layers.append(TileLayer(dataset=dataset, decision=decision))
    return layers


def _named(choice: LayerChoice, layers: list[TileLayer]) -> LayerChoice:
    """The choice with its collections by name: more may come, and the links of a document have to mean the same."""
    return LayerChoice(ids=choice.ids or tuple(layer.dataset.id for layer in layers), when=choice.when)


def _source(context: Context, layer: TileLayer, where: Address, choice: LayerChoice) -> PictureSource | None:
    """What a tile shows of a collection; None where it has nothing at that time."""
    selection = resolve(layer.dataset, SelectionRequest(when=choice.when))
    grid = selection.variable.grid
    try:
        return picture_source(
            context,
            selection,
            meeting=lambda: footprint_of(where, grid),
            coarse=lambda overview: draws_from(overview, where, None, grid),
        )
    except GranuleNotFound:
        return None


def _picture(source: PictureSource, where: Address, fresh: Freshness) -> Picture:
    """What a tile shows of a collection, in its default style."""
    rendering, style, png = Rendering(), style_of(source.variable, None), formats.named("png")
    plan = plan_of(source, style, rendering, png, where.matrix_set, fresh) if proven.is_proven() else None
    picture = None if plan is None else plan.picture(where)
    return picture or read_picture(source.raster, where, rendering.coloring(source.variable, style, png))


def _tileset(
    context: Context, layers: list[TileLayer], entry: MatrixSet, choice: LayerChoice, language: Language
) -> dict[str, Any]:
    """A tileset with its limits and templates, which some clients look for in the list already."""
    here, extra = f"{context.settings.base_url}{_PATH}/{entry.id}", choice.parameters
    boxes = [layer.dataset.bbox for layer in layers if matrices.is_met(layer.dataset.bbox, entry)]
    shown = boxes or [entry.world]
    clipped = [matrices.clipped(box, entry) for box in shown]
    west, south = min(box[0] for box in clipped), min(box[1] for box in clipped)
    east, north = max(box[2] for box in clipped), max(box[3] for box in clipped)
    finest = [matrices.native_matrix(layer.dataset.variables[0].grid, entry) for layer in layers]
    last, first = max(finest, default=min(entry.matrices)), min(entry.matrices)
    attributions = dict.fromkeys(layer.dataset.attribution for layer in layers if layer.dataset.attribution)
    return {
        "title": entry.title,
        "dataType": "map",
        "crs": entry.crs_member,
        "tileMatrixSetId": entry.id,
        "tileMatrixSetURI": matrix_set_uri(context, entry),
        "tileMatrixSetLimits": matrices.limits_document((west, south, east, north), entry, last=last),
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84_URI},
        "centerPoint": {
            "coordinates": [(west + east) / 2, (south + north) / 2],
            "crs": CRS84_URI,
            "tileMatrix": str(min(last, first + 2)),
        },
        "layers": [
            {
                "id": layer.dataset.id,
                "dataType": "map",
                "title": text_in(layer.dataset.title, language) or layer.dataset.id,
            }
            for layer in layers
        ],
        "links": [
            *representations(here, title=entry.id, query=extra),
            {
                "rel": REL + "tiling-scheme",
                "href": f"{context.settings.base_url}/tileMatrixSets/{entry.id}",
                "type": JSON,
            },
            *item_links(here, extra),
        ],
    } | ({"attribution": ", ".join(attributions)} if attributions else {})
