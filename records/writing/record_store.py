"""Records without data: harvested ones are kept, found again, joined with published datasets, and withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import Conflict, RecordNotFound
from records.database.engine import translated_errors
from records.database.orm import CHANNEL, DatasetRow, RecordOriginRow, RecordRow
from records.datasets.items import writing as items
from records.documents.documents import access_of, id_forms
from records.writing.origins import keep_origin, origin_of, origin_of_harvested
from records.writing.writing import Change, erase, lock, write

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from records.datasets.models import RecordOrigin
    from records.harvest.models import Harvested

Status = Literal["added", "changed", "unchanged"]

_GLOBAL = frozenset({"doi", "cstr", "uuid"})
"""Schemes whose values mean one thing everywhere, so that records of equal ones are of the same dataset."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A record that a harvested or ingested one may be the same as."""

    record_id: str
    dataset_id: str | None
    by: Literal["id", "externalIds"]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of a record: its id in the catalogue, and what is worth telling of it."""

    status: Status
    record_id: str
    remark: str = ""


class RecordStore:
    """The records behind an engine. Thread-safe: every call has its own session."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def put(self, harvested: Harvested, *, source: str, item: str, who: str | None = None) -> Stored:
        """Add a record or bring it up to date, in one commit; by `who`, or a harvest of the source.

        A record whose dataset is published joins it: the metadata changes, place and time stay those of the data.
        Raises Conflict if its id is that of a record of something else, or if several datasets have its identifiers.
        """
        with translated_errors(), Session(self.engine) as session, session.begin():
            target, remark = _target(session, harvested, source)
            lock(session, target)
            row = session.get(RecordRow, target)
            document = {**harvested.document, "id": target}
            if row is not None:
                _require_same(session, row, harvested, source)
                document = joined(document, row)
            origin = origin_of_harvested(harvested, source=source, item=item)
            status = _write(session, document, origin, row, who or f"harvest {_without_secrets(source)}")
            dataset = session.get(DatasetRow, row.dataset_id) if row is not None and row.dataset_id else None
            if dataset is not None:
                remark = "; ".join(filter(None, (remark, _access_remark(dataset, document))))
                if status == "changed":
                    _tell_dataset(session, dataset, {**harvested.document, "id": target})
                    items.redate(session, dataset.id, document)
            return Stored(status=status, record_id=target, remark=remark)

    def candidates(self, record_id: str, external_ids: list[dict[str, str]]) -> list[Candidate]:
        """The records that one of this id and these identifiers may be: that of the id alone, else by identifiers."""
        with translated_errors(), Session(self.engine) as session:
            return _candidates(session, record_id, external_ids)

    def document(self, record_id: str) -> dict[str, Any]:
        """The stored document of a record; raises RecordNotFound."""
        with translated_errors(), Session(self.engine) as session:
            document = session.scalar(select(RecordRow.document).where(RecordRow.id == record_id))
            return dict(_found(document, record_id))

    def origin(self, record_id: str) -> RecordOrigin | None:
        """Where a record came from, with what is private of it; None if it was not harvested."""
        with translated_errors(), Session(self.engine) as session:
            return origin_of(session, record_id)

    def harvested_from(self, source: str, *, item: str | None = None) -> dict[str, str]:
        """The ids of a source's records, or of those of one of its items, and the item of each."""
        with translated_errors(), Session(self.engine) as session:
            columns = select(RecordOriginRow.record_id, RecordOriginRow.item).where(RecordOriginRow.source == source)
            columns = columns if item is None else columns.where(RecordOriginRow.item == item)
            return {row.record_id: row.item for row in session.execute(columns.order_by(RecordOriginRow.record_id))}

    def list(self, *, limit: int, after: str = "") -> list[tuple[str, str, str | None]]:
        """(id, title, dataset id) of records by id, those behind `after` alone."""
        columns = select(RecordRow.id, RecordRow.title, RecordRow.dataset_id).where(RecordRow.id > after)
        with translated_errors(), Session(self.engine) as session:
            return [(r.id, r.title, r.dataset_id) for r in session.execute(columns.order_by(RecordRow.id).limit(limit))]

    def remove(self, record_id: str, *, who: str = "command") -> None:
        """Withdraw a record without data; raises RecordNotFound, or Conflict if data is published under it."""
        with translated_errors(), Session(self.engine) as session, session.begin():
            lock(session, record_id)
            require_without_data(_found(session.get(RecordRow, record_id), record_id))
            erase(session, [record_id], Change(who=who, action="removed"))


def require_without_data(row: RecordRow) -> None:
    """Raise Conflict if data is published under a record."""
    if row.dataset_id is not None:
        remedy = f"`graticule datasets remove {row.dataset_id}` withdraws both"
        raise Conflict(f"record {row.id} describes the published dataset {row.dataset_id}; {remedy}")


def _without_secrets(source: str) -> str:
    """A source without what of a URL may be a credential: its user and its query."""
    parts = urlsplit(source) if "://" in source else None
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")) if parts else source


def _found[T](value: T | None, record_id: str) -> T:
    if value is None:
        raise RecordNotFound(f"there is no record {record_id[:200]!r}")
    return value


