"""Files of QGIS: layer definitions (`.qlr`) of the WMS of a dataset, and its connections.

A layer of WMS follows the temporal controller only with the element `temporal`, whatever its address says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from lxml import etree

from records.exports.xml import sub
from services.ows.dimensions import TIME, dimensions_of
from services.ows.layers import layers_of
from services.web import attribution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.datasets.models import Dataset
    from services.ows.layers import ServiceLayer
    from services.ows.time_axis import LayerTimes
    from services.web.negotiation import Language

_WEB_MERCATOR: Final = "EPSG:3857"
_MOST_TIMES: Final = 900
"""Times that an address lists; QGIS knows the range alone above a thousand."""


def layer_definition(
    dataset: Dataset, axes: Mapping[str, LayerTimes | None], base_url: str, language: Language, *, style: str | None
) -> bytes:
    """A `.qlr` with a layer for each variable, the first one switched on.

    Args:
        dataset: The dataset.
        axes: The times of its variables.
        base_url: Of the service.
        language: Of the names.
        style: The style of the first variable; None: the default one.
    """
    root = etree.Element("qlr")
    tree = sub(root, "layer-tree-group")
    maps = sub(root, "maplayers")
    for number, layer in enumerate(layers_of(dataset)):
        identifier = f"{layer.name.replace('.', '_').replace('-', '_')}_{dataset.version}"
        shown = "Qt::Checked" if number == 0 else "Qt::Unchecked"
        name = layer.title(language)
        sub(tree, "layer-tree-layer", id=identifier, name=name, checked=shown, providerKey="wms")
        style_id = style if number == 0 and style else layer.styles[0].id
        _map_layer(maps, layer, identifier, axes.get(layer.variable.id), base_url, name, style_id)
    content: bytes = etree.tostring(
        root, encoding="UTF-8", doctype="<!DOCTYPE qgis-layer-definition>", pretty_print=True
    )
    return content


def connections(dataset: Dataset, base_url: str, kind: str, title: str) -> bytes:
    """Connections to import in the browser of QGIS: of `wms` (WMS and WMTS) or `xyz`."""
    if kind == "xyz":
        root = etree.Element("qgsXYZTilesConnections", version="1.0")
        for layer in layers_of(dataset):
            url = f"{base_url}/xyz/{dataset.id}/{layer.variable.id}/{{z}}/{{x}}/{{y}}.png"
            sub(root, "xyztiles", name=f"{title}: {layer.variable.id}", url=url, zmin="0", zmax="18")
    else:
        root = etree.Element("qgsWMSConnections", version="1.0")
        here = f"{base_url}/collections/{dataset.id}"
        sub(root, "wms", name=title, url=f"{here}/wms")
        sub(root, "wms", name=f"{title} (WMTS)", url=f"{here}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities")
    content: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return content


def _map_layer(
    parent: Any, layer: ServiceLayer, identifier: str, axis: LayerTimes | None, base_url: str, name: str, style: str
) -> None:
    element = sub(parent, "maplayer", type="raster", autoRefreshEnabled="0")
    sub(element, "id", identifier)
    sub(element, "datasource", _address(layer, axis, base_url, style))
    sub(element, "layername", name)
    sub(element, "provider", "wms")
    sub(sub(sub(element, "srs"), "spatialrefsys"), "authid", _WEB_MERCATOR)
    line = attribution.line(layer.dataset)
    if line:
        sub(element, "attribution", line, href=f"{base_url}/collections/{layer.dataset.id}")
    if axis is not None:
        temporal = sub(element, "temporal", enabled="1", mode="1", fetchMode="1")
        ends = sub(temporal, "fixedRange")
        sub(ends, "start", axis.labels[0])
        sub(ends, "end", axis.labels[-1])


def _address(layer: ServiceLayer, axis: LayerTimes | None, base_url: str, style: str) -> str:
    """The address of a layer as QGIS writes it."""
    parts = {
        "contextualWMSLegend": "0",
        "crs": _WEB_MERCATOR,
        "dpiMode": "7",
        "format": "image/png",
        "layers": layer.name,
        "styles": style,
        "url": f"{base_url}/collections/{layer.dataset.id}/wms",
    }
    time = next((d for d in dimensions_of(layer, axis) if d.name == TIME), None)
    if time is not None and axis is not None:
        is_long = len(axis.keys) > _MOST_TIMES and len(axis.intervals) > 1
        extent = f"{axis.labels[0]}/{axis.labels[-1]}" if is_long else time.extent
        parts |= {
            "type": "wmst",
            "allowTemporalUpdates": "true",
            "temporalSource": "provider",
            "timeDimensionExtent": extent,
        }
    return "&".join(f"{key}={quote(value, safe=':/,')}" for key, value in parts.items())
