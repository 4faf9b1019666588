"""rio-tiler's errors as ours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rio_tiler.errors import PointOutsideBounds, RioTilerError

from config.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def translated() -> Iterator[None]:
    """Turn what rio-tiler raises for a bad request into InvalidInput, and a point off the grid into NotFound."""
    try:
        yield
    except PointOutsideBounds as error:
        raise NotFound("the point is outside the grid") from error
    except RioTilerError as error:
        raise InvalidInput(str(error)[:500]) from error
