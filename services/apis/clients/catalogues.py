"""A dataset as an entry of a TerriaJS catalogue (version 8) and as a web map of ArcGIS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.datasets.models import text_in
from services.drawing.tiles.matrices import clipped
from services.drawing.tiles.matrix_sets import world_crs84_quad
from services.ows.layers import layers_of
from services.web import attribution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.datasets.models import Dataset
    from services.ows.layers import ServiceLayer
    from services.ows.time_axis import LayerTimes
    from services.web.negotiation import Language

_MOST_STEPS: Final = 20_000
"""Steps that TerriaJS makes of an interval with a period; its own default is 10,000."""


def terria(
    dataset: Dataset, axes: Mapping[str, LayerTimes | None], base_url: str, language: Language
) -> dict[str, Any]:
    """An init file with a group of the layers; a click draws the series of a layer with times."""
    members = [_terria_layer(layer, axes.get(layer.variable.id), base_url, language) for layer in layers_of(dataset)]
    title = text_in(dataset.title, language) or dataset.id
    west, south, east, north = clipped(dataset.bbox, world_crs84_quad())
    return {
        "catalog": [{"type": "group", "id": dataset.id, "name": title, "isOpen": True, "members": members}],
        "homeCamera": {"west": west, "south": south, "east": east, "north": north},
    }


def _terria_layer(layer: ServiceLayer, axis: LayerTimes | None, base_url: str, language: Language) -> dict[str, Any]:
    style, variable = layer.styles[0], layer.variable
    entry: dict[str, Any] = {
        "type": "wms",
        "id": layer.name,
        "name": layer.title(language),
        "description": text_in(layer.dataset.description, language),
        "url": f"{base_url}/collections/{layer.dataset.id}/wms",
        "layers": layer.name,
        "styles": style.id,
        "crs": "EPSG:3857",
        "attribution": attribution.line(layer.dataset),
    }
    if axis is not None:
        entry |= {"initialTimeSource": "stop", "maxRefreshIntervals": _MOST_STEPS}
    if variable.levels is not None:
        entry["dimensions"] = {"elevation": variable.levels.labels[0]}
    if variable.members is not None:
        entry["dimensions"] = {**entry.get("dimensions", {}), "member": variable.members.labels[0]}
    if variable.kind == "continuous" and style.range is not None:
        low, high = style.range
        entry |= {"supportsColorScaleRange": True, "colorScaleMinimum": low, "colorScaleMaximum": high}
    return entry


def arcgis(dataset: Dataset, base_url: str, language: Language) -> dict[str, Any]:
    """A web map (version 2) with the WMS of a dataset, the first layer switched on."""
    layers = layers_of(dataset)
    west, south, east, north = clipped(dataset.bbox, world_crs84_quad())
    extent = [[west, south], [east, north]]
    url = f"{base_url}/collections/{dataset.id}/wms"
    title = text_in(dataset.title, language) or dataset.id
    operational = {
        "id": dataset.id,
        "layerType": "WMS",
        "title": title,
        "url": url,
        "mapUrl": url,
        "version": "1.3.0",
        "format": "png",
        "copyright": attribution.line(dataset),
        "extent": extent,
        "spatialReferences": [3857, 4326],
        "layers": [{"name": layer.name, "title": layer.title(language), "queryable": True} for layer in layers],
        "visibleLayers": [layers[0].name] if layers else [],
        "opacity": 1,
        "visibility": True,
    }
    return {
        "operationalLayers": [operational],
        "baseMap": {"baseMapLayers": [], "title": ""},
        "spatialReference": {"wkid": 102100, "latestWkid": 3857},
        "initialState": {
            "viewpoint": {
                "targetGeometry": {
                    "xmin": west,
                    "ymin": south,
                    "xmax": east,
                    "ymax": north,
                    "spatialReference": {"wkid": 4326},
                }
            }
        },
        "authoringApp": "Graticule",
        "authoringAppVersion": "1",
        "version": "2.27",
    }
