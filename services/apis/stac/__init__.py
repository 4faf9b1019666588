"""STAC API 1.0.0 at `/stac`, which serves STAC 1.1.0: datasets as collections, their data at one time as items.

It is separate from the rest of the service, because clients of STAC expect a landing page and collections of its own;
its conformance classes are declared there alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.apis.stac.words import CONFORMANCE

if TYPE_CHECKING:
    from fastapi import APIRouter

    from records.datasets.models import Dataset

__all__ = ["CONFORMANCE", "collection_links", "routers"]


def routers() -> list[APIRouter]:
    """The routers of this package, with full paths."""
    from services.apis.stac import catalog, items  # noqa: PLC0415 - as the other parts

    return [catalog.router, items.router]


def collection_links(dataset: Dataset, base_url: str) -> list[dict[str, Any]]:
    """The link of a collection to its counterpart."""
    href = f"{base_url}/stac/collections/{dataset.id}"
    return [{"rel": "related", "type": "application/json", "title": "The dataset as a STAC collection", "href": href}]
