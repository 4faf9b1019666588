"""As much of JSON-LD 1.1 as metadata needs: contexts written inline, graphs, references, texts by language.

Contexts at other addresses are never fetched: of the ones that DCAT and schema.org documents name, the prefixes are
known here; other terms of such a document keep their names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from config.errors import SourceRefused
from records.harvest.models import MAX_MEMBERS

SCHEMA: Final = "http://schema.org/"
_PREFIXES: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "locn": "http://www.w3.org/ns/locn#",
    "schema": SCHEMA,
    "time": "http://www.w3.org/2006/time#",
    "adms": "http://www.w3.org/ns/adms#",
    "prov": "http://www.w3.org/ns/prov#",
    "gsp": "http://www.opengis.net/ont/geosparql#",
}
_MAX_NODES = 200_000


@dataclass(frozen=True)
class Value:
    """One value of a property: a text with its language, or a reference to a node."""

    text: str = ""
    language: str | None = None
    node: str | None = None


@dataclass
class Node:
    """One thing of a graph: its types and properties, by full IRI."""

    id: str
    types: set[str] = field(default_factory=set)
    properties: dict[str, list[Value]] = field(default_factory=dict)

    def values(self, *names: str) -> list[Value]:
        """The values of the first of these properties that has any, at most `MAX_MEMBERS`."""
        return next((self.properties[name][:MAX_MEMBERS] for name in names if self.properties.get(name)), [])


class Graph:
    """The nodes of a document by their identifiers; a node without one has a blank one."""

    def __init__(self, document: Any) -> None:
        self.nodes: dict[str, Node] = {}
        self._blank = 0
        for part in document if isinstance(document, list) else [document]:
            if isinstance(part, dict):
                self._add_document(part)

    def of_type(self, *types: str) -> list[Node]:
        """The nodes of any of these types, in the order of the document."""
        return [node for node in self.nodes.values() if node.types & set(types)]

    def node(self, value: Value) -> Node | None:
        """The node that a value refers to, if the document describes it."""
        return self.nodes.get(value.node) if value.node else None

    def _add_document(self, part: dict[str, Any]) -> None:
        context = _Context(part.get("@context"))
        graph = part.get("@graph")
        if isinstance(graph, list):
            for member in graph:
                if isinstance(member, dict):
                    self._add(member, context)
        if any(not name.startswith("@") for name in part):
            self._add({name: value for name, value in part.items() if name != "@graph"}, context)

    def _add(self, member: dict[str, Any], context: _Context) -> str:
        """Add an object with what it holds; returns its identifier. Recursion is bounded by the content's depth."""
        if "@context" in member:
            context = _Context(member["@context"], context)
        identifier = self._identifier(member, context)
        node = self.nodes.setdefault(identifier, Node(identifier))
        for name, value in member.items():
            keyword = context.keyword(name)
            if keyword == "@type":
                node.types |= {context.iri(t) for t in _list(value) if isinstance(t, str)}
            elif not keyword.startswith("@"):
                values = self._values(value, context, name)
                node.properties.setdefault(context.iri(name), []).extend(values)
        return identifier

    def _identifier(self, member: dict[str, Any], context: _Context) -> str:
        iri = next((v for k, v in member.items() if context.keyword(k) == "@id"), None)
        if isinstance(iri, str) and iri:
            return context.expand(iri)
        self._blank += 1
        if len(self.nodes) > _MAX_NODES:
            raise SourceRefused("document", f"it has more than {_MAX_NODES} things", "divide it into smaller files")
        return f"_:genid{self._blank}"

    def _values(self, value: Any, context: _Context, name: str) -> list[Value]:
        values: list[Value] = []
        for item in _list(value):
            if isinstance(item, dict):
                values += self._of_object(item, context, name)
            elif isinstance(item, str) and context.is_reference(name):
                values.append(Value(text=item, node=context.expand(item)))
            elif isinstance(item, str | int | float):
                values.append(Value(text=str(item), language=context.language(name)))
        return values

    def _of_object(self, item: dict[str, Any], context: _Context, name: str) -> list[Value]:
        keywords = {context.keyword(k): v for k, v in item.items()}
        if "@value" in keywords:
            text, language = keywords["@value"], keywords.get("@language")
            text_ = "" if text is None else str(text)
            return [Value(text=text_, language=language if isinstance(language, str) else None)]
        if "@list" in keywords or "@set" in keywords:
            return self._values(keywords.get("@list", keywords.get("@set")), context, name)
        if context.is_language_map(name):
            return [
                Value(text=text_, language=tag)
                for tag, texts in item.items()
                for text_ in _list(texts)
                if isinstance(text_, str)
            ]
        iri = keywords.get("@id")
        if isinstance(iri, str) and len(item) == 1:
            return [Value(text=iri, node=context.expand(iri))]
        return [Value(text=iri if isinstance(iri, str) else "", node=self._add(item, context))]


class _Context:
    """The terms, prefixes and default language of an active context."""

    def __init__(self, value: Any, outer: _Context | None = None) -> None:
        self._terms: dict[str, Any] = dict(outer._terms) if outer else {}  # noqa: SLF001 - another of the same class
        self._vocab: str = outer._vocab if outer else ""  # noqa: SLF001
        self._language: str | None = outer._language if outer else None  # noqa: SLF001
        for part in _list(value):
            if isinstance(part, str) and "schema.org" in part:
                self._vocab = SCHEMA
            elif isinstance(part, dict):
                self._take(part)

    def _take(self, part: dict[str, Any]) -> None:
        vocab, language = part.get("@vocab"), part.get("@language")
        self._vocab = vocab if isinstance(vocab, str) else self._vocab
        self._language = language if isinstance(language, str) else self._language
        self._terms |= {name: value for name, value in part.items() if not name.startswith("@")}

    def keyword(self, name: str) -> str:
        """The keyword that a term is an alias of (`id`, `type`), else the term."""
        term = self._terms.get(name)
        return term if isinstance(term, str) and term.startswith("@") else name

    def _definition(self, name: str) -> dict[str, Any]:
        term = self._terms.get(name)
        return term if isinstance(term, dict) else {}

    def iri(self, name: str) -> str:
        """The IRI of a term or of a compact name; https://schema.org counts as http://schema.org."""
        term = self._terms.get(name)
        iri_ = term.get("@id") if isinstance(term, dict) else term
        if isinstance(iri_, str) and iri_ != name:
            return _canonical(self.expand(iri_))
        expanded = self.expand(name)
        is_absolute = expanded != name or "://" in name
        return _canonical(expanded if is_absolute else self._vocab + name)

    def expand(self, name: str) -> str:
        """A compact name with its prefix written out; anything else as it is."""
        prefix, colon, rest = name.partition(":")
        if not colon or rest.startswith("//") or prefix == "_":
            return name
        term = self._terms.get(prefix, _PREFIXES.get(prefix))
        base = term.get("@id") if isinstance(term, dict) else term
        return base + rest if isinstance(base, str) else name

    def is_reference(self, name: str) -> bool:
        """Whether texts of a term refer to nodes."""
        return self._definition(name).get("@type") in ("@id", "@vocab")

    def is_language_map(self, name: str) -> bool:
        """Whether a term's values stand by language."""
        return self._definition(name).get("@container") == "@language"

    def language(self, name: str) -> str | None:
        """The language of a term's texts, where none is given beside them."""
        language_ = self._definition(name).get("@language", self._language)
        return language_ if isinstance(language_, str) else None


def _canonical(iri: str) -> str:
    return SCHEMA + iri.removeprefix("https://schema.org/") if iri.startswith("https://schema.org/") else iri


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
