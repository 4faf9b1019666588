"""ISO 19139 and ISO 19115-3 metadata, in several languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from records.harvest.draft import Draft
from records.harvest.fetch.content import local_name
from records.harvest.formats.iso_extent import read_extent
from records.harvest.formats.iso_xml import (
    attribute,
    children,
    code,
    code_at,
    first,
    locales_of,
    localised,
    text,
    text_at,
)
from records.harvest.values import places, resolutions
from records.harvest.values.languages import language_tag
from records.harvest.values.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.fetch.content import Content
    from records.harvest.models import Harvested

_ROOTS: Final = ("MD_Metadata", "MI_Metadata")
_URL: Final = re.compile(r"https?://[^\s<>\"']+")
_DATES: Final = {"publication": "issued", "revision": "modified"}
_FUNCTIONS: Final = {"download": "enclosure", "order": "about", "information": "about", "search": "search"}
_PROTOCOLS: Final = {"WWW:DOWNLOAD": "enclosure", "FILE": "enclosure", "OGC:": "service", "ESRI:": "service"}
"""Relations of links whose function is not said, by how their protocol begins."""


class Iso:
    """The adapter `iso`."""

    name = "iso"

    def recognises(self, content: Content) -> bool:
        """Whether the content is metadata, or an answer (of a CSW, say) that holds some."""
        return any(True for _ in self.entries(content))

    def entries(self, content: Content) -> Iterator[Any]:
        """The metadata elements of the content."""
        root = content.xml
        for element in root.iter() if root is not None else ():
            if local_name(element) in _ROOTS:
                yield element

    def record(self, entry: Any, *, base: str) -> Harvested:
        """The record of one metadata element; raises InvalidRecord."""
        del base
        return _Record(entry).harvested()


class _Record:
    """One metadata element on its way into the stored form."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.locales = locales_of(root)
        self.identification = first(root, "identificationInfo/*")
        language = text_at(root, "language") or code_at(root, "language|defaultLocale/LanguageCode")
        language = language or code_at(root, "defaultLocale/PT_Locale/language|languageCode/LanguageCode")
        self.draft = Draft("iso", language=language_tag(language))
        if language and self.draft.language == "und":
            self.draft.note("language", language, "not known")

    def harvested(self) -> Harvested:
        """The record and what was irregular."""
        source_id = text_at(self.root, "fileIdentifier", "metadataIdentifier/MD_Identifier/code")
        self.draft.identifier(source_id)
        kind = code_at(self.root, "hierarchyLevel/MD_ScopeCode")
        kind = kind or code_at(self.root, "metadataScope/MD_MetadataScope/resourceScope/MD_ScopeCode")
        self.draft.properties["type"] = kind or "dataset"
        if self.identification is not None:
            self._citation()
            self._description()
            self._keywords()
            self._constraints()
            read_extent(self.draft, self.identification)
            self._resolution()
        self._parties()
        self._distribution()
        self._rest()
        return self.draft.finish(source_id or None)

    def _texts(self, name: str, element: Any) -> None:
        for tag, label in localised(element, self.locales):
            self.draft.text(name, label, language=tag)

    def _citation(self) -> None:
        citation = first(self.identification, "citation/CI_Citation")
        if citation is None:
            return
        self._texts("title", first(citation, "title"))
        for alternative in children(citation, "alternateTitle"):
            self._texts("alternativeTitle", alternative)
        for identifier in children(citation, "identifier/*"):
            self.draft.identifier(text_at(identifier, "code"), text_at(identifier, "codeSpace") or None)
        for element in children(citation, "date/CI_Date"):
            name = _DATES.get(code_at(element, "dateType/CI_DateTypeCode"))
            date = moment(text_at(element, "date/Date", "date/DateTime"))
            if name and date:
                self.draft.properties.setdefault(name, date)

    def _description(self) -> None:
        self._texts("description", first(self.identification, "abstract"))
        self._texts("purpose", first(self.identification, "purpose"))
        for topic in children(self.identification, "topicCategory/MD_TopicCategoryCode"):
            code = (topic.text or "").split(";")[0].strip()
            self.draft.theme("ISO 19115 topic category", [{"id": code}] if code else [])
        for graphic in children(self.identification, "graphicOverview/MD_BrowseGraphic"):
            href = text_at(graphic, "fileName", "linkage/CI_OnlineResource/linkage")
            if _URL.fullmatch(href):
                self.draft.link(href, rel="preview")
            else:
                self.draft.keep(f"graphicOverview.{href}", text_at(graphic, "fileDescription") or href)

    def _keywords(self) -> None:
        for group in children(self.identification, "descriptiveKeywords/MD_Keywords"):
            thesaurus = text_at(group, "thesaurusName/CI_Citation/title")
            concepts = []
            for keyword in children(group, "keyword"):
                labels = list(localised(keyword, self.locales))
                for tag, word in labels:
                    self.draft.keyword(word, language=tag)
                if labels and thesaurus:
                    titles = {tag or self.draft.language: word for tag, word in labels}
                    concepts.append({"id": _concept_id(keyword) or labels[0][1], "title": titles})
            self.draft.theme(thesaurus, concepts)

    def _constraints(self) -> None:
        for constraint in children(self.identification, "resourceConstraints/*"):
            for element in children(constraint, "useLimitation|otherConstraints"):
                for tag, text_ in localised(element, self.locales):
                    url = _URL.search(text_)
                    if url:
                        self.draft.license(url[0].rstrip(".,;)"), field="resourceConstraints")
                    if url is None or url[0] != text_:
                        self._right(tag, text_)
            for restriction in children(constraint, "accessConstraints|useConstraints/MD_RestrictionCode"):
                self.draft.keep(f"constraint.{local_name(restriction.getparent())}", code(restriction))

    def _right(self, tag: str | None, text_: str) -> None:
        """Add a text to the rights, one paragraph each."""
        rights = self.draft.properties.setdefault("rights", {})
        language = tag or self.draft.language
        existing = rights.get(language, "")
        if text_ not in existing:
            rights[language] = f"{existing}\n\n{text_}" if existing else text_

    def _resolution(self) -> None:
        for element in children(self.identification, "spatialResolution/MD_Resolution"):
            distance = first(element, "distance/Distance")
            if distance is not None:
                unit = str(distance.get("uom") or "").rpartition("#")[2]
                distance_ = resolutions.distance(f"{text(distance)}{unit}")
                if distance_ and distance_[1]:
                    self.draft.properties["spatialResolution"] = {"value": distance_[0], "unit": distance_[1]}
                else:
                    self.draft.note("spatialResolution", f"{text(distance)} {unit}", "left out: not known")
            scale = places.number(text_at(element, "equivalentScale/MD_RepresentativeFraction/denominator/Integer"))
            if scale:
                self.draft.properties["scaleDenominator"] = scale
        systems = [
            code if ":" in code else ":".join(filter(None, (text_at(s, "codeSpace"), code)))
            for s in children(self.root, "referenceSystemInfo/MD_ReferenceSystem/referenceSystemIdentifier/*")
            if (code := text_at(s, "code"))
        ]
        if systems:
            self.draft.properties["referenceSystems"] = systems

    def _parties(self) -> None:
        places_of_parties = [(self.root, "contact")]
        if self.identification is not None:
            places_of_parties.append((self.identification, "pointOfContact"))
            places_of_parties.append((self.identification, "citation/CI_Citation/citedResponsibleParty"))
        places_of_parties.append((self.root, "distributionInfo/*/distributor/MD_Distributor/distributorContact"))
        for holder, path in places_of_parties:
            for party in children(holder, f"{path}/CI_ResponsibleParty"):
                self._party(party, party, text_at(party, "individualName"), text_at(party, "organisationName"))
            for party in children(holder, f"{path}/CI_Responsibility"):
                self._responsibility(party)

    def _responsibility(self, party: Any) -> None:
        organization = first(party, "party/CI_Organisation")
        individual = first(party, "party/CI_Individual", "party/CI_Organisation/individual/CI_Individual")
        name = "" if individual is None else text_at(individual, "name")
        holder = organization if organization is not None else individual
        if holder is not None:
            self._party(party, holder, name, "" if organization is None else text_at(organization, "name"))

    def _party(self, party: Any, holder: Any, name: str, organization: str) -> None:
        role = code_at(party, "role/CI_RoleCode")
        links = [
            {"href": url, "rel": "about"}
            for url in (text_at(e, "linkage") for e in children(holder, "contactInfo/CI_Contact/onlineResource/*"))
            if _URL.fullmatch(url)
        ]
        contact = {"name": name, "organization": organization, "links": links}
        contact["position"] = text_at(holder, "positionName")
        mails = [text(e) for e in children(holder, "contactInfo/CI_Contact/address/CI_Address/electronicMailAddress")]
        phones = [text(e) for e in children(holder, "contactInfo/CI_Contact/phone/CI_Telephone/voice|number")]
        self.draft.contact(contact, roles=[role] if role else [], emails=mails, phones=phones)

    def _distribution(self) -> None:
        for info in children(self.root, "distributionInfo/MD_Distribution"):
            holders = [(info, "distributionFormat", "transferOptions")]
            distributors = children(info, "distributor/MD_Distributor")
            holders += [(d, "distributorFormat", "distributorTransferOptions") for d in distributors]
            for holder, formats, options in holders:
                for path in ("name", "formatSpecificationCitation/CI_Citation/title"):
                    for element in children(holder, f"{formats}/MD_Format/{path}"):
                        self.draft.format_name(text(element))
                for resource in children(holder, f"{options}/MD_DigitalTransferOptions/onLine/CI_OnlineResource"):
                    self._link(resource)

    def _link(self, resource: Any) -> None:
        """An online resource: what it is for follows from its function, else from its protocol."""
        function, protocol = code_at(resource, "function/CI_OnLineFunctionCode"), text_at(resource, "protocol")
        by_protocol = next((rel for mark, rel in _PROTOCOLS.items() if protocol.upper().startswith(mark)), "related")
        self.draft.link(
            text_at(resource, "linkage"),
            rel=_FUNCTIONS.get(function, by_protocol),
            title=text_at(resource, "name") or None,
            protocol=protocol or None,
        )

    def _rest(self) -> None:
        for path in ("dataQualityInfo/DQ_DataQuality/lineage", "resourceLineage"):
            for element in children(self.root, f"{path}/LI_Lineage/statement"):
                self._texts("lineage", element)
        for path in ("dateStamp", "parentIdentifier", "metadataStandardName", "dataSetURI"):
            element = first(self.root, path)
            if element is not None:
                self.draft.keep(path, text_at(element, "DateTime", "Date") or text(element))


def _concept_id(keyword: Any) -> str:
    """The identifier of a keyword that is an anchor: the address it refers to, without the mark of a fragment."""
    anchor = first(keyword, "Anchor")
    return "" if anchor is None else unquote(attribute(anchor, "href")).removeprefix("#")
