"""Values at a pixel: GetFeatureInfo (OGC 06-042, 7.4), and GetTimeseries as ncWMS has it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from starlette.responses import Response

from cog.grids.enclosing import transformed
from config.errors import InvalidParameter, OutsideExtent
from config.grids import CRS84
from services.apis.wms.faults import fault
from services.ows.dimensions import DEFAULTS, parse_range
from services.ows.faults import OwsFault
from services.ows.info_documents import GML, TEXT, WRITERS
from services.ows.point_values import PointPlace, point_value, read_series

if TYPE_CHECKING:
    from services.apis.wms.map_request import MapLayer, MapReader
    from services.ows.kvp import Keywords
    from services.selection.viewports import Viewport
    from services.web.context import Context
    from services.web.negotiation import Language

INFO_FORMATS: Final = tuple(WRITERS)
_CSV: Final = "text/csv"
_ALIASES: Final = {
    "text/xml": GML,
    "application/geojson": "application/json",
    "application/geo+json": "application/json",
}


def feature_info(
    context: Context, reader: MapReader, keywords: Keywords, *, version: str, language: Language
) -> Response:
    """The values of the queried layers under a pixel; raises OwsFault."""
    name = keywords.text("info_format", TEXT).lower()
    media_type = _ALIASES.get(name, name)
    if media_type not in WRITERS:
        raise fault("InvalidFormat", "info_format", f"INFO_FORMAT={name[:80]}: there are {', '.join(INFO_FORMATS)}")
    place = _place(reader.viewport(keywords), keywords, version)
    count = keywords.integer("feature_count") if keywords.text("feature_count") else 0
    layers = queried_layers(reader, keywords)[: max(count, 0) or None]
    values = [point_value(context, each.layer, each.selection, place, language) for each in layers]
    content = WRITERS[media_type](values, place, language)
    return Response(content, media_type=media_type, headers={"Vary": "Accept-Language"})


def time_series(
    context: Context, reader: MapReader, keywords: Keywords, *, version: str, language: Language
) -> Response:
    """The values of one layer under a pixel at every time of an interval, as CSV: time, value in its unit.

    Raises OwsFault, TooLarge for too many times.
    """
    name = keywords.text("info_format", _CSV).lower()
    if name != _CSV:
        raise fault("InvalidFormat", "info_format", f"INFO_FORMAT={name[:80]}: a series comes as {_CSV}")
    time = keywords.text("time")
    layers = queried_layers(reader, keywords, names=keywords.words("query_layers") or keywords.words("layers"))
    if len(layers) != 1:
        raise fault("", "layers", "a series is of one layer")
    (layer,) = layers
    when = None if time.lower() in DEFAULTS else parse_range(time)
    selection = replace(layer.selection, times=when or "all")
    place = _place(reader.viewport(keywords), keywords, version)
    content = io.StringIO()
    rows = csv.writer(content, lineterminator="\n")
    unit = layer.layer.variable.unit
    title = layer.layer.title(language)
    rows.writerow(["time", f"{title} ({unit})" if unit and unit != "1" else title])
    try:
        series = read_series(context, selection, place)
    except OutsideExtent as error:
        raise InvalidParameter("bbox", keywords.text("bbox"), error.detail) from error
    for number, value in enumerate(series.values[:, 0, 0]):
        label = series.labels[number] if len(series.labels) else ""
        rows.writerow([label, f"{value:.7g}" if np.isfinite(value) else ""])
    return Response(content.getvalue(), media_type=f"{_CSV}; charset=utf-8", headers={"Vary": "Accept-Language"})


def queried_layers(reader: MapReader, keywords: Keywords, names: list[str] | None = None) -> list[MapLayer]:
    """The layers of QUERY_LAYERS in the styles and at the time of the request; raises OwsFault."""
    queried_names = names or keywords.words("query_layers")
    if not queried_names:
        raise fault("LayerNotDefined", "query_layers", "QUERY_LAYERS names no layer")
    drawn_names = keywords.words("layers") or queried_names
    layers = dict(zip(drawn_names, reader.map_layers(keywords, drawn_names), strict=True))
    other = next((name for name in queried_names if name not in layers), None)
    if other is not None:
        raise fault("LayerNotDefined", "query_layers", f"QUERY_LAYERS={other[:80]} is not one of LAYERS")
    return [layers[name] for name in queried_names]


def _place(view: Viewport, keywords: Keywords, version: str) -> PointPlace:
    """The centre of the pixel of a request; raises OwsFault (InvalidPoint)."""
    names = ("i", "j") if version == "1.3.0" else ("x", "y")
    names = names if keywords.text(names[0]) else ("i", "j") if keywords.text("i") else ("x", "y")
    try:
        column, row = (keywords.integer(name) for name in names)
    except OwsFault as error:
        raise fault("InvalidPoint", names[0], error.detail) from error
    grid = view.grid
    if not (0 <= column < grid.width and 0 <= row < grid.height):
        raise fault("InvalidPoint", names[0], f"pixel {column}, {row} is not on a map of {grid.width} x {grid.height}")
    across, _, west, _, down, north = grid.transform
    x, y = west + (column + 0.5) * across, north + (row + 0.5) * down
    longitudes, latitudes = transformed(np.array([x]), np.array([y]), source=grid.crs, target=CRS84)
    is_finite = bool(np.isfinite([*longitudes, *latitudes]).all())
    return PointPlace(
        x=x,
        y=y,
        reference=view.reference,
        longitude=float(longitudes[0]) if is_finite else None,
        latitude=float(latitudes[0]) if is_finite else None,
    )
