"""Changing the description of a published dataset without its files: titles, styles, classes, access and record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from config.declarations.datasets import AccessDeclaration, DatasetDeclaration, VariableDeclaration, parse_declaration
from config.errors import InvalidDeclaration, InvalidParameter
from records.datasets.models import Access, Dataset, Origin, Variable
from records.datasets.repository import Repository
from records.documents.documents import access_of
from services.ingest.publishing import describe
from services.ingest.publishing.assembly import plain_text
from services.ingest.publishing.record import declared_form, keep_foreign_id
from services.ingest.publishing.record_matching import MINIMAL, RecordFile
from services.ingest.reading.source_digest import rekeyed

_DESCRIPTIVE = frozenset({"title", "standard_name", "classes", "styles"})
"""Members of a variable's declaration that need no cells."""
_FIXED = ("grid", "time", "parts", "bands")
_DATA_MEMBERS = ("geometry", "time", "conformsTo", "id", "type")
"""Members of a record that ingest fills in from the data."""


@dataclass(frozen=True, kw_only=True)
class DatasetEdit:
    """A change of a description; an absent or empty member stays as it is.

    Attributes:
        declaration: Its record, access, and the titles, standard names, classes and styles of its variables.
        record: A metadata record in place of the present one; the access that it states counts unless one is declared.
        titles: Title of the dataset by language.
        variable_titles: Titles of variables by their id and language.
        access: Who may read the data.
    """

    declaration: DatasetDeclaration | None = None
    record: RecordFile | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    variable_titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    access: AccessDeclaration | None = None


def edit(repository: Repository, dataset_id: str, change: DatasetEdit, *, who: str = "command") -> Dataset:
    """Make a change of a dataset visible, in one commit, by `who`; its cells, granules and extent stay.

    What is changed stands in the stored declaration afterwards, so that the next ingest keeps it.

    Raises:
        CollectionNotFound: There is no such dataset.
        InvalidDeclaration: The declaration says something else of the cells than the dataset was made with.
        InvalidParameter: A variable is not there.
        InvalidRecord: The record cannot be stored.
    """
    dataset = repository.dataset(dataset_id, hidden=True)
    origin = repository.origin(dataset_id)
    before = parse_declaration(origin.declaration, name=f"the published declaration of {dataset_id}")
    after = _merged(before, change, dataset)
    source_record = _joined(origin, change, repository.record(dataset_id))
    record = _record(repository.record(dataset_id), source_record, after)
    properties = record["properties"]
    edited = replace(
        dataset,
        title=properties["title"],
        description=properties.get("description", {}),
        attribution=plain_text(properties.get("attribution")),
        license=properties.get("license"),
        access=_access(after, change, dataset.access),
        variables=tuple(
            describe.redescribed(_undrawn(v, before, after), after.variable(v.source_name)) for v in dataset.variables
        ),
    )
    made_with = Origin(declaration=after.model_dump(mode="json"), joined=source_record, gaps=origin.gaps)
    keys = rekeyed(repository.granules(dataset_id), dataset_id, before=before, after=after)
    came_from = change.record.origin if change.record else None
    return repository.revise(edited, made_with, record, keys=keys, record_origin=came_from, who=who)


def _undrawn(variable: Variable, before: DatasetDeclaration, after: DatasetDeclaration) -> Variable:
    """A variable without the styles that were declared and are no longer."""
    declared = [d.variable(variable.source_name) or VariableDeclaration() for d in (before, after)]
    was, is_now = ({style.id for style in one.styles} for one in declared)
    return replace(variable, styles=tuple(s for s in variable.styles if s.id not in was - is_now or s.id == "default"))


def _access(after: DatasetDeclaration, change: DatasetEdit, present: Access) -> Access:
    """The access to the data: as declared, else as the new record says, else as it is."""
    if after.access is not None:
        return Access(policy=after.access.policy, embargo_until=after.access.embargo_until)
    access = access_of(change.record.document) if change.record else None
    return access or present


