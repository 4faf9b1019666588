"""The files of watched folders, as they were when they were taken or refused: what a watch goes on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from records.database.engine import translated_errors
from records.database.orm import WatchedFileRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Engine

_BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class WatchedFile:
    """A file in the state in which it was taken or refused; see `WatchedFileRow`."""

    path: str
    size: int
    mtime_ns: int
    inode: int
    reason: str = ""


class WatchedFiles:
    """The known files of one watched folder of one dataset."""

    def __init__(self, engine: Engine, *, dataset_id: str, folder: str) -> None:
        self._engine, self._dataset_id, self._folder = engine, dataset_id, folder

    def known(self) -> list[WatchedFile]:
        """All of them, by path."""
        row = WatchedFileRow
        columns = (row.path, row.size, row.mtime_ns, row.inode, row.reason)
        query = select(*columns).where(row.dataset_id == self._dataset_id, row.folder == self._folder)
        with translated_errors(), self._engine.connect() as connection:
            return [
                WatchedFile(path=r.path, size=r.size, mtime_ns=r.mtime_ns, inode=int(r.inode), reason=r.reason)
                for r in connection.execute(query.order_by(row.path))
            ]

    def note(self, files: Iterable[WatchedFile]) -> None:
        """Keep the states of files."""
        values = [
            {
                "dataset_id": self._dataset_id,
                "folder": self._folder,
                "path": one.path,
                "size": one.size,
                "mtime_ns": one.mtime_ns,
                "inode": str(one.inode),
                "reason": one.reason,
            }
            for one in files
        ]
        statement = upsert(WatchedFileRow)
        changed = {name: statement.excluded[name] for name in ("folder", "size", "mtime_ns", "inode", "reason")}
        statement = statement.on_conflict_do_update(
            index_elements=["dataset_id", "path"], set_=changed | {"noted": func.now()}
        )
        with translated_errors(), self._engine.begin() as connection:
            for start in range(0, len(values), _BATCH):
                connection.execute(statement, values[start : start + _BATCH])

    def forget(self, paths: Sequence[str]) -> None:
        """Drop the states of files that are gone."""
        row = WatchedFileRow
        with translated_errors(), self._engine.begin() as connection:
            for start in range(0, len(paths), _BATCH):
                of_batch = row.path.in_(paths[start : start + _BATCH])
                connection.execute(delete(row).where(row.dataset_id == self._dataset_id, of_batch))
