"""The layers of a variable: what one time of it is cut into by levels, and by the members of an ensemble.

The catalogue keeps each layer under one text, its key: the label of the level where there are no members; else the
label of the level, if there is one, `@`, and the label of the member. No label holds an `@`.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MEMBER: Final = "member"
"""Name of the axis of members."""
MAX_LAYERS: Final = 10_000
"""Levels times members that a variable may have."""
_BEFORE_MEMBER: Final = "@"


def layer_key(level: str | None, member: str | None) -> str | None:
    """The key of the layer at a level and a member; None where a variable has neither."""
    return level if member is None else f"{level or ''}{_BEFORE_MEMBER}{member}"


def level_of(key: str | None) -> str | None:
    """The label of the level of a layer; None where it has none."""
    return (key or "").partition(_BEFORE_MEMBER)[0] or None


def member_of(key: str | None) -> str | None:
    """The label of the member of a layer; None where it has none."""
    return (key or "").partition(_BEFORE_MEMBER)[2] or None


def layer_keys(levels: Sequence[str], members: Sequence[str]) -> tuple[str, ...]:
    """The key of every layer: the levels of the first member first, then those of the next; none without either."""
    if not members:
        return tuple(levels)
    return tuple(f"{level}{_BEFORE_MEMBER}{member}" for member, level in product(members, levels or ("",)))