def _merged(before: DatasetDeclaration, change: DatasetEdit, dataset: Dataset) -> DatasetDeclaration:
    """The declaration of a dataset with what is changed."""
    declaration = change.declaration or DatasetDeclaration()
    _require_same_cells(before, declaration, dataset.id)
    variables = [_merged_variable(before, declaration, v.source_name, v.id) for v in dataset.variables]
    variables = [_titled(v, change.variable_titles.get(v.id or "", {})) for v in variables]
    unknown = set(change.variable_titles) - {v.id for v in dataset.variables}
    if unknown:
        ids = ", ".join(v.id for v in dataset.variables)
        raise InvalidParameter("--title", min(unknown), f"dataset {dataset.id} has the variables {ids}")
    record = declaration.record or before.record
    if record is not None and change.titles:
        record = record.model_copy(update={"title": {**record.title, **change.titles}})
    access = change.access or (declaration.access if "access" in declaration.model_fields_set else before.access)
    merged = before.model_copy(update={"variables": variables, "record": record, "access": access})
    return parse_declaration(merged.model_dump(mode="json"), name=f"the edited declaration of {dataset.id}")


def _merged_variable(
    before: DatasetDeclaration, declaration: DatasetDeclaration, source: str, id_: str
) -> VariableDeclaration:
    """The declaration of a published variable with the changes, under its own name and id."""
    old = before.variable(source) or VariableDeclaration()
    new = declaration.variable(source) or next((v for v in declaration.variables if v.id == id_), VariableDeclaration())
    changes = {name: getattr(new, name) for name in _DESCRIPTIVE & new.model_fields_set}
    is_unnamed = before.variable(source) is not None or (not before.variables and before.names_tell)
    identity = {"source": old.source if is_unnamed else source, "id": old.id or id_}
    return old.model_copy(update=changes | identity)


def _titled(variable: VariableDeclaration, titles: Mapping[str, str]) -> VariableDeclaration:
    return variable.model_copy(update={"title": {**variable.title, **titles}}) if titles else variable


def _require_same_cells(before: DatasetDeclaration, declaration: DatasetDeclaration, dataset_id: str) -> None:
    """Raise InvalidDeclaration where a declaration would change cells, or where they lie in space and time."""
    for name in _FIXED:
        if name in declaration.model_fields_set and getattr(declaration, name) != getattr(before, name):
            _refuse(name, dataset_id)
    for variable in declaration.variables:
        published = before.variable(variable.source or "") or next(
            (v for v in before.variables if variable.id is not None and v.id == variable.id), VariableDeclaration()
        )
        for name in sorted(variable.model_fields_set - _DESCRIPTIVE - {"source", "id"}):
            if getattr(variable, name) != getattr(published, name):
                _refuse(f"variables.{variable.source or variable.id or ''}.{name}", dataset_id)


def _refuse(name: str, dataset_id: str) -> None:
    cause = f"{name} differs from what dataset {dataset_id} was made with, and changes its cells or where they lie"
    raise InvalidDeclaration(f"{cause}; leave it out, or make the dataset again with `graticule ingest --replace`")


def _joined(origin: Origin, change: DatasetEdit, present: dict[str, Any]) -> dict[str, Any] | None:
    """The record that was given for a dataset, after the change; None where the declaration says it."""
    if change.record is not None:
        document: dict[str, Any] | None = change.record.document
    elif change.declaration is not None and change.declaration.record is not None:
        return None
    else:
        document = origin.joined
    if document is None or not change.titles:
        return document
    properties = document["properties"]
    title = {**(properties.get("title") or present["properties"]["title"]), **change.titles}
    members = {name: value for name, value in document.items() if name != MINIMAL}
    return members | {"properties": properties | {"title": title}}


def _record(
    present: dict[str, Any], source_record: dict[str, Any] | None, declaration: DatasetDeclaration
) -> dict[str, Any]:
    """The present record with other texts: what ingest filled in from the data stays unless the document states it."""
    document = source_record
    if document is None:
        if declaration.record is None:
            return present
        document = declared_form(declaration.record)
    properties = {"type": "dataset", **document["properties"]}
    notes = present["properties"].get("lineage", {}).get("en", "").partition("Ingest:")[2]
    if notes:
        lineage = properties.get("lineage") or {}
        english = " ".join(part for part in (lineage.get("en", ""), "Ingest:" + notes) if part)
        properties["lineage"] = {**lineage, "en": english}
    keep_foreign_id(properties, document.get("id"), present["id"])
    members = {name: present[name] for name in _DATA_MEMBERS if name in present}
    return members | {"properties": properties, "links": document.get("links", [])}
