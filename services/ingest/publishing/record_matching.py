"""Which metadata record belongs to a dataset, and the files that records are read from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from config.datasets import DatasetDeclaration, RecordDeclaration, parse_declaration
from config.errors import CollectionNotFound, Conflict, InvalidDeclaration, InvalidRecord
from config.validation_messages import explained
from config.yaml_lines import read_yaml
from records.datasets.models import Origin, RecordOrigin
from records.documents.documents import id_forms
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
class Joined:
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
class GivenRecord:
    """A record that a file holds.

    Attributes:
        document: In stored form (`records.documents.documents`).
        origin: Which file and format it came from, and what of it is kept for operators; None of a declaration.
    """

    document: dict[str, Any]
    origin: RecordOrigin | None = None


def read_record(path: Path) -> GivenRecord:
    """The one record that a file holds, in stored form: a declaration's YAML, or a metadata format by its content.

    Raises InvalidDeclaration, InvalidRecord or SourceRefused.
    """
    if path.suffix.lower() in _YAML:
        return GivenRecord(document=_from_yaml(path))
    from records import harvest  # noqa: PLC0415 - its parsers are dear to import
    from records.harvest.fetch.sources import identity  # noqa: PLC0415
    from records.writing.origins import origin_of_harvested  # noqa: PLC0415

    found = harvest.read_record(path)
    origin = origin_of_harvested(found, source=identity(str(path)), item=str(path))
    return GivenRecord(document=found.document, origin=origin)


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
    given: Sequence[GivenRecord],
    of_many: bool = False,
    attributes: dict[str, str],
    origin: Origin | None,
    repository: Repository | None,
) -> Joined:
    """The record of a dataset: that which is given, declared, joined before, harvested, or else a minimal one.

    A declared record that the last ingest knew does not take the place of one that was joined since. Several given ones
    are told apart by id, then by `externalIds`; so is even one of those given for many datasets (`of_many`), of which
    it may be that none is this one's.

    Raises:
        InvalidRecord: None, or more than one, of the given records is the dataset's.
        Conflict: More than one harvested record may be the dataset's.
    """
    names = _identifiers(declaration, attributes)
    mine = _of_given(dataset_id, given, names, of_many=of_many)
    if mine is not None:
        return mine
    before = origin.joined if origin else None
    is_joined = before is not None and not before.get(MINIMAL)
    known = origin.declaration.get("record") if origin else None
    record = declaration.record
    if record is not None and not (is_joined and record.model_dump(mode="json") == known):
        return Joined(document=declared_form(record))
    if is_joined and before is not None:
        return Joined(document=before, given=before)
    loose = repository.loose_records(dataset_id, _forms(names)) if repository else []
    if loose:
        return _of_loose(dataset_id, loose)
    if before is None:
        before = declared_form(minimal_record(dataset_id, attributes)) | {MINIMAL: True}
    return Joined(document=before, given=before)


def _of_given(
    dataset_id: str, given: Sequence[GivenRecord], names: list[dict[str, str]], *, of_many: bool
) -> Joined | None:
    candidates = list(given)
    if len(given) > 1 or of_many:
        named = [r for r in given if r.document.get("id") == dataset_id]
        candidates = named or [r for r in given if _shares(r.document, names)]
    if not candidates and (of_many or not given):
        return None
    if len(candidates) != 1:
        titles = ", ".join(str(record.document.get("id", "without an id")) for record in candidates or given)
        count = "none" if not candidates else str(len(candidates))
        raise InvalidRecord(
            f"{count} of the given records is that of dataset {dataset_id} by id or externalIds ({titles}); name one"
        )
    document = candidates[0].document
    return Joined(document=document, given=document, origin=candidates[0].origin)


def _of_loose(dataset_id: str, loose: list[dict[str, Any]]) -> Joined:
    candidates = [record for record in loose if record["id"] == dataset_id] or loose
    if len(candidates) > 1:
        ids = ", ".join(record["id"] for record in candidates)
        cause = f"the records {ids} all share an identifier with dataset {dataset_id}"
        raise Conflict(f"{cause}; name the right one with --record, or give the dataset its id with --id")
    record = candidates[0]
    return Joined(document=record, given=record, absorbed=tuple({record["id"]} - {dataset_id}))


def _identifiers(declaration: DatasetDeclaration, attributes: dict[str, str]) -> list[dict[str, str]]:
    """The identifiers that are declared of a dataset or stand in its file."""
    declared = declaration.record.external_ids if declaration.record else []
    stated = [attributes[name].strip() for name in _IDENTIFIERS if attributes.get(name, "").strip()]
    return [external_id(_without_resolver(text)) for text in (*declared, *stated)]


def _without_resolver(text: str) -> str:
    return next((text.removeprefix(prefix) for prefix in _RESOLVERS if text.startswith(prefix)), text)


def _forms(names: list[dict[str, str]]) -> list[str]:
    """The forms under which records that have these identifiers are found: those that mean one thing everywhere."""
    return sorted({form for name in names for form in id_forms(name) if _GLOBAL.search(form)})


def _shares(record: dict[str, Any], names: list[dict[str, str]]) -> bool:
    theirs = {form for e in record["properties"].get("externalIds", []) for form in id_forms(e)}
    return bool(theirs & set(_forms(names)))


def known_origin(repository: Repository | None, dataset_id: str) -> Origin | None:
    """What a dataset was made with, or None if it is not published."""
    if repository is None:
        return None
    try:
        return repository.origin(dataset_id)
    except CollectionNotFound:
        return None
