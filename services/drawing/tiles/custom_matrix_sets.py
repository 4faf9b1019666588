"""The operator's own tile matrix sets: a folder of JSON files (OGC 17-083r4, 7.2), read when a server starts."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from morecantile import TileMatrixSet
from pydantic import ValidationError
from pyproj.exceptions import CRSError, ProjError

from config.errors import UnsafeSetting
from services.drawing.tiles.matrix_sets import builtin_ids, matrix_set_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from morecantile.models import TileMatrix

    from services.drawing.tiles.matrices import MatrixSet

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}", re.ASCII)
_NUMBER: Final = re.compile(r"0|[1-9][0-9]?", re.ASCII)
_MAX_FILES: Final = 50
_MAX_BYTES: Final = 1_000_000
_MAX_MATRICES: Final = 40
_MAX_TILE: Final = 4096


def read_matrix_sets(folder: Path) -> list[MatrixSet]:
    """Read every `*.json` of a folder; raises UnsafeSetting naming the file and what is wrong with it."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".json")
    except OSError as error:
        raise UnsafeSetting(f"tile.matrix_sets={folder}: not a folder that can be read: {error}") from error
    if len(paths) > _MAX_FILES:
        raise UnsafeSetting(f"tile.matrix_sets={folder}: {len(paths)} files, at most {_MAX_FILES} are read")
    sets: dict[str, MatrixSet] = {}
    for path in paths:
        entry = read_matrix_set(path)
        if entry.id in sets or entry.id in builtin_ids():
            raise UnsafeSetting(f"{path}: there is another tile matrix set {entry.id!r}; give it an id of its own")
        sets[entry.id] = entry
    return list(sets.values())


def read_matrix_set(path: Path) -> MatrixSet:
    """Read a tile matrix set; raises UnsafeSetting."""
    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise UnsafeSetting(f"{path}: {size} bytes, at most {_MAX_BYTES} are read")
        definition = TileMatrixSet.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UnsafeSetting(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise UnsafeSetting(f"{path}: no tile matrix set of OGC 17-083r4: {where}: {first['msg']}") from error
    except (CRSError, ProjError) as error:
        raise UnsafeSetting(f"{path}: crs: PROJ does not know it: {str(error)[:200]}") from error
    for problem in _problems(definition):
        raise UnsafeSetting(f"{path}: {problem}")
    try:
        return matrix_set_of(definition)
    except (CRSError, ProjError, ValueError) as error:
        raise UnsafeSetting(f"{path}: crs: PROJ does not know it: {str(error)[:200]}") from error


def _problems(definition: TileMatrixSet) -> Iterator[str]:
    """What keeps a set from being served, each with its remedy."""
    if not _NAME.fullmatch(definition.id or ""):
        yield f"id {definition.id!r}: letters, digits, - and _ are needed, at most 80, a letter first"
    if not definition.orderedAxes and definition.crs.to_epsg() is None:
        yield 'orderedAxes is needed, such as ["X", "Y"], for a CRS in no register'
    matrices = definition.tileMatrices
    if not 1 <= len(matrices) <= _MAX_MATRICES:
        yield f"tileMatrices: {len(matrices)} matrices, 1 to {_MAX_MATRICES} are possible"
    if len({matrix.id for matrix in matrices}) < len(matrices):
        yield "tileMatrices: two have the same id"
    for matrix in matrices:
        for problem in _matrix_problems(matrix):
            yield f"tileMatrices: {matrix.id!r}: {problem}"


def _matrix_problems(matrix: TileMatrix) -> Iterator[str]:
    if not _NUMBER.fullmatch(matrix.id):
        yield "ids are whole numbers from 0 to 99, which stand in the paths of tiles"
    if matrix.cornerOfOrigin != "topLeft":
        yield "cornerOfOrigin has to be topLeft"
    if matrix.tileWidth != matrix.tileHeight or not 1 <= matrix.tileWidth <= _MAX_TILE:
        yield f"tileWidth and tileHeight have to be equal, 1 to {_MAX_TILE}"
    if not (math.isfinite(matrix.cellSize) and matrix.cellSize > 0):
        yield f"cellSize {matrix.cellSize} has to be positive"
    if not all(map(math.isfinite, matrix.pointOfOrigin)):
        yield "pointOfOrigin has to be two numbers"
    if matrix.matrixWidth < 1 or matrix.matrixHeight < 1:
        yield "matrixWidth and matrixHeight have to be positive"
