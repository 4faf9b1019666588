"""GetLegendGraphic and DescribeLayer of the SLD profile (OGC 05-078r4, 02-070)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from config.vocabulary import PNG
from services.apis.wms.faults import fault
from services.drawing.legends.fonts import system_fonts
from services.drawing.legends.legend import OwnDrawing, legend_of
from services.drawing.legends.legend_layout import MAX_SIZE, MIN_SIZE, LegendOptions
from services.drawing.legends.legend_png import to_png
from services.drawing.legends.legend_svg import to_svg
from services.ows.markup import DECLARATION, element

if TYPE_CHECKING:
    from services.apis.wms.colors import ColorHabits
    from services.apis.wms.map_request import MapLayer
    from services.ows.kvp import Keywords
    from services.web.negotiation import Language

SVG = "image/svg+xml"
LEGEND_FORMATS = (PNG, SVG)


def legend_graphic(keywords: Keywords, layer: MapLayer, colors: ColorHabits, language: Language) -> Response:
    """The legend of a layer's style, in the range of COLORSCALERANGE if there is one; raises OwsFault.

    WIDTH and HEIGHT below what a legend needs are those of icons in other servers, and are left out.
    """
    form = keywords.text("format", PNG).partition(";")[0].strip().lower()
    if form not in LEGEND_FORMATS:
        raise fault("InvalidFormat", "format", f"FORMAT={form[:80]}: there are {', '.join(LEGEND_FORMATS)}")
    options = LegendOptions(
        language=language,
        orientation="horizontal" if keywords.text("orientation").lower() == "horizontal" else "vertical",
        width=_edge(keywords, "width"),
        height=_edge(keywords, "height"),
        transparent=keywords.flag("transparent"),
    )
    variable = layer.layer.variable
    own = OwnDrawing(range=colors.ends) if colors.ends is not None and variable.kind == "continuous" else None
    legend = legend_of(variable, layer.style, own)
    headers = {"Cache-Control": "public, max-age=60", "Vary": "Accept-Language", "Content-Language": language}
    if form == SVG:
        return Response(to_svg(legend, options), media_type=SVG, headers=headers)
    return Response(to_png(legend, options, system_fonts()).content, media_type=PNG, headers=headers)


def description(layers: list[MapLayer], base_url: str, version: str) -> Response:
    """The WMS_DescribeLayerResponse: where the coverage of each layer is."""
    if version == "1.1.1":
        body = "".join(
            element(
                "LayerDescription",
                element("Query", attributes={"typeName": layer.layer.name}),
                {"name": layer.layer.name, "owsURL": f"{base_url}/wcs?", "owsType": "WCS"},
            )
            for layer in layers
        )
        document = element("WMS_DescribeLayerResponse", body, {"version": "1.1.1"})
        return Response(DECLARATION + document, media_type="application/vnd.ogc.wms_xml")
    body = element("sld:Version", "1.1.0") + "".join(
        element(
            "sld:LayerDescription",
            element("sld:owsType", "wcs")
            + element("se:OnlineResource", attributes={"xlink:type": "simple", "xlink:href": f"{base_url}/wcs?"})
            + element("sld:TypeName", element("se:CoverageName", layer.layer.name)),
        )
        for layer in layers
    )
    spaces = {
        "xmlns:sld": "http://www.opengis.net/sld",
        "xmlns:se": "http://www.opengis.net/se",
        "xmlns:xlink": "http://www.w3.org/1999/xlink",
    }
    return Response(DECLARATION + element("sld:DescribeLayerResponse", body, spaces), media_type="text/xml")


def _edge(keywords: Keywords, name: str) -> int | None:
    text = keywords.text(name)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 else 0
    return number if MIN_SIZE <= number <= MAX_SIZE else None
