"""Styles and legends as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.vocabulary import REL
from services.apis.styles import saving, style_files
from services.apis.styles.styles import router
from services.apis.styles.titles import TITLES
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset


def _links(dataset: Dataset, base_url: str) -> list[Link]:
    return [link(f"{REL}styles", f"{base_url}/collections/{dataset.id}/styles", title=TITLES.phrase("styles"))]


PART: Final = Part(name="Styles", routers=lambda: [router, saving.router, style_files.router], data_links=_links)
