"""OGC API Maps as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.vocabulary import PNG
from services.apis.maps.maps import router
from services.web.documents.titles import TITLES
from services.web.links import Link, ogc_links
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset

_CLASSES = (
    "core",
    "collection-map",
    "styled-map",
    "spatial-subsetting",
    "scaling",
    "datetime",
    "crs",
    "png",
    "jpeg",
)


def _links(dataset: Dataset, base_url: str) -> list[Link]:
    """The map in the format that the client accepts best."""
    return ogc_links("map", f"{base_url}/collections/{dataset.id}/map", PNG, title=TITLES.phrase("map"))


PART: Final = Part(
    name="OGC API Maps",
    routers=lambda: [router],
    conformance=tuple(f"https://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/{name}" for name in _CLASSES),
    data_links=_links,
    uncrawled=("/collections/*/map",),
)
