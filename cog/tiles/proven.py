"""The versions on which the tiles drawn here were proved equal to rio-tiler's.

`cog.tiles.read` and `cog.grids.approximate` repeat what GDAL does inside; another version may do it differently. After
an upgrade, run `tests/cog/tiles/test_tile_identity.py`, and enter the new versions if it passes.
"""

from __future__ import annotations

from typing import Final

import rasterio
import rio_tiler

PROVEN: Final = frozenset({("3.12.2", "1.5.2", "9.4.12")})
"""GDAL, rasterio, rio-tiler."""


def versions() -> tuple[str, str, str]:
    """The versions at hand of GDAL, rasterio and rio-tiler."""
    return rasterio.__gdal_version__, rasterio.__version__, rio_tiler.__version__


def is_proven() -> bool:
    """Whether identity was proved on the versions at hand."""
    return versions() in PROVEN


def why_not() -> str:
    """What is at hand that was not proved."""
    return "identity was not proved on GDAL {}, rasterio {}, rio-tiler {}".format(*versions())
