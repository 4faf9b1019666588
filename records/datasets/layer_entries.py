"""The catalogue as services of map layers list it: datasets by theme and version, and the times of their variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.database.engine import translated_errors
from records.database.orm import DatasetRow, GranuleRow, RecordRow, VariableRow
from records.datasets import rows
from records.datasets.models import text_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from records.datasets.models import Dataset

_LONGEST_THEME = 200


@dataclass(frozen=True, kw_only=True)
class LayerEntry:
    """A public dataset in a list of layers.

    Attributes:
        dataset_id: Its id.
        version: Rises with every publication and change of the dataset.
        layers: Number of its variables.
        theme: The first concept of its record's themes, in words; empty without one.
    """

    dataset_id: str
    version: int
    layers: int
    theme: str


def layer_entries(engine: Engine) -> list[LayerEntry]:
    """List the datasets that are not hidden, by theme (those without one last) and id; one query."""
    concept = RecordRow.document["properties"]["themes"][0]["concepts"][0]
    count = (
        select(func.count())
        .select_from(VariableRow)
        .where(VariableRow.dataset_id == DatasetRow.id)
        .correlate(DatasetRow)
        .scalar_subquery()
    )
    query = (
        select(DatasetRow.id, DatasetRow.version, count, concept)
        .outerjoin(RecordRow, RecordRow.dataset_id == DatasetRow.id)
        .where(~DatasetRow.hidden)
        .order_by(DatasetRow.id)
    )
    with translated_errors(), Session(engine) as session:
        entries = [
            LayerEntry(dataset_id=dataset_id, version=version, layers=layers, theme=_theme(concept))
            for dataset_id, version, layers, concept in session.execute(query)
        ]
    return sorted(entries, key=lambda entry: (not entry.theme, entry.theme.casefold(), entry.dataset_id))


def _theme(concept: Any) -> str:
    if not isinstance(concept, dict):
        return ""
    title = concept.get("title")
    text = text_in(title) if isinstance(title, dict) else title
    return str(text or concept.get("id") or "").strip()[:_LONGEST_THEME]


def datasets_named(engine: Engine, dataset_ids: Sequence[str]) -> dict[str, Dataset]:
    """The datasets of those ids that are not hidden, by id."""
    query = select(DatasetRow).where(DatasetRow.id.in_(dataset_ids), ~DatasetRow.hidden)
    with translated_errors(), Session(engine) as session:
        return {row.id: rows.dataset(row) for row in session.scalars(query)}


def time_keys(engine: Engine, dataset_ids: Sequence[str]) -> dict[tuple[str, str], list[int]]:
    """The order keys of the distinct times of each variable of some datasets, rising: by (dataset, variable) id.

    A variable without times has no entry.
    """
    keys = (
        select(GranuleRow.dataset_id, GranuleRow.variable_id, GranuleRow.key)
        .where(GranuleRow.dataset_id.in_(dataset_ids), GranuleRow.key.is_not(None))
        .distinct()
        .subquery()
    )
    listed = func.array_agg(keys.c.key)
    query = select(keys.c.dataset_id, keys.c.variable_id, listed).group_by(keys.c.dataset_id, keys.c.variable_id)
    with translated_errors(), Session(engine) as session:
        return {(dataset, variable): sorted(times) for dataset, variable, times in session.execute(query)}
