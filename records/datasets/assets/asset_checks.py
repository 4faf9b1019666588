"""Which files of the store are to be compared with their checksums next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from records.database.engine import translated_errors
from records.database.orm import AssetRow
from records.datasets.models import Asset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from sqlalchemy import Engine


def due(engine: Engine, *, age: timedelta, limit: int) -> list[Asset]:
    """The assets in use whose last comparison is that long ago, the one of longest ago first."""
    conditions = AssetRow.unused_since.is_(None), AssetRow.verified < func.now() - age
    with translated_errors(), Session(engine) as session:
        rows = session.scalars(select(AssetRow).where(*conditions).order_by(AssetRow.verified).limit(limit))
        return [Asset(href=row.href, sha256=row.sha256, size=row.size, media_type=row.media_type) for row in rows]


def note(engine: Engine, hrefs: Sequence[str]) -> None:
    """Note that assets have just been compared."""
    with translated_errors(), engine.begin() as connection:
        connection.execute(update(AssetRow).where(AssetRow.href.in_(hrefs)).values(verified=func.now()))
