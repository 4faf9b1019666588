"""OGC API Tiles, Part 1 (20-057), with TileMatrixSet 2.0 (17-083r4)."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from tests.conformance.framework import DROP, body, clause, header, href, member, rels, status, text, without_link

if TYPE_CHECKING:
    from tests.conformance.framework import Site

TILES: Final = "OGC API Tiles Part 1 (20-057)"
TMS: Final = "OGC Two Dimensional Tile Matrix Set (17-083r4)"
REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
HOME: Final = "/collections/corner/map/tiles"


def template(tileset: Any, media_type: str = "image/png") -> str:
    return href(tileset, "item", media_type)


def filled(text_: str, limit: Any) -> str:
    names = {"tileMatrix": limit["tileMatrix"], "tileRow": limit["minTileRow"], "tileCol": limit["minTileCol"]}
    return re.sub(r"{(\w+)}", lambda match: str(names[match[1]]), text_)


@clause(TILES, "/req/tilesets-list/tileset-links", member("tilesets", []), without_link("self"), status(404))
def listing(site: Site) -> None:
    """A collection links to its tilesets, each with a link to itself as JSON."""
    address = href(site.json("/collections/corner"), REL + "tilesets-map")
    tilesets = site.json(address)["tilesets"]
    assert len(tilesets) > 5
    for entry in tilesets:
        assert href(entry, "self", "application/json")
        assert entry["dataType"] == "map"
        assert entry["crs"]


@clause(
    TILES,
    "/req/tileset/success",
    member("tileMatrixSetURI", DROP),
    without_link(REL + "tiling-scheme"),
    member("tileMatrixSetId", "X"),
)
def tileset(site: Site) -> None:
    """A tileset names its tile matrix set by URI and by a link to its definition."""
    for entry in site.json(HOME)["tilesets"]:
        document = site.json(href(entry, "self", "application/json"))
        assert document["tileMatrixSetURI"]
        definition = site.json(href(document, REL + "tiling-scheme"))
        assert definition["id"] == document["tileMatrixSetId"]


@clause(
    TILES,
    "/req/core/tc-op",
    text("{tileMatrix}", "%7BtileMatrix%7D"),
    status(204),
    body(b"GIF89a", "a body that is no PNG"),
)
def template_works(site: Site) -> None:
    """A template, with its variables spelled out, gives tiles of the format that it states."""
    for name in ("WebMercatorQuad", "CGCS2000Quad"):
        document = site.json(f"{HOME}/{name}")
        assert "{tileMatrix}" in template(document)
        limit = document["tileMatrixSetLimits"][0]
        answer = site.get(filled(template(document), limit))
        assert answer.headers["content-type"] == "image/png"
        assert Image.open(io.BytesIO(answer.content)).size == (256, 256)


@clause(TILES, "/req/core/tc-success", status(204, of=200), status(404, of=200))
def empty_tile(site: Site) -> None:
    """A tile within the limits is 200, also beside the data."""
    document = site.json(f"{HOME}/WebMercatorQuad")
    for limit in document["tileMatrixSetLimits"]:
        for row, column in {(limit["minTileRow"], limit["minTileCol"]), (limit["maxTileRow"], limit["maxTileCol"])}:
            site.get(f"{HOME}/WebMercatorQuad/{limit['tileMatrix']}/{row}/{column}")


@clause(TILES, "/req/core/tc-error", status(200, of=404), status(500, of=404))
def outside(site: Site) -> None:
    """A tile outside the matrix, and a matrix that is none, are 404."""
    for place in ("2/2147483647/0", "2/0/2147483647", "99/0/0"):
        site.get(f"{HOME}/WebMercatorQuad/{place}", status=404)
    site.get(f"{HOME}/NoSuchQuad/0/0/0", status=404)


@clause(TILES, "/req/tilesetlimits", member("tileMatrixSetLimits.*.minTileRow", -1), member("tileMatrixSetLimits", []))
def limits(site: Site) -> None:
    """Limits lie within the matrices."""
    document = site.json(f"{HOME}/WebMercatorQuad")
    matrices = {m["id"]: m for m in site.json("/tileMatrixSets/WebMercatorQuad")["tileMatrices"]}
    assert document["tileMatrixSetLimits"]
    for limit in document["tileMatrixSetLimits"]:
        matrix = matrices[limit["tileMatrix"]]
        assert 0 <= limit["minTileRow"] <= limit["maxTileRow"] < matrix["matrixHeight"]
        assert 0 <= limit["minTileCol"] <= limit["maxTileCol"] < matrix["matrixWidth"]


@clause(TILES, "/req/png, /req/jpeg", header("content-type", "image/png"), body(b"x", "a body of one letter"))
def formats(site: Site) -> None:
    """Tiles come as PNG, JPEG and WebP, as `f` or Accept asks."""
    kinds = {"png": ("image/png", "PNG"), "jpg": ("image/jpeg", "JPEG"), "webp": ("image/webp", "WEBP")}
    for name, (media_type, kind) in kinds.items():
        for answer in (
            site.get(f"{HOME}/WebMercatorQuad/0/0/0?f={name}"),
            site.get(f"{HOME}/WebMercatorQuad/0/0/0", accept=media_type),
        ):
            assert answer.headers["content-type"] == media_type
            assert Image.open(io.BytesIO(answer.content)).format == kind


@clause(TILES, "/req/datetime", body(b"same", "the same body for all times"), status(200, of=404))
def datetime(site: Site) -> None:
    """`datetime` selects the time that tiles show; of one without data there is no tile."""
    url = "/collections/sst/map/tiles/WebMercatorQuad/0/0/0"
    assert site.get(f"{url}?datetime=2006-04").content != site.get(f"{url}?datetime=2006-06").content
    site.get(f"{url}?datetime=1900-01", status=404)


@clause(
    TILES, "/req/dataset-tilesets", without_link(REL + "tilesets-map"), member("tilesets.*.tileMatrixSetLimits", DROP)
)
def dataset_tilesets(site: Site) -> None:
    """The landing page links to tilesets of the collections together, whose entries have limits and templates."""
    for entry in site.json(href(site.json("/"), REL + "tilesets-map"))["tilesets"]:
        assert entry["tileMatrixSetLimits"]
        assert template(entry)


@clause(TILES, "/req/collections-selection", status(200, of=404), body(b"same", "the same body for all collections"))
def selection(site: Site) -> None:
    """`collections` chooses what a tile of the dataset shows."""
    url = "/map/tiles/WebMercatorQuad/0/0/0"
    assert site.get(f"{url}?collections=sst").content != site.get(f"{url}?collections=cover").content
    site.get(f"{url}?collections=absent", status=404)


@clause(TILES, "/req/oas30/completeness", text(".map.getTile", ".map.takeTile"))
def operation(site: Site) -> None:
    """An operation of the API description is that of tiles."""
    operations = [item["get"]["operationId"] for item in site.get("/api").json()["paths"].values() if "get" in item]
    assert ".collection.map.getTile" in operations


@clause(
    TMS,
    "/req/tilematrixset/property-names",
    member("tileMatrices", []),
    member("crs", DROP),
    member("orderedAxes", DROP),
)
def definitions(site: Site) -> None:
    """A tile matrix set has a CRS, ordered axes and matrices."""
    for entry in site.json("/tileMatrixSets")["tileMatrixSets"]:
        document = site.json(href(entry, "self"))
        assert document["crs"]
        assert len(document["orderedAxes"]) == 2
        assert document["tileMatrices"]


@clause(
    TMS,
    "/req/tilematrixset/scaleDenominator",
    member("tileMatrices.*.scaleDenominator", 1.0),
    member("tileMatrices.*.cellSize", 1.0),
)
def scale(site: Site) -> None:
    """Cell sizes are scale denominators times 0.28 mm, in the unit of the CRS."""
    metres = {"EPSG/0/3857": 1.0, "CRS84": 111319.49079327358, "EPSG/0/3413": 1.0, "EPSG/0/4490": 111319.49079327358}
    for name in ("WebMercatorQuad", "WorldCRS84Quad", "EPSG3413Quad", "CGCS2000Quad"):
        document = site.json(f"/tileMatrixSets/{name}")
        unit = next(value for ending, value in metres.items() if document["crs"].endswith(ending))
        for matrix in document["tileMatrices"]:
            assert abs(matrix["scaleDenominator"] * 0.00028 / (matrix["cellSize"] * unit) - 1) < 1e-6


@clause(TMS, "/req/json-tilesetmetadata", member("boundingBox", DROP), member("layers", []))
def metadata(site: Site) -> None:
    """Tileset metadata have a bounding box and layers."""
    document = site.json(f"{HOME}/WebMercatorQuad")
    assert document["boundingBox"]["lowerLeft"]
    assert document["layers"][0]["id"]
    assert "self" in rels(document)
