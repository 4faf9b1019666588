"""The files that open a dataset in a program, as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.messages import Messages
from config.vocabulary import JSON
from services.apis.clients.router import QLR, router
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset

_TITLES: Final = Messages(
    {
        "qgis": {"en": "Open in QGIS (layers with style and time)", "zh": "在 QGIS 中打开（含样式和时间的图层）"},
        "terria": {"en": "Catalogue file for TerriaJS", "zh": "TerriaJS 目录文件"},
        "arcgis": {"en": "Web map for ArcGIS", "zh": "ArcGIS 网络地图"},
    }
)


def _links(dataset: Dataset, base_url: str) -> list[Link]:
    here = f"{base_url}/collections/{dataset.id}/open"
    return [
        link("related", f"{here}/qgis.qlr", QLR, title=_TITLES.phrase("qgis")),
        link("related", f"{here}/terria.json", JSON, title=_TITLES.phrase("terria")),
        link("related", f"{here}/arcgis.json", JSON, title=_TITLES.phrase("arcgis")),
    ]


PART: Final = Part(name="Desktops", routers=lambda: [router], data_links=_links, uncrawled=("/collections/*/open/",))
