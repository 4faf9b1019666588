"""The declaration of a dataset: what its operator says of it in YAML, and what its files leave unsaid."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from config.errors import InvalidDeclaration
from config.grids import CRS84, Grid
from config.vocabulary import COLLECTION_ID, RESERVED_IDS, STYLE_ID, VARIABLE_ID

MAX_DECLARATION_BYTES = 1_000_000
MAX_DEPTH = 20
"""Levels of lists and mappings in a declaration: the deepest member, a class's title, is on the fifth."""

Text = dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")], str]
"""Text in one or more languages: {"en": ..., "zh": ...}."""


def _not_reserved(value: str) -> str:
    if value in RESERVED_IDS:
        raise ValueError(f"{value} is reserved; choose another id")
    return value


DatasetId = Annotated[str, Field(pattern=f"^{COLLECTION_ID}$"), AfterValidator(_not_reserved)]
_DATASET_ID = TypeAdapter[str](DatasetId)
VariableId = Annotated[str, Field(pattern=f"^{VARIABLE_ID}$")]
StyleId = Annotated[str, Field(pattern=f"^{STYLE_ID}$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColorClass(_Model):
    """One class of a categorical variable."""

    value: int = Field(description="The stored value.")
    color: str = Field(pattern=r"^#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?$", description="#rrggbb or #rrggbbaa.")
    title: Text = Field(default_factory=dict, description="Name of the class.")


class StyleDeclaration(_Model):
    """A named rendering of a variable."""

    id: StyleId = "default"
    title: Text = Field(default_factory=dict)
    colormap: str = Field("viridis", description="A colour map that rio-tiler knows, in lower case.")
    range: tuple[float, float] | None = Field(
        None,
        description="Values, in the variable's unit, at both ends of the colour map; absent: 2nd to 98th percentile.",
    )
    scale: Literal["linear", "log"] = Field(
        "linear", description="How values spread over the colour map; log: by their logarithm, and the range says how."
    )

    @model_validator(mode="after")
    def _range_rises(self) -> Self:
        if self.range is not None and not self.range[0] < self.range[1]:
            raise ValueError(f"range {list(self.range)}: the first value must be below the second")
        if self.scale == "log" and (self.range is None or self.range[0] <= 0):
            raise ValueError("scale log needs a range above zero, such as [0.01, 20]")
        return self


class VariableDeclaration(_Model):
    """What is declared of one variable; each absent member is taken from the source."""

    source: str | None = Field(None, description="Name in the source file; absent: the only variable.")
    id: VariableId | None = None
    title: Text = Field(default_factory=dict)
    unit: str | None = Field(None, description="UDUNITS unit of physical values; 1 for dimensionless.")
    standard_name: str | None = Field(None, description="CF standard name.")
    fill: float | None = Field(None, description="Stored value that means no data.")
    scale: float | None = Field(None, description="physical = stored * scale + offset.")
    offset: float | None = None
    valid_range: tuple[float, float] | None = Field(None, description="Stored values outside it are no data.")
    kind: Literal["continuous", "categorical"] | None = None
    dims: list[Literal["y", "x", "time"]] | None = Field(
        None, description="What each array dimension is, in order, where the file does not say."
    )
    classes: list[ColorClass] = Field(default_factory=list)
    styles: list[StyleDeclaration] = Field(default_factory=list)


class GridDeclaration(_Model):
    """The grid of a file without georeference: the outer corner of its first cell and the size of a cell."""

    crs: str = Field(CRS84, description="OGC:CRS84, EPSG:<code> or WKT.")
    origin: tuple[float, float] = Field(description="(x, y) of the outer corner of the first stored cell, CRS units.")
    cell: tuple[float, float] = Field(description="(dx, dy) of a step to the next column and row; dy < 0: north up.")

    def grid(self, *, width: int, height: int) -> Grid:
        """The grid of an array of `height` rows and `width` columns."""
        (x, y), (dx, dy) = self.origin, self.cell
        return Grid(crs=self.crs, transform=(dx, 0.0, x, 0.0, dy, y), width=width, height=height)


def _require_time_pattern(pattern: str, labels: list[str]) -> None:
    if labels:
        raise ValueError("declare labels or a pattern, not both")
    try:
        groups = set(re.compile(pattern).groupindex)
    except re.error as error:
        raise ValueError(f"pattern: {error}") from error
    unknown = groups - {"year", "month", "day", "hour", "minute", "second"}
    if unknown or "year" not in groups:
        raise ValueError("pattern needs a group (?P<year>...), and may have month, day, hour, minute and second")


class TimeDeclaration(_Model):
    """The times of a file that does not state them."""

    labels: list[str] = Field(default_factory=list, description="ISO 8601 label of each step, in order.")
    bounds: list[tuple[str, str]] = Field(default_factory=list, description="[start, end) of each step.")
    pattern: str | None = Field(
        None,
        max_length=500,
        description="Regular expression on the file's name, with groups year, month, day, hour, minute, second.",
    )
    calendar: str = "standard"
    climatology: bool = Field(False, description="Means over many years; the year of a label is nominal.")

    @model_validator(mode="after")
    def _as_many_bounds(self) -> Self:
        if self.pattern is not None:
            _require_time_pattern(self.pattern, self.labels)
        if self.bounds and len(self.bounds) != len(self.labels):
            raise ValueError(f"{len(self.bounds)} bounds for {len(self.labels)} labels")
        return self


class AccessDeclaration(_Model):
    """Who may read the data; the record is public in every case."""

    policy: Literal["open", "login", "apply"] = "open"
    embargo_until: date | None = Field(None, description="First day on which the data may be served, UTC.")


class Contact(_Model):
    """A party responsible for the dataset."""

    name: str
    organization: str | None = None
    roles: list[str] = Field(default_factory=list)
    url: str | None = None


class RecordDeclaration(_Model):
    """The dataset's metadata record, in one or more languages."""

    title: Text = Field(min_length=1)
    description: Text = Field(default_factory=dict)
    keywords: dict[str, list[str]] = Field(default_factory=dict, description="Keywords by language.")
    license: str | None = Field(None, description="SPDX identifier, or `other` with license_url; absent: not known.")
    license_url: str | None = None
    attribution: str | None = Field(None, description="The line to show beside the data.")
    contacts: list[Contact] = Field(default_factory=list)
    external_ids: list[str] = Field(default_factory=list, description="`scheme:value`: DOI, CSTR, URN.")
    source: Text = Field(default_factory=dict, description="Where the data come from.")
    lineage: Text = Field(default_factory=dict)
    links: list[dict[str, str]] = Field(default_factory=list, description="Links with href, rel, type, title.")

    @model_validator(mode="after")
    def _other_license_is_linked(self) -> Self:
        if self.license == "other" and not self.license_url:
            raise ValueError("license other needs license_url, where its text is (OGC 20-004r1, 7.2.2)")
        return self


class DatasetDeclaration(_Model):
    """A dataset as declared: its id, variables, grid, times, access and record."""

    id: DatasetId | None = None
    variables: list[VariableDeclaration] = Field(default_factory=list)
    grid: GridDeclaration | None = None
    time: TimeDeclaration | None = None
    access: AccessDeclaration = AccessDeclaration()
    record: RecordDeclaration | None = None
    sources: list[str] = Field(default_factory=list, description="Files or patterns, relative to the declaration.")

    def variable(self, source: str) -> VariableDeclaration | None:
        """The declaration of the source variable of that name, if there is one."""
        named = [v for v in self.variables if v.source == source]
        unnamed = [v for v in self.variables if v.source is None]
        return named[0] if named else unnamed[0] if len(self.variables) == len(unnamed) == 1 else None


def require_dataset_id(value: str, *, name: str) -> str:
    """A text as the id of a dataset; raises InvalidDeclaration, naming where it was given."""
    try:
        return _DATASET_ID.validate_python(value)
    except ValidationError as error:
        problem = re.sub("^Value error, ", "", error.errors()[0]["msg"])
        raise InvalidDeclaration(f"{name}: {value[:130]!r} is no dataset id: {problem}") from error


def read_declaration(path: Path) -> DatasetDeclaration:
    """Read a declaration; raises InvalidDeclaration naming file, line and field."""
    text = _declaration_text(path)
    try:
        _require_plain(text, path)
        document, lines = yaml.safe_load(text), _line_index(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise InvalidDeclaration(f"{path}: {where}{getattr(error, 'problem', error)}") from error
    except ValueError as error:  # such as the date 2001-02-30
        raise InvalidDeclaration(f"{path}: {error}; put text that is no number and no date in quotes") from error
    return parse_declaration(document, name=str(path), lines=lines)


def _declaration_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_DECLARATION_BYTES + 1)
    except OSError as error:
        cause = f"{path}: cannot be read: {error.strerror}"
        raise InvalidDeclaration(f"{cause}; check the path and its permissions") from error
    if len(content) > MAX_DECLARATION_BYTES:
        raise InvalidDeclaration(f"{path}: larger than {MAX_DECLARATION_BYTES} bytes; a declaration is a short file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        cause = f"{path}: line {line}: the byte 0x{content[error.start]:02x} at {error.start} is not UTF-8"
        raise InvalidDeclaration(f"{cause}; save the file as UTF-8 (it may be GBK or another encoding)") from error


def _require_plain(text: str, path: Path) -> None:
    """Refuse what makes a short file costly to read: aliases, and members nested beyond any declaration."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise InvalidDeclaration(f"{path}: line {line}: anchors (&) and aliases (*) are not read; write it out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InvalidDeclaration(f"{path}: line {line}: nested deeper than {MAX_DEPTH} levels")


def parse_declaration(
    document: Any,  # noqa: ANN401 - whatever the YAML holds
    *,
    name: str,
    lines: dict[tuple[str, ...], int] | None = None,
) -> DatasetDeclaration:
    """Validate a declaration document; raises InvalidDeclaration naming `name`, the line if known, and the field."""
    try:
        return DatasetDeclaration.model_validate(document)
    except ValidationError as error:
        problems = [_problem(tuple(str(p) for p in e["loc"]), e["msg"], lines or {}) for e in error.errors()]
        raise InvalidDeclaration(f"{name}: " + "; ".join(problems)) from error


def _problem(location: tuple[str, ...], message: str, lines: dict[tuple[str, ...], int]) -> str:
    found = next((lines[location[:n]] for n in range(len(location), 0, -1) if location[:n] in lines), None)
    where = f"line {found}: " if found else ""
    return f"{where}{'.'.join(location) or 'document'}: {re.sub('^Value error, ', '', message)}"


def _line_index(text: str) -> dict[tuple[str, ...], int]:
    """The line (from 1) of each member of a YAML document, by its path."""
    index: dict[tuple[str, ...], int] = {}

    def walk(node: yaml.Node | None, path: tuple[str, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                index[(*path, str(key.value))] = key.start_mark.line + 1
                walk(value, (*path, str(key.value)))
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                index[(*path, str(number))] = value.start_mark.line + 1
                walk(value, (*path, str(number)))

    walk(yaml.compose(text, Loader=yaml.SafeLoader), ())
    return index
