"""Whether anything refers to an asset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, or_

from records.database.orm import AssetRow, GranuleRow, MosaicOverviewRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def is_used() -> ColumnElement[bool]:
    """True of an asset that a granule, as its file or its original one, or an overview across sheets refers to."""
    of_granule = exists().where(GranuleRow.asset_href == AssetRow.href)
    of_source = exists().where(GranuleRow.source_href == AssetRow.href)
    return or_(of_granule, of_source, exists().where(MosaicOverviewRow.asset_href == AssetRow.href))
