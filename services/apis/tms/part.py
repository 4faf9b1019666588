"""TMS as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.messages import Messages
from config.vocabulary import XML
from services.apis.tms.documents import VERSION
from services.apis.tms.router import router
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset

_TITLES: Final = Messages(
    {
        "service": {"en": "Map tiles of all data as TMS 1.0.0", "zh": "全部数据的地图切片（TMS 1.0.0）"},
        "map": {"en": "Map tiles as TMS 1.0.0", "zh": "地图切片（TMS 1.0.0）"},
    }
)


def _landing_links(base_url: str) -> list[Link]:
    return [link("service-desc", f"{base_url}/tms/{VERSION}", XML, title=_TITLES.phrase("service"))]


def _data_links(dataset: Dataset, base_url: str) -> list[Link]:
    href = f"{base_url}/tms/{VERSION}/{dataset.id}.{dataset.variables[0].id}"
    return [link("service-desc", href, XML, title=_TITLES.phrase("map"))]


PART: Final = Part(
    name="TMS",
    routers=lambda: [router],
    landing_links=_landing_links,
    data_links=_data_links,
    uncrawled=("/tms/",),
)
"""Tile Map Service 1.0.0."""
