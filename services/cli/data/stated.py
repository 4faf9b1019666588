"""What the command line states of a dataset, as a declaration would: title, licence, unit and times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from config.declarations.datasets import parse_declaration
from config.errors import InvalidParameter
from records.search.text.atoms import is_run, words

if TYPE_CHECKING:
    from config.declarations.datasets import DatasetDeclaration


@dataclass(frozen=True, kw_only=True)
class Statements:
    """The values of `--title`, `--license`, `--unit` and `--time-pattern`; None: the option was not given."""

    title: str | None = None
    license: str | None = None
    unit: str | None = None
    time_pattern: str | None = None


def with_statements(declaration: DatasetDeclaration, said: Statements) -> DatasetDeclaration:
    """A declaration with what the command line states above what it says itself.

    Raises InvalidParameter for a licence without a title and for the unit of one of several variables,
    InvalidDeclaration for a value that cannot be.
    """
    document: dict[str, Any] = declaration.model_dump(mode="json", exclude_unset=True)
    if said.title is not None or said.license is not None:
        document["record"] = _record(document.get("record"), said)
    if said.time_pattern is not None:
        document["time"] = (document.get("time") or {}) | {"pattern": said.time_pattern}
    if said.unit is not None:
        variables = document.get("variables") or [{}]
        if len(variables) > 1:
            raise InvalidParameter("--unit", said.unit, "the declaration has several variables; state the unit of each")
        document["variables"] = [variables[0] | {"unit": said.unit}]
    return declaration if said == Statements() else parse_declaration(document, name="the options")


def _record(record: dict[str, Any] | None, said: Statements) -> dict[str, Any]:
    if said.title is not None:
        language = "zh" if any(map(is_run, words(said.title))) else "en"
        record = (record or {}) | {"title": ((record or {}).get("title") or {}) | {language: said.title}}
    if record is None:
        raise InvalidParameter("--license", said.license, "a record has a title as well; add --title")
    return record if said.license is None else record | {"license": said.license}
