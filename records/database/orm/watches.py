"""What is known of the files of watched folders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from records.database.orm.base import Base


class WatchedFileRow(Base):
    """A file of a watched folder, in the state in which it was taken or refused.

    No foreign key: files may be refused before there is a dataset.
    """

    __tablename__ = "watched_files"

    dataset_id: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    """Absolute."""
    folder: Mapped[str]
    """The watched folder, absolute."""
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    inode: Mapped[str]
    """As text, for some file systems number them beyond 63 bits."""
    reason: Mapped[str] = mapped_column(server_default="")
    """Why it was refused; empty: it was taken."""
    noted: Mapped[datetime] = mapped_column(server_default=func.now())
