"""What an exported record describes, as MD_DataIdentification of ISO 19139, its elements in the order of the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.exports.formats.iso_extent import write_extent
from records.exports.formats.iso_xml import (
    GCO,
    GMD,
    Writer,
    citation_date,
    code,
    language_code,
    missing,
    party,
    plain,
)  # fmt: skip
from records.exports.identifiers import address
from records.exports.licences import licence_urls
from records.exports.texts import iri, positive
from records.exports.xml import at, sub

if TYPE_CHECKING:
    from records.exports.models import ExportRecord

_CITED: Final = frozenset({"author", "contributor", "editor", "originator", "principalInvestigator", "publisher"})
"""Roles of parties that a citation names; the others are points of contact."""
_TOPICS: Final = "ISO 19115 topic category"
_TOPIC_CODES: Final = frozenset(
    {
        "farming", "biota", "boundaries", "climatologyMeteorologyAtmosphere", "economy", "elevation", "environment",
        "geoscientificInformation", "health", "imageryBaseMapsEarthCover", "intelligenceMilitary", "inlandWaters",
        "location", "oceans", "planningCadastre", "society", "structure", "transportation", "utilitiesCommunication",
    }
)  # fmt: skip
_RESOLVED: Final = frozenset({"doi", "cstr"})


def write_identification(parent: Any, record: ExportRecord, writer: Writer) -> None:
    """The identification of a record."""
    identification = at(parent, GMD("identificationInfo"), GMD("MD_DataIdentification"))
    _citation(at(identification, GMD("citation"), GMD("CI_Citation")), record, writer)
    _texts(identification, record, writer)
    _parties(identification, record, writer, name="pointOfContact", cited=False)
    for link in record.links:
        if link.rel == "preview":
            plain(at(identification, GMD("graphicOverview"), GMD("MD_BrowseGraphic")), "fileName", link.href)
    _keywords(identification, record, writer)
    _constraints(identification, record, writer)
    _resolution(identification, record)
    for tag in record.languages:
        language_code(identification, "language", tag)
    for topic in _topics(record):
        sub(at(identification, GMD("topicCategory")), GMD("MD_TopicCategoryCode"), topic)
    write_extent(identification, record, writer)
    quality = record.texts("quality")
    if quality:
        writer.text(identification, "supplementalInformation", quality)


def _citation(citation: Any, record: ExportRecord, writer: Writer) -> None:
    writer.text(citation, "title", record.texts("title"))
    alternative = record.texts("alternativeTitle")
    if alternative:
        writer.text(citation, "alternateTitle", alternative)
    dated = [citation_date(citation, record.word(name), kind) for name, kind in _DATES]
    if not any(dated):
        missing(citation, "date")
    if record.word("version"):
        plain(citation, "edition", record.word("version"))
    for scheme, value in record.external_ids:
        if scheme in _RESOLVED or not scheme:
            plain(at(citation, GMD("identifier"), GMD("MD_Identifier")), "code", address(scheme, value))
        else:
            identifier = at(citation, GMD("identifier"), GMD("RS_Identifier"))
            plain(identifier, "code", value)
            plain(identifier, "codeSpace", scheme)
    _parties(citation, record, writer, name="citedResponsibleParty", cited=True)
    text = record.texts("citation")
    if text:
        writer.text(citation, "otherCitationDetails", text)


_DATES: Final = (("issued", "publication"), ("modified", "revision"))


def _texts(identification: Any, record: ExportRecord, writer: Writer) -> None:
    description = record.texts("description")
    if description:
        writer.text(identification, "abstract", description)
    else:
        missing(identification, "abstract", "missing")
    for name, text in (("purpose", record.texts("purpose")), ("credit", record.texts("attribution"))):
        if text:
            writer.text(identification, name, text)


def _parties(parent: Any, record: ExportRecord, writer: Writer, *, name: str, cited: bool) -> None:
    for contact in record.contacts:
        for role in contact.roles or ("pointOfContact",):
            if (role in _CITED) is cited:
                party(parent, name, contact, role, writer)


def _topics(record: ExportRecord) -> tuple[str, ...]:
    topics = (i for theme in record.themes if theme.scheme == _TOPICS for i, _ in theme.concepts)
    return tuple(dict.fromkeys(topic for topic in topics if topic in _TOPIC_CODES))


def _keywords(identification: Any, record: ExportRecord, writer: Writer) -> None:
    """Free keywords, of which none is known to translate another; then those of each knowledge system."""
    if any(record.keywords.values()):
        group = at(identification, GMD("descriptiveKeywords"), GMD("MD_Keywords"))
        for tag, words in record.keywords.items():
            for word in words:
                writer.text(group, "keyword", {tag: word})
    for theme in record.themes:
        if theme.scheme == _TOPICS:
            continue
        group = at(identification, GMD("descriptiveKeywords"), GMD("MD_Keywords"))
        for identifier, titles in theme.concepts:
            labels = titles or {writer.language: identifier}
            reference = identifier if "://" in identifier else f"#{identifier}"
            writer.fill(at(group, GMD("keyword")), labels, "" if identifier in labels.values() else reference)
        if theme.scheme:
            thesaurus = at(group, GMD("thesaurusName"), GMD("CI_Citation"))
            plain(thesaurus, "title", theme.scheme)
            missing(thesaurus, "date")


def _constraints(identification: Any, record: ExportRecord, writer: Writer) -> None:
    rights = record.texts("rights")
    if rights:
        writer.text(at(identification, GMD("resourceConstraints"), GMD("MD_Constraints")), "useLimitation", rights)
    licences, access = licence_urls(record), record.member("access")
    embargo = access.get("embargoUntil")
    restricted = access.get("policy", "open") != "open" or bool(embargo)
    if not licences and not restricted:
        return
    legal = at(identification, GMD("resourceConstraints"), GMD("MD_LegalConstraints"))
    if restricted:
        code(legal, "accessConstraints", "MD_RestrictionCode", "restricted")
    if licences:
        code(legal, "useConstraints", "MD_RestrictionCode", "license")
    for url in licences:
        plain(legal, "otherConstraints", url)
    if isinstance(embargo, str):
        plain(legal, "otherConstraints", f"Embargo until {embargo}")


def _resolution(identification: Any, record: ExportRecord) -> None:
    size = record.member("spatialResolution")
    cell = positive(size.get("value"))
    if cell is not None:
        distance = at(identification, GMD("spatialResolution"), GMD("MD_Resolution"), GMD("distance"))
        sub(distance, GCO("Distance"), repr(cell), uom=iri(str(size.get("unit") or "m")))
    scale = positive(record.properties.get("scaleDenominator"))
    if scale is not None:
        resolution = at(identification, GMD("spatialResolution"), GMD("MD_Resolution"), GMD("equivalentScale"))
        holder = at(resolution, GMD("MD_RepresentativeFraction"), GMD("denominator"))
        sub(holder, GCO("Integer"), str(round(scale)))
