"""DataCite XML (kernel 3 and 4) as the attributes of DataCite JSON, which one mapping reads."""

from __future__ import annotations

from typing import Any, Final

from records.harvest.fetch.content import local_name
from records.harvest.formats.iso_xml import attribute, children, first

_POINT: Final = ("pointLongitude", "pointLatitude")
_BOX: Final = ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude")


def attributes(root: Any) -> dict[str, Any]:
    """The attributes of a `resource` element; absent members are empty lists."""
    identifier = first(root, "identifier")
    kind = first(root, "resourceType")
    return {
        "doi": _text(identifier) if identifier is not None and identifier.get("identifierType") == "DOI" else None,
        "identifier": _text(identifier),
        "titles": [_member(e, "title", "titleType") for e in children(root, "titles/title")],
        "descriptions": [
            _member(e, "description", "descriptionType") for e in children(root, "descriptions/description")
        ],
        "creators": [_party(e, "creator") for e in children(root, "creators/creator")],
        "contributors": [_party(e, "contributor") for e in children(root, "contributors/contributor")],
        "publisher": _member(first(root, "publisher"), "name"),
        "publicationYear": _text(first(root, "publicationYear")),
        "subjects": [
            _member(e, "subject", "subjectScheme", "classificationCode") for e in children(root, "subjects/subject")
        ],
        "dates": [_member(e, "date", "dateType") for e in children(root, "dates/date")],
        "language": _text(first(root, "language")) or None,
        "types": {"resourceTypeGeneral": "" if kind is None else str(kind.get("resourceTypeGeneral") or "")},
        "alternateIdentifiers": [
            _member(e, "alternateIdentifier", "alternateIdentifierType")
            for e in children(root, "alternateIdentifiers/alternateIdentifier")
        ],
        "relatedIdentifiers": [
            _member(e, "relatedIdentifier", "relatedIdentifierType", "relationType")
            for e in children(root, "relatedIdentifiers/relatedIdentifier")
        ],
        "formats": [_text(e) for e in children(root, "formats/format")],
        "sizes": [_text(e) for e in children(root, "sizes/size")],
        "version": _text(first(root, "version")),
        "rightsList": [
            _member(e, "rights", "rightsURI", "rightsIdentifier") for e in children(root, "rightsList/rights")
        ],
        "geoLocations": [_location(e) for e in children(root, "geoLocations/geoLocation")],
        "fundingReferences": [
            {local_name(c): _text(c) for c in e} for e in children(root, "fundingReferences/fundingReference")
        ],
    }


def _text(element: Any) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _member(element: Any, name: str, *names: str) -> dict[str, str]:
    """A text under its name, its language and its attributes."""
    if element is None:
        return {}
    text = "\n\n".join(part.strip() for part in element.itertext() if part.strip())
    members = {name: text, "lang": attribute(element, "lang")}
    return {key: value for key, value in (members | {n: attribute(element, n) for n in names}).items() if value}


def _party(element: Any, kind: str) -> dict[str, Any]:
    name = first(element, f"{kind}Name")
    identifiers = [_member(e, "nameIdentifier", "nameIdentifierScheme") for e in children(element, "nameIdentifier")]
    party = {"name": _text(name), "nameType": "" if name is None else str(name.get("nameType") or "")}
    affiliations = [{"name": _text(e)} for e in children(element, "affiliation")]
    role = {"contributorType": str(element.get("contributorType") or "")} if kind == "contributor" else {}
    return {**party, **role, "affiliation": affiliations, "nameIdentifiers": identifiers}


def _location(element: Any) -> dict[str, Any]:
    location: dict[str, Any] = {"geoLocationPlace": _text(first(element, "geoLocationPlace"))}
    point, box = first(element, "geoLocationPoint"), first(element, "geoLocationBox")
    if point is not None:
        location["geoLocationPoint"] = _position(point)
    if box is not None:
        sides = {local_name(c): _text(c) for c in box}
        corners = (box.text or "").split() if not sides else []  # kernel 3: south west north east
        location["geoLocationBox"] = dict(zip((_BOX[2], _BOX[0], _BOX[3], _BOX[1]), corners, strict=False)) or sides
    polygons = [
        [{"polygonPoint": _position(p)} for p in children(polygon, "polygonPoint")]
        for polygon in children(element, "geoLocationPolygon")
    ]
    return {**location, "geoLocationPolygon": polygons} if polygons else location


def _position(element: Any) -> dict[str, str]:
    coordinates = {local_name(c): _text(c) for c in element}
    latitude_longitude = (element.text or "").split() if not coordinates else []  # kernel 3
    return dict(zip((_POINT[1], _POINT[0]), latitude_longitude, strict=False)) or coordinates
