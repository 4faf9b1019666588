"""GetCapabilities (07-006r1, 10.3): the service, its operations, its queryables and its filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.exports import xml
from records.exports.formats.dublin_core import CSW, OWS
from records.exports.xml import Namespace, at, sub
from records.search.fes import QUERYABLES
from services.apis.csw.operation import OPERATIONS, SERVICE, VERSION, CswRequest
from services.apis.csw.parameters import DOMAINS
from services.ows.faults import invalid

if TYPE_CHECKING:
    from services.web.context import Context

OGC: Final = Namespace("http://www.opengis.net/ogc")
GML: Final = Namespace("http://www.opengis.net/gml")
XLINK: Final = Namespace("http://www.w3.org/1999/xlink")
SCHEMA: Final = f"{CSW.uri} http://schemas.opengis.net/csw/2.0.2/CSW-discovery.xsd"

_OPERANDS: Final = ("Envelope", "Point", "LineString", "Polygon")
_SPATIAL: Final = ("BBOX", "Contains", "Crosses", "Disjoint", "Equals", "Intersects", "Overlaps", "Touches", "Within")
_SCALAR: Final = (
    "EqualTo", "NotEqualTo", "LessThan", "GreaterThan", "LessThanEqualTo", "GreaterThanEqualTo", "Like", "Between",
    "NullCheck",
)  # fmt: skip
_PREFIXES: Final[dict[str | None, str]] = {
    "csw": CSW.uri, "gml": GML.uri, "ogc": OGC.uri, "ows": OWS.uri, "xlink": XLINK.uri,
}  # fmt: skip


def capabilities_document(operation: CswRequest, context: Context) -> Any:
    """The Capabilities with the requested sections; that of the filters is always there (07-006r1, table 8)."""
    sections = operation.values_of("sections") or ["All"]
    for name in sections:
        if name not in ("All", "Filter_Capabilities", *_SECTIONS):
            raise invalid("sections", name, f"there are {', '.join(_SECTIONS)}, Filter_Capabilities and All")
    root = xml.root(CSW("Capabilities"), _PREFIXES, SCHEMA)
    root.set("version", VERSION)
    for name, write in _SECTIONS.items():
        if name in sections or "All" in sections:
            write(root, context)
    _filters(root)
    return root


def _identification(root: Any, context: Context) -> None:
    section = sub(root, OWS("ServiceIdentification"))
    sub(section, OWS("Title"), context.settings.server.title)
    sub(section, OWS("Abstract"), context.settings.server.description)
    sub(section, OWS("ServiceType"), SERVICE)
    sub(section, OWS("ServiceTypeVersion"), VERSION)
    sub(section, OWS("Fees"), "NONE")
    sub(section, OWS("AccessConstraints"), "NONE")


def _provider(root: Any, context: Context) -> None:
    server = context.settings.server
    section = sub(root, OWS("ServiceProvider"))
    sub(section, OWS("ProviderName"), server.title)
    sub(section, OWS("ProviderSite")).set(XLINK("href"), f"{context.settings.base_url}/")
    contact = sub(section, OWS("ServiceContact"))
    information = sub(contact, OWS("ContactInfo"))
    if server.contact:
        sub(at(information, OWS("Address")), OWS("ElectronicMailAddress"), server.contact)
    sub(information, OWS("OnlineResource")).set(XLINK("href"), f"{context.settings.base_url}/")
    sub(contact, OWS("Role"), "pointOfContact")


def _operations(root: Any, context: Context) -> None:
    section = sub(root, OWS("OperationsMetadata"))
    for name in OPERATIONS:
        operation = sub(section, OWS("Operation"), name=name)
        http = at(operation, OWS("DCP"), OWS("HTTP"))
        sub(http, OWS("Get")).set(XLINK("href"), f"{context.settings.base_url}/csw")
        post = sub(http, OWS("Post"))
        post.set(XLINK("href"), f"{context.settings.base_url}/csw")
        _domain(post, "Constraint", "PostEncoding", ("XML",))
        for parameter, values in DOMAINS[name].items():
            _domain(operation, "Parameter", parameter, values)
        for constraint, names in QUERYABLES.items() if name == "GetRecords" else ():
            _domain(operation, "Constraint", constraint, names)
    _domain(section, "Parameter", "service", (SERVICE,))
    _domain(section, "Parameter", "version", (VERSION,))
    _domain(section, "Constraint", "IsoProfiles", ("http://www.isotc211.org/2005/gmd",))


def _domain(parent: Any, kind: str, name: str, values: Any) -> None:
    domain = sub(parent, OWS(kind), name=name)
    for value in values:
        sub(domain, OWS("Value"), value)


def _filters(root: Any) -> None:
    section = sub(root, OGC("Filter_Capabilities"))
    spatial = sub(section, OGC("Spatial_Capabilities"))
    operands = sub(spatial, OGC("GeometryOperands"))
    for name in _OPERANDS:
        sub(operands, OGC("GeometryOperand"), f"gml:{name}")
    operators = sub(spatial, OGC("SpatialOperators"))
    for name in _SPATIAL:
        sub(operators, OGC("SpatialOperator"), name=name)
    scalar = sub(section, OGC("Scalar_Capabilities"))
    sub(scalar, OGC("LogicalOperators"))
    comparisons = sub(scalar, OGC("ComparisonOperators"))
    for name in _SCALAR:
        sub(comparisons, OGC("ComparisonOperator"), name)
    identifiers = sub(section, OGC("Id_Capabilities"))
    sub(identifiers, OGC("EID"))
    sub(identifiers, OGC("FID"))


_SECTIONS: Final = {
    "ServiceIdentification": _identification,
    "ServiceProvider": _provider,
    "OperationsMetadata": _operations,
}
