"""The API description in Chinese.

Routes say in English what they do where the framework reads it, so an English sentence is the key of its translation:
what is said once is translated once, and a sentence that changes has none until it is translated anew, which a test
tells. Schemas of components stay English: most are those of the packages that draw tiles.
"""

from __future__ import annotations

from collections import ChainMap
from typing import Any, Final

from services.front.description.words.arrays import ARRAYS
from services.front.description.words.catalogue_services import CATALOGUE_SERVICES
from services.front.description.words.coverages import COVERAGES
from services.front.description.words.files import FILES
from services.front.description.words.maps import MAPS
from services.front.description.words.parameters import PARAMETERS
from services.front.description.words.processes import PROCESSES
from services.front.description.words.records import RECORDS
from services.front.description.words.shared import SHARED
from services.front.description.words.stac import STAC
from services.front.description.words.styles import STYLES
from services.front.description.words.titiler import TITILER
from services.front.description.words.values import VALUES
from services.front.description.words.web_services import WEB_SERVICES

TEXTS: Final = ChainMap(
    SHARED, RECORDS, CATALOGUE_SERVICES, PROCESSES, COVERAGES, MAPS, TITILER, WEB_SERVICES, STYLES, VALUES, ARRAYS,
    FILES, STAC, dict(PARAMETERS.values()),
)  # fmt: skip
"""Chinese by English, whose white space is one blank."""

TAGS: Final = {
    "Capabilities": "服务说明",
    "Health": "运行状态",
    "Maps": "地图",
    "Collections": "数据集",
    "Records": "元数据记录",
    "Catalogue services": "目录服务",
    "Processes": "处理",
    "Coverages": "覆盖数据",
    "Tiles": "瓦片",
    "Values": "数值",
    "titiler": "titiler",
    "Desktops": "桌面软件",
    "Web services": "网络服务",
    "Styles": "样式",
    "Regions": "区域",
    "EDR": "EDR",
    "OPeNDAP": "OPeNDAP",
    "ERDDAP": "ERDDAP",
    "Zarr": "Zarr",
    "Files": "文件",
    "STAC": "STAC",
}
"""Names of the groups of operations."""

_LITERALS: Final = frozenset({"example", "examples", "enum"})


def in_chinese(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document with Chinese summaries, descriptions and tags; what has no translation stays as it is."""
    tags = [{**tag, "name": TAGS.get(tag["name"], tag["name"])} for tag in document["tags"]]
    return {**document, "info": _translated(document["info"]), "paths": _translated(document["paths"]), "tags": tags}


def texts(node: Any) -> list[str]:
    """Every summary and description in a part of an OpenAPI document, its white space as the keys have it."""
    if isinstance(node, list):
        return [text for member in node for text in texts(member)]
    if not isinstance(node, dict):
        return []
    own = [" ".join(value.split()) for key, value in node.items() if _is_text(key, value)]
    return own + [text for key, value in node.items() if key not in _LITERALS for text in texts(value)]


def _translated(node: Any) -> Any:
    if isinstance(node, list):
        return [_translated(member) for member in node]
    if not isinstance(node, dict):
        return node
    return {key: _member(key, value) for key, value in node.items()}


def _member(key: str, value: Any) -> Any:
    if key in _LITERALS:
        return value
    if _is_text(key, value):
        return TEXTS.get(" ".join(value.split()), value)
    if key == "tags" and all(isinstance(tag, str) for tag in value):
        return [TAGS.get(tag, tag) for tag in value]
    return _translated(value)


def _is_text(key: str, value: Any) -> bool:
    return key in {"summary", "description"} and isinstance(value, str)
