"""WMTS as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.messages import Messages
from config.vocabulary import XML
from services.apis.wmts.router import router
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset

_TITLES: Final = Messages(
    {
        "service": {"en": "Map tiles of all data as WMTS 1.0.0", "zh": "全部数据的地图切片（WMTS 1.0.0）"},
        "collection": {"en": "Map tiles as WMTS 1.0.0", "zh": "地图切片（WMTS 1.0.0）"},
    }
)
_CAPABILITIES: Final = "1.0.0/WMTSCapabilities.xml"


def _landing_links(base_url: str) -> list[Link]:
    return [link("service-desc", f"{base_url}/wmts/{_CAPABILITIES}", XML, title=_TITLES.phrase("service"))]


def _data_links(dataset: Dataset, base_url: str) -> list[Link]:
    href = f"{base_url}/collections/{dataset.id}/wmts/{_CAPABILITIES}"
    return [link("service-desc", href, XML, title=_TITLES.phrase("collection"))]


def _record_data_links(dataset: Dataset, base_url: str, language: str) -> list[Link]:
    href = f"{base_url}/collections/{dataset.id}/wmts/{_CAPABILITIES}"
    return [{**link("service-desc", href, XML, title=_TITLES.text("collection", language)), "protocol": "OGC:WMTS"}]


PART: Final = Part(
    name="WMTS",
    routers=lambda: [router],
    landing_links=_landing_links,
    data_links=_data_links,
    record_data_links=_record_data_links,
    uncrawled=("/wmts", "/collections/*/wmts"),
)
