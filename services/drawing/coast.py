"""The coast: lines of Natural Earth, shipped with the pages (services/portal/static/vendor/world-atlas)."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

import numpy as np
from pyproj import Transformer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from config.grids import Grid

    Lines = list[NDArray[np.float64]]

_FILE: Final = "portal/static/vendor/world-atlas/coast.json"
_TURN: Final = 360.0


@cache
def coast_lines() -> Lines:
    """Lines of (point, 2) longitudes and latitudes in degrees; not to be changed."""
    text = (resources.files("services") / _FILE).read_text(encoding="utf-8")
    return [np.array(line, dtype="float64") for line in json.loads(text)["geometry"]["coordinates"]]


def coast_within(grid: Grid) -> Lines:
    """Lines of (point, 2) coordinates in the CRS of a grid, those that may meet it.

    On geographic grids they are repeated where the columns go on beyond 180 degrees.
    """
    west, south, east, north = grid.bounds
    lines = _turned(west, east) if grid.is_geographic else _projected(grid)
    return [
        line
        for line in lines
        if (line[:, 0].max() >= west and line[:, 0].min() <= east)
        and (line[:, 1].max() >= south and line[:, 1].min() <= north)
    ]


def _turned(west: float, east: float) -> Lines:
    turns = np.arange(np.floor((west + 180) / _TURN), np.floor((east + 180) / _TURN) + 1)
    return [line + np.array([turn * _TURN, 0.0]) for turn in turns for line in coast_lines()]


def _projected(grid: Grid) -> Lines:
    """The lines in the CRS of a grid, cut where they leave its domain or jump across it."""
    transformer = Transformer.from_crs("OGC:CRS84", grid.crs, always_xy=True)
    west, _, east, _ = grid.bounds
    pieces: Lines = []
    for line in coast_lines():
        points = np.column_stack(transformer.transform(line[:, 0], line[:, 1]))
        finite = np.isfinite(points).all(axis=1)
        with np.errstate(invalid="ignore"):
            jumps = np.abs(np.diff(points[:, 0], prepend=points[:1, 0])) > east - west
        cuts = np.flatnonzero(~finite | jumps | ~np.roll(finite, 1))
        pieces += [piece for piece in np.split(points, cuts) if len(piece) > 1 and np.isfinite(piece).all()]
    return pieces
