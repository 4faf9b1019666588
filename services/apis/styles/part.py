"""Styles and legends as a part of the service (OGC API Styles, 20-009)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.vocabulary import REL
from services.apis.styles import catalogue, saving, style_files, styles
from services.apis.styles.titles import TITLES
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset

_CLASSES: Final = ("core", "json", "mapbox-style", "sld-10", "sld-11")


def _landing_links(base_url: str) -> list[Link]:
    return [link(f"{REL}styles", f"{base_url}/styles", title=TITLES.phrase("all_styles"))]


def _links(dataset: Dataset, base_url: str) -> list[Link]:
    return [link(f"{REL}styles", f"{base_url}/collections/{dataset.id}/styles", title=TITLES.phrase("styles"))]


PART: Final = Part(
    name="Styles",
    routers=lambda: [styles.router, saving.router, style_files.router, catalogue.router],
    conformance=tuple(f"http://www.opengis.net/spec/ogcapi-styles-1/1.0/conf/{name}" for name in _CLASSES),
    landing_links=_landing_links,
    data_links=_links,
)
