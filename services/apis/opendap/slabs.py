"""Hyperslabs as DAP 2 and DAP 4 write them: `[i]`, `[first:last]`, `[first:stride:last]`, both ends inclusive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from config.errors import InvalidInput

if TYPE_CHECKING:
    from services.apis.opendap.arrays import ServedArray

_BRACKET: Final = re.compile(r"\[([^\[\]]*)\]", re.ASCII)
_INDICES: Final = re.compile(r"\s*([0-9]{1,18})\s*(?::\s*([0-9]{1,18})\s*)?(?::\s*([0-9]{1,18})\s*)?", re.ASCII)


def parse_slab(array: ServedArray, text: str, *, open_ends: bool = False) -> tuple[range, ...]:
    """Parse the brackets behind the name of an array; all of it without brackets.

    Args:
        array: The array.
        text: The brackets, one for each dimension.
        open_ends: Whether `[]` is a whole dimension, as in DAP 4.

    Raises InvalidInput naming the dimension, its size and what would do.
    """
    brackets = _BRACKET.findall(text)
    if not brackets and not text:
        return tuple(range(size) for size in array.shape)
    if "".join(f"[{inner}]" for inner in brackets) != text:
        raise InvalidInput(f"{text[:80]!r} is no hyperslab; write [first:stride:last] for each dimension")
    if len(brackets) != len(array.shape):
        names = ", ".join(name for name, _ in array.dimensions) or "none: it is a scalar"
        raise InvalidInput(
            f"{array.name}{text[:80]} has {len(brackets)} hyperslabs, and {array.name} has {len(array.shape)} "
            f"dimensions ({names}); give one for each, or none"
        )
    return tuple(
        range(size) if open_ends and not inner.strip() else _range(inner, name, size)
        for inner, (name, size) in zip(brackets, array.dimensions, strict=True)
    )


def _range(inner: str, dimension: str, size: int) -> range:
    match = _INDICES.fullmatch(inner)
    if match is None:
        raise InvalidInput(f"[{inner[:60]}] is no hyperslab; write [first:stride:last], as in [0:1:{size - 1}]")
    first = int(match[1])
    stride = int(match[2]) if match[3] is not None else 1
    last = int(match[3] or match[2] or match[1])
    if stride < 1:
        raise InvalidInput(f"[{inner}]: the stride is {stride}; it must be 1 or more")
    if first > last:
        raise InvalidInput(f"[{inner}]: the first index, {first}, is behind the last one, {last}")
    if last >= size:
        raise InvalidInput(f"[{inner}]: {dimension} has {size} places, from 0 to {size - 1}")
    return range(first, last + 1, stride)


def slab_text(slab: tuple[range, ...]) -> str:
    """A hyperslab as DAP 2 writes it."""
    return "".join(f"[{steps[0]}:{steps.step}:{steps[-1]}]" for steps in slab)
