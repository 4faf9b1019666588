"""The clauses, a module a standard."""

from __future__ import annotations

from typing import Final

from tests.conformance.clauses import (
    common,
    coverages,
    edr,
    features,
    maps,
    processes,
    records,
    stac,
    styles,
    tiles,
    wcs,
    wms,
    wmts,
)
from tests.conformance.framework import CLAUSES

MODULES: Final = (common, features, records, processes, tiles, maps, styles, coverages, edr, wmts, wms, wcs, stac)
ALL: Final = tuple(CLAUSES)
