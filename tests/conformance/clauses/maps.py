"""OGC API Maps, Part 1 (20-058)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from tests.conformance.framework import body, clause, header, href, status, without_link

if TYPE_CHECKING:
    from httpx import Response

    from tests.conformance.framework import Site

MAPS: Final = "OGC API Maps Part 1 (20-058)"
MAP: Final = "/collections/sst/map"
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
PICTURE: Final = body(b"x", "a body of one letter")


def picture(answer: Response) -> Image.Image:
    return Image.open(io.BytesIO(answer.content))


@clause(MAPS, "/req/core/map-success", PICTURE, header("content-type", "text/plain"), status(404))
def plain(site: Site) -> None:
    """The map of a collection is a picture."""
    answer = site.get(MAP)
    assert answer.headers["content-type"] == "image/png"
    assert min(picture(answer).size) > 0


@clause(MAPS, "/req/collection-map/desc-links", without_link("http://www.opengis.net/def/rel/ogc/1.0/map"))
def links(site: Site) -> None:
    """A collection links to its map by the relation of OGC."""
    address = href(site.json("/collections/sst"), "http://www.opengis.net/def/rel/ogc/1.0/map", "image/png")
    assert picture(site.get(address)).format == "PNG"


@clause(MAPS, "/req/scaling/width-success", PICTURE, status(500))
def size(site: Site) -> None:
    """`width` and `height` are those of the picture."""
    assert picture(site.get(f"{MAP}?width=123&height=45")).size == (123, 45)
    assert picture(site.get(f"{MAP}?width=200")).size[0] == 200


@clause(MAPS, "/req/core/response-crs", header("content-crs", None), header("content-bbox", "0,0,1,1"))
def truth(site: Site) -> None:
    """Headers state the CRS and the box of the picture."""
    answer = site.get(f"{MAP}?bbox=10,20,50,40&width=80&height=40")
    assert answer.headers["content-crs"] == f"<{CRS84}>"
    assert [float(v) for v in answer.headers["content-bbox"].split(",")] == [10, 20, 50, 40]


@clause(MAPS, "/req/spatial-subsetting/bbox-crs", header("content-bbox", "20,10,40,50"), status(400))
def axes(site: Site) -> None:
    """A box in EPSG:4326 has latitude first, and shows what the box in CRS84 does."""
    plain_map = site.get(f"{MAP}?bbox=10,20,50,40&width=80&height=40")
    turned = site.get(f"{MAP}?bbox=20,10,40,50&bbox-crs={EPSG}4326&width=80&height=40")
    np.testing.assert_array_equal(np.asarray(picture(plain_map)), np.asarray(picture(turned)))
    assert [float(v) for v in turned.headers["content-bbox"].split(",")] == [10, 20, 50, 40]


@clause(MAPS, "/req/crs/crs-success", header("content-crs", f"<{CRS84}>"), PICTURE)
def crs(site: Site) -> None:
    """`crs` draws in another CRS and says so."""
    answer = site.get(f"{MAP}?crs={EPSG}3857&width=100&height=100&bbox=-60,-60,60,60")
    assert answer.headers["content-crs"] == f"<{EPSG}3857>"
    assert picture(answer).size == (100, 100)


@clause(MAPS, "/req/datetime", body(b"same", "the same body for all times"), status(200, of=404))
def datetime(site: Site) -> None:
    """`datetime` selects the time that is drawn."""
    assert site.get(f"{MAP}?datetime=2006-04&width=50").content != site.get(f"{MAP}?datetime=2006-06&width=50").content
    site.get(f"{MAP}?datetime=1900-01&width=50", status=404)


@clause(MAPS, "/req/background", body(b"same", "the same body for all colours"))
def background(site: Site) -> None:
    """`bgcolor` and `transparent` choose what lies below the data."""
    url = "/collections/cover/map?width=40&height=20"
    opaque = np.asarray(picture(site.get(f"{url}&bgcolor=ff0000&transparent=false")).convert("RGBA"))
    clear = np.asarray(picture(site.get(f"{url}&transparent=true")).convert("RGBA"))
    assert tuple(opaque[-1, 0]) == (255, 0, 0, 255)
    assert clear[-1, 0, 3] == 0


@clause(MAPS, "/req/core/errors", status(200, of=400), status(500, of=400))
def wrong(site: Site) -> None:
    """Parameters of impossible values are 400."""
    for query in ("width=0", "width=x", "bbox=1,2,3", "bbox=0,0,x,1", f"crs={EPSG}99999", "mystery=1"):
        site.get(f"{MAP}?{query}", status=400)


@clause(MAPS, "/req/jpeg", header("content-type", "image/png"), PICTURE)
def formats(site: Site) -> None:
    """Maps come as PNG and JPEG."""
    answer = site.get(f"{MAP}?f=jpg&width=50")
    assert (answer.headers["content-type"], picture(answer).format) == ("image/jpeg", "JPEG")
