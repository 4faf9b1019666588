"""The tile matrix sets as WMTS names and describes them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from services.drawing.tiles import matrices
from services.ows.markup import element, leaf

if TYPE_CHECKING:
    from services.drawing.tiles.plans import Limits

GOOGLE: Final = "GoogleMapsCompatible"
SETS: Final = {matrices.WEB_MERCATOR_QUAD: matrices.WEB_MERCATOR_QUAD, GOOGLE: matrices.WEB_MERCATOR_QUAD} | {
    name: name for name in matrices.IDS if name != matrices.WEB_MERCATOR_QUAD
}
"""Our name of each set by the name in a request. GoogleMapsCompatible is for clients that know no other; no set has a
WellKnownScaleSet, whose CRS would have to be named in a way that clients refuse."""
CRS_URNS: Final = {matrices.WEB_MERCATOR_QUAD: "urn:ogc:def:crs:EPSG::3857"}
_CRS84: Final = "urn:ogc:def:crs:OGC:1.3:CRS84"


def limits_of(bbox: tuple[float, float, float, float], matrix_set_id: str) -> Limits:
    """The tiles of every matrix of a set that meet a box in CRS84."""
    return _limits(bbox, matrix_set_id)


@lru_cache(maxsize=2048)
def _limits(bbox: tuple[float, float, float, float], matrix_set_id: str) -> Limits:
    last = len(matrices.matrices(matrix_set_id)) - 1
    return tuple(
        (entry["minTileRow"], entry["maxTileRow"], entry["minTileCol"], entry["maxTileCol"])
        for entry in matrices.limits(bbox, matrix_set_id, last=last)
    )


def set_elements() -> str:
    """The TileMatrixSet elements."""
    return "".join(_set_element(name, own) for name, own in SETS.items())


def _set_element(name: str, own: str) -> str:
    tms = matrices.matrix_set(own)
    rows = "".join(
        element(
            "TileMatrix",
            leaf("ows:Identifier", matrix.id)
            + leaf("ScaleDenominator", repr(matrix.scaleDenominator))
            + leaf("TopLeftCorner", " ".join(repr(number) for number in matrix.pointOfOrigin))
            + leaf("TileWidth", matrix.tileWidth)
            + leaf("TileHeight", matrix.tileHeight)
            + leaf("MatrixWidth", matrix.matrixWidth)
            + leaf("MatrixHeight", matrix.matrixHeight),
        )
        for matrix in tms.tileMatrices
    )
    return element(
        "TileMatrixSet",
        leaf("ows:Identifier", name) + leaf("ows:SupportedCRS", CRS_URNS.get(own, _CRS84)) + rows,
    )
