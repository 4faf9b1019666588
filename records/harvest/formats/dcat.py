"""DCAT 2 and 3, and DCAT-AP, as JSON-LD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from records.harvest.draft import Draft
from records.harvest.formats.jsonld import Graph, Node, Value
from records.harvest.values import places
from records.harvest.values.languages import language_tag
from records.harvest.values.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.fetch.content import Content
    from records.harvest.models import Harvested

_DCAT: Final = "http://www.w3.org/ns/dcat#"
_DCT: Final = "http://purl.org/dc/terms/"
_FOAF: Final = "http://xmlns.com/foaf/0.1/"
_VCARD: Final = "http://www.w3.org/2006/vcard/ns#"
_LABELS: Final = (
    _FOAF + "name", _VCARD + "fn", _VCARD + "organization-name", "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel", _DCT + "title",
)  # fmt: skip
_PERSONS: Final = frozenset({_FOAF + "Person", _VCARD + "Individual"})
_PARTIES: Final = {
    _DCT + "creator": "author", _DCT + "publisher": "publisher", _DCT + "contributor": "contributor",
    _DCAT + "contactPoint": "pointOfContact", _DCT + "rightsHolder": "rightsHolder",
}  # fmt: skip
_DATASETS: Final = (_DCAT + "Dataset", _DCAT + "DatasetSeries")
_GEOMETRIES: Final = ("http://www.w3.org/ns/locn#geometry", _DCAT + "bbox", _DCAT + "centroid")
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_ACCESS_RIGHTS: Final = "/authority/access-right/"


class Dcat:
    """The adapter `dcat`."""

    name = "dcat"

    def recognises(self, content: Content) -> bool:
        """Whether the content is JSON-LD with datasets of DCAT."""
        value = content.json
        is_linked_data = isinstance(value, dict | list) and (b"@context" in content.data or b"@type" in content.data)
        return is_linked_data and any(True for _ in self.entries(content))

    def entries(self, content: Content) -> Iterator[tuple[Graph, Node]]:
        """The datasets of the content."""
        if content.json is None:
            return
        graph = Graph(content.json)
        for node in graph.of_type(*_DATASETS):
            yield graph, node

    def record(self, entry: tuple[Graph, Node], *, base: str) -> Harvested:
        """The record of one dataset; raises InvalidRecord."""
        del base
        return _Record(*entry).harvested()


class _Record:
    """One dataset on its way into the stored form."""

    def __init__(self, graph: Graph, node: Node) -> None:
        self.graph = graph
        self.node = node
        languages = [language_tag(v.node or v.text) for v in node.values(_DCT + "language")]
        self.draft = Draft("dcat", language=next((tag for tag in languages if tag), None))

    def harvested(self) -> Harvested:
        """The record and what was irregular."""
        draft, node = self.draft, self.node
        for name, iri in (("title", _DCT + "title"), ("description", _DCT + "description")):
            self._texts(name, node.values(iri))
        self._texts("lineage", node.values(_DCT + "provenance"))
        self._texts("rights", node.values(_DCT + "rights", _DCT + "accessRights"))
        for value in node.values(_DCAT + "keyword"):
            draft.keyword(value.text, language=language_tag(value.language))
        for value in node.values(_DCAT + "theme"):
            self._theme(value)
        for value in (*node.values(_DCT + "identifier"), *node.values("http://www.w3.org/ns/adms#identifier")):
            draft.identifier(value.text)
        for iri, role in _PARTIES.items():
            for value in node.values(iri):
                self._party(value, role)
        for name, iri in (("issued", _DCT + "issued"), ("modified", _DCT + "modified")):
            date = next((m for v in node.values(iri) if (m := moment(v.text))), None)
            if date:
                draft.properties[name] = date
        self._place()
        self._time()
        self._distributions()
        self._size()
        source_id = "" if node.id.startswith("_:") else node.id
        if source_id:
            draft.identifier(source_id)
        identifiers = [v.text for v in node.values(_DCT + "identifier") if v.text]
        return draft.finish(source_id or (identifiers[0] if identifiers else None))

    def _texts(self, name: str, values: list[Value]) -> None:
        for value in values:
            if _ACCESS_RIGHTS in value.text:  # a code, not a text
                continue
            node = self.graph.node(value)
            for label in node.values(*_LABELS) if node else [value]:
                self.draft.text(name, label.text, language=language_tag(label.language))

    def _theme(self, value: Value) -> None:
        node = self.graph.node(value)
        labels = node.values(*_LABELS) if node else []
        titles = {language_tag(v.language) or self.draft.language: v.text for v in labels if v.text}
        notations = node.values(_SKOS + "notation") if node else []
        identifier = notations[0].text if notations else value.node or value.text
        if identifier:
            scheme = self._scheme(node) or identifier.rpartition("/")[0] or "dcat:theme"
            self.draft.theme(scheme, [{"id": identifier, **({"title": titles} if titles else {})}])

    def _scheme(self, node: Node | None) -> str:
        """The title of the scheme that a concept is of, if the document gives it."""
        schemes = (self.graph.node(value) for value in (node.values(_SKOS + "inScheme") if node else []))
        return next((label.text for scheme in schemes if scheme for label in scheme.values(*_LABELS)), "")

    def _party(self, value: Value, role: str) -> None:
        node = self.graph.node(value)
        labels = [v.text for v in node.values(*_LABELS) if v.text] if node else []
        if node is None or not labels:
            address = value.node or value.text
            if address:
                self.draft.note(f"party {role}", address, "only its address is known, which is kept")
                self.draft.contact({"organization": address}, roles=[role])
            return
        is_person = bool(node.types & _PERSONS)
        pages = [v.node or v.text for v in node.values(_FOAF + "homepage", _VCARD + "hasURL")]
        links = [{"href": page, "rel": "about"} for page in pages if page.startswith("http")]
        mails = [_reach(v) for v in node.values(_VCARD + "hasEmail", _FOAF + "mbox")]
        phones = [_reach(v) for v in node.values(_VCARD + "hasTelephone", _FOAF + "phone")]
        name = {"name": labels[0]} if is_person else {"organization": labels[0]}
        self.draft.contact({**name, "links": links}, roles=[role], emails=mails, phones=phones)

    def _place(self) -> None:
        geometries = []
        values = self.node.values(_DCT + "spatial")
        for value in values:
            node = self.graph.node(value)
            texts = [v.text for iri in _GEOMETRIES for v in (node.values(iri) if node else [])]
            geometry, literal = next(((g, text) for text in texts if (g := _geometry(text))), (None, ""))
            if places.has_ambiguous_order(literal):
                self.draft.note("dcterms:spatial", literal[:80], "no axis order is told; taken for east first")
            if geometry is not None:
                geometries.append(geometry)
            else:
                self.draft.note("dcterms:spatial", value.node or value.text, "kept: it gives no geometry")
                self.draft.keep("dcterms:spatial", value.node or value.text)
            for label in node.values(*_LABELS) if node else []:
                self.draft.text("place", label.text, language=language_tag(label.language))
        self.draft.geometry = places.union(geometries)
        if not values:
            self.draft.note("dcterms:spatial", "", "missing: the record has no place")

    def _time(self) -> None:
        for value in self.node.values(_DCT + "temporal"):
            node = self.graph.node(value)
            start, end = (self._end(node, name) for name in ("start", "end")) if node else ("", "")
            self.draft.interval(start, end, field="dcterms:temporal")
        if self.draft.time is None:
            self.draft.note("dcterms:temporal", "", "no time is given: the record has none")
        for value in self.node.values(_DCAT + "temporalResolution"):
            self.draft.time_resolution(value.text, field="dcat:temporalResolution")

    def _end(self, node: Node, which: str) -> str:
        dates = node.values(f"{_DCAT}{which}Date", f"http://schema.org/{which}Date")
        if dates:
            return dates[0].text
        beginning = {"start": "hasBeginning", "end": "hasEnd"}[which]
        for value in node.values(f"http://www.w3.org/2006/time#{beginning}"):
            instant = self.graph.node(value)
            for name in ("inXSDDateTimeStamp", "inXSDDateTime", "inXSDDate") if instant else ():
                if instant and (instants := instant.values(f"http://www.w3.org/2006/time#{name}")):
                    return instants[0].text
        return ""

    def _distributions(self) -> None:
        draft = self.draft
        for page in self.node.values(_DCAT + "landingPage"):
            draft.link(page.node or page.text, rel="about")
        licences = list(self.node.values(_DCT + "license"))
        for value in self.node.values(_DCAT + "distribution"):
            node = self.graph.node(value)
            if node is None:
                draft.note("dcat:distribution", value.node, "left out: the document does not describe it")
                continue
            titles = node.values(_DCT + "title")
            media = next((_media_type(v) for v in node.values(_DCAT + "mediaType", _DCT + "format")), None)
            for iri, rel in ((_DCAT + "downloadURL", "enclosure"), (_DCAT + "accessURL", "related")):
                for address in node.values(iri):
                    draft.link(
                        address.node or address.text, rel=rel, type=media, title=titles[0].text if titles else None
                    )
            if media:
                draft.format_name(media.rpartition("/")[2], media if "/" in media else None)
            licences += node.values(_DCT + "license")
        for value in licences:
            draft.license(value.node or value.text, field="dcterms:license")

    def _size(self) -> None:
        for value in self.node.values(_DCAT + "spatialResolutionInMeters"):
            size = places.number(value.text)
            if size:
                self.draft.properties["spatialResolution"] = {"value": size, "unit": "m"}
        for value in self.node.values(_DCAT + "version", "http://www.w3.org/2002/07/owl#versionInfo"):
            self.draft.properties["version"] = value.text


def _geometry(text: str) -> places.Geometry | None:
    """The geometry of a literal: WKT or GeoJSON."""
    if text.lstrip().startswith("{"):
        try:
            value: Any = orjson.loads(text)
        except orjson.JSONDecodeError:
            return None
        return places.geojson_geometry(value)
    return places.wkt_geometry(text)


def _reach(value: Value) -> str:
    return (value.node or value.text).removeprefix("mailto:").removeprefix("tel:")


def _media_type(value: Value) -> str:
    text = value.node or value.text
    return (
        text.rpartition("media-types/")[2]
        if "media-types/" in text
        else text.rpartition("/")[2]
        if "://" in text
        else text
    )
