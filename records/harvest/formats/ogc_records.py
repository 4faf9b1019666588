"""OGC API Records 1.0 documents, WMO Core Metadata Profile 2, and the TinyDB files of pygeoapi that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.harvest.draft import Draft
from records.harvest.values.languages import language_tag
from records.harvest.values.places import geojson_geometry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.fetch.content import Content
    from records.harvest.models import Harvested

_PROFILES: Final = ("ogcapi-records", "/wcmp/", "ogc-record")
_RECORDS: Final = "ogcapi-records"
_TEXTS: Final = ("title", "description", "rights", "attribution", "lineage", "quality", "citation", "source", "place")
_AS_IT_IS: Final = ("formats", "spatialResolution", "temporalResolution", "size", "version", "access")
_OWN: Final = frozenset({"self", "profile", "root", "parent"})
"""Relations of the record's own server."""
_REGISTER: Final = {"RI_622": "dataset", "RI_623": "series", "RI_631": "service"}
"""Scopes of the North American Profile, by their number in its register."""


class OgcRecords:
    """The adapter `ogc-records`."""

    name = "ogc-records"

    def recognises(self, content: Content) -> bool:
        """Whether the content is a record, a page of them or a TinyDB of them."""
        return any(_is_record(entry) for entry in self.entries(content))

    def entries(self, content: Content) -> Iterator[dict[str, Any]]:
        """The records of the content."""
        value = content.json
        if isinstance(value, dict) and isinstance(value.get("_default"), dict):
            value = list(value["_default"].values())
        elif isinstance(value, dict) and isinstance(value.get("features"), list):
            value = value["features"]
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict) and _is_record(entry):
                yield entry

    def record(self, entry: dict[str, Any], *, base: str) -> Harvested:
        """The record of one document; raises InvalidRecord."""
        del base
        return _harvested(entry)


def _is_record(entry: dict[str, Any]) -> bool:
    """Whether a document says that it is a record, or looks like one and like nothing else."""
    profiles = entry.get("conformsTo")
    if isinstance(profiles, list) and any(mark in str(p) for p in profiles for mark in _PROFILES):
        return True
    properties = entry.get("properties")
    is_feature = entry.get("type") == "Feature" and isinstance(properties, dict) and "stac_version" not in entry
    return is_feature and isinstance(properties, dict) and {"type", "title"} <= properties.keys()


def _harvested(entry: dict[str, Any]) -> Harvested:
    properties = entry.get("properties") if isinstance(entry.get("properties"), dict) else {}
    assert isinstance(properties, dict)
    language = properties.get("language")
    draft = Draft("ogc-records", language=language_tag(_code(language)))
    profiles = entry.get("conformsTo")
    if isinstance(profiles, list):
        draft.conforms_to = [uri for uri in profiles if isinstance(uri, str) and _RECORDS not in uri]
    _set_type(draft, properties.get("type"))
    for name in _TEXTS:
        _set_text(draft, name, properties.get(name))
    for name in _AS_IT_IS:
        if properties.get(name) not in (None, "", [], {}):
            draft.properties[name] = properties[name]
    _set_keywords(draft, properties.get("keywords"))
    _set_themes(draft, properties.get("themes"))
    for identifier in _dicts(properties.get("externalIds")):
        draft.identifier(identifier.get("value"), identifier.get("scheme"))
    for contact in _dicts(properties.get("contacts")):
        _add_contact(draft, contact)
    _set_place_and_time(draft, entry)
    for link in _dicts(entry.get("links")):
        _add_link(draft, link)
    _set_license(draft, properties.get("license"))
    members = {
        "type",
        "language",
        "languages",
        "keywords",
        "themes",
        "externalIds",
        "contacts",
        "license",
        *_TEXTS,
        *_AS_IT_IS,
    }
    for name, value in properties.items():
        if name not in members:
            draft.keep(name, value)
    draft.link_templates = [t for t in _dicts(entry.get("linkTemplates")) if isinstance(t.get("uriTemplate"), str)]
    draft.keep("additionalExtents", entry.get("additionalExtents"))
    source_id = entry.get("id")
    return draft.finish(str(source_id) if isinstance(source_id, str | int) and str(source_id) else None)


