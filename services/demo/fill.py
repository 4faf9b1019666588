"""Ingesting the demo datasets, and every supported file of a folder, in a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.errors import EnvironmentFault
from services.compute.children.call import Call, ChildCrashed
from services.compute.children.child import Template, perform
from services.ingest.models import Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.settings import Settings
    from services.ingest.models import IngestReport, Listener

_MODULE: Final = "services.demo.filling"
_GRACE_S: Final = 10.0


def fill(
    settings: Settings, url: str, folder: Path | None, *, say: Callable[[IngestReport], None], listener: Listener
) -> list[str]:
    """Ingest the demo datasets and those of a folder into a catalogue that has its schema; returns all ids.

    A server that runs on has none of the memory and the processes of this work. A file of the folder that cannot become
    a dataset is reported as refused, and the others go on.

    Raises:
        InvalidParameter: There is no such folder, or no source in it.
        EnvironmentFault: The packages with the demo data are missing, or the child process was killed.
    """

    def hear(message: Progress | IngestReport) -> None:
        listener(message) if isinstance(message, Progress) else say(message)

    call = Call(function=f"{_MODULE}:fill_here", arguments=(settings, url, folder))
    try:
        with Template(_MODULE) as origin:
            ids: list[str] = perform(call, origin, listener=hear, grace_s=_GRACE_S)
    except ChildCrashed as error:
        cause = f"the process that ingests the demo datasets {error}"
        raise EnvironmentFault(f"{cause}; see the messages above, and check free memory") from error
    return ids
