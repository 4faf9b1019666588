"""Dependencies that only look at the request: called in the event loop, not in a thread.

FastAPI hands each plain function that a route depends on to a thread and waits for it, which costs a quarter of a
millisecond of processor time; a tile of a collection depends on nine.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from fastapi import Depends

if TYPE_CHECKING:
    from collections.abc import Callable


def inline(call: Callable[..., Any]) -> Any:
    """As `Depends(call)`, of a function or class that neither waits for anything nor computes for long."""

    @wraps(call)
    async def called(*arguments: Any, **options: Any) -> Any:
        return call(*arguments, **options)

    return Depends(called)
