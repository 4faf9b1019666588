"""GetRecords and GetRecordById (07-006r1, 10.8 and 10.9) over the search of the records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from records.documents.presentation import rfc3339
from records.exports import xml
from records.exports.formats import dublin_core, iso19139
from records.exports.formats.dublin_core import CSW, Form
from records.exports.making import export_record
from records.exports.xml import sub
from records.search import search
from records.search.conditions import condition_of
from records.search.cql2 import Words
from records.search.fes import sort_key, translated
from records.search.parameters import MAX_OFFSET, RecordQuery
from services.access.decision import decide
from services.apis.csw.capabilities import SCHEMA
from services.apis.csw.operation import SERVICE, VERSION, CswRequest
from services.apis.csw.parameters import (
    ELEMENT_SETS,
    GMD,
    OUTPUT_FORMATS,
    OUTPUT_SCHEMAS,
    RESULT_TYPES,
    TYPES,
    prune,
    type_of,
)
from services.ows.faults import invalid, missing

if TYPE_CHECKING:
    from records.search.cql2 import Node
    from services.access.principal import Principal
    from services.web.context import Context

DEFAULT_RECORDS: Final = 10
MOST_RECORDS: Final = 200
"""Most records of one answer; `nextRecord` leads to the others."""


class RecordOutput:
    """The form of the records in an answer: their schema, their set of elements, their language."""

    def __init__(self, operation: CswRequest, context: Context, principal: Principal, language: str) -> None:
        operation.one_of("outputFormat", next(iter(OUTPUT_FORMATS)), OUTPUT_FORMATS)
        self.schema = operation.one_of("outputSchema", CSW.uri, OUTPUT_SCHEMAS)
        self.names = operation.values_of("elementName")
        self.elements: Form = operation.one_of("elementSetName", "summary", ELEMENT_SETS)
        if self.names and operation.text("elementSetName"):
            raise invalid("elementName", ",".join(self.names), "give ElementName or ElementSetName, not both")
        self._context = context
        self._principal = principal
        self._language = language

    def element(self, stored: search.Found) -> Any:
        """A record as an element; in ISO 19139 it is always full."""
        settings = self._context.settings
        decision = decide(self._principal, stored.dataset, "read", settings)
        record = export_record(stored, base_url=settings.base_url, language=self._language, readable=decision.allowed)
        if self.schema == GMD:
            return iso19139.element(record)
        element = dublin_core.element(record, form="full" if self.names else self.elements)
        for child in element:  # the schema of csw:Record has no languages (rec-dcmes.xsd, SimpleLiteral)
            child.attrib.pop(xml.XML_LANG, None)
        return prune(element, self.names) if self.names else element


def get_records(operation: CswRequest, context: Context, principal: Principal, language: str) -> Any:
    """The GetRecordsResponse, or the Acknowledgement of a request that is only to be validated."""
    output = RecordOutput(operation, context, principal, language)
    result_type = operation.one_of("resultType", "hits", RESULT_TYPES)
    _require_types(operation)
    most = min(context.settings.limit.items, MOST_RECORDS)
    limit = min(operation.integer("maxRecords", DEFAULT_RECORDS, low=0), most)
    position = operation.integer("startPosition", 1, low=1, high=MAX_OFFSET + 1)
    query = _query(operation, limit=0 if result_type == "hits" else limit, offset=position - 1)
    if result_type == "validate":
        condition_of(query)  # raises for a filter that cannot be understood
        return _acknowledgement(operation)
    page = search.search(context.catalogue.repository.engine, query)
    root = xml.root(CSW("GetRecordsResponse"), {"csw": CSW.uri}, SCHEMA)
    root.set("version", VERSION)
    if operation.text("requestId"):
        sub(root, CSW("RequestId"), operation.text("requestId"))
    sub(root, CSW("SearchStatus"), timestamp=rfc3339(datetime.now(UTC)))
    following = position + len(page.records)
    has_more = page.next is not None or (not query.limit and following <= page.matched)
    results = sub(
        root,
        CSW("SearchResults"),
        numberOfRecordsMatched=str(page.matched),
        numberOfRecordsReturned=str(len(page.records)),
        nextRecord=str(following if has_more else 0),
        recordSchema=output.schema,
        elementSet="full" if output.schema == GMD or output.names else output.elements,
    )
    for record in page.records:
        results.append(output.element(record))
    return root


def get_record_by_id(operation: CswRequest, context: Context, principal: Principal, language: str) -> Any:
    """The GetRecordByIdResponse: the existing records among the ids, in the order of the ids."""
    output = RecordOutput(operation, context, principal, language)
    ids = list(dict.fromkeys(operation.values_of("id")))
    if not ids:
        raise missing("id")
    page = search.search(
        context.catalogue.repository.engine, RecordQuery(equal=(("ids", ",".join(ids)),), limit=len(ids))
    )
    by_id = {record.document["id"]: record for record in page.records}
    root = xml.root(CSW("GetRecordByIdResponse"), {"csw": CSW.uri}, SCHEMA)
    for identifier in ids:
        if identifier in by_id:
            root.append(output.element(by_id[identifier]))
    return root


def _require_types(operation: CswRequest) -> None:
    names = operation.values_of("typeNames")
    if not names:
        raise missing("typenames")
    for name in names:
        if type_of(name) is None:
            raise invalid("typenames", name, f"there are {', '.join(TYPES.values())}")


def _query(operation: CswRequest, *, limit: int, offset: int) -> RecordQuery:
    """The search; without another order its words become `q`, so that the best hits come first."""
    sortby = tuple((sort_key(name), descends) for name, descends in operation.sortby)
    condition = None if operation.constraint is None else translated(operation.constraint)
    q, condition = (None, condition) if sortby else _split_words(condition)
    return RecordQuery(q=q, filter=condition, sortby=sortby, limit=limit, offset=offset)


def _split_words(condition: Node) -> tuple[str | None, Node]:
    """Split a condition into the words that every match has and the rest."""
    if isinstance(condition, Words):
        return condition.q, None
    if isinstance(condition, dict) and condition["op"] == "and":
        words = next((part for part in condition["args"] if isinstance(part, Words)), None)
        if words is not None:
            rest = [part for part in condition["args"] if part is not words]
            return words.q, rest[0] if len(rest) == 1 else {"op": "and", "args": rest}
    return None, condition


def _acknowledgement(operation: CswRequest) -> Any:
    root = xml.root(CSW("Acknowledgement"), {"csw": CSW.uri}, SCHEMA)
    root.set("timeStamp", rfc3339(datetime.now(UTC)))
    echo = sub(root, CSW("EchoedRequest"))
    if operation.echo is not None:
        echo.append(operation.echo)
    else:
        request = sub(echo, CSW(operation.name), service=SERVICE, version=VERSION, resultType="validate")
        types = " ".join(operation.values_of("typeNames"))
        sub(
            sub(request, CSW("Query"), typeNames=types),
            CSW("ElementSetName"),
            operation.text("elementSetName", "summary"),
        )
    if operation.text("requestId"):
        sub(root, CSW("RequestId"), operation.text("requestId"))
    return root
