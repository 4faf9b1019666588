"""The Layer elements of a dataset in the capabilities of either version."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rasterio.warp import transform_bounds

from config.vocabulary import PNG, XML
from records.datasets.models import text_in
from services.drawing.tiles.matrices import clipped
from services.drawing.tiles.matrix_sets import web_mercator_quad, world_crs84_quad
from services.ows.dimensions import TIME, dimensions_of
from services.ows.layers import layers_of
from services.ows.legend_links import legend_link
from services.ows.markup import element, leaf, quoted, text_of
from services.web import attribution
from services.web.crs import Reference

if TYPE_CHECKING:
    from records.datasets.models import Dataset, Style
    from services.ows.dimensions import LayerDimension
    from services.ows.layer_catalogue import Axes
    from services.ows.layers import ServiceLayer
    from services.web.negotiation import Language

CRSS: Final = ("EPSG:3857", "EPSG:4326", "CRS:84")
"""In this order: GDAL takes the first."""
MORE_CRSS: Final = ("EPSG:3413", "EPSG:3031", "EPSG:3995", "EPSG:4490")
"""Those of the root, which every layer inherits; GetMap takes every CRS of EPSG."""
_KEPT: Final = 4096
_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"


class LayerWriter:
    """Writes the Layer elements of datasets.

    Args:
        base_url: Of the service.
        language: Of titles and abstracts.
        version: 1.1.1 or 1.3.0.
    """

    def __init__(self, base_url: str, language: Language, version: str) -> None:
        self._base_url = base_url
        self._language = language
        self._is_new = version == "1.3.0"

    def dataset(self, dataset: Dataset, axes: Axes) -> str:
        """The layer of a dataset's only variable, or a group of those of several."""
        layers = layers_of(dataset)
        boxes, sources = self.boxes(dataset.bbox), self._credit(dataset) + self._metadata(dataset)
        elements = "".join(
            self._layer(layer, dimensions_of(layer, axes.get(layer.variable.id)), boxes, sources) for layer in layers
        )
        if len(layers) <= 1:
            return elements
        return element("Layer", leaf("Title", text_in(dataset.title, self._language) or dataset.id) + elements)

    def group(self, title: str) -> str:
        """The beginning of a group, without its end."""
        return f"<Layer>{leaf('Title', title)}"

    def crs_elements(self, names: tuple[str, ...]) -> str:
        """CRS or SRS elements; 1.1.1 has no CRS:84."""
        tag = "CRS" if self._is_new else "SRS"
        return "".join(leaf(tag, name) for name in names if self._is_new or name != "CRS:84")

    def boxes(self, bbox: tuple[float, float, float, float]) -> str:
        """The geographic box and those in the common CRSs, in the axis order of the version."""
        west, south, east, north = clipped(bbox, world_crs84_quad())
        web = _mercator(bbox)
        if self._is_new:
            names = ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude")
            sides = "".join(leaf(name, repr(v)) for name, v in zip(names, (west, east, south, north), strict=True))
            return (
                element("EX_GeographicBoundingBox", sides)
                + self._box("EPSG:3857", web)
                + self._box("EPSG:4326", (south, west, north, east))
                + self._box("CRS:84", (west, south, east, north))
            )
        corners = dict(zip(("minx", "miny", "maxx", "maxy"), map(repr, (west, south, east, north)), strict=True))
        return (
            element("LatLonBoundingBox", attributes=corners)
            + self._box("EPSG:3857", web)
            + self._box("EPSG:4326", (west, south, east, north))
        )

    def _box(self, crs: str, box: tuple[float, ...]) -> str:
        name = "CRS" if self._is_new else "SRS"
        left, bottom, right, top = box
        return f'<BoundingBox {name}="{crs}" minx="{left!r}" miny="{bottom!r}" maxx="{right!r}" maxy="{top!r}"/>'

    def _layer(self, layer: ServiceLayer, dimensions: list[LayerDimension], boxes: str, sources: str) -> str:
        """A layer; `boxes` and `sources` (attribution, links to the record) are those of all layers of its dataset."""
        dataset, language = layer.dataset, self._language
        several = len(dataset.variables) > 1
        title = layer.variable_title(language) if several else layer.title(language)
        unit = layer.variable.unit
        abstract = text_in(dataset.description, language)
        native, native_box = self._native(layer)
        return element(
            "Layer",
            leaf("Name", layer.name)
            + leaf("Title", f"{title} ({unit})" if unit and unit != "1" else title)
            + (leaf("Abstract", abstract) if abstract else "")
            + self.crs_elements((*CRSS, *native))
            + boxes
            + native_box
            + "".join(map(self._dimension, dimensions))
            + ("" if self._is_new else "".join(map(_extent, dimensions)))
            + sources
            + "".join(self._style(layer, style) for style in layer.styles),
            {"queryable": "1", "opaque": "0"},
        )

    def _native(self, layer: ServiceLayer) -> tuple[tuple[str, ...], str]:
        """The CRS of the data and its box there, if EPSG has it and it is not listed anyway."""
        grid = layer.variable.grid
        reference = Reference.of(grid, self._base_url)
        name = f"EPSG:{reference.uri.removeprefix(_EPSG)}"
        if not reference.uri.startswith(_EPSG) or name in CRSS:
            return (), ""
        box = reference.ordered(grid.bounds) if self._is_new else grid.bounds
        return (name,) if name not in MORE_CRSS else (), self._box(name, box)

    def _dimension(self, dimension: LayerDimension) -> str:
        """A Dimension; in 1.1.1 without its values. `nearestValue`: a time that is not listed shows one before it."""
        units = {"name": dimension.name, "units": dimension.unit or "1"}
        if dimension.name != TIME:
            units["unitSymbol"] = dimension.unit or "1"
        if not self._is_new:
            return element("Dimension", attributes=units)
        return leaf("Dimension", dimension.extent, units | _value_attributes(dimension))

    def _credit(self, dataset: Dataset) -> str:
        line = attribution.line(dataset)
        if not line:
            return ""
        return element("Attribution", leaf("Title", line) + self._online(f"/collections/{dataset.id}"))

    def _metadata(self, dataset: Dataset) -> str:
        kind = "ISO19115:2003" if self._is_new else "TC211"
        href = f"/collections/records/items/{dataset.id}?f=iso19139"
        record = element("MetadataURL", leaf("Format", XML) + self._online(href), {"type": kind})
        page = element("DataURL", leaf("Format", "text/html") + self._online(f"/collections/{dataset.id}"))
        return record + page

    def _style(self, layer: ServiceLayer, style: Style) -> str:
        legend = legend_link(self._base_url, layer, style, self._language)
        href = legend.href.removeprefix(self._base_url)
        name, title = text_of(style.id), text_of(text_in(style.title, self._language) or style.id)
        return (
            f"<Style><Name>{name}</Name><Title>{title}</Title>"
            f'<LegendURL width="{legend.width}" height="{legend.height}"><Format>{PNG}</Format>{self._online(href)}'
            "</LegendURL></Style>"
        )

    def _online(self, path: str) -> str:
        spaces = "" if self._is_new else ' xmlns:xlink="http://www.w3.org/1999/xlink"'
        return f'<OnlineResource xlink:type="simple" xlink:href={quoted(self._base_url + path)}{spaces}/>'


@lru_cache(maxsize=_KEPT)
def _mercator(bbox: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """A box in CRS84 as one in Web Mercator."""
    west, south, east, north = transform_bounds("EPSG:4326", "EPSG:3857", *clipped(bbox, web_mercator_quad()))
    return west, south, east, north


def _value_attributes(dimension: LayerDimension) -> dict[str, str]:
    attributes = {"default": dimension.default, "nearestValue": "1" if dimension.name == TIME else "0"}
    return attributes | ({"current": "1"} if dimension.name == TIME else {})


def _extent(dimension: LayerDimension) -> str:
    attributes = {"name": dimension.name, "default": dimension.default}
    return leaf("Extent", dimension.extent, attributes | {"nearestValue": "1" if dimension.name == TIME else "0"})
