"""WMS as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.messages import Messages
from services.apis.wms.capabilities import MEDIA_TYPES
from services.apis.wms.router import router
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset

_TITLES: Final = Messages(
    {
        "service": {"en": "Maps of all data as WMS 1.3.0", "zh": "全部数据的地图（WMS 1.3.0）"},
        "collection": {"en": "Maps as WMS 1.3.0", "zh": "地图（WMS 1.3.0）"},
    }
)
_QUERY: Final = "service=WMS&version=1.3.0&request=GetCapabilities"


def _landing_links(base_url: str) -> list[Link]:
    return [link("service-desc", f"{base_url}/wms?{_QUERY}", MEDIA_TYPES["1.3.0"], title=_TITLES.phrase("service"))]


def _data_links(dataset: Dataset, base_url: str) -> list[Link]:
    href = f"{base_url}/collections/{dataset.id}/wms?{_QUERY}"
    return [link("service-desc", href, MEDIA_TYPES["1.3.0"], title=_TITLES.phrase("collection"))]


def _record_data_links(dataset: Dataset, base_url: str, language: str) -> list[Link]:
    href = f"{base_url}/collections/{dataset.id}/wms?{_QUERY}"
    return [
        {
            **link("service-desc", href, MEDIA_TYPES["1.3.0"], title=_TITLES.text("collection", language)),
            "protocol": "OGC:WMS",
        }
    ]


PART: Final = Part(
    name="WMS",
    routers=lambda: [router],
    landing_links=_landing_links,
    data_links=_data_links,
    record_data_links=_record_data_links,
    uncrawled=("/wms", "/collections/*/wms"),
)
