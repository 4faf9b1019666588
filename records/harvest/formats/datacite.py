"""DataCite metadata, kernel 3 and 4: XML, and JSON as its REST service gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.harvest.draft import Draft
from records.harvest.fetch.content import local_name
from records.harvest.formats.datacite_xml import attributes
from records.harvest.values import places
from records.harvest.values.languages import language_tag
from records.harvest.values.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.fetch.content import Content
    from records.harvest.models import Harvested

_NAMESPACE: Final = "http://datacite.org/schema/kernel-"
_DESCRIPTIONS: Final = {"Methods": "lineage", "TechnicalInfo": "technicalInfo", "TableOfContents": "contents"}
_MAPPED: Final = frozenset(
    {
        "doi", "identifier", "identifiers", "titles", "descriptions", "creators", "contributors", "publisher",
        "publicationYear", "subjects", "dates", "language", "types", "alternateIdentifiers",
        "relatedIdentifiers", "formats", "sizes", "version", "rightsList", "geoLocations", "url",
        "fundingReferences", "id",
    }
)  # fmt: skip


class DataCite:
    """The adapter `datacite`."""

    name = "datacite"

    def recognises(self, content: Content) -> bool:
        """Whether the content is a resource, a list of them or an answer that holds some."""
        return any(True for _ in self.entries(content))

    def entries(self, content: Content) -> Iterator[dict[str, Any]]:
        """The attributes of each resource of the content."""
        if content.xml is not None:
            for element in content.xml.iter():
                if local_name(element) == "resource" and str(element.tag).startswith("{" + _NAMESPACE):
                    yield attributes(element)
            return
        value = content.json
        data = value.get("data", value) if isinstance(value, dict) else value
        for entry in data if isinstance(data, list) else [data]:
            members = entry.get("attributes", entry) if isinstance(entry, dict) else None
            if isinstance(members, dict) and isinstance(members.get("titles"), list) and "creators" in members:
                yield members

    def record(self, entry: dict[str, Any], *, base: str) -> Harvested:
        """The record of one resource; raises InvalidRecord."""
        del base
        draft = Draft("datacite", language=language_tag(entry.get("language")))
        _texts(draft, entry)
        _parties(draft, entry)
        _subjects(draft, entry)
        _times(draft, entry)
        _places(draft, entry)
        _rights(draft, entry)
        _relations(draft, entry)
        for name, value in entry.items():
            if name not in _MAPPED:
                draft.keep(name, value)
        source_id = entry.get("doi") or entry.get("identifier") or entry.get("id")
        draft.identifier(source_id)
        return draft.finish(source_id if isinstance(source_id, str) else None)


def _texts(draft: Draft, entry: dict[str, Any]) -> None:
    for title in _dicts(entry.get("titles")):
        kind = title.get("titleType")
        name = "title" if kind in (None, "", "TranslatedTitle") else "alternativeTitle"
        draft.text(name, title.get("title"), language=language_tag(title.get("lang")))
    for description in _dicts(entry.get("descriptions")):
        kind = str(description.get("descriptionType") or "")
        name = "description" if kind == "Abstract" else _DESCRIPTIONS.get(kind, "")
        if name:
            draft.text(name, description.get("description"), language=language_tag(description.get("lang")))
        else:
            draft.keep(f"descriptions.{kind}", description.get("description"))
    kind = _dict(entry.get("types")).get("resourceTypeGeneral")
    draft.properties["type"] = kind.lower() if isinstance(kind, str) and kind else "dataset"
    if isinstance(entry.get("version"), str) and entry["version"]:
        draft.properties["version"] = entry["version"]


def _parties(draft: Draft, entry: dict[str, Any]) -> None:
    for creator in _dicts(entry.get("creators")):
        draft.contact(_party(creator), roles=["author"])
    for contributor in _dicts(entry.get("contributors")):
        role = str(contributor.get("contributorType") or "contributor")
        draft.contact(_party(contributor), roles=[role[:1].lower() + role[1:]])
    publisher = entry.get("publisher")
    name = publisher.get("name") if isinstance(publisher, dict) else publisher
    draft.contact({"organization": name}, roles=["publisher"])


def _party(party: dict[str, Any]) -> dict[str, Any]:
    affiliations = [a.get("name") if isinstance(a, dict) else a for a in _list(party.get("affiliation"))]
    links = [
        {"href": uri, "rel": "about"}
        for i in _dicts(party.get("nameIdentifiers"))
        if isinstance(uri := i.get("nameIdentifier"), str) and uri.startswith("http")
    ]
    if party.get("nameType") == "Organizational":
        return {"organization": party.get("name"), "links": links}
    organization = "; ".join(a for a in affiliations if isinstance(a, str))
    return {"name": party.get("name"), "organization": organization, "links": links}


def _subjects(draft: Draft, entry: dict[str, Any]) -> None:
    for subject in _dicts(entry.get("subjects")):
        word, tag = subject.get("subject"), language_tag(subject.get("lang"))
        draft.keyword(word, language=tag)
        scheme, code = subject.get("subjectScheme"), subject.get("classificationCode")
        if isinstance(scheme, str) and scheme and isinstance(word, str):
            concept = {"id": code if isinstance(code, str) and code else word, "title": {tag or draft.language: word}}
            draft.theme(scheme, [concept])


def _times(draft: Draft, entry: dict[str, Any]) -> None:
    """The time that the data cover, else when they were collected (DataCite 4.6, 8.a)."""
    dates = {str(d.get("dateType") or ""): d.get("date") for d in _dicts(entry.get("dates"))}
    field = next((name for name in ("Coverage", "Collected") if dates.get(name)), None)
    for date_ in _dicts(entry.get("dates")) if field else ():
        if date_.get("dateType") == field and date_.get("date"):
            start, slash, end = str(date_["date"]).partition("/")
            draft.interval(start, end if slash else start, field=f"dates.{field}")
    if field is None:
        draft.note("dates", sorted(dates), "neither Coverage nor Collected is given: the record has no time")
    year = entry.get("publicationYear")
    issued = dates.get("Issued") or dates.get("Available") or (str(year) if year else None)
    for name, value in (("issued", issued), ("modified", dates.get("Updated"))):
        if isinstance(value, str) and (date := moment(value.partition("/")[0])):
            draft.properties[name] = date


def _places(draft: Draft, entry: dict[str, Any]) -> None:
    geometries = []
    for location in _dicts(entry.get("geoLocations")):
        draft.text("place", location.get("geoLocationPlace"))
        geometries += [g for g in _geometries(draft, location) if g is not None]
    draft.geometry = places.union(geometries)
    kinds = {g["type"] for g in geometries}
    if draft.geometry and len(kinds) > 1 and "Point" in kinds:
        draft.note("geoLocations", sorted(kinds), "points are left out beside areas")


def _geometries(draft: Draft, location: dict[str, Any]) -> list[places.Geometry | None]:
    geometries: list[places.Geometry | None] = []
    point, box = location.get("geoLocationPoint"), location.get("geoLocationBox")
    if isinstance(point, dict):
        x, y = point.get("pointLongitude"), point.get("pointLatitude")
        at = places.box_of(x, y, x, y)
        geometries.append(_taken(draft, "geoLocationPoint", places.boxes_geometry([at] if at else []), point))
    if isinstance(box, dict):
        sides = places.box_of(*(box.get(f"{side}") for side in _SIDES))
        geometries.append(_taken(draft, "geoLocationBox", places.boxes_geometry([sides] if sides else []), box))
    polygons = _list(location.get("geoLocationPolygon"))
    if polygons and isinstance(polygons[0], dict):  # a single one stands without a list of its own
        polygons = [polygons]
    for polygon in polygons:
        ring = [_position(p.get("polygonPoint")) for p in _dicts(polygon)]
        whole = [at for at in ring if at is not None]
        geometry = places.polygons_geometry([whole]) if len(whole) == len(ring) else None
        geometries.append(_taken(draft, "geoLocationPolygon", geometry, polygon))
    return geometries


_SIDES: Final = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")


def _taken(draft: Draft, field: str, geometry: places.Geometry | None, value: object) -> places.Geometry | None:
    if geometry is None:
        draft.note(field, value, "left out: it is no place on the earth")
    return geometry


def _position(value: object) -> tuple[float, float] | None:
    member = _dict(value)
    x, y = places.number(member.get("pointLongitude")), places.number(member.get("pointLatitude"))
    return None if x is None or y is None else (x, y)


def _rights(draft: Draft, entry: dict[str, Any]) -> None:
    for right in _dicts(entry.get("rightsList")):
        tag, text = language_tag(right.get("lang")), right.get("rights")
        uri, identifier = right.get("rightsUri") or right.get("rightsURI"), right.get("rightsIdentifier")
        draft.license(identifier or uri, title=text if isinstance(text, str) else "", field="rightsList")
        if uri:
            draft.license(uri, title=text if isinstance(text, str) else "", field="rightsList")
        draft.text("rights", text, language=tag)


def _relations(draft: Draft, entry: dict[str, Any]) -> None:
    for name in _list(entry.get("formats")):
        draft.format_name(name, name if isinstance(name, str) and "/" in name else None)
    for identifier in _dicts(entry.get("alternateIdentifiers")):
        value, kind = identifier.get("alternateIdentifier"), identifier.get("alternateIdentifierType")
        draft.identifier(value, kind if isinstance(kind, str) else None)
    draft.link(entry.get("url"), rel="about")
    for name in ("relatedIdentifiers", "sizes", "fundingReferences"):
        draft.keep(name, entry.get(name))


def _dicts(value: object) -> list[dict[str, Any]]:
    return [v for v in _list(value) if isinstance(v, dict)]


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
