"""Requests of CSW in XML (07-006r1, 10.3 to 10.9), read by local names into the parameters of their KVP form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.harvest.fetch.content import local_name
from records.harvest.formats.iso_xml import children, first
from records.search.fes import from_cql, from_filter
from services.apis.csw.operation import CswRequest, operation_name
from services.ows.faults import OwsFault, invalid
from services.ows.xml_body import parse_xml

if TYPE_CHECKING:
    from records.search.cql2 import Node

_ATTRIBUTES: Final = (
    "maxRecords", "outputFormat", "outputSchema", "requestId", "resultType", "schemaLanguage", "service",
    "startPosition", "version",
)  # fmt: skip
_LISTS: Final = {
    "GetCapabilities": {"sections": "Sections/Section", "acceptversions": "AcceptVersions/Version"},
    "DescribeRecord": {"typename": "TypeName"},
    "GetRecords": {"elementname": "Query/ElementName", "elementsetname": "Query/ElementSetName"},
    "GetRecordById": {"id": "Id", "elementsetname": "ElementSetName"},
    "GetDomain": {"parametername": "ParameterName", "propertyname": "PropertyName"},
}
"""Elements of each operation by the KVP names of their values."""
_MAX_SORT_KEYS: Final = 5


def from_xml(body: bytes) -> CswRequest:
    """The operation of a posted document; raises OwsFault or InvalidParameter."""
    root = parse_xml(body, "request")
    kind = local_name(root)
    if kind == "Envelope":
        raise OwsFault("NoApplicableCode", "request", "SOAP is not supported; post the request itself")
    name = operation_name(kind)
    values = {key.lower(): str(root.get(key)) for key in _ATTRIBUTES if root.get(key) is not None}
    for key, path in _LISTS[name].items():
        texts = [(e.text or "").strip() for e in children(root, path)]
        if any("," in text for text in texts):
            raise invalid(key, ",".join(texts), "a comma is not possible here")
        if texts:
            values[key] = ",".join(texts)
    query = first(root, "Query") if name == "GetRecords" else None
    if query is None:
        return CswRequest(name=name, values=values, echo=root)
    types = str(query.get("typeNames") or "")
    values["typenames"] = ",".join(types.replace(",", " ").split())
    constraint = first(query, "Constraint")
    return CswRequest(
        name=name,
        values=values,
        constraint=None if constraint is None else _constraint(constraint),
        sortby=_sortby(query),
        echo=root,
    )


def _constraint(element: Any) -> Node:
    elements = [child for child in element if isinstance(child.tag, str)]
    if len(elements) == 1 and local_name(elements[0]) == "Filter":
        return from_filter(elements[0])
    if len(elements) == 1 and local_name(elements[0]) == "CqlText":
        return from_cql((elements[0].text or "").strip())
    raise invalid("constraint", ", ".join(map(local_name, elements)), "it holds one ogc:Filter or one csw:CqlText")


def _sortby(query: Any) -> tuple[tuple[str, bool], ...]:
    sort_keys = []
    for key in children(query, "SortBy/SortProperty"):
        name, order = first(key, "PropertyName"), first(key, "SortOrder")
        direction = (order.text or "").strip().upper() if order is not None else "ASC"
        if name is None or direction not in ("A", "ASC", "D", "DESC"):
            raise invalid("sortby", direction, "a SortProperty has a PropertyName, and ASC or DESC as its SortOrder")
        sort_keys.append(((name.text or "").strip(), direction.startswith("D")))
    if len(sort_keys) > _MAX_SORT_KEYS:
        raise invalid("sortby", f"{len(sort_keys)} properties", f"at most {_MAX_SORT_KEYS} properties can be sorted by")
    return tuple(sort_keys)
