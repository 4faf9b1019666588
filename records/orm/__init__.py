"""The tables of the catalogue, as SQLAlchemy models. Migrations in `records.migrations` create them."""

from __future__ import annotations

from records.orm.base import CHANNEL, Base
from records.orm.datasets import AssetRow, DatasetRow, GranuleRow, ItemRow, StyleRow, VariableRow
from records.orm.derived import LINKED_VARIABLES
from records.orm.harvests import HarvestItemRow, HarvestRunRow, HarvestSourceRow
from records.orm.jobs import JobRow
from records.orm.records import (
    AFTERWARDS,
    SORT_TITLE,
    RecordChangeRow,
    RecordOriginRow,
    RecordRow,
    RecordTermRow,
    RecordVersionRow,
    record_extent,
)
from records.orm.tokens import TokenRow

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
    "JobRow",
    "RecordChangeRow",
    "RecordOriginRow",
    "RecordRow",
    "RecordTermRow",
    "RecordVersionRow",
    "StyleRow",
    "TokenRow",
    "VariableRow",
    "record_extent",
]
