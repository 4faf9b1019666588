"""A map drawn and encoded: its layers over one another, over the background, in the format of the request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from titiler.core.resources.enums import ImageType

from services.apis.wms.map_plan import GetMapPlan, encode_map, map_identity
from services.drawing.freshness import Freshness, combined_headers
from services.drawing.maps import MapDrawing, draw_map, map_values
from services.drawing.pictures import stacked
from services.drawing.rendering import Rendering
from services.selection.moments import one_moment

if TYPE_CHECKING:
    from cog.tiles.encode import Picture
    from services.apis.wms.map_request import MapLayer, MapRequest
    from services.selection.moments import TimeSlice
    from services.web.context import Context


class WmsMap:
    """A request whose granules are found: its headers tell whether a client has the map already.

    Args:
        context: Of the application.
        request: The map.

    Raises GranuleNotFound where a layer has no data at its time and level.
    """

    def __init__(self, context: Context, request: MapRequest) -> None:
        self._context = context
        self._request = request
        self._moments = [one_moment(context.catalogue, layer.selection) for layer in request.layers]

    def headers(self, path: str) -> dict[str, str]:
        """ETag, Last-Modified, Cache-Control, Vary, and the time of the lowest layer."""
        identity = map_identity(path, self._request.view)
        layers = zip(self._request.layers, self._moments, strict=True)
        parts = [self._freshness(layer, moment).headers(identity, layer.decision) for layer, moment in layers]
        return combined_headers(parts)

    def content(self) -> bytes:
        """Draw and encode the map; raises InvalidParameter or TooLarge."""
        request = self._request
        layers = zip(request.layers, self._moments, strict=True)
        picture = stacked([self._picture(layer, moment) for layer, moment in layers])
        return encode_map(picture, request)

    def plan(self) -> GetMapPlan | None:
        """The plan of all maps that differ from this one by box and size; None where each may show other granules."""
        if len(self._request.layers) > 1 or not self._request.colors.is_none:
            return None
        (layer,), (moment,) = self._request.layers, self._moments
        (parts,) = moment.parts.values()
        if len(parts) > 1:
            return None
        return GetMapPlan(
            context=self._context,
            request=self._request,
            drawing=self._drawing(layer, moment),
            freshness=self._freshness(layer, moment),
        )

    def _freshness(self, layer: MapLayer, moment: TimeSlice) -> Freshness:
        request = self._request
        return Freshness(
            dataset=layer.layer.dataset,
            checksums=tuple(granule.asset.sha256 for parts in moment.parts.values() for granule in parts),
            query=f"{layer.layer.name} {layer.style} {request.format} {request.background} {request.colors}",
            media_type=request.format,
            time=moment.first.time,
            may_advance=layer.selection.may_advance,
        )

    def _drawing(self, layer: MapLayer, moment: TimeSlice) -> MapDrawing:
        """The drawing of a layer in its style alone."""
        return MapDrawing(
            selection=layer.selection,
            moment=moment,
            view=self._request.view,
            rendering=Rendering(),
            coloring=Rendering().coloring(layer.layer.variable, layer.style, ImageType.png),
            style_key=layer.style.id,
        )

    def _picture(self, layer: MapLayer, moment: TimeSlice) -> Picture:
        colors, plain = self._request.colors, self._drawing(layer, moment)
        if colors.is_none:
            return draw_map(self._context, plain)

        def measure() -> tuple[float, float]:
            values = map_values(self._context, plain).compressed()
            values = values[np.isfinite(values)]
            if not len(values):
                return layer.style.range or (0.0, 1.0)
            low, high = float(values.min()), float(values.max())
            return (low, high) if low < high else (low, low + 1.0)

        coloring = colors.coloring(layer.layer.variable, layer.style, ImageType.png, measure)
        return draw_map(self._context, replace(plain, coloring=coloring, extremes=colors.extremes, style_key=None))
