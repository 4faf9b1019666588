"""Tile matrix sets beside those of OGC and morecantile: polar stereographic ones, and those that China uses.

Polar sets and that of Albers double from one tile of 8,388,608 m, a cell of 32,768 m, whose powers of two are exact.
Tianditu's set `c` counts its matrices from 1, where two tiles of 256 cells of 0.703125 degrees hold the world. The
scale denominators are those of cells of 0.28 mm (OGC 17-083r4, 6.1.1.2), with which clients compute cells back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from morecantile import TileMatrixSet
from pyproj import CRS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PIXEL: Final = 0.00028
"""Metres of a pixel of a standard screen."""
_METRES_A_DEGREE: Final = 6378137.0 * 3.141592653589793 / 180.0
_TILE: Final = 256
_CELL: Final = 32768.0
_HALF: Final = 4194304.0
_LEVELS: Final = 18
_FIRST_DEGREES: Final = 0.703125

CHINA_ALBERS: Final = (
    "+proj=aea +lat_0=0 +lon_0=105 +lat_1=25 +lat_2=47 +x_0=0 +y_0=0 +ellps=GRS80 +units=m +no_defs +type=crs"
)
"""The equal-area projection of maps of China: parallels of 25 and 47 N, central meridian 105 E. It has no code."""


def _quad(name: str, title: str, crs: str, corner: tuple[float, float]) -> TileMatrixSet:
    """A set of one tile that doubles, over a square of 8,388,608 m from its upper left corner (x, y)."""
    own = CRS.from_user_input(crs).to_json_dict()
    reference = _uri(**own["id"]) if "id" in own else {"wkt": own}
    matrices = [
        {
            "id": str(level),
            "scaleDenominator": _CELL / 2**level / _PIXEL,
            "cellSize": _CELL / 2**level,
            "cornerOfOrigin": "topLeft",
            "pointOfOrigin": list(corner),
            "tileWidth": _TILE,
            "tileHeight": _TILE,
            "matrixWidth": 2**level,
            "matrixHeight": 2**level,
        }
        for level in range(_LEVELS)
    ]
    return TileMatrixSet.model_validate(
        {"id": name, "title": title, "crs": reference, "orderedAxes": ["X", "Y"], "tileMatrices": matrices}
    )


def _uri(authority: str, code: int) -> str:
    return f"http://www.opengis.net/def/crs/{authority}/0/{code}"


def _arctic(code: int, title: str) -> TileMatrixSet:
    return _quad(f"EPSG{code}Quad", title, f"EPSG:{code}", (-_HALF, _HALF))


def _cgcs2000() -> TileMatrixSet:
    matrices = [
        {
            "id": str(level),
            "scaleDenominator": _FIRST_DEGREES / 2 ** (level - 1) * _METRES_A_DEGREE / _PIXEL,
            "cellSize": _FIRST_DEGREES / 2 ** (level - 1),
            "cornerOfOrigin": "topLeft",
            "pointOfOrigin": [90.0, -180.0],
            "tileWidth": _TILE,
            "tileHeight": _TILE,
            "matrixWidth": 2**level,
            "matrixHeight": 2 ** (level - 1),
        }
        for level in range(1, _LEVELS + 1)
    ]
    title = "CGCS2000, longitude and latitude, as Tianditu cuts its tiles (c)"
    return TileMatrixSet.model_validate(
        {
            "id": "CGCS2000Quad",
            "title": title,
            "crs": _uri("EPSG", 4490),
            "orderedAxes": ["Lat", "Lon"],
            "tileMatrices": matrices,
        }
    )


OWN: Final[Mapping[str, Callable[[], TileMatrixSet]]] = {
    "EPSG3413Quad": lambda: _arctic(3413, "Arctic, NSIDC sea ice polar stereographic north"),
    "EPSG3995Quad": lambda: _arctic(3995, "Arctic polar stereographic"),
    "EPSG3031Quad": lambda: _arctic(3031, "Antarctic polar stereographic"),
    "CGCS2000Quad": _cgcs2000,
    "ChinaAlbersQuad": lambda: _quad(
        "ChinaAlbersQuad", "China, Albers equal area (25 N, 47 N, 105 E)", CHINA_ALBERS, (-_HALF, 7340032.0)
    ),
}
"""Makers of the sets by their ids."""
