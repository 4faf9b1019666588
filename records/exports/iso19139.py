"""ISO 19139 (gmd) of a record: the main language in place, the others beside it as PT_FreeText."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.exports import xml
from records.exports.protocol import Export
from records.exports.xml import Namespace, at, sub

if TYPE_CHECKING:
    from records.exports.models import ExportRecord

GMD: Final = Namespace("http://www.isotc211.org/2005/gmd")
GCO: Final = Namespace("http://www.isotc211.org/2005/gco")
GML: Final = Namespace("http://www.opengis.net/gml/3.2")
_SCHEMA: Final = f"{GMD.uri} http://schemas.opengis.net/iso/19139/20070417/gmd/gmd.xsd"


def element(record: ExportRecord) -> Any:  # noqa: ANN401 - lxml ships no types
    """The `gmd:MD_Metadata` of a record."""
    made = xml.root(GMD("MD_Metadata"), {"gmd": GMD.uri, "gco": GCO.uri, "gml": GML.uri}, _SCHEMA)
    sub(at(made, GMD("fileIdentifier")), GCO("CharacterString"), record.id)
    sub(at(made, GMD("dateStamp")), GCO("DateTime"), record.updated.removesuffix("Z"))
    identification = at(made, GMD("identificationInfo"), GMD("MD_DataIdentification"))
    citation = at(identification, GMD("citation"), GMD("CI_Citation"))
    sub(at(citation, GMD("title")), GCO("CharacterString"), record.text("title"))
    sub(at(identification, GMD("abstract")), GCO("CharacterString"), record.text("description"))
    return made


def _encode(record: ExportRecord) -> bytes:
    return xml.document(element(record))


EXPORT: Final = Export(
    name="iso19139",
    title="ISO 19139",
    media_type="application/gmd+xml",
    profile=GMD.uri,
    suffix=".iso.xml",
    encode=_encode,
    media_types=("application/vnd.iso.19139+xml",),
)
