"""The files of a dataset: one asset by its name, and its granules a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from config.errors import AssetNotFound
from records.database.engine import translated_errors
from records.database.orm import AssetRow, GranuleRow, VariableRow
from records.datasets import rows

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Engine

    from config.times import TimeRange
    from records.datasets.models import Asset, Dataset, Granule

_LEVEL, _MEMBER = (func.split_part(GranuleRow.layer, "@", number) for number in (1, 2))
"""The two halves of the key of a layer (`config.layers`)."""


@dataclass(frozen=True, kw_only=True)
class GranuleFilter:
    """Which granules are wanted; None: all."""

    variable: str | None = None
    when: TimeRange | None = None
    level: str | None = None
    member: str | None = None
    part: str | None = None


def asset(engine: Engine, dataset_id: str, href: str) -> Asset:
    """The file of that path, if a granule of the dataset has it now or was made from it; raises AssetNotFound."""
    is_one = or_(GranuleRow.asset_href == href, GranuleRow.source_href == href)
    of_granule = select(GranuleRow.id).where(GranuleRow.dataset_id == dataset_id, is_one)
    query = select(AssetRow).where(AssetRow.href == href, of_granule.exists())
    with translated_errors(), Session(engine) as session:
        row = None if "\0" in href else session.scalar(query)
        if row is None:
            remedy = f"/collections/{dataset_id}/granules lists those there are"
            raise AssetNotFound(f"collection {dataset_id} has no file {href[:300]!r}; {remedy}")
        return rows.asset(row)


def granules(
    engine: Engine, dataset: Dataset, criteria: GranuleFilter, *, limit: int, offset: int
) -> tuple[list[Granule], int]:
    """A page of granules, the latest time first, and how many match.

    Those of one time stand in the order of their variables, layers and parts.
    """
    conditions = _conditions(dataset, criteria)
    position = (
        select(VariableRow.position)
        .where(VariableRow.dataset_id == GranuleRow.dataset_id, VariableRow.id == GranuleRow.variable_id)
        .scalar_subquery()
    )
    order = (GranuleRow.key.desc(), position, GranuleRow.layer, GranuleRow.part)
    page = select(GranuleRow).where(*conditions).order_by(*order).limit(limit).offset(offset)
    with translated_errors(), Session(engine) as session:
        total = session.scalar(select(func.count()).select_from(GranuleRow).where(*conditions)) or 0
        return [rows.granule(row) for row in session.scalars(page)], total


def _conditions(dataset: Dataset, criteria: GranuleFilter) -> list[ColumnElement[bool]]:
    clauses = [GranuleRow.dataset_id == dataset.id]
    exact: dict[Any, str | None] = {
        GranuleRow.variable_id: criteria.variable,
        _LEVEL: criteria.level,
        _MEMBER: criteria.member,
        GranuleRow.part: criteria.part,
    }
    clauses += [column == value.replace("\0", "") for column, value in exact.items() if value is not None]
    when = criteria.when
    if when is not None and when.start is not None:
        clauses.append(or_(GranuleRow.key >= when.start, GranuleRow.end_key > when.start))
    if when is not None and when.end is not None:
        clauses.append(or_(GranuleRow.start_key < when.end, GranuleRow.key < when.end))
    return clauses
