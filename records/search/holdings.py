"""What a catalogue holds, in numbers: as its home page says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from records.database.engine import translated_errors
from records.database.orm import DatasetRow
from records.datasets import rows
from records.search.remembering import memory_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from records.datasets.models import Dataset

_STATE: Final = text("select count(*), coalesce(sum(version), 0) from datasets where not hidden")
_DATASETS: Final = text(
    "select count(*), min(time ->> 'first') filter (where (time ->> 'first') ~ '^[0-9]{4}'"
    " and not coalesce((time ->> 'climatology')::boolean, false)),"
    " max(time ->> 'last') filter (where (time ->> 'last') ~ '^[0-9]{4}'"
    " and not coalesce((time ->> 'climatology')::boolean, false)) from datasets where not hidden"
)
_VARIABLES: Final = text("select count(*) from variables v join datasets d on d.id = v.dataset_id where not d.hidden")
_FILES: Final = text(
    "select count(*), coalesce(sum(a.size), 0) from (select distinct g.asset_href from granules g"
    " join datasets d on d.id = g.dataset_id where not d.hidden) f join assets a on a.href = f.asset_href"
)
_DATASET: Final = text(
    "select count(*), coalesce(sum(a.size), 0) from (select distinct asset_href from granules where dataset_id = :id) f"
    " join assets a on a.href = f.asset_href"
)


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """Counts of what is public, hidden datasets apart.

    Attributes:
        datasets: Datasets.
        variables: Their variables.
        files: Files of them.
        size: Bytes of these files.
        first: Label of the first time of any; None without times. Climatologies, whose years are nominal, do not count.
        last: Label of the last.
    """

    datasets: int
    variables: int
    files: int
    size: int
    first: str | None
    last: str | None


def holdings(engine: Engine) -> Holdings:
    """Count what is public; remembered until a dataset changes."""
    with translated_errors(), engine.connect() as connection:
        state = tuple(connection.execute(_STATE).one())

        def counted() -> Holdings:
            datasets, first, last = connection.execute(_DATASETS).one()
            files, size = connection.execute(_FILES).one()
            variables = connection.execute(_VARIABLES).scalar_one()
            return Holdings(
                datasets=datasets, variables=variables, files=files, size=int(size), first=first, last=last
            )  # fmt: skip

        return memory_of(engine).get(("holdings", *state), counted)


def files_of(engine: Engine, dataset: Dataset) -> tuple[int, int]:
    """The number of a dataset's files and their bytes; remembered for its version."""

    def counted() -> tuple[int, int]:
        with translated_errors(), engine.connect() as connection:
            files, size = connection.execute(_DATASET, {"id": dataset.id}).one()
            return files, int(size)

    return memory_of(engine).get(("files", dataset.id, dataset.version), counted)


def newest(engine: Engine, *, limit: int) -> list[Dataset]:
    """The public datasets that were published or changed last, the latest first."""
    with translated_errors(), Session(engine) as session:
        latest = select(DatasetRow).where(~DatasetRow.hidden).order_by(DatasetRow.updated.desc(), DatasetRow.id)
        return [rows.dataset(row) for row in session.scalars(latest.limit(limit))]
