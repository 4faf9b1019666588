"""One harvest of one source: every record into the catalogue, and a report of what became of each.

Each record is a commit, so a harvest that is stopped goes on where it was when it is run again: what is there already
is unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import Conflict, GraticuleError, InvalidInput, SourceRefused
from records.harvest.fetch import sources
from records.harvest.fetch.walking import is_catalogue
from records.harvest.memory import Known, Memory, digest
from records.harvest.models import Harvested
from records.harvest.reading import records
from records.harvest.registry import adapter_of, recognised
from records.harvest.report import Outcome, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.harvest.fetch.content import Content
    from records.harvest.fetch.fetching import Limits
    from records.harvest.fetch.items import SourceItem
    from records.harvest.protocol import Adapter
    from records.harvest.services.protocols import Service
    from records.writing.record_store import RecordStore


def harvest(
    source: str,
    *,
    store: RecordStore,
    adapter: Adapter | None,
    limits: Limits,
    service: Service | None = None,
    memory: Memory | None = None,
    since: str | None = None,
    remove_vanished: bool = False,
    listener: Callable[[Outcome], None] | None = None,
) -> Report:
    """Harvest a file, a folder, a URL or a service.

    Args:
        source: A path or a URL.
        store: Where the records go.
        adapter: Of the format; None: each item by its content.
        limits: Of what is fetched.
        service: What the source is, if it is asked page by page.
        memory: What is known of its items; an item that is the same is not read.
        since: What a service is asked for: what it changed from then on; None: everything.
        remove_vanished: Whether records that the source has no more are withdrawn, unless data is published under them.
        listener: Told each outcome as it comes.
    """
    report = Report(source=source, listener=listener)
    run = _Run(report, store=store, adapter=adapter, memory=memory or Memory(), remove_vanished=remove_vanished)
    run.may_skip = service is not None or sources.is_folder(source)
    try:
        reading = sources.read(source, limits, service, memory=run.memory, since=since)
        report.whole = reading.whole
        for item in reading.items:
            run.take(item)
    except SourceRefused as error:
        report.broken = error.detail
        report.tell(Outcome(status="refused", item=source, reason=error.detail))
    else:
        report.since = reading.since
        if reading.whole:
            run.judge_vanished(paged=reading.paged)
    finally:
        run.memory.flush()
    return report


class _Run:
    def __init__(
        self, report: Report, *, store: RecordStore, adapter: Adapter | None, memory: Memory, remove_vanished: bool
    ) -> None:
        self.memory = memory
        self.may_skip = False
        self._report = report
        self._identity = sources.identity(report.source)
        self._store = store
        self._adapter = adapter
        self._remove_vanished = remove_vanished
        self._seen: dict[str, str] = {}
        self._kept: set[str] = set()
        self._items: set[str] = set()
        self._faulty: set[str] = set()

    def take(self, item: SourceItem) -> None:
        """Put the records of an item into the catalogue."""
        self._items.add(item.name)
        entry = self.memory.known(item.name)
        if item.state == "deleted":
            self._deleted(item.name)
        elif item.refusal:
            self._refuse(item.name, item.refusal)
        elif item.content is None:
            self._same(entry)
        elif entry is not None and entry.sha256 == digest(item.content.data):
            self._same(entry)
            self._remember(item, item.content, entry.record_ids)
        else:
            self._read(item, item.content)

    def _same(self, entry: Known | None) -> None:
        """An item as it was: so are its records."""
        assert entry is not None  # an item is the same as one that is remembered
        for record_id in entry.record_ids:
            first = self._seen.setdefault(record_id, entry.item)
            if record_id in self._kept:
                self._refuse(entry.item, f"its id is that of another record of this source, in {first}", record_id)
                continue
            self._kept.add(record_id)
            self._report.tell(Outcome(status="unchanged", item=entry.item, record_id=record_id))
        if not entry.record_ids and not entry.following:
            self._skip(entry.item)

    def _skip(self, item: str) -> None:
        self._report.tell(Outcome(status="skipped", item=item, reason="it is not of the format"))

    def _read(self, item: SourceItem, content: Content) -> None:
        record_ids: list[str] = []
        try:
            adapter = self._adapter_of(item, content)
            if adapter is None:
                if not item.structure:
                    self._skip(item.name)
            else:
                record_ids = self._put_all(item, content, adapter)
        except SourceRefused as error:
            self._refuse(item.name, error.detail)
        if item.name not in self._faulty:
            self._remember(item, content, tuple(record_ids))

    def _put_all(self, item: SourceItem, content: Content, adapter: Adapter) -> list[str]:
        """The ids of the records of a content."""
        record_ids = []
        for record in records(content, adapter):
            if isinstance(record, Harvested):
                record_ids += self._put(record, item.name)
            else:
                self._refuse(item.name, f"{record.entry}: {record.reason}")
        return record_ids

    def _remember(self, item: SourceItem, content: Content, record_ids: tuple[str, ...]) -> None:
        self.memory.keep(
            Known(
                item=item.name,
                sha256=digest(content.data),
                etag=item.etag,
                modified=item.modified,
                following=item.following,
                record_ids=record_ids,
            )
        )

    def _adapter_of(self, item: SourceItem, content: Content) -> Adapter | None:
        """The adapter that reads a content; None for a file of a folder, or a page, of another format or of none."""
        if is_catalogue(content) and not (self.may_skip or item.structure):
            raise SourceRefused(
                content.name, "it is a STAC catalogue, without records of its own", "harvest its folder"
            )
        may_skip = self.may_skip or item.structure
        if self._adapter is None:
            return adapter_of(content) if may_skip else recognised(content)
        if self._adapter.recognises(content):
            return self._adapter
        if may_skip:
            return None
        raise SourceRefused(content.name, f"it is no {self._adapter.name}", "name its format, or auto")

    def _refuse(self, item: str, reason: str, record_id: str = "") -> None:
        self._faulty.add(item)
        self._report.tell(Outcome(status="refused", item=item, record_id=record_id, reason=reason))

    def _put(self, record: Harvested, item: str) -> list[str]:
        """Put a record into the catalogue; its id there, if it is stored."""
        record_id = record.document["id"]
        first = self._seen.setdefault(record_id, item)
        if record_id in self._kept:
            self._refuse(item, f"its id is that of another record of this source, in {first}", record_id)
            return []
        self._kept.add(record_id)
        try:
            stored = self._store.put(record, source=self._identity, item=item)
        except (Conflict, InvalidInput) as error:
            self._refuse(item, error.detail, record_id)
            return []
        self._kept.add(stored.record_id)
        self._report.tell(
            Outcome(
                status=stored.status,
                item=item,
                record_id=stored.record_id,
                reason=stored.remark,
                notes=record.notes,
            )
        )
        return [stored.record_id]

    def _deleted(self, item: str) -> None:
        """An archive says that a record is no more."""
        for record_id in self._store.harvested_from(self._identity, item=item):
            if record_id not in self._kept:
                self._kept.add(record_id)  # told already
                self._report.tell(self._vanished(record_id, item, self._withheld(is_reported=True)))

    def judge_vanished(self, *, paged: bool) -> None:
        """Report the records that were harvested from this source before and are in it no more."""
        items_by_record = self._store.harvested_from(self._identity)
        withheld = self._withheld(is_reported=bool(self._kept), unsure=paged and bool(self._faulty))
        for record_id, item in items_by_record.items():
            if record_id not in self._kept and item not in self._faulty:
                self._report.tell(self._vanished(record_id, item, withheld))
        self.memory.forget_others(self._items)

    def _withheld(self, *, is_reported: bool, unsure: bool = False) -> str:
        """Why vanished records are not withdrawn; empty: they are."""
        if not self._remove_vanished:
            return "the source has it no more; --remove-vanished withdraws it"
        if not is_reported:
            return "it stays: the source has no record at all any more; `graticule records remove` withdraws records"
        if unsure:
            return "it stays: the source has it no more, or it is one of those that were refused"
        return ""

    def _vanished(self, record_id: str, item: str, withheld: str) -> Outcome:
        if withheld:
            return Outcome(status="vanished", item=item, record_id=record_id, reason=withheld)
        try:
            self._store.remove(record_id)
        except GraticuleError as error:
            return Outcome(status="vanished", item=item, record_id=record_id, reason=error.detail)
        return Outcome(status="removed", item=item, record_id=record_id, reason="the source has it no more")
