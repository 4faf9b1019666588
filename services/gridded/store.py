"""Array datasets, built at the first request and kept while the dataset has that version."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from cachetools import LRUCache

from config.errors import InvalidInput
from services.gridded.building import build

if TYPE_CHECKING:
    from records.datasets.catalogue import Catalogue
    from records.datasets.models import Dataset, Variable
    from records.datasets.series.steps import StepIndex
    from services.gridded.arrays import ArrayDataset
    from services.web.context import Context

_MOST_TIMES: Final = 500_000
"""Times of all array datasets that are kept together: some 300 bytes each."""

type _Key = tuple[str, int, str]
"""Id and version of a dataset, and the base URL of the links in its attributes."""

_kept: Final[WeakKeyDictionary[Catalogue, LRUCache[_Key, ArrayDataset]]] = WeakKeyDictionary()
_lock: Final = threading.Lock()


def array_dataset(context: Context, dataset: Dataset) -> ArrayDataset:
    """Return a dataset as arrays.

    Raises InvalidInput if the dataset has nothing that is an array along its axes.
    """
    key = (dataset.id, dataset.version, context.settings.base_url)
    with _lock:
        kept = _kept.setdefault(context.catalogue, LRUCache(_MOST_TIMES, getsizeof=_size))
        arrays = kept.get(key)
    if arrays is not None:
        return arrays
    indexes = {variable.id: _indexes(context, dataset, variable) for variable in dataset.variables}
    arrays = build(dataset, indexes, base_url=context.settings.base_url)
    if not arrays.fields:
        raise InvalidInput(
            f"collection {dataset.id} has no variable whose grid lies along its axes; take it as a coverage, or its "
            "files"
        )
    versions = {index.version for layers in indexes.values() for index in layers.values()}
    if versions == {dataset.version} and _size(arrays) <= _MOST_TIMES:
        with _lock:
            kept[key] = arrays
    return arrays


def _size(arrays: ArrayDataset) -> int:
    return 1 + sum(len(axis.steps) for axis in arrays.times.values())


def _indexes(context: Context, dataset: Dataset, variable: Variable) -> dict[str | None, StepIndex]:
    """The granules of a variable by layer."""
    layers: tuple[str | None, ...] = variable.layers or (None,)
    return {layer: context.catalogue.steps(dataset, variable, layer=layer) for layer in layers}
