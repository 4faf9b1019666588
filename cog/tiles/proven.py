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
    """The installed versions of GDAL, rasterio and rio-tiler."""
    return rasterio.__gdal_version__, rasterio.__version__, rio_tiler.__version__


def is_proven() -> bool:
    """Whether identity was proved for the installed versions."""
    return versions() in PROVEN


def unproven_versions() -> str:
    """The installed versions for which identity was not proved, in words."""
    return "GDAL {}, rasterio {}, rio-tiler {}".format(*versions())
