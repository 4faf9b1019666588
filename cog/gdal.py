"""GDAL's and PROJ's environment, the same in every process of Graticule.

`configure` is called at the start of a worker, a web application or a command, never at import.
"""

from __future__ import annotations

import os
from typing import Final

FOREIGN: Final = ("GDAL_", "PROJ_", "CPL_", "OGR_", "VSI_", "GTIFF_")
"""Prefixes of the variables by which GDAL and PROJ can be changed from outside; what is found there is removed."""


def configure(cache_mb: int = 256) -> None:
    """Set the options of GDAL and PROJ, and forget those that the surroundings have set.

    Args:
        cache_mb: GDAL's block cache, in MiB; it is per process.
    """
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    os.environ.update(
        {
            "GDAL_CACHEMAX": str(cache_mb),
            # a source is its one file: no .aux.xml, .ovr or .msk beside it is looked for, and none is written
            "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
            "GDAL_PAM_ENABLED": "NO",
            "PROJ_NETWORK": "OFF",
        }
    )
