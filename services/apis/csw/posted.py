"""Requests of CSW in XML (07-006r1, 10.3 to 10.9), read by local names into what their KVP form would say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.harvest.fetch.content import local_name
from records.harvest.formats.iso_xml import children, first
from records.search.fes import from_cql, from_filter
from services.apis.csw.faults import OwsFault, invalid
from services.apis.csw.operation import Operation, operation_name
from services.apis.csw.xml_body import parsed

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
"""Elements of each operation by the KVP name of what they say."""
_MAX_SORT_KEYS: Final = 5


def from_xml(body: bytes) -> Operation:
    """The operation of a posted document; raises OwsFault or InvalidParameter."""
    root = parsed(body, "request")
    kind = local_name(root)
    if kind == "Envelope":
        raise OwsFault("NoApplicableCode", "request", "SOAP is not spoken here; post the request itself")
    name = operation_name(kind)
    values = {key.lower(): str(root.get(key)) for key in _ATTRIBUTES if root.get(key) is not None}
    for key, path in _LISTS[name].items():
        found = [(e.text or "").strip() for e in children(root, path)]
        if any("," in text for text in found):
            raise invalid(key, ",".join(found), "no comma can stand here")
        if found:
            values[key] = ",".join(found)
    query = first(root, "Query") if name == "GetRecords" else None
    if query is None:
        return Operation(name=name, values=values, echo=root)
    types = str(query.get("typeNames") or "")
    values["typenames"] = ",".join(types.replace(",", " ").split())
    constraint = first(query, "Constraint")
    return Operation(
        name=name,
        values=values,
        constraint=None if constraint is None else _constraint(constraint),
        sortby=_sortby(query),
        echo=root,
    )


def _constraint(element: Any) -> Node:
    held = [child for child in element if isinstance(child.tag, str)]
    if len(held) == 1 and local_name(held[0]) == "Filter":
        return from_filter(held[0])
    if len(held) == 1 and local_name(held[0]) == "CqlText":
        return from_cql((held[0].text or "").strip())
    raise invalid("constraint", ", ".join(map(local_name, held)), "it holds one ogc:Filter or one csw:CqlText")


def _sortby(query: Any) -> tuple[tuple[str, bool], ...]:
    found = []
    for key in children(query, "SortBy/SortProperty"):
        name, order = first(key, "PropertyName"), first(key, "SortOrder")
        said = (order.text or "").strip().upper() if order is not None else "ASC"
        if name is None or said not in ("A", "ASC", "D", "DESC"):
            raise invalid("sortby", said, "a SortProperty has a PropertyName, and ASC or DESC as its SortOrder")
        found.append(((name.text or "").strip(), said.startswith("D")))
    if len(found) > _MAX_SORT_KEYS:
        raise invalid("sortby", f"{len(found)} properties", f"at most {_MAX_SORT_KEYS} properties can be sorted by")
    return tuple(found)
