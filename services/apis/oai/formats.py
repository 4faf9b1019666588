"""The metadata formats in which records are disseminated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from records.exports.formats import datacite, dublin_core, iso19139
from services.apis.oai.arguments import OaiFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.exports.models import ExportRecord


@dataclass(frozen=True, kw_only=True)
class MetadataFormat:
    """A format: its XML schema, its namespace, and the function that makes its element of a record."""

    schema: str
    namespace: str
    element: Callable[[ExportRecord], Any]


FORMATS: Final = {
    "oai_dc": MetadataFormat(
        schema="http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
        namespace=dublin_core.OAI_DC.uri,
        element=dublin_core.element,
    ),
    "iso19139": MetadataFormat(
        schema="http://www.isotc211.org/2005/gmd/gmd.xsd",
        namespace="http://www.isotc211.org/2005/gmd",
        element=iso19139.element,
    ),
    "datacite": MetadataFormat(
        schema="https://schema.datacite.org/meta/kernel-4.6/metadata.xsd",
        namespace=datacite.KERNEL.uri,
        element=datacite.element,
    ),
}
"""Formats by their prefixes; every record is available in each."""


def format_of(prefix: str) -> MetadataFormat:
    """The format of a prefix; raises OaiFault."""
    format_ = FORMATS.get(prefix)
    if format_ is None:
        raise OaiFault("cannotDisseminateFormat", f"there is no {prefix[:100]}; there are {', '.join(FORMATS)}")
    return format_
