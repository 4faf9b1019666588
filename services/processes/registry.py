"""The processes that are published, by id. A module is imported when its process is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from config.errors import ProcessNotFound

if TYPE_CHECKING:
    from services.processes.protocol import Process

_CLASSES = {
    "echo": "services.processes.echo:Echo",
    "zonal-statistics": "services.processes.zonal.process:ZonalStatistics",
}


def process_ids() -> list[str]:
    """The ids of all processes, in the order of their publication."""
    return list(_CLASSES)


def process(process_id: str) -> Process:
    """The process of that id; raises ProcessNotFound."""
    if process_id not in _CLASSES:
        raise ProcessNotFound(f"there is no process {process_id[:80]!r}; /processes lists them")
    module, name = _CLASSES[process_id].split(":")
    return cast("Process", getattr(import_module(module), name)())
