"""Notebooks as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.apis.notebooks import routes
from services.apis.notebooks.cells import JUPYTER
from services.apis.notebooks.titles import TITLES
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset


def _data_links(dataset: Dataset, base_url: str) -> list[Link]:
    href = f"{base_url}/collections/{dataset.id}/notebook"
    return [link("help", href, JUPYTER, title=TITLES.phrase("notebook"))] if dataset.variables else []


PART: Final = Part(name="Notebooks", routers=lambda: [routes.router], data_links=_data_links)
