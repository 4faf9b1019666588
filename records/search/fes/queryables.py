"""The queryables of CSW 2.0.2 (07-006r1, 6.3.2 and 10.2.5.3) and of its ISO profile (07-045, table 6).

A name counts without its prefix, the path before it and its case: `dc:title`, `apiso:Title`, `/csw:Record/dc:title`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from config.errors import InvalidParameter
from records.search.search import SORTABLES

Kind = Literal["text", "instant", "begin", "end", "geometry", "words"]
"""How a queryable compares: as texts or moments of the record, as an end of its time, as its place, by full text."""


@dataclass(frozen=True)
class Queryable:
    """What a name stands for: properties of `records.search.cql2`, of which one is enough for a comparison."""

    kind: Kind
    properties: tuple[str, ...] = ()


_TITLE: Final = Queryable("text", ("title",))
_ABSTRACT: Final = Queryable("text", ("description",))
_SUBJECT: Final = Queryable("text", ("keywords",))
_TYPE: Final = Queryable("text", ("type",))
_ID: Final = Queryable("text", ("id", "externalIds"))
_PARTY: Final = Queryable("text", ("contacts",))
_FORMAT: Final = Queryable("text", ("formats",))
_LANGUAGE: Final = Queryable("text", ("language",))
_RIGHTS: Final = Queryable("text", ("license",))
_TOPIC: Final = Queryable("text", ("themes",))
_MODIFIED: Final = Queryable("instant", ("updated",))
_CREATED: Final = Queryable("instant", ("created",))
_BEGIN: Final = Queryable("begin", ("time",))
_END: Final = Queryable("end", ("time",))
_PLACE: Final = Queryable("geometry", ("geometry",))
_ANY: Final = Queryable("words")

QUERYABLES: Final[dict[str, dict[str, Queryable]]] = {
    "SupportedDublinCoreQueryables": {
        "csw:AnyText": _ANY,
        "dc:contributor": _PARTY,
        "dc:creator": _PARTY,
        "dc:format": _FORMAT,
        "dc:identifier": _ID,
        "dc:language": _LANGUAGE,
        "dc:publisher": _PARTY,
        "dc:rights": _RIGHTS,
        "dc:subject": _SUBJECT,
        "dc:title": _TITLE,
        "dc:type": _TYPE,
        "dct:abstract": _ABSTRACT,
        "dct:created": _CREATED,
        "dct:modified": _MODIFIED,
        "ows:BoundingBox": _PLACE,
    },
    "SupportedISOQueryables": {
        "apiso:Abstract": _ABSTRACT,
        "apiso:AnyText": _ANY,
        "apiso:BoundingBox": _PLACE,
        "apiso:Format": _FORMAT,
        "apiso:Identifier": _ID,
        "apiso:Language": _LANGUAGE,
        "apiso:Modified": _MODIFIED,
        "apiso:Subject": _SUBJECT,
        "apiso:TempExtent_begin": _BEGIN,
        "apiso:TempExtent_end": _END,
        "apiso:Title": _TITLE,
        "apiso:Type": _TYPE,
    },
    "AdditionalQueryables": {
        "apiso:OrganisationName": _PARTY,
        "apiso:ResourceIdentifier": _ID,
        "apiso:ResourceLanguage": _LANGUAGE,
        "apiso:TopicCategory": _TOPIC,
    },
}
"""Every queryable under the constraint that names it in the capabilities."""

_FURTHER: Final = {
    "description": _ABSTRACT,
    "geometry": _PLACE,
    "id": _ID,
    "keyword": _SUBJECT,
    "keywords": _SUBJECT,
    "license": _RIGHTS,
}
_BY_NAME: Final = {
    **_FURTHER,
    **{name.partition(":")[2].lower(): member for group in QUERYABLES.values() for name, member in group.items()},
}
_LAST_STEP = re.compile(r"(?:.*/)?@?(?:[\w.-]*:)?([\w.-]+)")


def queryable(name: object) -> Queryable:
    """What a name stands for; raises InvalidParameter."""
    step = _LAST_STEP.fullmatch(name.strip()) if isinstance(name, str) and len(name) <= 500 else None
    match = _BY_NAME.get(step[1].lower()) if step else None
    if match is None:
        names = ", ".join(member for group in QUERYABLES.values() for member in group)
        raise InvalidParameter("constraint", name, f"it is no queryable; there are {names}")
    return match


def sort_key(name: str) -> str:
    """The name of `records.search.search.SORTABLES` for a queryable; raises InvalidParameter."""
    match = queryable(name)
    for prop in match.properties:
        if prop in SORTABLES and match.kind not in {"begin", "end"}:  # records sort by a time as a whole
            return prop
    raise InvalidParameter(
        "sortby", name, "records sort by dc:title, dc:type, dc:identifier, dct:created, dct:modified"
    )
