"""The grid of a raster: coordinate reference system, affine transform and shape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

CRS84 = "OGC:CRS84"
"""Longitude, latitude on WGS 84: the one geographic CRS that grids are stored in."""

_TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A regular grid of cells.

    Attributes:
        crs: `OGC:CRS84`, `EPSG:<code>` or WKT2. Coordinates are always (x, y) = (east, north), never (lat, lon).
        transform: The affine (a, b, c, d, e, f): x = a*col + b*row + c, y = d*col + e*row + f, where (col, row) =
            (0, 0) is the outer corner of the first cell. Units are those of the CRS. North up: e < 0.
        width: Number of columns.
        height: Number of rows.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int

    def __post_init__(self) -> None:
        """Refuse shapes and transforms that no raster has."""
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a grid of {self.width} x {self.height} cells")
        if not all(math.isfinite(v) for v in self.transform) or self.transform[0] == 0 or self.transform[4] == 0:
            raise ValueError(f"an unusable affine transform {self.transform}")

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) of the outer cell edges, in CRS units; only for grids without rotation."""
        a, _, c, _, e, f = self.transform
        ys = (f, f + e * self.height)
        return (c, min(ys), c + a * self.width, max(ys))

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are degrees of longitude and latitude."""
        return self.crs == CRS84

    @property
    def is_global(self) -> bool:
        """Whether the columns go once round the globe, so that longitude is read modulo 360."""
        return self.is_geographic and abs(self.transform[0] * self.width - 360.0) < abs(self.transform[0]) * 1e-3

    def matches(self, other: Grid) -> bool:
        """Whether both have the same cells, within a millionth of a cell."""
        same_shape = (self.crs, self.width, self.height) == (other.crs, other.width, other.height)
        cell = min(abs(self.transform[0]), abs(self.transform[4]))
        reach = max(self.width, self.height)
        return same_shape and all(
            abs(p - q) <= cell * _TOLERANCE * (1 if i in (2, 5) else 1 / reach)
            for i, (p, q) in enumerate(zip(self.transform, other.transform, strict=True))
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON members `crs`, `transform` and `shape` (rows, columns)."""
        return {"crs": self.crs, "transform": list(self.transform), "shape": [self.height, self.width]}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        height, width = document["shape"]
        a, b, c, d, e, f = (float(v) for v in document["transform"])
        return cls(crs=document["crs"], transform=(a, b, c, d, e, f), width=width, height=height)
