"""GetCapabilities (OGC 07-057r7, 7.1), written dataset by dataset while it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from config.vocabulary import JPEG, PNG, WEBP
from records.datasets.models import text_in
from services.apis.wmts.matrix_sets import boxes, set_elements, set_links
from services.drawing.tiles.matrices import clipped
from services.drawing.tiles.matrix_sets import world_crs84_quad
from services.ows.dimensions import TIME, dimensions_of
from services.ows.faults import OwsFault, invalid, missing
from services.ows.info_documents import WMTS_FORMATS
from services.ows.layers import layers_of
from services.ows.legend_links import legend_link
from services.ows.markup import DECLARATION, element, leaf, quoted, text_of
from services.ows.service_texts import identification, provider

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from records.datasets.models import Dataset, Style
    from services.access.principal import Principal
    from services.drawing.tiles.matrices import MatrixSet
    from services.ows.dimensions import LayerDimension
    from services.ows.kvp import Keywords
    from services.ows.layer_catalogue import Axes, LayerCatalogue, LayerList
    from services.ows.layers import ServiceLayer
    from services.web.context import Context
    from services.web.negotiation import Language

VERSION: Final = "1.0.0"
SECTIONS: Final = ("ServiceIdentification", "ServiceProvider", "OperationsMetadata", "Contents", "Themes")
IMAGES: Final = {PNG: "png", WEBP: "webp", JPEG: "jpg"}
_OPERATIONS: Final = ("GetCapabilities", "GetTile", "GetFeatureInfo")
_MAX_LISTED: Final = 10_000
"""Instants that are listed one by one; QGIS reads either those or a single interval."""
_FORMATS: Final = "".join(
    [leaf("Format", media) for media in IMAGES] + [leaf("InfoFormat", media) for media in WMTS_FORMATS]
)
_SPACES: Final = (
    'xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.opengis.net/wmts/1.0 http://schemas.opengis.net/wmts/1.0/wmts.xsd"'
)


def requested_sections(keywords: Keywords) -> tuple[str, ...]:
    """The sections that a request wants; raises OwsFault."""
    versions = keywords.words("acceptVersions")
    if versions and VERSION not in versions:
        detail = f"acceptVersions={','.join(versions)[:100]}: this service speaks {VERSION}"
        raise OwsFault("VersionNegotiationFailed", "", detail)
    if "sections" not in keywords:
        return SECTIONS
    names = [name for name in keywords.words("sections") if name]
    if not names:
        raise missing("sections")
    if any(name.lower() == "all" for name in names):
        return SECTIONS
    for name in names:
        if name not in SECTIONS:
            raise invalid("sections", name, f"there are {', '.join(SECTIONS)} and All")
    return tuple(names)


class WmtsCapabilities:
    """Writes the capabilities of a catalogue or a collection.

    Args:
        context: Of the application.
        endpoint: URL of the service, without a query.
        language: Of titles and abstracts.
        sets: The tile matrix sets that layers are linked with, where these show some of them.
    """

    def __init__(self, context: Context, endpoint: str, language: Language, sets: Sequence[MatrixSet]) -> None:
        self._context = context
        self._endpoint = endpoint
        self._language = language
        self._sets = sets

    def document(
        self,
        principal: Principal,
        layers: LayerCatalogue,
        chosen: LayerList,
        sections: tuple[str, ...],
        *,
        is_index: bool,
    ) -> Iterator[str]:
        """Yield the document in pieces; an index names the themes, each a document of its own."""
        settings = self._context.settings
        yield f'{DECLARATION}<Capabilities {_SPACES} version="{VERSION}">'
        if "ServiceIdentification" in sections:
            limit = settings.limit.map_layers
            note = f"More than {limit} layers: each theme has a document of its own." if is_index else ""
            yield identification(settings, "OGC WMTS", [VERSION], note=note)
        if "ServiceProvider" in sections:
            yield provider(settings)
        if "OperationsMetadata" in sections:
            yield element("ows:OperationsMetadata", "".join(map(self._operation, _OPERATIONS)))
        if "Contents" in sections:
            yield "<Contents>"
            if not is_index:
                key = (f"wmts {self._endpoint}", self._language)
                for _, text in layers.fragments(self._context, principal, chosen, key, self.layer_elements):
                    yield text
            yield set_elements(self._sets) + "</Contents>"
        if "Themes" in sections and is_index:
            yield element("Themes", "".join(map(self._theme, chosen.themes)))
        href = f"{self._endpoint}/{VERSION}/WMTSCapabilities.xml"
        yield element("ServiceMetadataURL", attributes={"xlink:href": href}) + "</Capabilities>"

    def layer_elements(self, dataset: Dataset, axes: Axes) -> str:
        """The Layer elements of a dataset."""
        return "".join(
            self._layer(layer, dimensions_of(layer, axes.get(layer.variable.id))) for layer in layers_of(dataset)
        )

    def _operation(self, name: str) -> str:
        gets = []
        for encoding, href in (("KVP", f"{self._endpoint}?"), ("RESTful", f"{self._endpoint}/")):
            values = element("ows:AllowedValues", leaf("ows:Value", encoding))
            constraint = element("ows:Constraint", values, {"name": "GetEncoding"})
            gets.append(element("ows:Get", constraint, {"xlink:href": href}))
        return element("ows:Operation", element("ows:DCP", element("ows:HTTP", "".join(gets))), {"name": name})

    def _theme(self, theme: str) -> str:
        query = urlencode({"service": "WMTS", "request": "GetCapabilities", "theme": theme}, quote_via=quote)
        return element(
            "Theme",
            leaf("ows:Title", theme or "Other")
            + leaf("ows:Abstract", f"{self._endpoint}?{query}")
            + leaf("ows:Identifier", theme or "Other"),
        )

    def _layer(self, layer: ServiceLayer, dimensions: list[LayerDimension]) -> str:
        west, south, east, north = clipped(layer.dataset.bbox, world_crs84_quad())
        abstract = text_in(layer.dataset.description, self._language)
        styles = layer.styles
        return element(
            "Layer",
            leaf("ows:Title", layer.title(self._language))
            + (leaf("ows:Abstract", abstract) if abstract else "")
            + element(
                "ows:WGS84BoundingBox",
                leaf("ows:LowerCorner", f"{west!r} {south!r}") + leaf("ows:UpperCorner", f"{east!r} {north!r}"),
                {"crs": "urn:ogc:def:crs:OGC:2:84"},
            )
            + boxes(layer.dataset.bbox, self._sets)
            + leaf("ows:Identifier", layer.name)
            + "".join(self._style(layer, style, is_default=style is styles[0]) for style in styles)
            + _FORMATS
            + "".join(map(_dimension, dimensions))
            + set_links(layer.dataset.bbox, layer.variable.grid, self._sets)
            + self._resources(layer, dimensions),
        )

    def _style(self, layer: ServiceLayer, style: Style, *, is_default: bool) -> str:
        legend = legend_link(self._context.settings.base_url, layer, style, self._language)
        name, title = text_of(style.id), text_of(text_in(style.title, self._language) or style.id)
        return (
            f"<Style{' isDefault="true"' if is_default else ''}><ows:Title>{title}</ows:Title>"
            f'<ows:Identifier>{name}</ows:Identifier><LegendURL format="{PNG}" xlink:href={quoted(legend.href)} '
            f'width="{legend.width}" height="{legend.height}"/></Style>'
        )

    def _resources(self, layer: ServiceLayer, dimensions: list[LayerDimension]) -> str:
        """One template of tiles: OpenLayers uses all that it finds, whatever their format."""
        values = "".join(f"{{{identifier(dimension)}}}/" for dimension in dimensions)
        here = f"{self._endpoint}/{VERSION}/{layer.name}/{{Style}}/{values}"
        place = "{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}"
        templates = (
            (PNG, "tile", f"{here}{place}.png"),
            (WMTS_FORMATS[0], "FeatureInfo", f"{here}{place}/{{J}}/{{I}}.json"),
        )
        return "".join(
            f'<ResourceURL format="{media}" resourceType="{kind}" template={quoted(template)}/>'
            for media, kind, template in templates
        )


def identifier(dimension: LayerDimension) -> str:
    """The name of a dimension as WMTS writes it: `Time`, `Elevation`."""
    return dimension.name.capitalize()


def _dimension(dimension: LayerDimension) -> str:
    """A Dimension, one Value for an interval with a period or one for each instant, whichever is shorter."""
    values: list[str] | tuple[str, ...] = dimension.labels
    if dimension.axis is not None:
        intervals = dimension.axis.intervals
        is_regular = len(intervals) == 1
        values = intervals if is_regular or len(dimension.axis.keys) > _MAX_LISTED else dimension.axis.labels
    return element(
        "Dimension",
        leaf("ows:Identifier", identifier(dimension))
        + leaf("ows:UOM", dimension.unit or "1")
        + leaf("Default", dimension.default)
        + leaf("Current", "true" if dimension.name == TIME else "false")
        + "".join(leaf("Value", value) for value in values),
    )
