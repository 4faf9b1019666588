"""WMTS 1.0.0 (07-057r7)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from tests.conformance.framework import body, clause, header, status, text

if TYPE_CHECKING:
    from tests.conformance.framework import Site

WMTS: Final = "WMTS 1.0.0 (07-057r7)"
OWS: Final = "{http://www.opengis.net/ows/1.1}"
NS: Final = "{http://www.opengis.net/wmts/1.0}"
CAPABILITIES: Final = "/wmts?service=WMTS&request=GetCapabilities"
TILE: Final = (
    "/wmts?service=WMTS&request=GetTile&version=1.0.0&layer={layer}&style={style}&format={format}"
    "&tilematrixset={set}&tilematrix={matrix}&tilerow={row}&tilecol={column}"
)
RIGHT: Final = {"layer": "sst.v", "style": "default", "format": "image/png", "set": "WebMercatorQuad"} | {
    "matrix": "1",
    "row": "0",
    "column": "1",
}


def tile(**changes: str) -> str:
    return TILE.format(**(RIGHT | changes))


def fault(site: Site, url: str) -> tuple[str | None, str | None]:
    """(code, locator) of an exception report of status 400."""
    root = site.xml(url, status=400)
    assert root.tag == OWS + "ExceptionReport", root.tag
    (exception,) = root
    return exception.get("exceptionCode"), exception.get("locator")


def layers(site: Site) -> dict[str, Any]:
    root = site.xml(CAPABILITIES)
    return {layer.findtext(OWS + "Identifier"): layer for layer in root.iter(NS + "Layer")}


@clause(
    WMTS,
    "Core: GetCapabilities",
    text("<ows:Identifier>sst.v", "<ows:Identifier>x.v"),
    status(404),
    header("content-type", "text/plain"),
)
def capabilities(site: Site) -> None:
    """The capabilities are XML of version 1.0.0 with every layer once."""
    root = site.xml(CAPABILITIES)
    assert root.get("version") == "1.0.0"
    assert "wmts.xsd" in root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation")
    names = [layer.findtext(OWS + "Identifier") for layer in root.iter(NS + "Layer")]
    assert sorted(names) == sorted(set(names))
    assert "sst.v" in names


@clause(WMTS, "Core: KVP encoding", text("GetEncoding", "GetNothing"))
def encoding(site: Site) -> None:
    """The capabilities offer keywords and paths."""
    root = site.xml(CAPABILITIES)
    gets = [get for get in root.iter(OWS + "Get") if get.find(f"{OWS}Constraint[@name='GetEncoding']") is not None]
    assert {value.text for get in gets for value in get.iter(OWS + "Value")} == {"KVP", "RESTful"}


@clause(WMTS, "Core: sections", text("Contents", "Content"), status(200, of=400))
def sections(site: Site) -> None:
    """`sections` selects parts of the capabilities; one that is none is an exception."""
    only = site.xml(CAPABILITIES + "&sections=ServiceIdentification")
    assert only.find(OWS + "ServiceIdentification") is not None
    assert only.find(NS + "Contents") is None
    assert site.xml(CAPABILITIES + "&sections=all").find(NS + "Contents") is not None
    assert fault(site, CAPABILITIES + "&sections=Bogus") == ("InvalidParameterValue", "sections")


@clause(WMTS, "Core: AcceptVersions", text("VersionNegotiationFailed", "NoApplicableCode"))
def versions(site: Site) -> None:
    """Versions that are not spoken are VersionNegotiationFailed, without a locator."""
    code, locator = fault(site, CAPABILITIES + "&acceptVersions=1.1.0,1.2.0")
    assert code == "VersionNegotiationFailed"
    assert not locator
    site.xml(CAPABILITIES + "&acceptVersions=1.1.0,1.0.0")


@clause(WMTS, "Core: TileMatrixSet", text("EPSG::3857", "EPSG::900913"), text("559082264.028717", "1"))
def matrix_sets(site: Site) -> None:
    """Matrix sets have CRSs, and scale denominators that differ."""
    root = site.xml(CAPABILITIES)
    sets = {s.findtext(OWS + "Identifier"): s for s in root.findall(f"{NS}Contents/{NS}TileMatrixSet")}
    assert sets["WebMercatorQuad"].findtext(OWS + "SupportedCRS") == "urn:ogc:def:crs:EPSG::3857"
    for entry in sets.values():
        scales = [float(e.text) for e in entry.iter(NS + "ScaleDenominator")]
        assert scales == sorted(set(scales), reverse=True)
    assert float(sets["WebMercatorQuad"].find(f".//{NS}ScaleDenominator").text) > 5.59e8


@clause(WMTS, "Core: GetTile", body(b"x", "a body of one letter"), header("content-type", "text/xml"), status(204))
def get_tile(site: Site) -> None:
    """A tile has the format and the size that the capabilities state, in each format and style."""
    for media_type, kind in (("image/png", "PNG"), ("image/jpeg", "JPEG"), ("image/webp", "WEBP")):
        for style in ("default", "grey"):
            answer = site.get(tile(format=media_type, style=style))
            assert answer.headers["content-type"] == media_type
            picture = Image.open(io.BytesIO(answer.content))
            assert (picture.format, picture.size) == (kind, (256, 256))


@clause(WMTS, "Core: missing parameters", text("MissingParameterValue", "NoApplicableCode"), status(200, of=400))
def missing(site: Site) -> None:
    """A missing keyword is MissingParameterValue, with its name as locator."""
    for keyword, name in (("layer", "Layer"), ("style", "Style"), ("format", "Format"), ("tilerow", "TileRow")):
        parts = tile().split("&")
        url = "&".join(part for part in parts if not part.startswith(f"{keyword}="))
        assert fault(site, url) == ("MissingParameterValue", name)


@clause(
    WMTS,
    "Core: invalid parameters",
    text("InvalidParameterValue", "NoApplicableCode"),
    text('locator="Style"', 'locator="x"'),
)
def invalid(site: Site) -> None:
    """An invalid value is InvalidParameterValue, with the name of its keyword as locator."""
    wrong = {"layer": "Layer", "style": "Style", "format": "Format", "set": "TileMatrixSet", "matrix": "TileMatrix"}
    for keyword, name in wrong.items():
        assert fault(site, tile(**{keyword: "bogus"})) == ("InvalidParameterValue", name)
    assert fault(site, "/wmts?service=WMTS&request=Bogus")[0] == "InvalidParameterValue"


@clause(WMTS, "Core: TileOutOfRange", text("TileOutOfRange", "InvalidParameterValue"), status(200, of=400))
def out_of_range(site: Site) -> None:
    """A tile beside the limits is TileOutOfRange."""
    assert fault(site, tile(row="2")) == ("TileOutOfRange", "TileRow")
    assert fault(site, tile(column="2")) == ("TileOutOfRange", "TileCol")


@clause(WMTS, "Core: dimensions", text("<Default>", "<Vorgabe>"), status(200, of=400))
def dimensions(site: Site) -> None:
    """Time has a default among its values; `default` and `current` mean it; a value that is none is an exception."""
    (time,) = layers(site)["sst.v"].findall(NS + "Dimension")
    default = time.findtext(NS + "Default")
    assert default in [value.text for value in time.findall(NS + "Value")]
    shown = site.get(tile()).content
    for text_ in ("default", "current", default):
        assert site.get(tile() + f"&time={text_}").content == shown
    assert fault(site, tile() + "&time=BogusForTest") == ("InvalidParameterValue", "Time")


@clause(WMTS, "Core: legends", text('width="', 'width="9'))
def legends(site: Site) -> None:
    """A legend has the type and the size that are stated."""
    for link in layers(site)["sst.v"].iter(NS + "LegendURL"):
        answer = site.get(link.get("{http://www.w3.org/1999/xlink}href"))
        assert answer.headers["content-type"] == link.get("format")
        size = Image.open(io.BytesIO(answer.content)).size
        assert size == (int(link.get("width")), int(link.get("height")))


@clause(WMTS, "REST: resources", status(404), text('resourceType="tile"', 'resourceType="x"'))
def resources(site: Site) -> None:
    """The template of a layer gives its tiles."""
    layer = layers(site)["sst.v"]
    (found,) = [e for e in layer.findall(NS + "ResourceURL") if e.get("resourceType") == "tile"]
    url = found.get("template")
    filled = {"Style": "default", "Time": "current", "TileMatrixSet": "WebMercatorQuad"}
    for name, value in (filled | {"TileMatrix": "1", "TileRow": "0", "TileCol": "1"}).items():
        url = url.replace(f"{{{name}}}", value)
    assert site.get(url).content == site.get(tile()).content


@clause(WMTS, "REST: 406", status(200, of=406))
def not_acceptable(site: Site) -> None:
    """The capabilities as a resource are 406 to who takes no XML."""
    site.get("/wmts/1.0.0/WMTSCapabilities.xml", accept="example/unknown", status=406)


@clause(WMTS, "Core: GetFeatureInfo", text("TileOutOfRange", "PointIJOutOfRange"), text('"value"', '"wert"'))
def feature_info(site: Site) -> None:
    """The value under a pixel; a pixel outside the tile is TileOutOfRange."""
    url = tile().replace("GetTile", "GetFeatureInfo") + "&infoformat=application/json&i={i}&j=10"
    assert site.get(url.format(i=10)).json()["features"][0]["properties"]["value"] is not None
    assert fault(site, url.format(i=256)) == ("TileOutOfRange", "I")
