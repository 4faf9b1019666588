"""The parts of series by time: which there are, and their one way of changing.

A part is tied to the files that it was built of: it lists the order key and the checksum of each of its times. A reader
takes of it what still is so, and the COGs for the rest; so a corrected or added time is never answered wrong.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from config.errors import CollectionNotFound
from records.database.engine import translated_errors
from records.database.orm import CHANNEL, DatasetRow, SeriesPartRow, VariableRow
from records.writing.writing import lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Engine

    from records.datasets.models import SeriesChoice

_CHECKSUM: Final = 16
"""Bytes of a checksum that are kept."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SeriesPart:
    """A part of the series of one variable and layer.

    Attributes:
        variable_id: The variable.
        layer: The layer, None where the variable has none.
        keys: Order key of each of its times, rising.
        checksums: What `short_checksums` makes of the SHA-256 of the files of its times.
        href: Its folder, below the store.
        layout: Its array, as `cog.series.layout.PartLayout` reads it.
        sha256: Checksum of its files.
        size: Bytes of all of them.
    """

    variable_id: str
    layer: str | None
    keys: NDArray[np.int64]
    checksums: NDArray[np.uint64]
    href: str
    layout: dict[str, Any]
    sha256: str
    size: int

    def __len__(self) -> int:
        return len(self.keys)


def short_checksums(checksums: Sequence[str]) -> NDArray[np.uint64]:
    """SHA-256 in hexadecimal digits as their first 16 bytes: (checksum, 2) integers."""
    data = bytes.fromhex("".join(checksum[: 2 * _CHECKSUM] for checksum in checksums))
    return np.frombuffer(data, "<u8").reshape(-1, 2)


def read_parts(
    session: Session, dataset_id: str, variable_id: str | None = None, layer: str | None = None
) -> tuple[SeriesPart, ...]:
    """The parts of a dataset that count, or those of one variable and layer: the longest first, then by time."""
    query = select(SeriesPartRow).where(SeriesPartRow.dataset_id == dataset_id, SeriesPartRow.unused_since.is_(None))
    if variable_id is not None:
        query = query.where(SeriesPartRow.variable_id == variable_id, SeriesPartRow.layer == (layer or ""))
    parts = [_part(row) for row in session.scalars(query)]
    return tuple(
        sorted(parts, key=lambda part: (part.variable_id, part.layer or "", -len(part), part.keys.item(0), part.href))
    )


class SeriesParts:
    """The parts of all series behind an engine. Thread-safe: every call has its own session."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def of(self, dataset_id: str) -> tuple[SeriesPart, ...]:
        """The parts of a dataset that count."""
        with translated_errors(), Session(self.engine) as session:
            return read_parts(session, dataset_id)

    def exchange(self, dataset_id: str, *, added: Sequence[SeriesPart], dropped: Sequence[str]) -> None:
        """Make parts count, and others no longer, in one commit that tells every process that listens.

        Args:
            dataset_id: The dataset.
            added: New parts, whose files are on disk.
            dropped: Folders of parts that no longer count; their files stay until `graticule store gc`.

        Raises CollectionNotFound if the dataset is gone.
        """
        with self._changing(dataset_id) as session:
            for part in added:
                values = _values(dataset_id, part)
                again = {"unused_since": None}
                session.execute(
                    upsert(SeriesPartRow).values(**values).on_conflict_do_update(index_elements=["href"], set_=again)
                )
            gone = {*dropped} - {part.href for part in added}
            statement = update(SeriesPartRow).where(
                SeriesPartRow.href.in_(gone), SeriesPartRow.dataset_id == dataset_id
            )
            session.execute(statement.values(unused_since=func.now()))

    def choose(self, dataset_id: str, choice: SeriesChoice) -> None:
        """Say whether a dataset is to have parts; raises CollectionNotFound."""
        with self._changing(dataset_id) as session:
            session.execute(update(DatasetRow).where(DatasetRow.id == dataset_id).values(series=choice))

    def unused(self, *, before: datetime) -> list[tuple[str, str, int]]:
        """(dataset, folder, bytes) of parts that have not counted since before a moment, or whose variable is gone."""
        of_variable = (VariableRow.dataset_id == SeriesPartRow.dataset_id, VariableRow.id == SeriesPartRow.variable_id)
        query = select(SeriesPartRow.dataset_id, SeriesPartRow.href, SeriesPartRow.size).where(
            (SeriesPartRow.unused_since < before) | ~exists().where(*of_variable)
        )
        with translated_errors(), Session(self.engine) as session:
            return [(dataset_id, href, size) for dataset_id, href, size in session.execute(query)]

    def known(self, dataset_id: str) -> set[str]:
        """The folders of all parts of a dataset, whether they count or not."""
        query = select(SeriesPartRow.href).where(SeriesPartRow.dataset_id == dataset_id)
        with translated_errors(), Session(self.engine) as session:
            return set(session.scalars(query))

    def forget(self, hrefs: Sequence[str]) -> None:
        """Strike parts from the catalogue."""
        with translated_errors(), Session(self.engine) as session, session.begin():
            session.execute(delete(SeriesPartRow).where(SeriesPartRow.href.in_(hrefs)))

    @contextmanager
    def _changing(self, dataset_id: str) -> Iterator[Session]:
        """A transaction that changes the series of a dataset, alone; its commit tells every process that listens."""
        with translated_errors(), Session(self.engine) as session, session.begin():
            lock(session, dataset_id)
            raised = update(DatasetRow).where(DatasetRow.id == dataset_id)
            raised = raised.values(series_revision=DatasetRow.series_revision + 1)
            if session.execute(raised.returning(DatasetRow.id)).first() is None:
                raise CollectionNotFound(f"there is no dataset {dataset_id!r}")
            yield session
            session.execute(select(func.pg_notify(CHANNEL, dataset_id)))


def _part(row: SeriesPartRow) -> SeriesPart:
    return SeriesPart(
        variable_id=row.variable_id,
        layer=row.layer or None,
        keys=np.frombuffer(row.keys, "<i8"),
        checksums=np.frombuffer(row.checksums, "<u8").reshape(-1, 2),
        href=row.href,
        layout=row.layout,
        sha256=row.sha256,
        size=row.size,
    )


def _values(dataset_id: str, part: SeriesPart) -> dict[str, Any]:
    return {
        "href": part.href,
        "dataset_id": dataset_id,
        "variable_id": part.variable_id,
        "layer": part.layer or "",
        "keys": part.keys.astype("<i8").tobytes(),
        "checksums": part.checksums.astype("<u8").tobytes(),
        "layout": part.layout,
        "sha256": part.sha256,
        "size": part.size,
    }
