"""Hyperslabs cut into blocks: each value once, in order, none larger than asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from services.gridded.reading import blocks, count, placed_blocks, whole

if TYPE_CHECKING:
    from services.gridded.reading import Slab


@pytest.mark.parametrize("most", [1, 5, 7, 24, 60, 10_000])
@pytest.mark.parametrize("slab", [(range(5), range(0, 20, 4), range(9, -1, -3)), (range(7),), (range(3, 4), range(8))])
def test_blocks_hold_each_value_once_and_in_order(slab: Slab, most: int) -> None:
    shape = [20] * len(slab)
    values = np.arange(20 ** len(slab)).reshape(shape)
    truth = values[np.ix_(*slab)]
    pieces = [values[np.ix_(*part)].ravel() for part in blocks(slab, most)]
    assert all(piece.size <= most for piece in pieces)
    assert np.array_equal(np.concatenate(pieces), truth.ravel())
    filled = np.zeros_like(truth)
    for where, part in placed_blocks(slab, most):
        filled[where] = values[np.ix_(*part)]
    assert np.array_equal(filled, truth)


def test_an_empty_slab_has_no_blocks_and_a_scalar_one() -> None:
    assert list(blocks((range(0), range(3)), 10)) == []
    assert list(blocks((), 10)) == [()]
    assert count(()) == 1
    assert whole((2, 3)) == (range(2), range(3))
