"""Making the parts that the series of a dataset should have, and letting those go that it should not.

COGs never change, so nothing waits for an ingest: what one publishes meanwhile is read from its COGs until the next
time. Each part is on disk under its final name before the commit that refers to it, and an interrupted build goes on
where it was.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cog.series.build import BuiltPart, PartOrder, build_part, sync_folder
from config.errors import SourceRefused
from config.times import label_to_path
from records.datasets.series.series_parts import SeriesPart, SeriesParts, short_checksums
from records.datasets.series.steps import read_steps
from services.compute.children.call import ALONE, Slot
from services.ingest.counting import Counter
from services.ingest.models import Listener, Progress, silent
from services.ingest.series.planning import PlannedPart, plan_parts, wants_parts
from services.ingest.store.locking import series_lock
from services.ingest.workers import FileTask, Workers, pool_of
from services.selection.moments import codec_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.datasets.models import Dataset, Variable
    from records.datasets.repository import Repository
    from records.datasets.series.steps import StepIndex

UNFINISHED: Final = ".series"
"""Folder of the store in which parts are built, a folder a dataset."""
PARTS: Final = "series"
"""Folder of a variable's parts, beside its COGs."""


@dataclass(frozen=True, kw_only=True)
class SeriesState:
    """The parts of one series.

    Attributes:
        variable: The variable.
        layer: The layer, or None.
        steps: Times of the series.
        in_parts: How many of them a part holds as they are.
        parts: Number of parts.
        unbuilt: How many parts are still to be built.
        size: Bytes of its parts.
    """

    variable: str
    layer: str | None
    steps: int
    in_parts: int
    parts: int
    unbuilt: int
    size: int


def series_states(repository: Repository, dataset: Dataset) -> list[SeriesState]:
    """The parts of each series of a dataset, and those that it should have."""
    states = []
    for variable, layer in _series(dataset):
        index = read_steps(repository.engine, dataset, variable, layer=layer, part=None)
        planned = plan_parts(index) if wants_parts(dataset.series, variable, index) else []
        states.append(
            SeriesState(
                variable=variable.id,
                layer=layer,
                steps=len(index),
                in_parts=int((index.part_numbers >= 0).sum()),
                parts=len(index.parts),
                unbuilt=sum(plan.existing is None for plan in planned),
                size=sum(part.size for part in index.parts),
            )
        )
    return states


def build_series(
    repository: Repository,
    store: Path,
    dataset: Dataset,
    *,
    workers: Workers | int | None = None,
    listener: Listener = silent,
) -> int:
    """Make the parts that a dataset should have and does not, and let others go; returns how many were made.

    Args:
        repository: The catalogue.
        store: Folder of the assets.
        dataset: As it is published, hidden or not.
        workers: How many processes to work in, absent: one a processor; or a pool that goes on.
        listener: Told of progress.

    Raises:
        SourceRefused: A part cannot be built; the message says why.
        EnvironmentFault: A COG cannot be read.
        OSError: The store cannot be written.
    """

    def waiting() -> None:
        listener(Progress(dataset=dataset.id, stage="waiting", done=0, total=1))

    made = 0
    with series_lock(repository.engine, dataset.id, waiting=waiting):
        parts = SeriesParts(repository.engine)
        for variable, layer in _series(dataset):
            index = read_steps(repository.engine, dataset, variable, layer=layer, part=None)
            work = _Work(dataset=dataset, variable=variable, layer=layer, index=index, store=store)
            planned = plan_parts(index) if wants_parts(dataset.series, variable, index) else []
            missing = [plan for plan in planned if plan.existing is None]
            added = work.build(missing, workers, listener) if missing else []
            kept = {plan.existing.href for plan in planned if plan.existing is not None}
            dropped = [part.href for part in index.parts if part.href not in kept]
            if added or dropped:
                parts.exchange(dataset.id, added=added, dropped=dropped)
            made += len(added)
        shutil.rmtree(store / UNFINISHED / dataset.id, ignore_errors=True)
    return made


def drop_series(repository: Repository, dataset: Dataset) -> int:
    """Let all parts of a dataset go; returns how many there were. Their files stay until `graticule store gc`."""
    parts = SeriesParts(repository.engine)
    with series_lock(repository.engine, dataset.id, waiting=lambda: None):
        hrefs = [part.href for part in parts.of(dataset.id)]
        if hrefs:
            parts.exchange(dataset.id, added=[], dropped=hrefs)
    return len(hrefs)


def _series(dataset: Dataset) -> Iterator[tuple[Variable, str | None]]:
    for variable in dataset.variables:
        for layer in variable.layers or (None,):
            yield variable, layer


@dataclass(frozen=True, kw_only=True)
class _Work:
    """The parts of one series that are to be made."""

    dataset: Dataset
    variable: Variable
    layer: str | None
    index: StepIndex
    store: Path

    def build(self, missing: list[PlannedPart], workers: Workers | int | None, listener: Listener) -> list[SeriesPart]:
        """Build parts in worker processes and give them their names."""
        counter = Counter(listener, self.dataset.id, "building", len(missing))
        orders = [self._order(plan) for plan in missing]
        tasks = [FileTask(path=order.folder, function=build_one, arguments=(order,)) for order in orders]
        with pool_of(workers) as pool:
            results = pool.run(tasks, stop_early=True, counter=counter)
        refused = next((result for result in results if isinstance(result, SourceRefused)), None)
        if refused is not None:
            raise refused
        return [self._settled(plan, order, built) for plan, order, built in zip(missing, orders, results, strict=True)]

    def _order(self, plan: PlannedPart) -> PartOrder:
        hrefs = self.index.hrefs[plan.first : plan.stop]
        grid = self.index.grids[0]
        codec = codec_of(self.variable)
        digest = hashlib.sha256(repr((plan.tier.steps, codec)).encode())
        digest.update("".join(self.index.checksums[plan.first : plan.stop]).encode())
        return PartOrder(
            paths=tuple(str(self.store / href) for href in hrefs),
            height=grid.height,
            width=grid.width,
            codec=codec,
            tier=plan.tier,
            folder=self.store / UNFINISHED / self.dataset.id / digest.hexdigest()[:24],
        )

    def _settled(self, plan: PlannedPart, order: PartOrder, built: BuiltPart) -> SeriesPart:
        """Give a part its final name, `{dataset}/{variable}/series/{first time}-{times}-{first 12 of sha256}`."""
        key = label_to_path(self.index.labels[plan.first])
        key += "" if self.layer is None else "-" + re.sub(r"[^A-Za-z0-9.+-]", "_", self.layer)
        name = f"{key}-{plan.stop - plan.first}-{built.sha256[:12]}"
        href = f"{self.dataset.id}/{self.variable.id}/{PARTS}/{name}"
        final = self.store / href
        final.parent.mkdir(parents=True, exist_ok=True)
        if final.exists():  # of the same content: it was dropped before
            shutil.rmtree(order.folder)
        else:
            order.folder.replace(final)
        for folder in (final.parent, final.parent.parent):
            sync_folder(folder)
        return SeriesPart(
            variable_id=self.variable.id,
            layer=self.layer,
            keys=self.index.keys[plan.first : plan.stop],
            checksums=short_checksums(self.index.checksums[plan.first : plan.stop]),
            href=href,
            layout=built.layout.to_json(),
            sha256=built.sha256,
            size=built.size,
        )


def build_one(order: PartOrder, *, slot: Slot = ALONE) -> BuiltPart:
    """Build a part, in a worker process."""
    return build_part(order, pulse=lambda: slot.pulse(0.0))
