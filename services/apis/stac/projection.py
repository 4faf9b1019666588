"""Grids as members of STAC's projection extension."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pyproj import CRS

if TYPE_CHECKING:
    from config.grids import Grid

_WGS84: Final = 4326


def members(grid: Grid) -> dict[str, Any]:
    """`proj:code` and `proj:epsg` (`proj:wkt2` for a CRS without a code), shape (rows, columns), transform and box.

    CRS84 becomes EPSG:4326, whose coordinates clients of STAC read in the order longitude, latitude.
    """
    return {
        **_reference(grid.crs),
        "proj:shape": [grid.height, grid.width],
        "proj:transform": list(grid.transform),
        "proj:bbox": list(grid.bounds),
    }


def code(grid: Grid) -> str | None:
    """`EPSG:<code>`, or None for a CRS that is not in the EPSG register."""
    code: str | None = _reference(grid.crs)["proj:code"]
    return code


@lru_cache(maxsize=256)
def _reference(crs: str) -> dict[str, Any]:
    reference = CRS.from_user_input(crs)
    epsg = _WGS84 if crs == "OGC:CRS84" else reference.to_epsg(min_confidence=100)
    if epsg is None:
        return {"proj:code": None, "proj:epsg": None, "proj:wkt2": reference.to_wkt()}
    return {"proj:code": f"EPSG:{epsg}", "proj:epsg": int(epsg)}