def _candidates(session: Session, record_id: str, external_ids: list[dict[str, str]]) -> list[Candidate]:
    columns = select(RecordRow.id, RecordRow.dataset_id)
    own = session.execute(columns.where(RecordRow.id == record_id)).first()
    if own is not None:
        return [Candidate(record_id=own.id, dataset_id=own.dataset_id, by="id")]
    forms = _global_forms(external_ids)
    if not forms:
        return []
    sharing = columns.where(RecordRow.external_ids.bool_op("&&")(forms)).order_by(RecordRow.id)
    return [Candidate(record_id=r.id, dataset_id=r.dataset_id, by="externalIds") for r in session.execute(sharing)]


def _global_forms(external_ids: list[dict[str, str]]) -> list[str]:
    """`scheme:value` of each identifier that means one thing everywhere."""
    return [id_forms(e)[1] for e in external_ids if e.get("scheme") in _GLOBAL]


def _target(session: Session, harvested: Harvested, source: str) -> tuple[str, str]:
    """The id under which a record is stored, and a remark if it joins a dataset of another id."""
    document = harvested.document
    external_ids = document["properties"].get("externalIds", [])
    matches = [
        c for c in _candidates(session, document["id"], external_ids) if c.by == "id" or c.dataset_id is not None
    ]
    if len(matches) > 1:
        names = ", ".join(c.record_id for c in matches)
        raise Conflict(f"record {document['id']} has the identifiers of several datasets: {names}; remove all but one")
    if matches and matches[0].by == "externalIds":
        return matches[0].record_id, f"joined the dataset {matches[0].record_id}, which has its identifier"
    absorbed = None if matches else _absorbing(session, harvested, source)
    if absorbed is not None:
        return absorbed, f"joined the dataset {absorbed}, which took its place"
    return document["id"], ""


def _absorbing(session: Session, harvested: Harvested, source: str) -> str | None:
    """The dataset that took the place of this record of this source before."""
    same = RecordOriginRow.source == source, RecordOriginRow.source_id == harvested.source_id
    query = select(RecordRow.id).join(RecordOriginRow, RecordOriginRow.record_id == RecordRow.id)
    return session.scalars(query.where(*same, RecordRow.dataset_id.is_not(None)).order_by(RecordRow.id)).first()


def _require_same(session: Session, row: RecordRow, harvested: Harvested, source: str) -> None:
    """Raise Conflict if a record has the id of a harvested one by chance.

    They are the same if they share an identifier that means one thing everywhere, if the stored one came from this
    source or has the same title, or if it was not harvested: then its id was chosen here.
    """
    external_ids = harvested.document["properties"].get("externalIds", [])
    shared = {form for e in external_ids for form in id_forms(e) if not form.endswith(":")} & set(row.external_ids)
    if any(":" in form or "/" in form for form in shared):
        return
    origin = session.get(RecordOriginRow, row.id)
    if origin is None and harvested.source_id == row.id:
        return
    is_moved = row.document["properties"]["title"] == harvested.document["properties"]["title"]
    if origin is not None and origin.source_id == harvested.source_id and (origin.source == source or is_moved):
        return
    whose = f"{origin.source_id[:100]!r} of {origin.source}" if origin else f"the dataset {row.dataset_id}"
    raise Conflict(
        f"its id {row.id} is that of another record, {whose}; if they are the same, "
        f"`graticule records remove {row.id}` makes room"
    )


def joined(document: dict[str, Any], row: RecordRow) -> dict[str, Any]:
    """A harvested document with what the data of its published dataset say better: place, time and treatment."""
    if row.dataset_id is None:
        return document
    properties = dict(document["properties"])
    text = treatment(row.document)
    if text:
        lineage = dict(properties.get("lineage", {}))
        lineage["en"] = " ".join(filter(None, (lineage.get("en", ""), text)))
        properties["lineage"] = lineage
    place, when = row.document.get("geometry"), row.document.get("time")
    return {
        **document,
        "geometry": place or document["geometry"],
        "time": when or document["time"],
        "properties": properties,
    }


def treatment(document: dict[str, Any]) -> str:
    """What ingest wrote of its own doing at the end of the English lineage."""
    lineage = document["properties"].get("lineage", {})
    _, mark, rest = str(lineage.get("en", "") if isinstance(lineage, dict) else "").partition("Ingest: ")
    return mark + rest


def _write(session: Session, document: dict[str, Any], origin: RecordOrigin, row: RecordRow | None, who: str) -> Status:
    same_record = row is not None and row.document == document
    if not same_record:
        write(session, document, Change(who=who, action="harvested"))
    same_private = keep_origin(session, document["id"], origin)
    if row is None:
        return "added"
    return "unchanged" if same_record and same_private else "changed"


def _access_remark(dataset: DatasetRow, document: dict[str, Any]) -> str:
    """What to tell where a record and its published data disagree on who may read them."""
    access = access_of(document)
    holds = (dataset.access_policy, dataset.embargo_until)
    if access is None or (access.policy, access.embargo_until) == holds:
        return ""
    names = [
        f"{policy}, embargo {until}" if until else policy
        for policy, until in ((access.policy, access.embargo_until), holds)
    ]
    return f"the record says access is {names[0]}, the data are served as {names[1]}, which holds"


def _tell_dataset(session: Session, row: DatasetRow, document: dict[str, Any]) -> None:
    """Give a published dataset the title, description and licence of its record, and tell every process."""
    properties = document["properties"]
    row.joined = document  # the next ingest keeps it
    row.title = properties["title"]
    row.description = properties.get("description", row.description)
    row.license = properties.get("license", row.license)
    row.version += 1
    row.updated = func.now()
    session.execute(select(func.pg_notify(CHANNEL, row.id)))
