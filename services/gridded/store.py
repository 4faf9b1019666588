"""Array datasets, built at the first request and kept while the dataset has that version."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from cachetools import LRUCache

from config.errors import InvalidInput
from records.datasets.frames import frames_of
from services.gridded.building import build

if TYPE_CHECKING:
    from records.datasets.catalogue import Catalogue
    from records.datasets.models import Dataset
    from services.gridded.arrays import ArrayDataset
    from services.web.context import Context

_MOST_FRAMES: Final = 500_000
"""Granules of all array datasets that are kept together: some 500 bytes each."""

type _Key = tuple[str, int]

_kept: Final[WeakKeyDictionary[Catalogue, LRUCache[_Key, ArrayDataset]]] = WeakKeyDictionary()
_lock: Final = threading.Lock()


def array_dataset(context: Context, dataset: Dataset) -> ArrayDataset:
    """Return a dataset as arrays.

    Raises InvalidInput if the dataset has nothing that is an array along its axes.
    """
    key = (dataset.id, dataset.version)
    with _lock:
        kept = _kept.setdefault(context.catalogue, LRUCache(_MOST_FRAMES, getsizeof=_size))
        arrays = kept.get(key)
    if arrays is not None:
        return arrays
    listing = frames_of(context.catalogue.repository.engine, dataset.id)
    arrays = build(dataset, listing.frames, store=context.store, base_url=context.settings.base_url)
    if not arrays.fields:
        raise InvalidInput(
            f"collection {dataset.id} has no variable whose grid lies along its axes; take it as a coverage, or its "
            "files"
        )
    if listing.version == dataset.version and _size(arrays) <= _MOST_FRAMES:
        with _lock:
            kept[key] = arrays
    return arrays


def _size(arrays: ArrayDataset) -> int:
    return 1 + sum(len(field.frames) for field in arrays.fields.values())
