"""Values as text for people, in the form that DAP servers use: the DDS, a line, then each array row by row."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from services.apis.opendap.dap2 import dds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from services.apis.opendap.constraints import Projection, Slice

MOST_VALUES: Final = 5_000_000
"""Values of one answer: each is some ten bytes, and slow to write."""
_AT_ONCE: Final = 16_384
"""Values that are written at a time: numpy lets no other thread go on while it does."""


def ascii_lines(name: str, projections: Sequence[Projection]) -> Iterator[bytes]:
    """Iterate over the text of an answer."""
    yield (dds(name, projections) + "-" * 45 + "\n").encode()
    for projection in projections:
        for slice_ in projection.slices:
            prefix = "" if projection.kind == "Array" else f"{projection.name}."
            sizes = "".join(f"[{len(steps)}]" for steps in slice_.slab)
            yield f"{prefix}{slice_.array.name}{sizes}\n".encode()
            yield from _rows(slice_)
            yield b"\n"


def _rows(slice_: Slice) -> Iterator[bytes]:
    """One line for each run along the last dimension, after the places on the others."""
    sizes = [len(steps) for steps in slice_.slab]
    width = sizes[-1] if sizes else 1
    places = product(*(range(size) for size in sizes[:-1]))
    left = np.empty(0, dtype=slice_.array.dtype)
    for values in slice_.array.read(slice_.slab):
        whole = np.concatenate([left, values]) if left.size else values
        rows = whole.size // width
        left = whole[rows * width :]
        table = whole[: rows * width].reshape(rows, width)
        for begin in range(0, rows, max(1, _AT_ONCE // width)):
            texts = table[begin : begin + max(1, _AT_ONCE // width)].astype(np.str_)
            yield "".join(_line(next(places), row) for row in texts).encode()


def _line(place: tuple[int, ...], texts: NDArray[np.str_]) -> str:
    """A row of values after its place on the other dimensions."""
    head = "".join(f"[{n}]" for n in place)
    return (f"{head}, " if head else "") + ", ".join(texts) + "\n"
