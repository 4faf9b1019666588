"""Counting the calls of Python functions in this process, in all its threads."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

ROOT: Final = Path(__file__).parents[3]
PACKAGES: Final = ("config", "cog", "records", "services")
_TOOL: Final = sys.monitoring.PROFILER_ID
_FOLDERS: Final = tuple(str(ROOT / package) + "/" for package in PACKAGES)


@dataclass
class Calls:
    """Calls that were counted.

    Attributes:
        own: Calls of each of the project's functions; a generator counts once, however often it is resumed.
        others: Calls of Python functions of libraries; those in C are not seen.
    """

    own: Counter[CodeType] = field(default_factory=Counter)
    others: int = 0

    @property
    def files(self) -> int:
        """Files of the project that hold these functions."""
        return len({code.co_filename for code in self.own})

    def most(self, count: int) -> list[tuple[str, int]]:
        """The functions that were called most often, as "package.module:function", with their calls."""
        return [(_name(code), calls) for code, calls in self.own.most_common(count)]


@contextmanager
def counted() -> Iterator[Calls]:
    """Count what is called within the block; blocks do not nest."""
    calls = Calls()

    def began(code: CodeType, _offset: int) -> None:
        if code.co_filename.startswith(_FOLDERS):
            calls.own[code] += 1
        else:
            calls.others += 1

    monitoring = sys.monitoring
    monitoring.use_tool_id(_TOOL, "graticule-calls")
    monitoring.register_callback(_TOOL, monitoring.events.PY_START, began)
    monitoring.set_events(_TOOL, monitoring.events.PY_START)
    try:
        yield calls
    finally:
        monitoring.set_events(_TOOL, 0)
        monitoring.register_callback(_TOOL, monitoring.events.PY_START, None)
        monitoring.free_tool_id(_TOOL)


def _name(code: CodeType) -> str:
    module = Path(code.co_filename).relative_to(ROOT).with_suffix("")
    return f"{'.'.join(module.parts)}:{code.co_qualname}"
