"""The declaration of a dataset: what its operator says of it in YAML, and what its files leave unsaid."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from config.declarations.filenames import PartsDeclaration, TimeDeclaration
from config.declarations.validation_messages import explained
from config.declarations.variables import (
    ClassDeclaration,
    Declared,
    GridDeclaration,
    StyleDeclaration,
    StyleId,
    Text,
    VariableDeclaration,
    VariableId,
)
from config.declarations.yaml_lines import Lines, read_yaml
from config.errors import InvalidDeclaration
from config.vocabulary import COLLECTION_ID, RESERVED_IDS

__all__ = [
    "AccessDeclaration",
    "ClassDeclaration",
    "ContactDeclaration",
    "DatasetDeclaration",
    "GridDeclaration",
    "PartsDeclaration",
    "RecordDeclaration",
    "StyleDeclaration",
    "StyleId",
    "Text",
    "TimeDeclaration",
    "VariableDeclaration",
    "VariableId",
    "json_schema",
    "parse_declaration",
    "read_declaration",
    "require_dataset_id",
]


def _not_reserved(value: str) -> str:
    if value in RESERVED_IDS:
        raise ValueError(f"{value} is reserved; choose another id")
    return value


DatasetId = Annotated[str, Field(pattern=f"^{COLLECTION_ID}$"), AfterValidator(_not_reserved)]
_DATASET_ID = TypeAdapter[str](DatasetId)


def _stem_is_a_part(value: object) -> object:
    """`parts: stem` in one word."""
    return {} if value == "stem" else value


Parts = Annotated[
    PartsDeclaration | None,
    BeforeValidator(_stem_is_a_part, json_schema_input_type=Literal["stem"] | PartsDeclaration | None),
]


class AccessDeclaration(Declared):
    """Who may read the data; the record is public in every case."""

    policy: Literal["open", "login", "apply"] = Field(
        "open", description="Whether data needs a login or an application."
    )
    embargo_until: date | None = Field(None, description="First day on which the data may be served, UTC.")


class ContactDeclaration(Declared):
    """A party responsible for the dataset."""

    name: str = Field(description="Name of the person or body.")
    organization: str | None = Field(None, description="The body that a person belongs to.")
    roles: list[str] = Field(default_factory=list, description="Roles, such as producer or pointOfContact.")
    url: str | None = Field(None, description="A page about the party.")


class RecordDeclaration(Declared):
    """The dataset's metadata record, in one or more languages."""

    title: Text = Field(min_length=1, description="Title by language.")
    description: Text = Field(default_factory=dict, description="Abstract by language.")
    keywords: dict[str, list[str]] = Field(default_factory=dict, description="Keywords by language.")
    license: str | None = Field(None, description="SPDX identifier, or `other` with license_url; absent: not known.")
    license_url: str | None = Field(None, description="Where the text of the licence is.")
    attribution: str | None = Field(None, description="The line to show beside the data.")
    contacts: list[ContactDeclaration] = Field(default_factory=list, description="Parties responsible for the dataset.")
    external_ids: list[str] = Field(default_factory=list, description="`scheme:value`: DOI, CSTR, URN.")
    source: Text = Field(default_factory=dict, description="Where the data come from.")
    lineage: Text = Field(default_factory=dict, description="How the data were made, by language.")
    links: list[dict[str, str]] = Field(default_factory=list, description="Links with href, rel, type, title.")

    @model_validator(mode="after")
    def _other_license_is_linked(self) -> Self:
        if self.license == "other" and not self.license_url:
            raise ValueError("license other needs license_url, where its text is (OGC 20-004r1, 7.2.2)")
        return self


class DatasetDeclaration(Declared):
    """A dataset as declared: its id, variables, grid, times, parts, access and record."""

    id: DatasetId | None = Field(None, description="Id of the dataset and its collection.")
    variables: list[VariableDeclaration] = Field(
        default_factory=list, description="The variables that are published, in order; absent: all of the files."
    )
    grid: GridDeclaration | None = Field(None, description="The grid, where the files do not state it.")
    time: TimeDeclaration | None = Field(None, description="The times, where the files do not state them.")
    parts: Parts = Field(None, description="What one time is cut into: `stem`, or a pattern on file names.")
    bands: Literal["variables", "time"] | None = Field(
        None, description="What the bands of a raster are; absent: variables, but for a colour image."
    )
    warp: bool = Field(
        False,
        description="Put what has no north-up grid (control points, RPCs, rotation, latitudes and longitudes of two "
        "dimensions, uneven rows) on one, by nearest neighbour.",
    )
    ensemble: bool | None = Field(
        None,
        description="Whether a member that a file states alone is one of an ensemble; absent: where its number is not "
        "0, or the file says that there are several.",
    )
    strict: bool = Field(
        False,
        description="Refuse a file of which any variable cannot be used; else it is left out, unless it is declared.",
    )
    keep_source: bool = Field(
        False, description="Keep the original files in the store, and serve them beside the converted ones."
    )
    access: AccessDeclaration | None = Field(
        None, description="Who may read the data; absent: as the metadata record says, else everyone."
    )
    record: RecordDeclaration | None = Field(None, description="The metadata; absent: made from the files' attributes.")
    sources: list[str] = Field(default_factory=list, description="Files or patterns, relative to the declaration.")

    @model_validator(mode="after")
    def _variables_differ(self) -> Self:
        sources = [v.source for v in self.variables if v.source is not None]
        ids = [v.id.lower() for v in self.variables if v.id is not None]
        for what, names in (("source", sources), ("id", ids)):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"two variables have the {what} {twice}")
        return self

    @property
    def names_tell(self) -> bool:
        """Whether the names of files hold their time or part."""
        return self.parts is not None or (self.time is not None and self.time.pattern is not None)

    def variable(self, source: str) -> VariableDeclaration | None:
        """The declaration of the source variable of that name, if there is one."""
        matches = [v for v in self.variables if v.source == source]
        unnamed = [v for v in self.variables if v.source is None]
        return matches[0] if matches else unnamed[0] if len(self.variables) == len(unnamed) == 1 else None


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a declaration, which editors check YAML against."""
    schema = DatasetDeclaration.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:graticule:schema:dataset",
        **schema,
        "title": "Declaration of a Graticule dataset",
    }


def require_dataset_id(value: str, *, name: str) -> str:
    """A text as the id of a dataset; raises InvalidDeclaration, naming where it was given."""
    try:
        return _DATASET_ID.validate_python(value)
    except ValidationError as error:
        problem = re.sub("^Value error, ", "", error.errors()[0]["msg"])
        raise InvalidDeclaration(f"{name}: {value[:130]!r} is no dataset id: {problem}") from error


def read_declaration(path: Path) -> DatasetDeclaration:
    """Read a declaration; raises InvalidDeclaration naming file, line and field."""
    document, lines = read_yaml(path)
    return parse_declaration(document, name=str(path), lines=lines)


def parse_declaration(
    document: Any,
    *,
    name: str,
    lines: Lines | None = None,
) -> DatasetDeclaration:
    """Validate a declaration document; raises InvalidDeclaration naming `name`, the line if known, and the field."""
    try:
        return DatasetDeclaration.model_validate(document)
    except ValidationError as error:
        raise InvalidDeclaration(f"{name}: {explained(error, DatasetDeclaration, lines or {})}") from error
