"""schema.org datasets as JSON-LD, by themselves or within a web page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from records.harvest.draft import Draft
from records.harvest.formats.jsonld import SCHEMA, Graph, Node, Value
from records.harvest.values import places
from records.harvest.values.languages import language_tag
from records.harvest.values.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.boxes import Box
    from records.harvest.fetch.content import Content
    from records.harvest.models import Harvested

_TIME: Final = "http://www.w3.org/2006/time#"
_PARTIES: Final = {
    "creator": "author", "author": "author", "publisher": "publisher", "provider": "distributor",
    "contributor": "contributor", "funder": "funder", "copyrightHolder": "rightsHolder", "maintainer": "custodian",
}  # fmt: skip
_TEXTS: Final = {"title": "name", "alternativeTitle": "alternateName", "description": "description"}
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


class SchemaOrg:
    """The adapter `schemaorg`."""

    name = "schemaorg"

    def recognises(self, content: Content) -> bool:
        """Whether the content is JSON-LD, or a web page with JSON-LD, of schema.org's datasets."""
        return b"schema.org" in content.data and any(True for _ in self.entries(content))

    def entries(self, content: Content) -> Iterator[tuple[Graph, Node]]:
        """The datasets of the content."""
        documents = content.embedded if content.is_html else [content.json]
        for document in documents:
            graph = Graph(document)
            for node in graph.of_type(SCHEMA + "Dataset"):
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
        languages = [v for value in self._values("inLanguage") for v in self._labels(value)]
        self.draft = Draft("schemaorg", language=next((t for v in languages if (t := language_tag(v.text))), None))

    def _values(self, name: str) -> list[Value]:
        return self.node.values(SCHEMA + name)

    def _labels(self, value: Value, *names: str) -> list[Value]:
        """The texts of a value: its own, or of the thing it refers to."""
        node = self.graph.node(value)
        if node is None:
            return [value] if value.text else []
        return node.values(*(SCHEMA + name for name in names or ("name", "alternateName")))

    def harvested(self) -> Harvested:
        """The record and what was irregular."""
        self._texts()
        for name, role in _PARTIES.items():
            for value in self._values(name):
                self._party(value, role)
        for name, property_ in (("issued", "datePublished"), ("modified", "dateModified")):
            date = next((m for v in self._values(property_) if (m := moment(v.text))), None)
            if date:
                self.draft.properties[name] = date
        self._variables()
        self._place()
        self._time()
        self._links()
        return self.draft.finish(self._source_id())

    def _texts(self) -> None:
        for name, property_ in _TEXTS.items():
            for value in self._values(property_):
                self.draft.text(name, value.text, language=language_tag(value.language))
        for value in self._values("keywords"):
            is_term = self.graph.node(value) is not None  # the name of a term is one word, commas or not
            for label in self._labels(value):
                for word in [label.text] if is_term else re.split(r"[,;，；]", label.text):
                    self.draft.keyword(word, language=language_tag(label.language))
        for value in (*self._values("citation"), *self._values("creditText")):
            for label in self._labels(value, "citation", "name", "text"):
                self.draft.text("citation", label.text, language=language_tag(label.language))

    def _source_id(self) -> str | None:
        identifiers = [text for value in self._values("identifier") if (text := self._identifier(value))]
        for identifier in identifiers:
            self.draft.identifier(identifier)
        if not self.node.id.startswith("_:"):
            self.draft.identifier(self.node.id)
            return identifiers[0] if identifiers else self.node.id
        urls = [v.node or v.text for v in self._values("url")]
        return next(iter((*identifiers, *urls)), None)

    def _identifier(self, value: Value) -> str:
        node = self.graph.node(value)
        if node is None:
            return value.node or value.text
        values = node.values(SCHEMA + "value", SCHEMA + "url")
        return values[0].text if values else "" if node.id.startswith("_:") else node.id

    def _party(self, value: Value, role: str) -> None:
        node = self.graph.node(value)
        if node is None:
            self.draft.contact({"organization": value.text}, roles=[role])
            return
        label = next((v.text for v in self._labels(value)), "")
        organizations = [
            v.text for v in node.values(SCHEMA + "affiliation", SCHEMA + "worksFor") for v in self._labels(v)
        ]
        pages = [v.node or v.text for v in node.values(SCHEMA + "url", SCHEMA + "sameAs")]
        links = [{"href": page, "rel": "about"} for page in pages if page.startswith("http")]
        name = {"name": label} if SCHEMA + "Person" in node.types else {"organization": label}
        if organizations:
            name["organization"] = "; ".join(organizations)
        mails, phones = ([v.text for v in node.values(SCHEMA + n)] for n in ("email", "telephone"))
        self.draft.contact({**name, "links": links}, roles=[role], emails=mails, phones=phones)

    def _variables(self) -> None:
        words = [v.text for value in self._values("variableMeasured") for v in self._labels(value) if v.text]
        if words:
            self.draft.theme(SCHEMA + "variableMeasured", [{"id": word} for word in dict.fromkeys(words)])
        for value in self._values("version"):
            self.draft.properties["version"] = value.text

    def _place(self) -> None:
        boxes: list[Box] = []
        geometries = []
        for value in self._values("spatialCoverage"):
            place = self.graph.node(value)
            for label in self._labels(value, "name"):
                self.draft.text("place", label.text, language=language_tag(label.language))
            for geo in place.values(SCHEMA + "geo") if place else []:
                node = self.graph.node(geo)
                box, polygon = _shape(node) if node else (None, None)
                boxes += [box] if box else []
                geometries += [polygon] if polygon else []
                if box is None and polygon is None:
                    self.draft.note("spatialCoverage.geo", node and node.properties, "left out: not understood")
        whole = places.boxes_geometry(boxes)
        self.draft.geometry = places.union([*([whole] if whole else []), *geometries])
        if self.draft.geometry is None:
            self.draft.note("spatialCoverage", "", "no box or point is given: the record has no place")

    def _time(self) -> None:
        for value in self._values("temporalCoverage"):
            node = self.graph.node(value)
            if node is None:
                start, slash, end = value.text.partition("/")
                self.draft.interval(start, end if slash else start, field="temporalCoverage")
                continue
            ends = [self._instant(v) for name in ("hasBeginning", "hasEnd") for v in node.values(_TIME + name)]
            ends = ends if len(ends) == 2 else [self._instant(value)] * 2
            if all(ends):
                self.draft.interval(ends[0], ends[1], field="temporalCoverage")
            else:
                self.draft.note("temporalCoverage", sorted(node.types), "left out: it is no time of the calendar")
        if self.draft.time is None:
            self.draft.note("temporalCoverage", "", "the record has no time")

    def _instant(self, value: Value) -> str:
        node = self.graph.node(value)
        names = ("inXSDDateTimeStamp", "inXSDDateTime", "inXSDDate", "inXSDgYear")
        values = node.values(*(_TIME + name for name in names)) if node else []
        return values[0].text if values else ""

    def _links(self) -> None:
        draft = self.draft
        for value in self._values("url"):
            draft.link(value.node or value.text, rel="about")
        for value in self._values("distribution"):
            node = self.graph.node(value)
            if node is None:
                continue
            title = next((v.text for v in node.values(SCHEMA + "name")), None)
            media = next((v.text for v in node.values(SCHEMA + "encodingFormat")), None)
            for content in node.values(SCHEMA + "contentUrl", SCHEMA + "url"):
                draft.link(
                    content.node or content.text,
                    rel="enclosure",
                    type=media if media and "/" in media else None,
                    title=title,
                )
            draft.format_name(media, media if media and "/" in media else None)
        for value in self._values("license"):
            address = self._identifier(value)
            label = next((v.text for v in self._labels(value)), "")
            draft.license(address, title=label if label != address else "")


def _shape(node: Node) -> tuple[Box | None, places.Geometry | None]:
    """The box or geometry of a GeoCoordinates or GeoShape; latitude stands first (schema.org, GeoShape)."""
    latitude, longitude = (node.values(SCHEMA + name) for name in ("latitude", "longitude"))
    if latitude and longitude:
        return places.box_of(longitude[0].text, latitude[0].text, longitude[0].text, latitude[0].text), None
    for value in node.values(SCHEMA + "box"):
        numbers = _NUMBER.findall(value.text)
        if len(numbers) == 4:
            south, west, north, east = numbers
            return places.box_of(west, south, east, north), None
    for value in node.values(SCHEMA + "polygon"):
        numbers = [float(n) for n in _NUMBER.findall(value.text)]
        ring = list(zip(numbers[1::2], numbers[::2], strict=False))
        return None, places.polygons_geometry([ring])
    return None, None
