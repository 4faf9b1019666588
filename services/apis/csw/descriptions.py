"""DescribeRecord and GetDomain (07-006r1, 10.6 and 10.7): the schemas of records, and the values of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.exports import xml
from records.exports.formats.dublin_core import CSW
from records.exports.xml import Namespace, sub
from records.search import listing
from records.search.fes.queryables import queryable
from services.apis.csw.capabilities import SCHEMA
from services.apis.csw.parameters import DOMAINS, GMD, OUTPUT_FORMATS, SCHEMA_LANGUAGES, TYPES, XML_SCHEMA, type_of
from services.ows.faults import invalid, missing

if TYPE_CHECKING:
    from services.apis.csw.operation import CswRequest
    from services.web.context import Context

_XS: Final = Namespace(XML_SCHEMA)
_SCHEMAS: Final = {
    "csw:Record": (CSW.uri, "http://schemas.opengis.net/csw/2.0.2/record.xsd"),
    "gmd:MD_Metadata": (GMD, "http://www.isotc211.org/2005/gmd/gmd.xsd"),
}
_MAX_VALUES: Final = 1000


def describe_record(operation: CswRequest) -> Any:
    """The DescribeRecordResponse: a schema for each type, which includes the published one; all types by default."""
    operation.one_of("outputFormat", next(iter(OUTPUT_FORMATS)), OUTPUT_FORMATS)
    language = operation.one_of("schemaLanguage", XML_SCHEMA, SCHEMA_LANGUAGES)
    names = operation.values_of("typeName")
    for name in names:
        if type_of(name) is None:
            raise invalid("typename", name, f"there are {', '.join(TYPES.values())}")
    root = xml.root(CSW("DescribeRecordResponse"), {"csw": CSW.uri}, SCHEMA)
    for type_, (namespace, location) in _SCHEMAS.items():
        if not names or type_ in map(type_of, names):
            component = sub(root, CSW("SchemaComponent"), targetNamespace=namespace, schemaLanguage=language)
            schema = xml.root(_XS("schema"), {"xs": XML_SCHEMA})
            schema.set("targetNamespace", namespace)
            schema.set("elementFormDefault", "qualified")
            sub(schema, _XS("include"), schemaLocation=location)
            component.append(schema)
    return root


def get_domain(operation: CswRequest, context: Context) -> Any:
    """The GetDomainResponse: values of parameters and of dc:type; other properties are named without values."""
    parameters, properties = operation.values_of("parameterName"), operation.values_of("propertyName")
    if bool(parameters) == bool(properties):
        if parameters:
            raise invalid("propertyname", ",".join(properties), "give ParameterName or PropertyName, not both")
        raise missing("parametername")
    root = xml.root(CSW("GetDomainResponse"), {"csw": CSW.uri, "gmd": GMD}, SCHEMA)
    for name in parameters:
        _domain(root, "ParameterName", name, _values_of_parameter(name))
    for name in properties:
        _domain(root, "PropertyName", name, _values_of_property(name, context))
    return root


def _domain(root: Any, kind: str, name: str, values: list[str]) -> None:
    domain_values = sub(root, CSW("DomainValues"), type="csw:Record")
    sub(domain_values, CSW(kind), name)
    if values:
        value_list = sub(domain_values, CSW("ListOfValues"))
        for value in values:
            sub(value_list, CSW("Value"), value)


def _values_of_parameter(name: str) -> list[str]:
    operation, _, parameter = name.partition(".")
    domains = {key.lower(): values for key, values in DOMAINS.get(operation, {}).items()}
    if parameter.lower() not in domains:
        raise invalid("parametername", name, f"there are {', '.join(DOMAINS['GetDomain']['ParameterName'])}")
    return list(domains[parameter.lower()])


def _values_of_property(name: str, context: Context) -> list[str]:
    if queryable(name).properties != ("type",):
        return []
    return listing.types(context.catalogue.repository.engine, limit=_MAX_VALUES)
