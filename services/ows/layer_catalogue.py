"""The layers of the catalogue as capabilities list them: made once for each version of a dataset, written in pieces."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from cachetools import LRUCache

from records.datasets.layer_entries import LayerEntry, datasets_named, layer_entries, time_keys
from services.access.decision import decide
from services.ows.time_axis import axis_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from records.datasets.models import Dataset, Variable
    from services.access.principal import Principal
    from services.ows.time_axis import LayerTimes
    from services.web.context import Context

_FRAGMENT_BYTES: Final = 128 << 20
_TIMES: Final = 8_000_000
"""Times that are kept, of 8 bytes each."""
_BATCH: Final = 100
"""Datasets that are read from the database at once, while the layers of those before are written."""

type Axes = Mapping[str, LayerTimes | None]
"""The time axis of each variable of a dataset, by id; None without times."""

type WriteLayers = Callable[[Dataset, Axes], str]
"""Writes the elements of a dataset's layers; empty if it has none that the service can offer."""


class FragmentKey(NamedTuple):
    """What the elements of a dataset's layers depend on: service and version, language, dataset."""

    service: str
    language: str
    dataset_id: str
    version: int


class _Fragment(NamedTuple):
    """The elements of a dataset's layers, and the dataset without its variables, for access decisions."""

    text: str
    dataset: Dataset


class _Batch(NamedTuple):
    """Some datasets of a list: the elements that are kept, and the datasets whose elements are to be written."""

    entries: tuple[LayerEntry, ...]
    kept: dict[str, _Fragment]
    datasets: dict[str, Dataset]
    axes: dict[str, dict[str, LayerTimes | None]]


class _KeptAxes(NamedTuple):
    """The axes of a dataset at a version."""

    version: int
    axes: dict[str, LayerTimes | None]


@dataclass(frozen=True, kw_only=True)
class LayerList:
    """The datasets that one capabilities document may list.

    Attributes:
        entries: The datasets by theme and id.
        layers: Number of their variables.
    """

    entries: tuple[LayerEntry, ...]
    layers: int

    @property
    def themes(self) -> list[str]:
        """The themes in order; the last one is empty where some datasets have none."""
        return list(dict.fromkeys(entry.theme for entry in self.entries))


