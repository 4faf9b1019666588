"""DataCite XML, kernel 4 (4.6), of a record; what is mandatory and not known is `:unav`, as the schema advises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.exports import xml
from records.exports.formats.datacite_places import write_places
from records.exports.licences import licence_urls, spdx_of, url_of
from records.exports.protocol import Export
from records.exports.texts import affiliation, person_or_body, publisher_of, year_of
from records.exports.xml import XML_LANG, Namespace, at, sub
from records.harvest.values.times import moment

if TYPE_CHECKING:
    from records.exports.models import Contact, ExportRecord

KERNEL: Final = Namespace("http://datacite.org/schema/kernel-4")
_SCHEMA: Final = f"{KERNEL.uri} https://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
_UNKNOWN: Final = ":unav"
_CREATORS: Final = ("author", "creator", "principalInvestigator")
_TYPES: Final = {
    "dataset": "Dataset", "series": "Collection", "collection": "Collection", "service": "Service",
    "software": "Software", "model": "Model", "image": "Image", "text": "Text", "document": "Text",
}  # fmt: skip
_CONTRIBUTORS: Final = {
    "pointOfContact": "ContactPerson", "custodian": "DataManager", "distributor": "Distributor", "editor": "Editor",
    "owner": "RightsHolder", "rightsHolder": "RightsHolder", "processor": "DataCurator", "funder": "Sponsor",
    "resourceProvider": "Distributor", "originator": "DataCollector",
}  # fmt: skip
_CONTRIBUTOR_TYPES: Final = frozenset(
    {
        "ContactPerson", "DataCollector", "DataCurator", "DataManager", "Distributor", "Editor",
        "HostingInstitution", "Other", "Producer", "ProjectLeader", "ProjectManager", "ProjectMember",
        "RegistrationAgency", "RegistrationAuthority", "RelatedPerson", "ResearchGroup", "RightsHolder",
        "Researcher", "Sponsor", "Supervisor", "WorkPackageLeader",
    }
)  # fmt: skip
_DESCRIPTIONS: Final = {"description": "Abstract", "lineage": "Methods", "technicalInfo": "TechnicalInfo"}
_ORCID: Final = "https://orcid.org/"


def element(record: ExportRecord) -> Any:
    """The `resource` of a record, the mandatory properties first."""
    resource = xml.root(KERNEL("resource"), {None: KERNEL.uri}, _SCHEMA)
    _identifier(resource, record)
    _creators(resource, record)
    _titles(resource, record)
    _text(resource, "publisher", publisher_of(record) or _UNKNOWN)
    _text(resource, "publicationYear", year_of(record))
    _text(resource, "resourceType", record.type, resourceTypeGeneral=_TYPES.get(record.type.lower(), "Other"))
    _subjects(resource, record)
    _contributors(resource, record)
    _dates(resource, record)
    _text(resource, "language", record.language)
    _others(resource, record)
    _rights(resource, record)
    _descriptions(resource, record)
    write_places(resource, record, KERNEL)
    return resource


def _encode(record: ExportRecord) -> bytes:
    return xml.document(element(record))


EXPORT: Final = Export(
    name="datacite",
    title="DataCite XML",
    media_type="application/vnd.datacite.datacite+xml",
    profile=KERNEL.uri,
    suffix=".datacite.xml",
    encode=_encode,
)


def _text(parent: Any, name: str, text: str, **attributes: str) -> Any:
    return sub(parent, KERNEL(name), text, **attributes)


def _identifier(resource: Any, record: ExportRecord) -> None:
    """The DOI; a record without one is identified by its address."""
    doi = record.identifier("doi")
    _text(resource, "identifier", doi or record.url, identifierType="DOI" if doi else "URL")


def _creators(resource: Any, record: ExportRecord) -> None:
    """Authors, else who publishes it or is the first to be named: one creator is mandatory."""
    creators = record.parties(*_CREATORS) or record.parties("publisher")[:1] or record.contacts[:1]
    group = at(resource, KERNEL("creators"))
    for contact in creators:
        _party(at(group, KERNEL("creator")), "creatorName", contact)
    if not creators:
        _text(at(group, KERNEL("creator")), "creatorName", _UNKNOWN)


def _contributors(resource: Any, record: ExportRecord) -> None:
    contributors = [
        (contact, role)
        for contact in record.contacts
        for role in contact.roles
        if role not in (*_CREATORS, "publisher")
    ]
    group = at(resource, KERNEL("contributors")) if contributors else None
    for contact, role in contributors:
        kind = _CONTRIBUTORS.get(role) or role[:1].upper() + role[1:]
        kind = kind if kind in _CONTRIBUTOR_TYPES else "Other"
        _party(sub(group, KERNEL("contributor"), contributorType=kind), "contributorName", contact)


def _party(parent: Any, name: str, contact: Contact) -> None:
    kind = "Personal" if contact.is_person else "Organizational"
    _text(parent, name, person_or_body(contact), nameType=kind)
    if contact.url.startswith(_ORCID):
        _text(parent, "nameIdentifier", contact.url, nameIdentifierScheme="ORCID", schemeURI=_ORCID)
    if organization := affiliation(contact):
        _text(parent, "affiliation", organization)


def _titles(resource: Any, record: ExportRecord) -> None:
    group = at(resource, KERNEL("titles"))
    for tag, text in record.texts("title").items():
        kind = {} if tag == record.language else {"titleType": "TranslatedTitle"}
        _text(group, "title", text, **kind).set(XML_LANG, tag)
    for tag, text in record.texts("alternativeTitle").items():
        _text(group, "title", text, titleType="AlternativeTitle").set(XML_LANG, tag)


def _subjects(resource: Any, record: ExportRecord) -> None:
    if not record.keywords and not record.themes:
        return
    group = at(resource, KERNEL("subjects"))
    for tag, words in record.keywords.items():
        for word in words:
            _text(group, "subject", word).set(XML_LANG, tag)
    for theme in record.themes:
        for identifier, titles in theme.concepts:
            for tag, word in (titles or {record.language: identifier}).items():
                scheme = {"subjectScheme": theme.scheme} if theme.scheme else {}
                _text(group, "subject", word, **scheme, classificationCode=identifier).set(XML_LANG, tag)


def _dates(resource: Any, record: ExportRecord) -> None:
    dates = [("Issued", moment(record.word("issued"))), ("Updated", moment(record.word("modified")))]
    if record.interval is not None:
        start, end = record.interval
        dates.append(("Coverage", start if start == end else f"{start}/{end}"))
    present = [(kind, text) for kind, text in dates if text]
    group = at(resource, KERNEL("dates")) if present else None
    for kind, text in present:
        _text(group, "date", text, dateType=kind)


def _others(resource: Any, record: ExportRecord) -> None:
    """Further identifiers, where the record is, formats, size and version."""
    doi = record.identifier("doi")
    others = [(scheme, value) for scheme, value in record.external_ids if value != doi]
    others += [("record", record.id)] if doi else []
    group = at(resource, KERNEL("alternateIdentifiers")) if others else None
    for scheme, value in others:
        name = scheme.upper() if scheme in ("cstr", "uuid") else scheme
        _text(group, "alternateIdentifier", value, alternateIdentifierType=name or "other")
    related = at(resource, KERNEL("relatedIdentifiers"))
    _text(related, "relatedIdentifier", record.url, relatedIdentifierType="URL", relationType="HasMetadata")
    size = record.properties.get("size")
    if isinstance(size, int) and size > 0:
        _text(at(resource, KERNEL("sizes")), "size", f"{size} bytes")
    if record.formats:
        group = at(resource, KERNEL("formats"))
        for name, media_type in record.formats:
            _text(group, "format", media_type or name)
    if record.word("version"):
        _text(resource, "version", record.word("version"))


def _rights(resource: Any, record: ExportRecord) -> None:
    name, addresses, statements = spdx_of(record), licence_urls(record), record.texts("rights")
    if not addresses and not statements:
        return
    group = at(resource, KERNEL("rightsList"))
    for url in addresses:
        is_spdx = bool(name) and url == url_of(name)
        more = {"rightsIdentifier": name, "rightsIdentifierScheme": "SPDX", "schemeURI": "https://spdx.org/licenses/"}
        _text(group, "rights", name if is_spdx else "", rightsURI=url, **(more if is_spdx else {}))
    for tag, text in statements.items():
        _text(group, "rights", text).set(XML_LANG, tag)


def _descriptions(resource: Any, record: ExportRecord) -> None:
    texts_by_kind = [(kind, record.texts(name)) for name, kind in _DESCRIPTIONS.items()]
    if not any(texts for _, texts in texts_by_kind):
        return
    group = at(resource, KERNEL("descriptions"))
    for kind, texts in texts_by_kind:
        for tag, text in texts.items():
            _text(group, "description", text, descriptionType=kind).set(XML_LANG, tag)
