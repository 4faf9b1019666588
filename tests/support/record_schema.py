"""The schema of a record of OGC API Records 1.0, restated from `recordGeoJSON.yaml` and the files that it refers to.

(OGC 20-004r1, https://schemas.opengis.net/ogcapi/records/part1/1.0/openapi/schemas/.) Where the published one says
`oneOf` an object or null, which every object meets twice, null or the schema is meant and stands here.
"""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_DATE: Final = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_STAMP: Final = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$"}
_WHEN: Final = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT"}
_ROLES: Final = {"type": "array", "minItems": 1, "items": _TEXT}


def _list(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "minItems": least, "items": items}


def _object(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


_LINK_BASE: Final = {
    "rel": _TEXT, "type": _TEXT, "hreflang": _TEXT, "title": _TEXT, "length": {"type": "integer"}, "profile": _TEXTS,
    "created": _WHEN, "updated": _WHEN,
}  # fmt: skip
LINK: Final = _object(("href",), href=_TEXT, **_LINK_BASE)
TEMPLATE: Final = _object(("uriTemplate",), uriTemplate=_TEXT, variables={"type": "object"}, **_LINK_BASE)
_REACH: Final = {"roles": _ROLES}
CONTACT: Final = _object(
    identifier=_TEXT,
    name=_TEXT,
    position=_TEXT,
    organization=_TEXT,
    logo={"allOf": [LINK, _object(("rel", "type"), rel={"enum": ["icon"]}, type={"pattern": "^image/"})]},
    phones=_list(_object(("value",), value={"type": "string", "pattern": r"^\+[1-9]{1}[0-9]{3,14}$"}, **_REACH)),
    emails=_list(_object(("value",), value={"type": "string", "pattern": "@"}, **_REACH)),
    addresses=_list(_object(deliveryPoint=_TEXTS, city=_TEXT, postalCode=_TEXT, country=_TEXT, **_REACH)),
    links=_list({"allOf": [LINK, _object(("type",))]}),
    hoursOfService=_TEXT,
    contactInstructions=_TEXT,
    roles=_ROLES,
) | {"anyOf": [{"required": ["name"]}, {"required": ["organization"]}]}
LANGUAGE: Final = _object(
    ("code",), code=_TEXT, name={"type": "string", "minLength": 1}, alternate=_TEXT, dir={"enum": ["ltr", "rtl"]}
)
_CONCEPT: Final = _object(("id",), id=_TEXT, title=_TEXT, description=_TEXT, url=_TEXT)
PROPERTIES: Final = _object(
    ("type", "title"),  # the mandatory properties of the table, beside the schema's own
    created=_WHEN,
    updated=_WHEN,
    type={"type": "string", "minLength": 1},
    title=_TEXT,
    description=_TEXT,
    keywords=_TEXTS,
    themes=_list(_object(("concepts", "scheme"), concepts=_list(_CONCEPT, 1), scheme=_TEXT), 1),
    language=LANGUAGE,
    languages=_list(LANGUAGE),
    resourceLanguages=_list(LANGUAGE),
    externalIds=_list(_object(("value",), scheme=_TEXT, value=_TEXT)),
    formats=_list({"anyOf": [{"required": ["name"]}, {"required": ["mediaType"]}]} | _object(name=_TEXT)),
    contacts=_list(CONTACT),
    license=_TEXT,
    rights=_TEXT,
)
TIME: Final = _object(
    date=_DATE,
    timestamp=_STAMP,
    interval=_list({"anyOf": [_DATE, _STAMP, {"enum": [".."]}]}, 2) | {"maxItems": 2},
    resolution=_TEXT,
)
RECORD: Final = _object(
    ("id", "type", "geometry", "properties"),
    id={"type": "string", "minLength": 1},
    type={"enum": ["Feature"]},
    time={"anyOf": [{"type": "null"}, TIME]},
    geometry={"anyOf": [{"type": "null"}, _object(("type", "coordinates"))]},
    conformsTo=_TEXTS,
    properties=PROPERTIES,
    links=_list(LINK),
    linkTemplates=_list(TEMPLATE),
)
