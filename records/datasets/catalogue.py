"""The catalogue as one process sees it: datasets cached until another process says that they changed."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import psycopg

from records.database.orm import CHANNEL
from records.datasets import prepared
from records.datasets.granule_selection import (
    Footprint,
    Sheets,
    iterate_times,
    select_sheets,
)
from records.datasets.mosaic_overviews import read_overview
from records.datasets.repository import Repository
from records.datasets.series.steps import StepIndex, read_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from config.times import TimeRange
    from records.datasets.models import Dataset, Granule, Variable
    from records.datasets.prepared import Holding
    from records.datasets.publication import MosaicOverview

log = logging.getLogger(__name__)

MAX_BYTES = 48 * 2**20
"""Bytes that the datasets of one process take, about."""
_DATASET_BYTES, _VARIABLE_BYTES, _GRANULE_BYTES, _STYLE_BYTES, _CLASS_BYTES = 4000, 3000, 3000, 600, 600
_LAYER_BYTES, _CHARACTER_BYTES = 150, 2
MAX_STEPS = 400_000
"""Times of series that one process keeps, some 400 bytes each; a single longer series is kept too."""
_RECONNECT_S = 1.0
_PROBE_S = 15.0


_StepsKey = tuple[str, int, int, str, str | None, str | None]


def memory_of(holding: Holding) -> int:
    """Bytes that a dataset takes with its granules, about."""
    dataset, granules = holding.dataset, holding.granules or ()
    texts = sum(map(len, (*dataset.title.values(), *dataset.description.values())))
    variables = sum(map(_variable_memory, dataset.variables))
    return _DATASET_BYTES + _CHARACTER_BYTES * texts + variables + _GRANULE_BYTES * len(granules)


def _variable_memory(variable: Variable) -> int:
    styles, classes = _STYLE_BYTES * len(variable.styles), _CLASS_BYTES * len(variable.classes)
    return _VARIABLE_BYTES + styles + classes + _LAYER_BYTES * len(variable.layers)


class Catalogue:
    """Datasets and granules by request, cached and invalidated by LISTEN/NOTIFY.

    While the listening connection is down nothing is cached, so an answer is never older than the last notification.
    Start it before use and close it after; thread-safe.
    """

    def __init__(self, engine: Engine) -> None:
        self.repository = Repository(engine)
        self._engine = engine
        self._datasets: OrderedDict[str, Holding] = OrderedDict()
        self._bytes = 0
        self._steps: OrderedDict[_StepsKey, StepIndex] = OrderedDict()
        self._lock = threading.Lock()
        self._listening = False
        self._epoch = 0
        self._stop = threading.Event()
        self._waker, self._wakened = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, name="catalogue-listener", daemon=True)

    def start(self) -> None:
        """Begin listening."""
        prepared.compile_statements()
        self._thread.start()

    def close(self) -> None:
        """Stop listening, at once."""
        self._stop.set()
        self._waker.send(b".")
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._waker.close()
        self._wakened.close()

    def dataset(self, dataset_id: str) -> Dataset:
        """The dataset of that id; raises CollectionNotFound."""
        with self._lock:
            cached = self._datasets.get(dataset_id)
            if cached is not None:
                self._datasets.move_to_end(dataset_id)
                return cached.dataset
            epoch, listening = self._epoch, self._listening
        holding = self.repository.holding(dataset_id)
        with self._lock:
            if listening and epoch == self._epoch:  # nothing changed while it was read
                self._keep(holding)
        return holding.dataset

    def _keep(self, holding: Holding) -> None:
        """Keep a dataset, and forget those that were not used for longest beyond MAX_BYTES; the lock is held."""
        self._drop(holding.dataset.id)
        self._datasets[holding.dataset.id] = holding
        self._bytes += memory_of(holding)
        while self._bytes > MAX_BYTES and len(self._datasets) > 1:
            self._drop(next(iter(self._datasets)))

    def _drop(self, dataset_id: str) -> None:
        holding = self._datasets.pop(dataset_id, None)
        if holding is not None:
            self._bytes -= memory_of(holding)

    def cached(self, dataset_id: str) -> Dataset | None:
        """The dataset of that id if it is cached, the same object while nothing changed."""
        with self._lock:
            holding = self._datasets.get(dataset_id)
        return None if holding is None else holding.dataset

    def sheets(
        self,
        dataset: Dataset,
        variable: Variable,
        *,
        when: TimeRange | None = None,
        nearest: bool = False,
        layer: str | None = None,
        part: str | None = None,
        meeting: Callable[[], Footprint | None] | None = None,
        limit: int | None = None,
        is_coarse: Callable[[MosaicOverview], bool] | None = None,
    ) -> Sheets:
        """Select the granules of the one time that a request means, as `granule_selection.select_sheets`."""
        with self._lock:
            holding = self._datasets.get(dataset.id)
        return select_sheets(
            self._engine,
            dataset,
            variable,
            when=when,
            nearest=nearest,
            layer=layer,
            part=part,
            meeting=meeting,
            limit=limit,
            holding=holding if holding is not None and holding.dataset is dataset else None,
            is_coarse=is_coarse,
        )

    def mosaic_overview(
        self, dataset: Dataset, variable: Variable, *, key: int | None, layer: str | None
    ) -> MosaicOverview | None:
        """The overview across the sheets of a time and layer, if there is one."""
        return read_overview(self._engine, dataset.id, variable, key=key, layer=layer)

    def times(
        self,
        dataset: Dataset,
        variable: Variable,
        when: TimeRange | None,
        *,
        layer: str | None = None,
        part: str | None = None,
        page: int,
    ) -> Iterator[list[Granule]]:
        """Iterate over the granules of each time; see `records.datasets.granule_selection.iterate_times`."""
        return iterate_times(self._engine, dataset, variable, when, layer=layer, part=part, page=page)

    def steps(
        self, dataset: Dataset, variable: Variable, *, layer: str | None = None, part: str | None = None
    ) -> StepIndex:
        """Every time of a variable, as `records.datasets.series.steps.read_steps`; kept as long as it holds."""
        key = (dataset.id, dataset.version, dataset.series_revision, variable.id, layer, part)
        with self._lock:
            kept = self._steps.get(key)
            if kept is not None:
                self._steps.move_to_end(key)
                return kept
        steps = read_steps(self._engine, dataset, variable, layer=layer, part=part)
        with self._lock:
            if (steps.version, steps.revision) == (dataset.version, dataset.series_revision):
                self._steps[key] = steps
            while len(self._steps) > 1 and sum(len(kept) for kept in self._steps.values()) > MAX_STEPS:
                self._steps.popitem(last=False)
        return steps

    def forget(self, dataset_id: str) -> None:
        """Read a dataset anew that this process has just changed, whose notification may still be on its way."""
        self._forget(dataset_id, listening=self._listening)

    def _forget(self, dataset_id: str | None, *, listening: bool) -> None:
        with self._lock:
            self._epoch += 1
            self._listening = listening
            if dataset_id is None:
                self._datasets.clear()
                self._bytes = 0
            else:
                self._drop(dataset_id)

    def _listen(self) -> None:
        url = self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._stop.is_set():
            try:
                with psycopg.connect(
                    url, autocommit=True, connect_timeout=5, application_name="graticule listen"
                ) as link:
                    link.execute(f"listen {CHANNEL}")
                    self._forget(None, listening=True)
                    while not self._stop.is_set():
                        self._await(link)
            except psycopg.Error as error:
                log.warning("the catalogue's listening connection was lost, serving uncached: %s", error)
            self._forget(None, listening=False)
            self._stop.wait(_RECONNECT_S)

    def _await(self, link: psycopg.Connection[tuple[object, ...]]) -> None:
        """Wait for notifications or for the end, and forget what changed; a silent link is asked if it still lives."""
        with selectors.DefaultSelector() as either:
            either.register(link, selectors.EVENT_READ)
            either.register(self._wakened, selectors.EVENT_READ)
            if not either.select(_PROBE_S):
                link.execute("select 1")
        for note in link.notifies(timeout=0):
            self._forget(note.payload, listening=True)