def _code(language: object) -> str | None:
    code = language.get("code") if isinstance(language, dict) else language
    return code if isinstance(code, str) else None


def _set_type(draft: Draft, kind: object) -> None:
    if not isinstance(kind, str) or not kind.strip():
        draft.note("properties.type", kind, "missing; taken for dataset")
    elif kind in _REGISTER:
        draft.note("properties.type", kind, f"a number of the North American Profile: {_REGISTER[kind]}")
        draft.properties["type"] = _REGISTER[kind]
    else:
        draft.properties["type"] = kind.strip()


def _set_text(draft: Draft, name: str, value: object) -> None:
    """A text, or texts by language tag as this catalogue stores them."""
    if isinstance(value, dict):
        for tag, text in value.items():
            draft.text(name, text, language=language_tag(tag))
    else:
        draft.text(name, value)


def _set_keywords(draft: Draft, value: object) -> None:
    groups = value.items() if isinstance(value, dict) else [(None, value)]
    for tag, words in groups:
        for word in words if isinstance(words, list) else []:
            draft.keyword(word, language=language_tag(tag))


def _set_themes(draft: Draft, value: object) -> None:
    for theme in _dicts(value):
        concepts = [c for c in _dicts(theme.get("concepts")) if isinstance(c.get("id"), str) and c["id"]]
        draft.theme(str(theme.get("scheme") or ""), concepts)


def _add_contact(draft: Draft, contact: dict[str, Any]) -> None:
    mails, phones = ([v.get("value") for v in _dicts(contact.get(name))] for name in ("emails", "phones"))
    members = {k: v for k, v in contact.items() if k not in ("emails", "phones", "roles", "contactInstructions")}
    roles = [role for role in _list(contact.get("roles")) if isinstance(role, str)]
    draft.contact(
        members,
        roles=roles,
        emails=[m for m in mails if isinstance(m, str)],
        phones=[p for p in phones if isinstance(p, str)],
    )


def _set_place_and_time(draft: Draft, entry: dict[str, Any]) -> None:
    geometry = entry.get("geometry")
    draft.geometry = geojson_geometry(geometry)
    if geometry and draft.geometry is None:
        draft.note("geometry", geometry, "left out: it is no geometry in longitude and latitude")
    time = entry.get("time")
    if not isinstance(time, dict):
        return
    ends = time.get("interval")
    if isinstance(ends, list) and len(ends) == 2:
        if ends == [None, None]:
            draft.note("time.interval", ends, "no time is given: the record has none")
        draft.interval(_end(ends[0]), _end(ends[1]), field="time.interval")
    moment_ = time.get("timestamp") or time.get("date")
    if isinstance(moment_, str):
        draft.interval(moment_, moment_, field="time")
    draft.time_resolution(time.get("resolution"), field="time.resolution")


def _end(value: object) -> str | None:
    return value if isinstance(value, str) and value not in ("", "..") else None


def _add_link(draft: Draft, link: dict[str, Any]) -> None:
    if str(link.get("rel")) in _OWN:
        return
    texts = {name: link[name] for name in ("rel", "type", "title", "hreflang") if isinstance(link.get(name), str)}
    if texts.get("rel") == "collection":  # a record has one such link, to the catalogue that serves it
        texts["rel"] = "related"
    draft.link(link.get("href"), **texts)


def _set_license(draft: Draft, value: object) -> None:
    """A licence that is no SPDX identifier is `other`, and needs a link (OGC 20-004r1, 7.2.2)."""
    if value != "other":
        draft.license(value)
    elif draft.has_link("license"):
        draft.properties["license"] = "other"
    else:
        draft.note("license", value, "left out: it has no link")


def _dicts(value: object) -> list[dict[str, Any]]:
    return [v for v in _list(value) if isinstance(v, dict)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
