"""The tile matrix sets that tiles are served in: titiler's, polar ones, those of China, and those of the operator."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import morecantile
from morecantile.defaults import TileMatrixSets
from pyproj import CRS

from config.errors import NotFound
from config.grids import CRS84
from services.drawing.tiles.matrices import Matrix, MatrixSet
from services.drawing.tiles.own_matrix_sets import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from morecantile import TileMatrixSet

WEB_MERCATOR_QUAD: Final = "WebMercatorQuad"
WORLD_CRS84_QUAD: Final = "WorldCRS84Quad"
PLAIN: Final = (WEB_MERCATOR_QUAD, WORLD_CRS84_QUAD)
"""The sets that stand in every list first. Web Mercator before all: GDAL's WMTS driver takes the first one."""
_OGC: Final = "http://www.opengis.net/def/tilematrixset/OGC/1.0/"
_UNREGISTERED: Final = frozenset({"LINZAntarticaMapTilegrid", "NZTM2000Quad"})
_DEGREES: Final = frozenset({("OGC", "CRS84"), ("EPSG", "4326"), ("EPSG", "4490")})
"""CRSs whose longitudes and latitudes are read as those of WGS 84: CGCS2000 is equal to it within centimetres, and
PROJ's transformation between the two (EPSG 15486 and its kin) moves no coordinate."""


@cache
def builtin_ids() -> tuple[str, ...]:
    """The ids of the sets of every service, Web Mercator first."""
    return *PLAIN, *sorted(name for name in morecantile.tms.list() if name not in PLAIN), *OWN


@cache
def builtin(matrix_set_id: str) -> MatrixSet:
    """A set of every service."""
    make = OWN.get(matrix_set_id)
    return matrix_set_of(make() if make is not None else morecantile.tms.get(matrix_set_id))


@cache
def titiler_sets() -> TileMatrixSets:
    """The sets of every service as titiler takes them."""
    return TileMatrixSets({name: builtin(name).definition for name in builtin_ids()})


def web_mercator_quad() -> MatrixSet:
    """The set of web maps."""
    return builtin(WEB_MERCATOR_QUAD)


def world_crs84_quad() -> MatrixSet:
    """The set of longitudes and latitudes."""
    return builtin(WORLD_CRS84_QUAD)


def matrix_set_of(definition: TileMatrixSet) -> MatrixSet:
    """Describe a tile matrix set, whose matrices have numbers as ids; raises ValueError for one without a CRS."""
    crs = CRS.from_user_input(definition.crs.to_wkt())
    authority = _code(crs)
    name = definition.id or ""
    matrices = {int(matrix.id): _matrix(definition, matrix) for matrix in definition.tileMatrices}
    first = definition.tileMatrices[0]
    coarsest = matrices[int(first.id)]
    is_registered = name in morecantile.tms.list() and name not in _UNREGISTERED
    return MatrixSet(
        id=name,
        title=definition.title or name,
        uri=_OGC + name if is_registered else str(definition.uri) if definition.uri else None,
        crs=_crs_name(authority, crs),
        code=authority,
        axes_swapped=tuple(first.pointOfOrigin) != (coarsest.left, coarsest.top),
        matrices=matrices,
        definition=definition,
    )


def _matrix(definition: TileMatrixSet, matrix: morecantile.models.TileMatrix) -> Matrix:
    corner = definition.xy_bounds(morecantile.Tile(x=0, y=0, z=int(matrix.id)))
    merged = matrix.variableMatrixWidths or ()
    return Matrix(
        left=corner.left,
        top=corner.top,
        cell=matrix.cellSize,
        tile=matrix.tileWidth,
        columns=matrix.matrixWidth,
        rows=matrix.matrixHeight,
        merged=tuple((rows.minTileRow, rows.maxTileRow, rows.coalesce) for rows in merged),
    )


def _code(crs: CRS) -> tuple[str, str] | None:
    """The name that a CRS states of itself: searching PROJ's database for one takes long."""
    own = crs.to_json_dict().get("id")
    return None if own is None else (str(own["authority"]), str(own["code"]))


def _crs_name(authority: tuple[str, str] | None, crs: CRS) -> str:
    if authority is None:
        return str(crs.to_wkt())
    return CRS84 if authority in _DEGREES else ":".join(authority)


class MatrixSets:
    """The tile matrix sets of an application.

    Args:
        own: The operator's own sets, beside those of every service.
    """

    def __init__(self, own: Iterable[MatrixSet] = ()) -> None:
        self._own = {entry.id: entry for entry in own}

    def __iter__(self) -> Iterator[MatrixSet]:
        """Yield every set, Web Mercator first."""
        yield from map(builtin, builtin_ids())
        yield from self._own.values()

    @property
    def own(self) -> tuple[MatrixSet, ...]:
        """The operator's own sets."""
        return tuple(self._own.values())

    def __getitem__(self, matrix_set_id: str) -> MatrixSet:
        """The set of that id; raises NotFound."""
        if matrix_set_id in self._own:
            return self._own[matrix_set_id]
        if matrix_set_id not in builtin_ids():
            names = ", ".join((*builtin_ids(), *self._own))
            raise NotFound(f"there is no tile matrix set {matrix_set_id[:80]!r} here; there are {names}")
        return builtin(matrix_set_id)
