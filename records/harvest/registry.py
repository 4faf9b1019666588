"""The adapters, in the order in which they are asked whether a content is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import InvalidParameter, SourceRefused
from records.harvest.formats.datacite import DataCite
from records.harvest.formats.dcat import Dcat
from records.harvest.formats.dublin_core import DublinCore
from records.harvest.formats.iso import Iso
from records.harvest.formats.ncdc import Ncdc
from records.harvest.formats.ogc_records import OgcRecords
from records.harvest.formats.schemaorg import SchemaOrg
from records.harvest.formats.stac import Stac
from records.harvest.services.protocols import services

if TYPE_CHECKING:
    from records.harvest.fetch.content import Content
    from records.harvest.protocol import Adapter
    from records.harvest.services.protocols import Service

AUTO = "auto"
"""In place of an adapter's name: whichever recognises the content."""


def adapters() -> tuple[Adapter, ...]:
    """Every adapter; the one whose marks are plainest comes first."""
    return Ncdc(), Iso(), DataCite(), Stac(), OgcRecords(), Dcat(), SchemaOrg(), DublinCore()


def names() -> list[str]:
    """What may name a format: adapters, services, and `auto`."""
    return [AUTO, *sorted([adapter.name for adapter in adapters()] + [service.name for service in services()])]


def adapter_named(name: str) -> Adapter | None:
    """The adapter of a name; None for `auto` and for services, whose answers tell; raises InvalidParameter."""
    adapter_ = next((adapter for adapter in adapters() if adapter.name == name), None)
    if adapter_ is None and name not in names():
        raise InvalidParameter("FORMAT", name, f"there are {', '.join(names())}")
    return adapter_


def service_named(name: str) -> Service | None:
    """The service of a name, or None if it names a format."""
    return next((service for service in services() if service.name == name), None)


def adapter_of(content: Content) -> Adapter | None:
    """The adapter that recognises a content, if one does; raises SourceRefused if it is broken or unsafe."""
    return next((adapter for adapter in adapters() if adapter.recognises(content)), None)


def recognised(content: Content) -> Adapter:
    """The adapter of a content; raises SourceRefused if it is of no known format."""
    match = adapter_of(content)
    if match is None:
        formats = ", ".join(sorted(adapter.name for adapter in adapters()))
        raise SourceRefused(content.name, "it is no metadata that is known", f"harvestable are {formats}")
    return match
