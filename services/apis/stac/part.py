"""STAC as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.apis.stac import catalog, items
from services.apis.stac.titles import TITLES
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset


def _landing_links(base_url: str) -> list[Link]:
    return [link("related", f"{base_url}/stac", title=TITLES.phrase("catalogue"))]


def _collection_links(dataset: Dataset, base_url: str) -> list[Link]:
    href = f"{base_url}/stac/collections/{dataset.id}"
    return [link("related", href, title=TITLES.phrase("collection"))]


PART: Final = Part(
    name="STAC",
    routers=lambda: [catalog.router, items.searches, items.router],
    landing_links=_landing_links,
    collection_links=_collection_links,
    record_links=lambda dataset, base_url, _language: _collection_links(dataset, base_url),
)
