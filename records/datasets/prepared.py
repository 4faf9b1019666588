"""What the first request for a dataset, or for one of its times, asks the catalogue: one prepared statement each.

The statements are those of `records.database.orm`, run without a session, which would cost a tile more than drawing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

from psycopg.rows import dict_row, namedtuple_row
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql import aggregate_order_by

from records.database.engine import direct_connection
from records.database.orm import AssetRow, DatasetRow, GranuleRow, StyleRow, VariableRow
from records.datasets import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine, Select

    from config.times import TimeRange
    from records.datasets.models import Dataset, Granule

_DATASET: Final = (
    *("id", "version", "title", "description", "access_policy", "embargo_until", "west", "south", "east", "north"),
    *("time", "attribution", "license", "created", "updated", "hidden", "series", "series_revision"),
    *("files", "external_ids", "license_url"),
)
_GRANULE: Final = (
    *("dataset_id", "variable_id", "time", "calendar", "key", "start", "end", "start_key", "end_key"),
    *("layer", "part", "grid", "provenance", "source_href"),
)
_ASSET: Final = ("href", "sha256", "size", "media_type")
_UNREAD: Final = frozenset({"summary", "dataset_id", "variable_id", "position"})
MANY: Final = 2
FEW: Final = 2
"""Granules of a dataset up to which they are read with it: most datasets of a catalogue of maps have one."""

type _Statement = tuple[bytes, dict[str, Any]]
"""SQL in bytes, and the values of its constants by name."""


def compile_statements() -> None:
    """Compile the statements of most requests, which takes a tenth of a second, before the first one comes."""
    _dataset_statement()
    for names in ((), ("start", "end")):
        _granule_statement(frozenset({"dataset", "variable", *names}))


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A dataset as the catalogue holds it.

    Attributes:
        dataset: The dataset.
        granules: All its granules where they are no more than FEW; None where there are more.
    """

    dataset: Dataset
    granules: tuple[Granule, ...] | None

    def last_granules(
        self, variable_id: str, when: TimeRange | None, *, layer: str | None, part: str | None
    ) -> list[Granule] | None:
        """The granules that `last_granules` would find; None where only the catalogue knows them all."""
        if self.granules is None:
            return None
        matches = [
            granule
            for granule in self.granules
            if granule.variable_id == variable_id
            and (layer is None or (granule.layer or "") == layer)
            and (part is None or (granule.part or "") == part)
            and _is_within(granule.key, when)
        ]
        return sorted(matches, key=_latest_first)[:MANY]


def _is_within(key: int | None, when: TimeRange | None) -> bool:
    if when is None or (when.start is None and when.end is None):
        return True
    return key is not None and (when.start is None or key >= when.start) and (when.end is None or key < when.end)


def _latest_first(granule: Granule) -> tuple[bool, int]:
    return granule.key is None, -(granule.key or 0)


def read_holding(engine: Engine, dataset_id: str) -> Holding | None:
    """The dataset of that id, hidden or not, with its granules if they are few; None if there is none."""
    with direct_connection(engine) as connection:
        sql, constants = _dataset_statement()
        cursor = connection.cursor(row_factory=dict_row)
        row = cursor.execute(sql, constants | {"id": dataset_id}, prepare=True).fetchone()
    if row is None:
        return None
    dataset = rows.dataset(cast("DatasetRow", SimpleNamespace(**row | {"variables": _variables(row["variables"])})))
    documents = row["granules"] or ()
    granules = None if len(documents) > FEW else tuple(_granule(SimpleNamespace(**each)) for each in documents)
    return Holding(dataset=dataset, granules=granules)


