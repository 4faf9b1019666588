"""What a record that a client writes must be: a JSON Schema of the stored form, and errors that point at the member."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator

from config.errors import InvalidRecord
from config.vocabulary import LANGUAGE_TAG
from records.documents.documents import MAX_TITLE_CHARACTERS, require_valid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema.exceptions import ValidationError

MAX_MEMBERS: Final = 1_000
"""Links, contacts, keywords and the like that one record may have."""
MAX_TEXT: Final = 300_000
"""Characters of one text."""
_MOST_ERRORS = 5
_TAG = f"^{LANGUAGE_TAG}$"
_HREF = r"^(?!(?i:javascript|data|vbscript|file):)\S+$"


def _by_language(values: dict[str, Any], *, least: int = 0) -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": least,
        "maxProperties": 50,
        "propertyNames": {"pattern": _TAG},
        "additionalProperties": values,
        "description": "give it by language tag, such as {en: ..., zh: ...}",
    }


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "maxItems": MAX_MEMBERS, "items": items}


def _object(required: tuple[str, ...] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


_TEXT: Final = {"type": "string", "maxLength": MAX_TEXT}
_SHORT: Final = {"type": "string", "minLength": 1, "maxLength": 2_000}
_OPTIONAL: Final = {"type": ["string", "null"], "maxLength": 2_000}
_NAME: Final = {"anyOf": [_SHORT, _by_language(_TEXT)], "description": "give a text, or texts by language tag"}
_LINK: Final = _object(
    ("href",),
    href={**_SHORT, "pattern": _HREF, "description": "give an address, not a script or a file of this machine"},
    rel=_OPTIONAL,
    type=_OPTIONAL,
    title={"anyOf": [_OPTIONAL, _by_language(_TEXT)], "description": "give a text, or texts by language tag"},
    hreflang=_OPTIONAL,
)
_LINKS: Final = _list_of(_LINK)
_CONTACT: Final = _object(
    name=_NAME,
    organization=_NAME,
    position=_NAME,
    roles=_list_of(_SHORT),
    links=_LINKS,
    emails=_list_of(_object(("value",), value=_SHORT)),
    phones=_list_of(_object(("value",), value=_SHORT)),
)

SCHEMA: Final[dict[str, Any]] = _object(
    ("type", "properties"),
    id={"type": "string"},
    type={"const": "Feature"},
    conformsTo=_list_of(_SHORT),
    geometry={"type": ["object", "null"]},
    time={"type": ["object", "null"]},
    links=_LINKS,
    linkTemplates=_list_of(_object(("uriTemplate",), uriTemplate={**_SHORT, "pattern": _HREF})),
    properties=_object(
        ("type", "title"),
        type={**_SHORT, "maxLength": 200, "description": "write dataset for a dataset"},
        title=_by_language({"type": "string", "pattern": r"\S", "maxLength": MAX_TITLE_CHARACTERS}, least=1),
        description=_by_language(_TEXT),
        keywords=_by_language(_list_of(_SHORT)),
        lineage=_by_language(_TEXT),
        externalIds=_list_of(_object(("value",), value=_SHORT, scheme={"type": "string", "maxLength": 200})),
        contacts=_list_of(_CONTACT),
        themes=_list_of(_object(concepts=_list_of(_object(("id",), id=_SHORT)), scheme=_OPTIONAL)),
        formats=_list_of(_object(name=_OPTIONAL, mediaType=_OPTIONAL)),
        license=_SHORT,
        access=_object(("policy",), policy={"enum": ["open", "login", "apply"]}, embargoUntil=_SHORT),
    ),
)
"""The stored form of a record (`records.documents.documents`), as far as its members are read; there may be others."""


def require_record(document: dict[str, Any]) -> None:
    """Raise InvalidRecord naming each faulty member by a JSON pointer (RFC 6901), with limit and remedy."""
    errors = sorted(_validator().iter_errors(document), key=lambda e: [str(p) for p in e.absolute_path])
    if errors:
        messages = [_told(error) for error in errors[:_MOST_ERRORS]]
        more = f"; and {len(errors) - _MOST_ERRORS} more" if len(errors) > _MOST_ERRORS else ""
        raise InvalidRecord("; ".join(messages) + more)
    try:
        require_valid(document)
    except InvalidRecord as error:
        raise InvalidRecord(_place(error.detail) + error.detail) from error


def pointer(path: Iterable[str | int]) -> str:
    """A path into a JSON document as a JSON pointer; a name of the client's is cut to what an answer may show."""
    return "".join("/" + str(part)[:80].replace("~", "~0").replace("/", "~1") for part in path)


@cache
def _validator() -> Any:
    return Draft202012Validator(SCHEMA)


def _place(detail: str) -> str:
    """The pointer to a fault that the stored form's own check found, by the member that its message begins with."""
    word = detail.split(maxsplit=1)[0]
    return f"{pointer(word.split('.'))}: " if word.split(".")[0] in ("id", "time", "geometry", "properties") else ""


def _told(error: ValidationError) -> str:
    """A fault as pointer, value, limit and remedy."""
    path, limit, value = list(error.absolute_path), error.validator_value, error.instance
    if error.validator == "required":
        missing = next(name for name in limit if name not in value)
        remedy = error.schema["properties"][missing].get("description")
        return f"{pointer([*path, missing])} is missing" + (f"; {remedy}" if remedy else "")
    if error.validator == "pattern" and error.schema == {"pattern": _TAG}:
        return f"{pointer([*path, value])}: the name is no language tag; write en, zh or zh-Hant"
    remedy = error.schema.get("description", "")
    return f"{pointer(path)} {_fault(error.validator, limit, value)}" + (f"; {remedy}" if remedy else "")


def _fault(rule: str, limit: Any, value: Any) -> str:
    """What is wrong with a value by a rule of JSON Schema."""
    if rule == "type":
        return f"is {_kind(value)}, and must be {' or '.join(limit) if isinstance(limit, list) else limit}"
    if rule in ("maxLength", "maxItems", "maxProperties"):
        unit = {"maxLength": "characters", "maxItems": "members", "maxProperties": "languages"}[rule]
        return f"has {len(value)} {unit}; at most {limit} are kept"
    if rule in ("const", "enum"):
        return f"is {str(value)[:40]!r}, and must be {limit if rule == 'const' else ' or '.join(limit)}"
    if rule in ("minLength", "minProperties") or (rule == "pattern" and not str(value).strip()):
        return "is empty"
    return f"is {str(value)[:40]!r}, which is not taken"


def _kind(value: object) -> str:
    kinds: dict[type, str] = {bool: "boolean", str: "string", int: "number", float: "number", list: "array"}
    return "null" if value is None else kinds.get(type(value), "object")
