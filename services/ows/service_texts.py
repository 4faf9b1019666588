"""Sections that the capabilities of every service have in common: what the service is, and who offers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.ows.faults import invalid
from services.ows.markup import element, leaf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.settings import Settings
    from services.ows.layer_catalogue import LayerList
    from services.web.context import Context


def identification(settings: Settings, service: str, versions: Iterable[str], *, note: str = "", tail: str = "") -> str:
    """ows:ServiceIdentification.

    Args:
        settings: Of the application.
        service: `ServiceType`.
        versions: Versions that the service speaks.
        note: A sentence for clients, after the description.
        tail: Elements that stand between versions and fees, such as ows:Profile.
    """
    abstract = " ".join(part for part in (settings.server.description, note) if part)
    return element(
        "ows:ServiceIdentification",
        leaf("ows:Title", settings.server.title)
        + (leaf("ows:Abstract", abstract) if abstract else "")
        + leaf("ows:ServiceType", service)
        + "".join(leaf("ows:ServiceTypeVersion", version) for version in versions)
        + tail
        + leaf("ows:Fees", "NONE")
        + leaf("ows:AccessConstraints", "NONE"),
    )


def provider(settings: Settings) -> str:
    """ows:ServiceProvider."""
    address = ""
    if settings.server.contact:
        address = element("ows:Address", leaf("ows:ElectronicMailAddress", settings.server.contact))
    contact = element("ows:ContactInfo", address) if address else ""
    return element(
        "ows:ServiceProvider",
        leaf("ows:ProviderName", settings.server.title)
        + element("ows:ProviderSite", attributes={"xlink:href": f"{settings.base_url}/"})
        + element("ows:ServiceContact", contact),
    )


def listed(context: Context, layers: Any, theme: str | None) -> LayerList:
    """The datasets of a document; raises OwsFault for an unknown theme, or for one of too many layers.

    Args:
        context: Of the application.
        layers: Its `LayerCatalogue`.
        theme: The theme of the request; None: all.
    """
    contents: LayerList = layers.layer_list(context, theme=theme)
    limit = context.settings.limit.map_layers
    if theme is None:
        return contents
    if not contents.entries:
        raise invalid("theme", theme, "no dataset has this theme; the capabilities without theme= list the themes")
    if contents.layers > limit:
        raise invalid(
            "theme",
            theme,
            f"it has {contents.layers} layers, the limit is {limit}; use /collections/{{id}} of a dataset",
        )
    return contents
