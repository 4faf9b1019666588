"""WMS 1.3.0 (06-042) and 1.1.1 (01-068r3)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

from tests.conformance.framework import body, clause, header, status, text

if TYPE_CHECKING:
    from tests.conformance.framework import Site

WMS: Final = "WMS 1.3.0 (06-042)"
OLD: Final = "WMS 1.1.1 (01-068r3)"
NS: Final = "{http://www.opengis.net/wms}"
OGC: Final = "{http://www.opengis.net/ogc}"
CAPABILITIES: Final = "/wms?service=WMS&version=1.3.0&request=GetCapabilities"
BROKEN: Final = body(b"x", "a body of one letter")


def get_map(**changes: str) -> str:
    right = {"service": "WMS", "version": "1.3.0", "request": "GetMap", "layers": "sst.v", "styles": ""}
    right |= {"crs": "CRS:84", "bbox": "0,0,40,20", "width": "80", "height": "40", "format": "image/png"}
    return "/wms?" + "&".join(f"{name}={value}" for name, value in (right | changes).items() if value != "-")


def picture(site: Site, url: str) -> Any:
    answer = site.get(url)
    assert answer.headers["content-type"].startswith("image/"), answer.text[:300]
    return Image.open(io.BytesIO(answer.content))


def fault(site: Site, url: str) -> str | None:
    """The code of a service exception."""
    answer = site.client.get(url)
    assert "xml" in answer.headers["content-type"], answer.headers["content-type"]
    from_tree: Any = site.xml(url, status=answer.status_code)
    assert from_tree.tag == OGC + "ServiceExceptionReport", from_tree.tag
    return str(from_tree[0].get("code"))


def named(site: Site) -> list[Any]:
    return [layer for layer in site.xml(CAPABILITIES).iter(NS + "Layer") if layer.find(NS + "Name") is not None]


@clause(WMS, "6.2.4 version negotiation", text('version="1.3.0"', 'version="1.2.0"'), status(500))
def negotiation(site: Site) -> None:
    """Without a version, and above the highest, 1.3.0 is spoken; 1.1.1 when asked for."""
    for query in ("", "&version=1.3.0", "&version=9.9.9"):
        assert site.xml(f"/wms?service=WMS&request=GetCapabilities{query}").get("version") == "1.3.0"
    assert site.xml("/wms?service=WMS&request=GetCapabilities&version=1.1.1").get("version") == "1.1.1"


@clause(
    WMS,
    "7.2.4 named layers",
    text("<CRS>", "<KRS>"),
    text("<BoundingBox", "<Box"),
    text('queryable="1"', 'queryable="0"'),
)
def layers(site: Site) -> None:
    """Each named layer has CRSs and boxes of its own, and can be asked for values."""
    for layer in named(site):
        assert layer.get("queryable") == "1"
        assert "EPSG:3857" in [crs.text for crs in layer.findall(NS + "CRS")]
        assert layer.findall(NS + "BoundingBox")


@clause(WMS, "C.2 dimensions", text("default=", "vorgabe="), text('name="time"', 'name="zeit"'))
def dimensions(site: Site) -> None:
    """Every dimension has a default; time is named time."""
    found = [d for layer in named(site) for d in layer.findall(NS + "Dimension")]
    assert all(dimension.get("default") for dimension in found)
    assert "time" in {dimension.get("name") for dimension in found}


@clause(WMS, "7.3.2 GetMap size", BROKEN, header("content-type", "text/plain"))
def size(site: Site) -> None:
    """A map has the size and the format that were asked for."""
    for media_type, kind in (("image/png", "PNG"), ("image/jpeg", "JPEG")):
        shown = picture(site, get_map(format=media_type, width="123", height="45"))
        assert (shown.format, shown.size) == (kind, (123, 45))


@clause(WMS, "6.7.2 axis order", BROKEN, status(400))
def axes(site: Site) -> None:
    """The box of EPSG:4326 has latitude first."""
    april = "2006-04-16T00:00:00Z"
    plain = np.asarray(picture(site, get_map(time=april)).convert("RGBA"))
    turned = np.asarray(picture(site, get_map(time=april, crs="EPSG:4326", bbox="0,0,20,40")).convert("RGBA"))
    np.testing.assert_array_equal(plain, turned)
    assert len(np.unique(plain.reshape(-1, 4), axis=0)) > 1


@clause(WMS, "7.3.3.9 TRANSPARENT and BGCOLOR", BROKEN)
def background(site: Site) -> None:
    """Beside the data there is white, the colour that was asked for, or nothing."""
    below = {"layers": "cover.v", "bbox": "0,-40,40,-20"}
    assert picture(site, get_map(**below)).convert("RGBA").getpixel((1, 1)) == (255, 255, 255, 255)
    assert picture(site, get_map(**below, bgcolor="0x00FF00")).convert("RGBA").getpixel((1, 1)) == (0, 255, 0, 255)
    assert picture(site, get_map(**below, transparent="TRUE")).convert("RGBA").getpixel((1, 1))[3] == 0


@clause(WMS, "7.3.3.3 LAYERS", BROKEN)
def several(site: Site) -> None:
    """Later layers lie over earlier ones."""
    over = np.asarray(picture(site, get_map(layers="sst.v,cover.v", styles=",")).convert("RGB"))
    alone = np.asarray(picture(site, get_map(layers="cover.v")).convert("RGB"))
    np.testing.assert_array_equal(over, alone)


@clause(WMS, "C.4.2 TIME", body(b"same", "the same body for all times"), status(500))
def time(site: Site) -> None:
    """`time` selects what is drawn; an instant between two shows the one before."""
    first = site.get(get_map(time="2006-04-16T00:00:00Z")).content
    assert first != site.get(get_map(time="2006-06-16T00:00:00Z")).content
    assert first == site.get(get_map(time="2006-04-20T00:00:00Z")).content


@clause(
    WMS,
    "7.3.4 exceptions",
    text("LayerNotDefined", "x"),
    text("InvalidCRS", "x"),
    text("StyleNotDefined", "x"),
    text("InvalidFormat", "x"),
)
def exceptions(site: Site) -> None:
    """What is wrong is a service exception with the code of the standard."""
    assert fault(site, get_map(layers="absent.v")) == "LayerNotDefined"
    assert fault(site, get_map(styles="mauve")) == "StyleNotDefined"
    assert fault(site, get_map(crs="EPSG:99999")) == "InvalidCRS"
    assert fault(site, get_map(format="image/x")) == "InvalidFormat"
    fault(site, get_map(bbox="40,0,0,20"))
    fault(site, get_map(version="-"))


@clause(WMS, "7.3.3.11 EXCEPTIONS", header("content-type", "text/xml"))
def blank(site: Site) -> None:
    """An exception is a picture if that is asked for."""
    for way in ("INIMAGE", "BLANK"):
        assert picture(site, get_map(styles="mauve", exceptions=way)).size == (80, 40)


@clause(WMS, "7.4 GetFeatureInfo", text("InvalidPoint", "x"), text('"value"', '"wert"'))
def feature_info(site: Site) -> None:
    """The value under a pixel; a pixel outside the map is InvalidPoint."""
    query = {"request": "GetFeatureInfo", "query_layers": "sst.v", "info_format": "application/json", "j": "5"}
    found = site.get(get_map(**query, i="5")).json()
    assert found["features"][0]["properties"]["value"] is not None
    assert fault(site, get_map(**query, i="80")) == "InvalidPoint"


@clause(WMS, "7.2.3.1 FORMAT", status(500))
def format_of_capabilities(site: Site) -> None:
    """A format of capabilities that is not known gives XML."""
    site.xml(CAPABILITIES + "&format=example/unknown")


@clause(OLD, "7.2.4.6 Extent", text("<Extent", "<Umfang"), text("WMT_MS_Capabilities", "WMS_Capabilities"))
def old_capabilities(site: Site) -> None:
    """Version 1.1.1 has Extent beside Dimension, and SRS."""
    root = site.xml("/wms?service=WMS&version=1.1.1&request=GetCapabilities")
    assert root.tag == "WMT_MS_Capabilities"
    assert [e.get("name") for e in root.iter("Extent")]
    assert "EPSG:4326" in [e.text for e in root.iter("SRS")]


@clause(OLD, "7.3.2 GetMap", BROKEN, status(400))
def old_map(site: Site) -> None:
    """Version 1.1.1 has longitude first, by SRS."""
    old = np.asarray(picture(site, get_map(version="1.1.1", crs="-", srs="EPSG:4326")).convert("RGBA"))
    np.testing.assert_array_equal(old, np.asarray(picture(site, get_map()).convert("RGBA")))
