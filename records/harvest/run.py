"""One harvest of one source: every record into the catalogue, and a report of what became of each.

Each record is a commit, so a harvest that is stopped goes on where it was when it is run again: what is there already
is unchanged.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from config.errors import Conflict, GraticuleError, InvalidInput, SourceRefused
from records.harvest import sources
from records.harvest.models import Harvested, Note
from records.harvest.reading import records
from records.harvest.registry import adapter_of, recognised

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.harvest.content import Content
    from records.harvest.fetching import Limits
    from records.harvest.protocol import Adapter
    from records.harvest.protocols import Service
    from records.harvest.sources import Item
    from records.record_store import RecordStore

Status = Literal["added", "changed", "unchanged", "vanished", "removed", "refused", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one record, or of an item that gave none."""

    status: Status
    item: str
    record_id: str = ""
    reason: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(kw_only=True)
class Report:
    """What became of a source."""

    source: str
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether anything was refused."""
        return any(outcome.status == "refused" for outcome in self.outcomes)

    @property
    def counts(self) -> dict[str, int]:
        """How many outcomes there are of each status."""
        return dict(Counter(outcome.status for outcome in self.outcomes))


def harvest(  # noqa: PLR0913 - a harvest has these parts
    source: str,
    *,
    store: RecordStore,
    adapter: Adapter | None,
    limits: Limits,
    service: Service | None = None,
    prune: bool = False,
    listener: Callable[[Outcome], None] | None = None,
) -> Report:
    """Harvest a file, a folder, a URL or a service.

    Args:
        source: A path or a URL.
        store: Where the records go.
        adapter: Of the format; None: each item by its content.
        limits: Of what is fetched.
        service: What the source is, if it is asked page by page.
        prune: Whether records that the source has no more are withdrawn, unless data is published under them.
        listener: Told each outcome as it comes.
    """
    run = _Run(source, store=store, adapter=adapter, service=service, listener=listener)
    try:
        for item in sources.items(source, limits, service):
            run.take(item)
    except SourceRefused as error:
        run.tell(Outcome(status="refused", item=source, reason=error.detail))
    else:
        run.vanished(prune=prune)
    return run.report


class _Run:
    def __init__(
        self,
        source: str,
        *,
        store: RecordStore,
        adapter: Adapter | None,
        service: Service | None,
        listener: Callable[[Outcome], None] | None,
    ) -> None:
        self.report = Report(source=source)
        self._identity = sources.identity(source)
        self._may_skip = service is not None or sources.is_folder(source)
        self._store = store
        self._adapter = adapter
        self._listener = listener
        self._seen: dict[str, str] = {}
        self._kept: set[str] = set()
        self._faulty: set[str] = set()

    def tell(self, outcome: Outcome) -> None:
        """Enter an outcome."""
        self.report.outcomes.append(outcome)
        if self._listener is not None:
            self._listener(outcome)

    def take(self, item: Item) -> None:
        """Put the records of an item into the catalogue."""
        if item.content is None:
            self._refuse(item.name, item.refusal)
            return
        try:
            adapter = self._adapter_of(item.content)
            if adapter is None:
                self.tell(Outcome(status="skipped", item=item.name, reason="it is not of the format"))
                return
            for record in records(item.content, adapter):
                if isinstance(record, Harvested):
                    self._put(record, item.name)
                else:
                    self._refuse(item.name, f"{record.entry}: {record.reason}")
        except SourceRefused as error:
            self._refuse(item.name, error.detail)

    def _adapter_of(self, content: Content) -> Adapter | None:
        """The adapter that reads a content; None for a file of a folder, or a page, of another format or of none."""
        if self._adapter is None:
            return adapter_of(content) if self._may_skip else recognised(content)
        if self._adapter.recognises(content):
            return self._adapter
        if self._may_skip:
            return None
        raise SourceRefused(content.name, f"it is no {self._adapter.name}", "name its format, or auto")

    def _refuse(self, item: str, reason: str, record_id: str = "") -> None:
        self._faulty.add(item)
        self.tell(Outcome(status="refused", item=item, record_id=record_id, reason=reason))

    def _put(self, record: Harvested, item: str) -> None:
        record_id = record.document["id"]
        first = self._seen.setdefault(record_id, item)
        if record_id in self._kept:
            self._refuse(item, f"its id is that of another record of this source, in {first}", record_id)
            return
        self._kept.add(record_id)
        try:
            stored = self._store.put(record, source=self._identity, item=item)
        except (Conflict, InvalidInput) as error:
            self._refuse(item, error.detail, record_id)
            return
        self._kept.add(stored.record_id)
        self.tell(
            Outcome(
                status=stored.status,
                item=item,
                record_id=stored.record_id,
                reason=stored.remark,
                notes=record.notes,
            )
        )

    def vanished(self, *, prune: bool) -> None:
        """Report the records that were harvested from this source before and are in it no more."""
        for record_id, item in self._store.harvested_from(self._identity).items():
            if record_id in self._kept or item in self._faulty:
                continue
            self.tell(self._vanished(record_id, item, prune=prune))

    def _vanished(self, record_id: str, item: str, *, prune: bool) -> Outcome:
        if not prune:
            reason = "the source has it no more; --prune withdraws it"
            return Outcome(status="vanished", item=item, record_id=record_id, reason=reason)
        try:
            self._store.remove(record_id)
        except GraticuleError as error:
            return Outcome(status="vanished", item=item, record_id=record_id, reason=error.detail)
        return Outcome(status="removed", item=item, record_id=record_id, reason="the source has it no more")
