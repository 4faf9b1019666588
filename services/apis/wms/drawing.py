"""A map drawn and encoded: its layers over one another, over the background, in the format of the request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from titiler.core.resources.enums import ImageType

from services.apis.wms.map_request import GEOTIFF, PNG8
from services.drawing.backgrounds import encode_over
from services.drawing.formats import named
from services.drawing.freshness import Freshness, combined_headers
from services.drawing.maps import MapDrawing, draw_map, map_values
from services.drawing.pictures import encode_geotiff, encode_indexed, stacked
from services.drawing.rendering import FILES, Rendering
from services.selection.moments import one_moment

if TYPE_CHECKING:
    from cog.tiles.encode import Picture
    from services.apis.wms.colors import ColorHabits
    from services.apis.wms.map_request import MapLayer, MapRequest
    from services.selection.moments import TimeSlice
    from services.selection.viewports import Viewport
    from services.web.context import Context


class WmsMapPlan:
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
        request = self._request
        what = f"{request.view} {request.format} {request.background} {request.colors}"
        parts = [
            Freshness(
                dataset=layer.layer.dataset,
                checksums=tuple(granule.asset.sha256 for parts in moment.parts.values() for granule in parts),
                query=f"{layer.layer.name} {layer.style} {what}",
                media_type=request.format,
                time=moment.first.time,
                may_advance=layer.selection.may_advance,
            ).headers(path, layer.decision)
            for layer, moment in zip(request.layers, self._moments, strict=True)
        ]
        return combined_headers(parts)

    def content(self) -> bytes:
        """Draw and encode the map; raises InvalidParameter or TooLarge."""
        request = self._request
        pictures = [
            _picture(self._context, layer, moment, request.view, request.colors)
            for layer, moment in zip(request.layers, self._moments, strict=True)
        ]
        picture = stacked(pictures)
        if request.format == PNG8:
            return encode_indexed(picture, request.background)
        if request.format == GEOTIFF:
            return encode_geotiff(picture, request.background, request.view.grid)
        return encode_over(picture, request.background, FILES[named(request.format.removeprefix("image/"))])


def _picture(context: Context, layer: MapLayer, moment: TimeSlice, view: Viewport, colors: ColorHabits) -> Picture:
    plain = MapDrawing(
        selection=layer.selection,
        moment=moment,
        view=view,
        rendering=Rendering(),
        coloring=Rendering().coloring(layer.layer.variable, layer.style, ImageType.png),
        style_key=layer.style.id,
    )
    if colors.is_none:
        return draw_map(context, plain)

    def measure() -> tuple[float, float]:
        values = map_values(context, plain).compressed()
        values = values[np.isfinite(values)]
        if not len(values):
            return layer.style.range or (0.0, 1.0)
        low, high = float(values.min()), float(values.max())
        return (low, high) if low < high else (low, low + 1.0)

    coloring = colors.coloring(layer.layer.variable, layer.style, ImageType.png, measure)
    return draw_map(context, replace(plain, coloring=coloring, extremes=colors.extremes, style_key=None))
