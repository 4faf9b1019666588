"""The adapters, in the order in which they are asked whether a content is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import InvalidParameter, SourceRefused
from records.harvest.datacite import DataCite
from records.harvest.dcat import Dcat
from records.harvest.iso import Iso
from records.harvest.ncdc import Ncdc
from records.harvest.ogc_records import OgcRecords
from records.harvest.schemaorg import SchemaOrg
from records.harvest.stac import Stac

if TYPE_CHECKING:
    from records.harvest.content import Content
    from records.harvest.protocol import Adapter

AUTO = "auto"
"""In place of an adapter's name: whichever recognises the content."""


def adapters() -> tuple[Adapter, ...]:
    """Every adapter; the one whose marks are plainest comes first."""
    return Ncdc(), Iso(), DataCite(), Stac(), OgcRecords(), Dcat(), SchemaOrg()


def names() -> list[str]:
    """What may name an adapter."""
    return [AUTO, *sorted(adapter.name for adapter in adapters())]


def adapter_named(name: str) -> Adapter | None:
    """The adapter of a name, or None for `auto`; raises InvalidParameter."""
    if name == AUTO:
        return None
    found = next((adapter for adapter in adapters() if adapter.name == name), None)
    if found is None:
        raise InvalidParameter("FORMAT", name, f"there are {', '.join(names())}")
    return found


def adapter_of(content: Content) -> Adapter | None:
    """The adapter that recognises a content, if one does; raises SourceRefused if it is broken or unsafe."""
    return next((adapter for adapter in adapters() if adapter.recognises(content)), None)


def recognised(content: Content) -> Adapter:
    """The adapter of a content; raises SourceRefused if it is of no known format."""
    found = adapter_of(content)
    if found is None:
        known = ", ".join(names()[1:])
        raise SourceRefused(content.name, "it is no metadata that is known", f"harvestable are {known}")
    return found
