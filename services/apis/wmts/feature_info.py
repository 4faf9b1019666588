"""GetFeatureInfo (OGC 07-057r7, 7.3): the value under a pixel of a tile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from starlette.responses import Response

from cog.grids.enclosing import transformed
from config.grids import CRS84
from services.ows.faults import OwsFault
from services.ows.info_documents import WMTS_FORMATS, WRITERS
from services.ows.point_values import PointPlace, point_value
from services.web.crs import parse_crs

if TYPE_CHECKING:
    from services.apis.wmts.tile_request import LayerTile
    from services.drawing.tiles.matrices import Address
    from services.ows.kvp import Keywords
    from services.web.context import Context
    from services.web.negotiation import Language


def feature_info(context: Context, keywords: Keywords, subject: LayerTile, language: Language) -> Response:
    """The value under a pixel; raises OwsFault: for one outside the tile TileOutOfRange, as in the official suite."""
    media_type = keywords.choice("InfoFormat", {media: media for media in WMTS_FORMATS})
    where = subject.tile.where
    size = where.matrix_set.matrices[where.matrix].tile
    pixel = {name: keywords.integer(name) for name in ("I", "J")}
    for name, number in pixel.items():
        if not 0 <= number < size:
            raise OwsFault("TileOutOfRange", name, f"{name}={number}: a tile has pixels 0 to {size - 1}")
    place = _place(where, pixel["I"], pixel["J"])
    value = point_value(context, subject.layer, subject.tile.selection, place, language)
    content = WRITERS[media_type]([value], place, language)
    return Response(content, media_type=media_type, headers={"Vary": "Accept-Language"})


def _place(where: Address, column: int, row: int) -> PointPlace:
    """The centre of a pixel of a tile."""
    level = where.matrix_set.matrices[where.matrix]
    west, _, _, north = where.bounds
    x, y = west + (column + 0.5) * level.cell, north - (row + 0.5) * level.cell
    reference = parse_crs(where.matrix_set.crs, name="TileMatrixSet")
    longitudes, latitudes = transformed(np.array([x]), np.array([y]), source=reference.crs, target=CRS84)
    return PointPlace(x=x, y=y, reference=reference, longitude=float(longitudes[0]), latitude=float(latitudes[0]))