def last_granules(
    engine: Engine,
    dataset_id: str,
    variable_id: str,
    when: TimeRange | None,
    *,
    layer: str | None = None,
    part: str | None = None,
) -> list[Granule]:
    """The last granules whose label lies in a range, at most MANY, the latest first; None: of all, timed or not."""
    start, end = (None, None) if when is None else (when.start, when.end)
    values = {"dataset": dataset_id, "variable": variable_id, "layer": layer, "part": part, "start": start, "end": end}
    constraints = {name: value for name, value in values.items() if value is not None}
    with direct_connection(engine) as connection:
        sql, constants = _granule_statement(frozenset(constraints))
        cursor = connection.cursor(row_factory=namedtuple_row)
        matches = cursor.execute(sql, constants | constraints, prepare=True).fetchall()
    return [_granule(match) for match in matches]


def _granule(match: Any) -> Granule:
    asset = SimpleNamespace(**{name: getattr(match, f"asset_{name}") for name in _ASSET})
    row = SimpleNamespace(**{name: getattr(match, name) for name in _GRANULE}, asset=asset)
    return rows.granule(cast("GranuleRow", row))


def _variables(documents: Sequence[dict[str, Any]] | None) -> list[SimpleNamespace]:
    """Variables with their styles, as their rows have them; JSON writes whole numbers without a point."""
    return [
        SimpleNamespace(
            **document
            | {
                "scale": float(document["scale"]),
                "offset": float(document["offset"]),
                "styles": [_style(style) for style in document["styles"] or ()],
            }
        )
        for document in documents or ()
    ]


def _style(document: dict[str, Any]) -> SimpleNamespace:
    ends = {name: None if document[name] is None else float(document[name]) for name in ("low", "high")}
    return SimpleNamespace(**document | ends)


@cache
def _dataset_statement() -> _Statement:
    styles = (
        select(func.json_agg(aggregate_order_by(_document(StyleRow), StyleRow.position)))
        .where(StyleRow.dataset_id == VariableRow.dataset_id, StyleRow.variable_id == VariableRow.id)
        .correlate(VariableRow)
        .scalar_subquery()
    )
    variables = (
        select(func.json_agg(aggregate_order_by(_document(VariableRow, styles=styles), VariableRow.position)))
        .where(VariableRow.dataset_id == DatasetRow.id)
        .correlate(DatasetRow)
        .scalar_subquery()
        .label("variables")
    )
    first = _granules().where(GranuleRow.dataset_id == DatasetRow.id).correlate(DatasetRow).limit(FEW + 1).subquery()
    granules = select(func.json_agg(func.row_to_json(first.table_valued()))).scalar_subquery().label("granules")
    columns = [getattr(DatasetRow, name).label(name) for name in _DATASET]
    return _sql(select(*columns, variables, granules).where(DatasetRow.id == bindparam("id")))


@cache
def _granule_statement(names: frozenset[str]) -> _Statement:
    conditions = {
        "dataset": GranuleRow.dataset_id == bindparam("dataset"),
        "variable": GranuleRow.variable_id == bindparam("variable"),
        "layer": GranuleRow.layer == bindparam("layer"),
        "part": GranuleRow.part == bindparam("part"),
        "start": GranuleRow.key >= bindparam("start"),
        "end": GranuleRow.key < bindparam("end"),
    }
    query = _granules().where(*(condition for name, condition in conditions.items() if name in names))
    return _sql(query.order_by(GranuleRow.key.desc().nulls_last()).limit(MANY))


def _granules() -> Select[Any]:
    columns = [getattr(GranuleRow, name).label(name) for name in _GRANULE]
    columns += [getattr(AssetRow, name).label(f"asset_{name}") for name in _ASSET]
    return select(*columns).join(AssetRow, AssetRow.href == GranuleRow.asset_href)


def _document(table: type[VariableRow | StyleRow], **more: Any) -> Any:
    """A row of a table as JSON, with further members."""
    columns = {c.name: c for c in table.__table__.columns if c.name not in _UNREAD} | more
    return func.json_build_object(*[each for name, c in columns.items() for each in (text(f"'{name}'"), c)])


def _sql(query: Select[Any]) -> _Statement:
    """A query and its constants as psycopg takes them."""
    compiled = query.compile(dialect=registry.load("postgresql.psycopg")())
    return str(compiled).encode(), {name: value for name, value in compiled.params.items() if value is not None}
