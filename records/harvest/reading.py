"""Reading the records of one content, and the one record of a file."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from config.errors import InvalidRecord, SourceRefused
from records.harvest.fetch.content import MAX_BYTES, Content
from records.harvest.models import Harvested, Refusal
from records.harvest.registry import recognised

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from records.harvest.protocol import Adapter


def read_file(path: Path) -> Content:
    """The content of a file; raises SourceRefused if it cannot be read, or is a pipe, a socket or a device.

    Opening those may wait for ever, and so may reading them.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceRefused(path, "it is no regular file", "name a file, or a folder of files")
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceRefused(path, f"cannot be read: {error.strerror}", "check the path and its permissions") from error
    return Content(data, str(path))


def records(content: Content, adapter: Adapter) -> Iterator[Harvested | Refusal]:
    """Each record of a content, or why an entry is none; raises SourceRefused if the content itself is broken."""
    for number, entry in enumerate(adapter.entries(content), start=1):
        try:
            yield adapter.record(entry, base=content.name)
        except InvalidRecord as error:
            yield Refusal(entry=f"entry {number}", reason=error.detail)


def read_record(path: Path) -> Harvested:
    """The one record that a file of any known format holds.

    Raises:
        SourceRefused: The file cannot be read, is of no known format, or holds none or several records.
        InvalidRecord: Its record cannot be stored.
    """
    content = read_file(path)
    adapter = recognised(content)
    entries = [entry for _, entry in zip(range(2), adapter.entries(content), strict=False)]
    if len(entries) != 1:
        count = "no record" if not entries else "several records"
        raise SourceRefused(path, f"it holds {count}", "name a file of one record")
    return adapter.record(entries[0], base=content.name)
