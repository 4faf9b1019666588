"""The standards that the service offers: a new one is a package in `services.apis` and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.apis.clients.part import PART as CLIENTS
from services.apis.coverages.part import PART as COVERAGES
from services.apis.csw.part import PART as CSW
from services.apis.edr.part import PART as EDR
from services.apis.files.part import PART as FILES
from services.apis.maps.part import PART as MAPS
from services.apis.notebooks.part import PART as NOTEBOOKS
from services.apis.oai.part import PART as OAI
from services.apis.opendap.part import PART as OPENDAP
from services.apis.processes.part import PART as PROCESSES
from services.apis.records.part import PART as RECORDS
from services.apis.regions.part import PART as REGIONS
from services.apis.stac.part import PART as STAC
from services.apis.styles.part import PART as STYLES
from services.apis.tiles.part import PART as TILES
from services.apis.titiler.part import PART as TITILER
from services.apis.tms.part import PART as TMS
from services.apis.values.part import PART as VALUES
from services.apis.wcs.part import PART as WCS
from services.apis.wms.part import PART as WMS
from services.apis.wmts.part import PART as WMTS
from services.apis.zarr.part import PART as ZARR

if TYPE_CHECKING:
    from services.web.part import Part

PARTS: Final[tuple[Part, ...]] = (
    RECORDS,  # before all whose paths have the id of a collection where those of records have `records`
    CSW,
    OAI,
    PROCESSES,
    COVERAGES,
    MAPS,
    TILES,
    TITILER,
    CLIENTS,
    WCS,
    WMS,
    WMTS,
    TMS,
    STYLES,
    VALUES,
    REGIONS,
    EDR,
    OPENDAP,
    ZARR,
    NOTEBOOKS,
    FILES,
    STAC,
)
"""The parts in the order of their routes and links."""
