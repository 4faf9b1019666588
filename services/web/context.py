"""The context of every request: settings, catalogue and store, created by the lifespan of the application."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Request

from config.settings import Settings
from records.datasets.catalogue import Catalogue
from records.documents.data_links import DataLinker, no_data_links
from services.web.base_url import base_of
from services.web.dependencies import inline

if TYPE_CHECKING:
    from records.datasets.models import Asset


@dataclass(frozen=True, kw_only=True)
class Context:
    """The application's parts."""

    settings: Settings
    catalogue: Catalogue
    store: Path
    """Folder of the COG assets."""
    link_data: DataLinker = no_data_links
    """Links records to the services over their data: those of the application's parts."""

    def at(self, base_url: str) -> Context:
        """The same parts for answers whose links begin with another base URL."""
        return self if base_url == self.settings.base_url else replace(self, settings=self.settings.at(base_url))

    def asset_path(self, asset: Asset) -> str:
        """Path at which GDAL opens an asset."""
        return f"{self.store}/{asset.href}"


def get_context(request: Request) -> Context:
    """The context of the application that serves a request, with the base URL of the links in its answer."""
    context = cast("Context", request.app.state.context)
    return context.at(base_of(request.scope, context.settings))


ContextDep = Annotated[Context, inline(get_context)]
