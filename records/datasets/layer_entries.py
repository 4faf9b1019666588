"""The catalogue as services of map layers list it: datasets by theme and version, and the times of their variables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, lazyload

from records.database.engine import translated_errors
from records.database.orm import DatasetRow, GranuleRow, RecordRow, StyleRow, VariableRow
from records.datasets import rows
from records.datasets.models import text_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from records.datasets.models import Dataset, Variable

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
    """The datasets of those ids that are not hidden, by id.

    Variables and styles, often twenty of a dataset, are read as plain rows: mapped objects take thrice as long.
    """
    query = select(DatasetRow).where(DatasetRow.id.in_(dataset_ids), ~DatasetRow.hidden)
    with translated_errors(), Session(engine) as session:
        variables = _variables(session, dataset_ids)
        return {
            row.id: rows.dataset(row, variables=tuple(variables.get(row.id, ())))
            for row in session.scalars(query.options(lazyload(DatasetRow.variables)))
        }


def _variables(session: Session, dataset_ids: Sequence[str]) -> dict[str, list[Variable]]:
    """The variables of datasets, by id of the dataset, in their order."""
    styles: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    own = StyleRow.__table__
    for row in session.execute(select(own).where(own.c.dataset_id.in_(dataset_ids)).order_by(own.c.position)):
        styles[row.dataset_id, row.variable_id].append(row)
    columns = [column for column in VariableRow.__table__.c if column.name != "summary"]
    place = VariableRow.__table__.c
    query = select(*columns).where(place.dataset_id.in_(dataset_ids)).order_by(place.dataset_id, place.position)
    by_dataset: defaultdict[str, list[Variable]] = defaultdict(list)
    for row in session.execute(query):
        plain: Any = SimpleNamespace(**row._mapping, styles=styles[row.dataset_id, row.id])  # noqa: SLF001 - its public name
        by_dataset[row.dataset_id].append(rows.variable(plain))
    return by_dataset


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
