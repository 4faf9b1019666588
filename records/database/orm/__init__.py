"""The tables of the catalogue, as SQLAlchemy models. Migrations in `records.database.migrations` create them."""

from __future__ import annotations

from records.database.orm.base import CHANNEL, Base
from records.database.orm.datasets import (
    AssetRow,
    DatasetRow,
    GranuleRow,
    ItemRow,
    MosaicOverviewRow,
    SeriesPartRow,
    StyleRow,
    VariableRow,
)
from records.database.orm.derived import LINKED_VARIABLES
from records.database.orm.harvests import HarvestItemRow, HarvestRunRow, HarvestSourceRow
from records.database.orm.jobs import JobCallbackRow, JobRow
from records.database.orm.records import (
    AFTERWARDS,
    SORT_TITLE,
    RecordChangeRow,
    RecordOriginRow,
    RecordRow,
    RecordTermRow,
    RecordVersionRow,
    record_extent,
)
from records.database.orm.tokens import TokenRow
from records.database.orm.watches import WatchedFileRow

__all__ = [
    "AFTERWARDS",
    "CHANNEL",
    "LINKED_VARIABLES",
    "SORT_TITLE",
    "AssetRow",
    "Base",
    "DatasetRow",
    "GranuleRow",
    "HarvestItemRow",
    "HarvestRunRow",
    "HarvestSourceRow",
    "ItemRow",
    "JobCallbackRow",
    "JobRow",
    "MosaicOverviewRow",
    "RecordChangeRow",
    "RecordOriginRow",
    "RecordRow",
    "RecordTermRow",
    "RecordVersionRow",
    "SeriesPartRow",
    "StyleRow",
    "TokenRow",
    "VariableRow",
    "WatchedFileRow",
    "record_extent",
]
