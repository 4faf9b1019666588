"""The tile that a request of WMTS means, from keywords or from a path (OGC 07-057r7, 7.2 and 10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.errors import InvalidParameter, NotFound, StyleNotFound, TileOutsideMatrix
from services.apis.wmts.capabilities import IMAGES, VERSION
from services.apis.wmts.matrix_sets import ALIASES, limits_of, served_sets
from services.drawing import formats
from services.drawing.rendering import Rendering
from services.drawing.styles import style_of
from services.drawing.tiles.answers import TileRequest
from services.drawing.tiles.matrices import Address
from services.ows.dimensions import NAMES, dimensions_of, select
from services.ows.faults import OwsFault, invalid
from services.ows.info_documents import WMTS_FORMATS
from services.ows.kvp import Keywords
from services.ows.layers import readable_layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.access.decision import Decision
    from services.access.principal import Principal
    from services.drawing.tiles.matrices import MatrixSet, TileLimits
    from services.drawing.tiles.matrix_sets import MatrixSets
    from services.ows.layer_catalogue import LayerCatalogue
    from services.ows.layers import ServiceLayer
    from services.web.context import Context

LOCATORS: Final = {name: name.capitalize() for name in NAMES}
"""Names of the dimensions in capabilities and exceptions."""
_ENDINGS: Final = {ending: media for media, ending in IMAGES.items()} | {"jpeg": "image/jpeg"}
_INFO_ENDINGS: Final = dict(zip(("json", "html", "txt"), WMTS_FORMATS, strict=True))


@dataclass(frozen=True, kw_only=True)
class LayerTile:
    """A tile of a layer, and the decision that it may be read."""

    layer: ServiceLayer
    decision: Decision
    tile: TileRequest


class TileReader:
    """Reads requests for tiles of the layers of a catalogue, or of one collection.

    Args:
        context: Of the application.
        layers: Its layers.
        principal: Who asks.
        collection_id: The collection whose service is called; None: the catalogue's.
        sets: The tile matrix sets of the application.
    """

    def __init__(
        self,
        context: Context,
        layers: LayerCatalogue,
        principal: Principal,
        collection_id: str | None,
        sets: MatrixSets,
    ) -> None:
        self._context = context
        self._layers = layers
        self._principal = principal
        self._collection_id = collection_id
        self._sets = {entry.id: entry for entry in served_sets(sets)}

    def read(self, keywords: Keywords) -> LayerTile:
        """The tile that keywords mean; raises OwsFault, InvalidParameter or AccessRestricted."""
        if keywords.required("Version") != VERSION:
            raise invalid("version", keywords.text("Version"), f"this service speaks {VERSION}")
        try:
            layer, decision = readable_layer(
                self._context, self._principal, keywords.required("Layer"), collection_id=self._collection_id
            )
        except NotFound as error:
            raise OwsFault("InvalidParameterValue", "Layer", error.detail) from error
        try:
            name = keywords.required("Style")
            style = style_of(layer.variable, name)
        except StyleNotFound as error:
            raise OwsFault("InvalidParameterValue", "Style", error.detail) from error
        image = keywords.choice("Format", {media: formats.named(ending) for media, ending in IMAGES.items()})
        own = self._matrix_set(keywords.required("TileMatrixSet"))
        limits = limits_of(layer.dataset.bbox, own)
        axis = self._layers.axis(self._context, layer.dataset, layer.variable)
        try:
            selection = select(layer, axis, {name: keywords.text(name) for name in LOCATORS})
        except InvalidParameter as error:
            raise OwsFault("InvalidParameterValue", LOCATORS.get(error.name, error.name), error.detail) from error
        tile = TileRequest(
            selection=selection,
            style=style,
            where=_address(keywords, own, limits),
            rendering=Rendering(),
            image=image,
            limits=limits,
        )
        return LayerTile(layer=layer, decision=decision, tile=tile)

    def _matrix_set(self, name: str) -> MatrixSet:
        """The tile matrix set of a name; raises OwsFault."""
        entry = self._sets.get(ALIASES.get(name, name))
        if entry is None:
            raise invalid("TileMatrixSet", name, f"there are {', '.join(self._sets)}")
        return entry

    def keywords_of_path(self, layer_name: str, style: str, rest: str) -> Keywords:
        """The keywords of a path; raises OwsFault or TileOutsideMatrix.

        Args:
            layer_name: The layer.
            style: The style.
            rest: Dimensions, matrix set, matrix, row and column; row and column of a pixel where values are wanted.
        """
        try:
            layer, _ = readable_layer(self._context, self._principal, layer_name, collection_id=self._collection_id)
        except NotFound as error:
            raise OwsFault("InvalidParameterValue", "Layer", error.detail, status=404) from error
        axis = self._layers.axis(self._context, layer.dataset, layer.variable)
        dimensions = [dimension.name for dimension in dimensions_of(layer, axis)]
        stem, _, ending = rest.rpartition(".")
        parts = stem.split("/")
        places = ["TileMatrixSet", "TileMatrix", "TileRow", "TileCol"]
        has_pixel = len(parts) == len(dimensions) + len(places) + 2
        names = [*dimensions, *places, *(["J", "I"] if has_pixel else [])]
        if len(parts) != len(names):
            shape = "/".join(f"{{{LOCATORS.get(name, name)}}}" for name in [*dimensions, *places])
            raise TileOutsideMatrix(f"the path of a tile of {layer.name} is {{layer}}/{{style}}/{shape}.png")
        values = dict(zip(names, parts, strict=True)) | {"version": VERSION, "layer": layer.name, "style": style}
        if has_pixel:
            values |= {"format": "image/png", "infoformat": _INFO_ENDINGS.get(ending, ending)}
        else:
            values["format"] = _ENDINGS.get(ending, ending)
        return _keywords(values)


def _keywords(values: Mapping[str, str]) -> Keywords:
    return Keywords.of(values.items())


def _address(keywords: Keywords, matrix_set: MatrixSet, limits: TileLimits) -> Address:
    """The tile; raises OwsFault, with TileOutOfRange for one beside the data."""
    text = keywords.required("TileMatrix")
    levels = matrix_set.matrices
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) in levels):
        raise invalid("TileMatrix", text, f"the matrices are {min(levels)} to {max(levels)}")
    matrix = int(text)
    top, bottom, left, right = limits[matrix]
    row, column = keywords.integer("TileRow"), keywords.integer("TileCol")
    for name, value, low, high in (("TileRow", row, top, bottom), ("TileCol", column, left, right)):
        if not low <= value <= high:
            detail = f"{name}={value}: the layer has {low} to {high} in matrix {matrix}"
            raise OwsFault("TileOutOfRange", name, detail)
    return Address(matrix_set=matrix_set, matrix=matrix, row=row, column=column)
