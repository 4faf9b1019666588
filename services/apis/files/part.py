"""The files as a part of the service."""

from __future__ import annotations

from typing import Final

from records.datasets.assets.file_links import file_links
from services.apis.files import assets, granules, lists, tables
from services.web.part import Part

PART: Final = Part(
    name="Files",
    routers=lambda: [assets.router, granules.router, lists.router, tables.router],
    data_links=file_links,
    record_data_links=lambda dataset, base_url, _language: file_links(dataset, base_url),
    uncrawled=("/assets/", "/tables/"),
)