class LayerCatalogue:
    """Lists layers, and keeps what it wrote and read of each dataset until its version changes. Thread-safe."""

    def __init__(self) -> None:
        self._fragments: LRUCache[FragmentKey, _Fragment] = LRUCache(_FRAGMENT_BYTES, getsizeof=_size)
        self._axes: LRUCache[str, _KeptAxes] = LRUCache(_TIMES, getsizeof=_count)
        self._lock = Lock()

    def layer_list(self, context: Context, *, theme: str | None = None) -> LayerList:
        """The public datasets, or those of a theme."""
        entries = layer_entries(context.catalogue.repository.engine)
        members = tuple(entry for entry in entries if theme is None or entry.theme == theme)
        return LayerList(entries=members, layers=sum(entry.layers for entry in members))

    @staticmethod
    def of_dataset(dataset: Dataset) -> LayerList:
        """One dataset as a list."""
        count = len(dataset.variables)
        entry = LayerEntry(dataset_id=dataset.id, version=dataset.version, layers=count, theme="")
        return LayerList(entries=(entry,), layers=count)

    def axis(self, context: Context, dataset: Dataset, variable: Variable) -> LayerTimes | None:
        """The time axis of a variable; None without times."""
        return self.axes(context, [dataset])[dataset.id].get(variable.id)

    def axes(self, context: Context, datasets: list[Dataset]) -> dict[str, dict[str, LayerTimes | None]]:
        """The time axes of the variables of datasets, by id of the dataset."""
        with self._lock:
            kept = {dataset.id: self._axes.get(dataset.id) for dataset in datasets}
        answer = {
            dataset.id: entry.axes
            for dataset in datasets
            if (entry := kept[dataset.id]) is not None and entry.version == dataset.version
        }
        unknown = [dataset for dataset in datasets if dataset.id not in answer]
        timed = [dataset.id for dataset in unknown if dataset.time is not None]
        keys = time_keys(context.catalogue.repository.engine, timed) if timed else {}
        for dataset in unknown:
            calendar = dataset.time.calendar if dataset.time else "standard"
            axes = _axes(dataset, keys, calendar)
            answer[dataset.id] = axes
            entry = _KeptAxes(dataset.version, axes)
            with self._lock:
                if _count(entry) <= _TIMES:
                    self._axes[dataset.id] = entry
        return answer

    def fragments(
        self, context: Context, principal: Principal, layers: LayerList, key: tuple[str, str], write: WriteLayers
    ) -> Iterator[tuple[str, str]]:
        """Yield (theme, elements) of each dataset whose data the principal may read, in the order of the list.

        Args:
            context: Has the catalogue.
            principal: Who asks.
            layers: The datasets.
            key: Service with its version, and language: what the elements depend on beside the dataset.
            write: Writes those that are not kept.
        """
        key = (f"{key[0]} {context.settings.base_url}", key[1])  # the elements hold links
        for batch in self._batches(context, layers.entries, key):
            fragments = batch.kept | self._written(batch, key, write)
            for entry in batch.entries:
                fragment = fragments.get(entry.dataset_id)
                if fragment is None or not fragment.text:
                    continue
                if decide(principal, fragment.dataset, "read", context.settings).allowed:
                    yield entry.theme, fragment.text

    def _batches(self, context: Context, entries: tuple[LayerEntry, ...], key: tuple[str, str]) -> Iterator[_Batch]:
        """Read batch after batch, each while the one before is written."""
        batches = [entries[start : start + _BATCH] for start in range(0, len(entries), _BATCH)]
        with ThreadPoolExecutor(1, thread_name_prefix="layers") as reader:
            reading = [reader.submit(self._read, context, batch, key) for batch in batches[:1]]
            for following in batches[1:]:
                batch = reading.pop().result()
                reading.append(reader.submit(self._read, context, following, key))
                yield batch
            for last in reading:
                yield last.result()

    def _read(self, context: Context, entries: tuple[LayerEntry, ...], key: tuple[str, str]) -> _Batch:
        kept: dict[str, _Fragment] = {}
        with self._lock:
            for entry in entries:
                fragment = self._fragments.get(FragmentKey(*key, entry.dataset_id, entry.version))
                if fragment is not None:
                    kept[entry.dataset_id] = fragment
        unknown = [entry.dataset_id for entry in entries if entry.dataset_id not in kept]
        datasets = datasets_named(context.catalogue.repository.engine, unknown) if unknown else {}
        return _Batch(entries, kept, datasets, self.axes(context, list(datasets.values())))

    def _written(self, batch: _Batch, key: tuple[str, str], write: WriteLayers) -> dict[str, _Fragment]:
        """Write the elements that are not kept, and keep them."""
        fragments: dict[str, _Fragment] = {}
        for dataset in batch.datasets.values():
            text = write(dataset, batch.axes[dataset.id])
            fragments[dataset.id] = fragment = _Fragment(text, replace(dataset, variables=(), files=()))
            with self._lock:
                if _size(fragment) <= _FRAGMENT_BYTES:
                    self._fragments[FragmentKey(*key, dataset.id, dataset.version)] = fragment
        return fragments


def _axes(dataset: Dataset, keys: Mapping[tuple[str, str], list[int]], calendar: str) -> dict[str, LayerTimes | None]:
    """The axis of each variable; those with the same times share one."""
    shared: dict[tuple[int, ...], LayerTimes | None] = {}
    axes: dict[str, LayerTimes | None] = {}
    for variable in dataset.variables:
        times = tuple(keys.get((dataset.id, variable.id), ()))
        if times not in shared:
            shared[times] = axis_of(list(times), calendar)
        axes[variable.id] = shared[times]
    return axes


def entity_tag(layers: LayerList, principal: Principal, context: Context, *parts: str) -> str:
    """The weak entity tag of a document that lists layers.

    It changes with the versions of the datasets, with what else the document depends on, and each day, as embargoes do.
    """
    versions = "\n".join(f"{entry.dataset_id} {entry.version} {entry.theme}" for entry in layers.entries)
    audience = "anonymous" if principal.is_anonymous else principal.authorization
    today = datetime.now(UTC).date().isoformat()
    settings = context.settings
    text = "\n".join((settings.base_url, str(settings.serve_restricted), audience, today, *parts, versions))
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def _size(fragment: _Fragment) -> int:
    return len(fragment.text) + 2000


def _count(entry: _KeptAxes) -> int:
    return 100 + sum(len(axis.keys) for axis in entry.axes.values() if axis is not None)
