"""Live Zarr as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.vocabulary import HTML, JSON
from services.apis.zarr import routes
from services.apis.zarr.titles import TITLES
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset


def _data_links(dataset: Dataset, base_url: str) -> list[Link]:
    here = f"{base_url}/collections/{dataset.id}"
    return [
        link("service", f"{here}/zarr", HTML, title=TITLES.phrase("zarr")),
        link("related", f"{here}/references.json", JSON, title=TITLES.phrase("references")),
    ]


def _record_data_links(dataset: Dataset, base_url: str, _language: str) -> list[Link]:
    return _data_links(dataset, base_url)


PART: Final = Part(
    name="Zarr",
    routers=lambda: [routes.router],
    data_links=_data_links,
    record_data_links=_record_data_links,
    uncrawled=("/collections/*/zarr", "/collections/*/references.json"),
)
