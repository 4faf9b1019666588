"""Matching a dataset with its metadata record, and reading the files of records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from config.declarations.datasets import DatasetDeclaration, RecordDeclaration, parse_declaration
from config.declarations.validation_messages import explained
from config.declarations.yaml_lines import read_yaml
from config.errors import CollectionNotFound, Conflict, InvalidDeclaration, InvalidRecord
from records.datasets.models import Origin, RecordOrigin
from records.documents.documents import id_forms
from records.harvest.fetch.sources import identity
from records.harvest.reading import read_record as read_metadata
from records.writing.origins import origin_of_harvested
from services.ingest.publishing.record import declared_form, external_id, minimal_record

if TYPE_CHECKING:
    from records.datasets.repository import Repository

MINIMAL = "minimal"
"""Member of a joined record that was made of a file's attributes: any other record takes its place."""

_YAML = frozenset({".yaml", ".yml"})
_IDENTIFIERS = ("doi", "identifier_product_doi", "cstr", "id", "identifier")
"""Global attributes (ACDD 1.3) that may hold an identifier."""
_GLOBAL = re.compile(r":.|/|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
"""Identifiers with a scheme or a prefix, and UUIDs: a short local name may be that of something else elsewhere."""
_RESOLVERS = ("https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/")


@dataclass(frozen=True, kw_only=True)
class MatchedRecord:
    """The record of a dataset before extent and lineage are filled in.

    Attributes:
        document: Members of an OGC record in stored form (`records.documents.documents`).
        given: What is kept for the next ingest; None where the declaration says it.
        absorbed: Ids of records without data that it takes the place of.
        origin: Where it came from, with what is private of it; None if nothing new is known.
    """

    document: dict[str, Any]
    given: dict[str, Any] | None = None
    absorbed: tuple[str, ...] = ()
    origin: RecordOrigin | None = None


@dataclass(frozen=True, kw_only=True)
class RecordFile:
    """A record that a file holds.

    Attributes:
        document: In stored form (`records.documents.documents`).
        origin: Which file and format it came from, and what of it is kept for operators; None of a declaration.
    """

    document: dict[str, Any]
    origin: RecordOrigin | None = None


def read_record(path: Path) -> RecordFile:
    """The one record that a file holds, in stored form: a declaration's YAML, or a metadata format by its content.

    Raises InvalidDeclaration, InvalidRecord or SourceRefused.
    """
    if path.suffix.lower() in _YAML:
        return RecordFile(document=_from_yaml(path))
    record = read_metadata(path)
    origin = origin_of_harvested(record, source=identity(str(path)), item=str(path))
    return RecordFile(document=record.document, origin=origin)


def _from_yaml(path: Path) -> dict[str, Any]:
    """The record of a declaration, or a record that stands alone in its file."""
    document, lines = read_yaml(path)
    if isinstance(document, dict) and "title" in document and "record" not in document:
        try:
            return declared_form(RecordDeclaration.model_validate(document))
        except ValidationError as error:
            raise InvalidDeclaration(f"{path}: {explained(error, RecordDeclaration, lines)}") from error
    record = parse_declaration(document, name=str(path), lines=lines).record
    if record is None:
        raise InvalidDeclaration(f"{path}: it has no `record`; add one, or name another file with --record")
    return declared_form(record)


def joined(
    dataset_id: str,
    declaration: DatasetDeclaration,
    *,
    records: Sequence[RecordFile],
    of_many: bool = False,
    attributes: dict[str, str],
    origin: Origin | None,
    repository: Repository | None,
) -> MatchedRecord:
    """The record of a dataset: that which is given, declared, joined before, harvested, or else a minimal one.

    A declared record that the last ingest knew does not take the place of one that was joined since. Several given ones
    are told apart by id, then by `externalIds`; so is even one of those given for many datasets (`of_many`), of which
    it may be that none is this one's.

    Raises:
        InvalidRecord: None, or more than one, of the given records is the dataset's.
        Conflict: More than one harvested record may be the dataset's.
    """
    names = _identifiers(declaration, attributes)
    mine = _of_given(dataset_id, records, names, of_many=of_many)
    if mine is not None:
        return mine
    before = origin.joined if origin else None
    is_joined = before is not None and not before.get(MINIMAL)
    published = origin.declaration.get("record") if origin else None
    record = declaration.record
    if record is not None and not (is_joined and record.model_dump(mode="json") == published):
        return MatchedRecord(document=declared_form(record))
    if is_joined and before is not None:
        return MatchedRecord(document=before, given=before)
    loose = repository.loose_records(dataset_id, _forms(names)) if repository else []
    if loose:
        return _of_loose(dataset_id, loose)
    if before is None:
        before = declared_form(minimal_record(dataset_id, attributes)) | {MINIMAL: True}
    return MatchedRecord(document=before, given=before)


def _of_given(
    dataset_id: str, records: Sequence[RecordFile], names: list[dict[str, str]], *, of_many: bool
) -> MatchedRecord | None:
    candidates = list(records)
    if len(records) > 1 or of_many:
        namesakes = [r for r in records if r.document.get("id") == dataset_id]
        candidates = namesakes or [r for r in records if _shares(r.document, names)]
    if not candidates and (of_many or not records):
        return None
    if len(candidates) != 1:
        titles = ", ".join(str(record.document.get("id", "without an id")) for record in candidates or records)
        count = "none" if not candidates else str(len(candidates))
        raise InvalidRecord(
            f"{count} of the given records is that of dataset {dataset_id} by id or externalIds ({titles}); name one"
        )
    document = candidates[0].document
    return MatchedRecord(document=document, given=document, origin=candidates[0].origin)


def _of_loose(dataset_id: str, loose: list[dict[str, Any]]) -> MatchedRecord:
    candidates = [record for record in loose if record["id"] == dataset_id] or loose
    if len(candidates) > 1:
        ids = ", ".join(record["id"] for record in candidates)
        cause = f"the records {ids} all share an identifier with dataset {dataset_id}"
        raise Conflict(f"{cause}; name the right one with --record, or give the dataset its id with --id")
    record = candidates[0]
    return MatchedRecord(document=record, given=record, absorbed=tuple({record["id"]} - {dataset_id}))


def _identifiers(declaration: DatasetDeclaration, attributes: dict[str, str]) -> list[dict[str, str]]:
    """The identifiers that are declared of a dataset or stand in its file."""
    external_ids = declaration.record.external_ids if declaration.record else []
    attributes_ = [attributes[name].strip() for name in _IDENTIFIERS if attributes.get(name, "").strip()]
    return [external_id(_without_resolver(text)) for text in (*external_ids, *attributes_)]


def _without_resolver(text: str) -> str:
    return next((text.removeprefix(prefix) for prefix in _RESOLVERS if text.startswith(prefix)), text)


def _forms(names: list[dict[str, str]]) -> list[str]:
    """The forms under which records that have these identifiers are found: those that mean one thing everywhere."""
    return sorted({form for name in names for form in id_forms(name) if _GLOBAL.search(form)})


def _shares(record: dict[str, Any], names: list[dict[str, str]]) -> bool:
    theirs = {form for e in record["properties"].get("externalIds", []) for form in id_forms(e)}
    return bool(theirs & set(_forms(names)))


def known_origin(repository: Repository | None, dataset_id: str) -> Origin | None:
    """The origin of a dataset, or None if it is not published."""
    if repository is None:
        return None
    try:
        return repository.origin(dataset_id)
    except CollectionNotFound:
        return None
