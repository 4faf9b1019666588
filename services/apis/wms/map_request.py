"""GetMap as a request means it: layers in their styles, dimensions, the pixels and the format (OGC 06-042, 7.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.errors import InvalidParameter
from config.grids import Grid
from config.layers import MEMBER
from config.vocabulary import JPEG, PNG, WEBP
from services.apis.wms.colors import ColorHabits, color_habits
from services.apis.wms.faults import fault
from services.drawing.backgrounds import MapBackground, parse_background
from services.drawing.styles import style_of
from services.ows.dimensions import select
from services.ows.layers import readable_layer
from services.selection.viewports import Viewport
from services.web.crs import Reference, parse_crs

if TYPE_CHECKING:
    from records.datasets.models import Style
    from services.access.decision import Decision
    from services.access.principal import Principal
    from services.ows.kvp import Keywords
    from services.ows.layer_catalogue import LayerCatalogue
    from services.ows.layers import ServiceLayer
    from services.selection.selection import Selection
    from services.web.context import Context

MAX_EDGE: Final = 4096
MAX_LAYERS: Final = 12
PNG8: Final = "image/png; mode=8bit"
TIFF: Final = "image/tiff"
GEOTIFF: Final = "image/geotiff"
FORMATS: Final = (PNG, PNG8, JPEG, WEBP, GEOTIFF)
_BY_NAME: Final = {name: name for name in FORMATS} | {
    "image/png;mode=8bit": PNG8,
    "image/png8": PNG8,
    "image/jpg": JPEG,
    TIFF: GEOTIFF,
    "image/tiff; application=geotiff": GEOTIFF,
    "image/vnd.jpeg-png": PNG,
}
_ALIASES: Final = {"EPSG:900913": "EPSG:3857", "EPSG:102100": "EPSG:3857", "EPSG:102113": "EPSG:3857"}


@dataclass(frozen=True, kw_only=True)
class MapLayer:
    """A layer of a map, in a style, at a time and level, and the decision that it may be read."""

    layer: ServiceLayer
    style: Style
    selection: Selection
    decision: Decision


@dataclass(frozen=True, kw_only=True)
class MapRequest:
    """A map: its layers from the lowest up, its pixels, its format and background, and colours beside the styles.

    `version` is that of the protocol, on which the order of coordinates in a box depends.
    """

    version: str
    layers: tuple[MapLayer, ...]
    view: Viewport
    format: str
    background: MapBackground
    colors: ColorHabits


class MapReader:
    """Reads requests for maps of the layers of a catalogue, or of one collection.

    Args:
        context: Of the application.
        layers: Its layers.
        principal: Who asks.
        collection_id: The collection whose service is called; None: the catalogue's.
        version: 1.1.1 or 1.3.0.
    """

    def __init__(
        self,
        context: Context,
        layers: LayerCatalogue,
        principal: Principal,
        collection_id: str | None,
        version: str,
    ) -> None:
        self._context = context
        self._layers = layers
        self._principal = principal
        self._collection_id = collection_id
        self._version = version

    def read(self, keywords: Keywords) -> MapRequest:
        """The map that keywords mean; raises OwsFault, InvalidParameter, NotFound or AccessRestricted."""
        names = keywords.words("layers")
        if not names:
            raise fault("LayerNotDefined", "layers", "LAYERS names no layer")
        if len(names) > MAX_LAYERS:
            raise fault("", "layers", f"{len(names)} layers are above the limit of {MAX_LAYERS}")
        return MapRequest(
            version=self._version,
            layers=tuple(self.map_layers(keywords, names)),
            view=self.viewport(keywords),
            format=read_format(keywords),
            background=_background(keywords),
            colors=color_habits(keywords),
        )

    def map_layers(self, keywords: Keywords, names: list[str]) -> list[MapLayer]:
        """The layers of names in the styles of the request; raises as `read`."""
        styles = keywords.words("styles") or [""] * len(names)
        if len(styles) != len(names):
            raise fault("StyleNotDefined", "styles", f"{len(styles)} styles for {len(names)} layers; give one for each")
        return [self._map_layer(keywords, name, style) for name, style in zip(names, styles, strict=True)]

    def _map_layer(self, keywords: Keywords, name: str, style_id: str) -> MapLayer:
        layer, decision = readable_layer(self._context, self._principal, name, collection_id=self._collection_id)
        style = style_of(layer.variable, style_id or None)
        axis = self._layers.axis(self._context, layer.dataset, layer.variable)
        values = {"time": keywords.text("time"), "elevation": keywords.text("elevation")}
        values[MEMBER] = keywords.text(f"dim_{MEMBER}")
        return MapLayer(layer=layer, style=style, selection=select(layer, axis, values), decision=decision)

    def viewport(self, keywords: Keywords) -> Viewport:
        """The pixels of a request; raises OwsFault."""
        return pixels(keywords, self._reference(keywords), self._version)

    def _reference(self, keywords: Keywords) -> Reference:
        name = "crs" if self._version == "1.3.0" else "srs"
        code = "InvalidCRS" if self._version == "1.3.0" else "InvalidSRS"
        text = keywords.text(name)
        if not text:
            raise fault(code, name, f"{name.upper()} is missing")
        try:
            return parse_crs(_ALIASES.get(text.upper(), text), name=name)
        except InvalidParameter as error:
            raise fault(code, name, error.detail) from error


def read_format(keywords: Keywords) -> str:
    """The format of a map; raises OwsFault."""
    text = keywords.text("format")
    form = _BY_NAME.get(text.lower())
    if form is None:
        raise fault("InvalidFormat", "format", f"FORMAT={text[:80]}: there are {', '.join(FORMATS)}")
    return form


def pixels(keywords: Keywords, reference: Reference, version: str) -> Viewport:
    """The pixels of BBOX, WIDTH and HEIGHT in a CRS; raises OwsFault."""
    first, second, third, fourth = keywords.numbers("bbox", 4)
    if not (first < third and second < fourth):
        raise fault("", "bbox", f"BBOX={keywords.text('bbox')[:80]}: the first corner is below the second on no axis")
    box = (first, second, third, fourth)
    west, south, east, north = reference.ordered(box) if version == "1.3.0" else box
    width, height = (_edge(keywords, name) for name in ("width", "height"))
    transform = ((east - west) / width, 0.0, west, 0.0, -(north - south) / height, north)
    return Viewport(grid=Grid(crs=reference.crs, transform=transform, width=width, height=height), reference=reference)


def _edge(keywords: Keywords, name: str) -> int:
    number = keywords.integer(name)
    if not 0 < number <= MAX_EDGE:
        raise fault("", name, f"{name.upper()}={number}: 1 to {MAX_EDGE} pixels are possible")
    return number


def _background(keywords: Keywords) -> MapBackground:
    color, transparent = keywords.text("bgcolor"), keywords.flag("transparent")
    if transparent and not color:
        return MapBackground()
    return parse_background(color or "0xFFFFFF", transparent=transparent)
