"""The tile matrix sets of the application, and the one that a path names."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Path, Request

from services.drawing.tiles.matrices import MatrixSet
from services.drawing.tiles.matrix_sets import MatrixSets
from services.web.dependencies import inline


def matrix_sets_of(request: Request) -> MatrixSets:
    """The tile matrix sets of the application that serves a request."""
    return cast("MatrixSets", request.app.state.matrix_sets)


MatrixSetsDep = Annotated[MatrixSets, inline(matrix_sets_of)]


MatrixSetId = Annotated[str, Path(description="Identifier of a tile matrix set.", max_length=80)]


def _of_path(request: Request, tileMatrixSetId: MatrixSetId) -> MatrixSet:
    return matrix_sets_of(request)[tileMatrixSetId]


MatrixSetDep = Annotated[MatrixSet, inline(_of_path)]
"""The tile matrix set that a path names; raises NotFound."""
