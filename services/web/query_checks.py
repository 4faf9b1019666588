"""Checks of a request's query that every part makes in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.errors import InvalidInput, InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

REPEATABLE: Final = frozenset({"f"})
"""Parameters of which the first counts: GDAL appends an `f` to URLs that have one already."""
MAX_TEXT: Final = 2000
"""Characters of one parameter, where the route does not say otherwise."""


def checked_names(
    items: Iterable[tuple[str, str]], names: Collection[str], *, longest: int | None = None
) -> dict[str, list[str]]:
    """The values of each parameter, in the order given.

    Refuses unknown names (OGC 17-069r4, 7.15.8) and values of more than `longest` characters. Raises InvalidInput.
    """
    values: dict[str, list[str]] = {}
    for name, value in items:
        if name not in names:
            words = ", ".join(sorted(names)) or "none"
            raise InvalidInput(f"there is no parameter {name[:80]!r} here; known are {words}")
        if longest is not None and len(value) > longest:
            raise InvalidParameter(name, value, f"longer than {longest} characters")
        values.setdefault(name, []).append(value)
    return values


def require_single(parameters: dict[str, list[str]], *, lists: Collection[str] = ()) -> None:
    """Refuse repeats of parameters that have one value; raises InvalidParameter."""
    for name, values in parameters.items():
        if len(values) > 1 and name not in lists and name not in REPEATABLE:
            raise InvalidParameter(name, ", ".join(values), "it is given more than once; give it once")
