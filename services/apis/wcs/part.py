"""WCS as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.messages import Messages
from config.vocabulary import XML
from services.apis.wcs.router import router
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset

_TITLES: Final = Messages(
    {
        "service": {"en": "Coverages of all data as WCS 2.0.1", "zh": "全部数据的覆盖（WCS 2.0.1）"},
        "collection": {"en": "Coverages as WCS 2.0.1", "zh": "覆盖（WCS 2.0.1）"},
    }
)
_QUERY: Final = "service=WCS&acceptversions=2.0.1&request=GetCapabilities"


def _landing_links(base_url: str) -> list[Link]:
    return [link("service-desc", f"{base_url}/wcs?{_QUERY}", XML, title=_TITLES.phrase("service"))]


def _data_links(dataset: Dataset, base_url: str) -> list[Link]:
    href = f"{base_url}/collections/{dataset.id}/wcs?{_QUERY}"
    return [link("service-desc", href, XML, title=_TITLES.phrase("collection"))]


def _record_data_links(dataset: Dataset, base_url: str, language: str) -> list[Link]:
    href = f"{base_url}/collections/{dataset.id}/wcs?{_QUERY}"
    return [{**link("service-desc", href, XML, title=_TITLES.text("collection", language)), "protocol": "OGC:WCS"}]


PART: Final = Part(
    name="WCS",
    routers=lambda: [router],
    landing_links=_landing_links,
    data_links=_data_links,
    record_data_links=_record_data_links,
    uncrawled=("/wcs", "/collections/*/wcs"),
)
