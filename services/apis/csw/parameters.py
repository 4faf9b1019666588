"""The values of the parameters of CSW, and their meanings."""

from __future__ import annotations

from typing import Any, Final

from config.vocabulary import XML
from records.exports.formats.dublin_core import CSW, Form
from records.harvest.fetch.content import local_name

GMD: Final = "http://www.isotc211.org/2005/gmd"
XML_SCHEMA: Final = "http://www.w3.org/2001/XMLSchema"

OUTPUT_FORMATS: Final = {XML: XML, "text/xml": "text/xml"}
OUTPUT_SCHEMAS: Final = {
    CSW.uri: CSW.uri,
    "csw:Record": CSW.uri,
    "csw:IsoRecord": GMD,
    GMD: GMD,
    "gmd:MD_Metadata": GMD,
}
"""The namespace of the answered records by the value of `outputSchema`; the prefixed names are older forms."""
ELEMENT_SETS: Final[dict[str, Form]] = {"brief": "brief", "summary": "summary", "full": "full"}
RESULT_TYPES: Final = {"hits": "hits", "results": "results", "validate": "validate"}
TYPES: Final = {"Record": "csw:Record", "MD_Metadata": "gmd:MD_Metadata"}
"""Types of records by their local names."""
_LANGUAGES: Final = (XML_SCHEMA, "XMLSCHEMA", "http://www.w3.org/XML/Schema", "http://www.w3.org/TR/xmlschema-1/")
SCHEMA_LANGUAGES: Final = dict.fromkeys(_LANGUAGES, XML_SCHEMA)

_RECORD_OUTPUT: Final = {
    "ElementSetName": tuple(ELEMENT_SETS),
    "outputFormat": tuple(OUTPUT_FORMATS),
    "outputSchema": (CSW.uri, GMD),
}
DOMAINS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "GetCapabilities": {
        "sections": ("ServiceIdentification", "ServiceProvider", "OperationsMetadata", "Filter_Capabilities")
    },
    "DescribeRecord": {
        "outputFormat": tuple(OUTPUT_FORMATS),
        "schemaLanguage": tuple(SCHEMA_LANGUAGES),
        "typeName": tuple(TYPES.values()),
    },
    "GetRecords": {
        "CONSTRAINTLANGUAGE": ("CQL_TEXT", "FILTER"),
        **_RECORD_OUTPUT,
        "resultType": tuple(RESULT_TYPES),
        "typeNames": tuple(TYPES.values()),
    },
    "GetRecordById": _RECORD_OUTPUT,
    "GetDomain": {
        "ParameterName": (
            "GetRecords.CONSTRAINTLANGUAGE", "GetRecords.ElementSetName", "GetRecords.outputFormat",
            "GetRecords.outputSchema", "GetRecords.resultType", "GetRecords.typeNames", "GetRecordById.ElementSetName",
            "GetRecordById.outputFormat", "GetRecordById.outputSchema", "DescribeRecord.outputFormat",
            "DescribeRecord.schemaLanguage", "DescribeRecord.typeName",
        )
    },
}  # fmt: skip
"""The values of the parameters of each operation, for the capabilities and GetDomain."""


def type_of(name: str) -> str | None:
    """The type of records of a qualified name with any prefix; None for an unknown name."""
    return TYPES.get(name.rpartition(":")[2])


def prune(record: Any, names: list[str]) -> Any:
    """Remove all elements of a `csw:Record` except its identifier and those of these names."""
    local_names = {"identifier", *(name.rpartition("/")[2].rpartition(":")[2] for name in names)}
    for child in list(record):
        if local_name(child) not in local_names:
            record.remove(child)
    return record
