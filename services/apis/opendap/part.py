"""OPeNDAP and ERDDAP's griddap as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.apis.opendap import routes
from services.apis.opendap.griddap import routes as griddap
from services.apis.opendap.titles import TITLES
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset


def _data_links(dataset: Dataset, base_url: str) -> list[Link]:
    return [link("service", f"{base_url}/dap/{dataset.id}", title=TITLES.phrase("dap"))]


def _record_data_links(dataset: Dataset, base_url: str, _language: str) -> list[Link]:
    return _data_links(dataset, base_url)


PART: Final = Part(
    name="OPeNDAP",
    routers=lambda: [routes.router, routes.pages, griddap.lists, griddap.router],
    data_links=_data_links,
    record_data_links=_record_data_links,
    uncrawled=("/dap/", "/erddap/"),
)
