"""ISO 19139 (gmd 2007-04-17, GML 3.2) of a record: the main language in place, the others beside it as PT_FreeText."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from records.exports import xml
from records.exports.formats.iso_identification import write_identification
from records.exports.formats.iso_xml import (
    GCO,
    GMD,
    GML,
    GMX,
    XLINK,
    Writer,
    code,
    language_code,
    locale_id,
    missing,
    online,
    party,
    plain,
)  # fmt: skip
from records.exports.identifiers import urls
from records.exports.protocol import Export
from records.exports.xml import XSI, at, sub

if TYPE_CHECKING:
    from records.exports.models import Contact, ExportRecord

_PREFIXES: Final[dict[str | None, str]] = {
    "gmd": GMD.uri, "gco": GCO.uri, "gmx": GMX.uri, "gml": GML.uri, "xlink": XLINK.uri, "xsi": XSI,
}  # fmt: skip
_SCHEMA: Final = " ".join(
    f"{uri} http://schemas.opengis.net/iso/19139/20070417/{name}/{name}.xsd"
    for name, uri in (("gmd", GMD.uri), ("gmx", GMX.uri))
)
_TEXTS: Final = (
    "title", "alternativeTitle", "description", "purpose", "attribution", "citation", "place", "quality", "rights",
    "lineage", "source",
)  # fmt: skip
"""Properties that are written in all their languages."""
_OWN: Final = frozenset({"license", "preview"})
"""Relations of links that stand elsewhere than in the distribution."""


def element(record: ExportRecord) -> Any:
    """The `gmd:MD_Metadata` of a record, its elements in the order of the schema.

    Its main language is one in which the record has a description, should the asked one have a title alone: the plain
    texts are all that many clients read.
    """
    languages = tuple(record.texts("description"))
    if languages and record.language not in languages:
        record = replace(record, language=next((tag for tag in languages if tag in record.languages), record.language))
    writer = Writer(record.language)
    metadata = xml.root(GMD("MD_Metadata"), _PREFIXES, _SCHEMA)
    _head(metadata, record, writer)
    write_identification(metadata, record, writer)
    _distribution(metadata, record)
    _quality(metadata, record, writer)
    return metadata


def _encode(record: ExportRecord) -> bytes:
    return xml.document(element(record))


EXPORT: Final = Export(
    name="iso19139",
    title="ISO 19139 metadata",
    media_type="application/gmd+xml",
    profile=GMD.uri,
    suffix=".iso.xml",
    encode=_encode,
    media_types=("application/vnd.iso.19139+xml",),
)


def _head(metadata: Any, record: ExportRecord, writer: Writer) -> None:
    plain(metadata, "fileIdentifier", record.id)
    language_code(metadata, "language", record.language)
    code(metadata, "characterSet", "MD_CharacterSetCode", "utf8")
    code(metadata, "hierarchyLevel", "MD_ScopeCode", record.type)
    contact, role = _metadata_contact(record)
    if contact is None:
        missing(metadata, "contact", "missing")
    else:
        party(metadata, "contact", contact, role, writer)
    sub(at(metadata, GMD("dateStamp")), GCO("DateTime"), record.updated)
    plain(metadata, "metadataStandardName", "ISO 19115:2003/19139")
    plain(metadata, "metadataStandardVersion", "1.0")
    plain(metadata, "dataSetURI", next((u for u in urls(record) if u.startswith("http")), record.page))
    for tag in _locales(record):
        locale = at(metadata, GMD("locale"), GMD("PT_Locale"))
        locale.set("id", locale_id(tag))
        language_code(locale, "languageCode", tag)
        code(locale, "characterEncoding", "MD_CharacterSetCode", "utf8")
    systems = record.properties.get("referenceSystems")
    for system in systems if isinstance(systems, list) else ():
        if isinstance(system, str) and system.strip():
            holder = at(
                metadata, GMD("referenceSystemInfo"), GMD("MD_ReferenceSystem"), GMD("referenceSystemIdentifier")
            )
            plain(at(holder, GMD("RS_Identifier")), "code", system)


def _locales(record: ExportRecord) -> tuple[str, ...]:
    """Every language that a text may have, but for the main one."""
    tags = [*record.languages, *record.keywords]
    tags += [tag for name in _TEXTS for tag in record.texts(name)]
    tags += [tag for theme in record.themes for _, titles in theme.concepts for tag in titles]
    tags += [tag for c in record.contacts for texts in (c.name, c.organization, c.position) for tag in texts]
    return tuple(tag for tag in dict.fromkeys(tags) if tag != record.language)


def _metadata_contact(record: ExportRecord) -> tuple[Contact | None, str]:
    """Who answers for the record, and in which of its roles."""
    for role in ("metadataAuthor", "pointOfContact", "custodian", "publisher"):
        if contacts := record.parties(role):
            return contacts[0], role
    first = next(iter(record.contacts), None)
    return first, first.roles[0] if first and first.roles else "pointOfContact"


def _distribution(metadata: Any, record: ExportRecord) -> None:
    links = [link for link in record.links if link.rel not in _OWN]
    if not links and not record.formats:
        return
    distribution = at(metadata, GMD("distributionInfo"), GMD("MD_Distribution"))
    for name, _ in record.formats:
        format_ = at(distribution, GMD("distributionFormat"), GMD("MD_Format"))
        plain(format_, "name", name)
        missing(format_, "version")
    if links:
        transfer = at(distribution, GMD("transferOptions"), GMD("MD_DigitalTransferOptions"))
        for link in links:
            online(transfer, link)


def _quality(metadata: Any, record: ExportRecord, writer: Writer) -> None:
    lineage, source = record.texts("lineage"), record.texts("source")
    if not lineage and not source:
        return
    quality = at(metadata, GMD("dataQualityInfo"), GMD("DQ_DataQuality"))
    scope = at(quality, GMD("scope"), GMD("DQ_Scope"))
    code(scope, "level", "MD_ScopeCode", record.type)
    lineage_ = at(quality, GMD("lineage"), GMD("LI_Lineage"))
    if lineage:
        writer.text(lineage_, "statement", lineage)
    if source:
        writer.text(at(lineage_, GMD("source"), GMD("LI_Source")), "description", source)
