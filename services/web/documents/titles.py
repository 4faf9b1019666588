"""Titles of the links that documents of several standards have."""

from __future__ import annotations

from typing import Any, Final

from config.messages import Messages, in_language

TITLES: Final = Messages(
    {
        "collection": {"en": "The dataset as a collection", "zh": "数据集（集合）"},
        "collections": {"en": "Collections", "zh": "数据集"},
        "layer_map": {"en": "A map of several layers", "zh": "多图层地图"},
        "conformance": {"en": "Conformance", "zh": "一致性"},
        "conformance_classes": {"en": "Conformance classes", "zh": "一致性类"},
        "document": {"en": "This document", "zh": "本文档"},
        "document_page": {"en": "This document as a page", "zh": "本文档（网页）"},
        "guides": {"en": "Guides", "zh": "使用指南"},
        "job": {"en": "Status of the job", "zh": "作业状态"},
        "legend": {"en": "Legend", "zh": "图例"},
        "map": {"en": "Map", "zh": "地图"},
        "map_tilesets": {"en": "Map tilesets", "zh": "地图瓦片集"},
        "next_page": {"en": "Next page", "zh": "下一页"},
        "openapi": {"en": "OpenAPI 3.0 document", "zh": "OpenAPI 3.0 文档"},
        "openapi_page": {"en": "Every operation, for people", "zh": "全部操作（网页）"},
        "previous_page": {"en": "Previous page", "zh": "上一页"},
        "profile": {"en": "Profile", "zh": "遵循的规范"},
        "record": {"en": "Metadata record", "zh": "元数据记录"},
        "records": {"en": "Records", "zh": "记录"},
        "results": {"en": "Results of the job", "zh": "作业结果"},
        "source_file": {"en": "Original file", "zh": "原始文件"},
        "tile_matrix_set": {"en": "Tile matrix set", "zh": "瓦片矩阵集"},
        "tilejson": {"en": "TileJSON of {name}", "zh": "{name} 的 TileJSON"},
    }
)

_BY_RELATION: Final = {
    "self": "document",
    "alternate": "document_page",
    "next": "next_page",
    "prev": "previous_page",
    "parent": "collections",
    "legend": "legend",
    "map": "map",
    "profile": "profile",
    "tiling-scheme": "tile_matrix_set",
    "tilesets-map": "map_tilesets",
    "items": "records",
    "results": "results",
}
"""Titles, by the last word of their relation, of links that have none."""


def title_of(link: dict[str, Any], language: str) -> str:
    """Return what a page calls a link: its title, else the title of its relation, else its target."""
    title = link.get("title")
    if isinstance(title, str) and title:
        return in_language(title, language)
    key = _BY_RELATION.get(str(link.get("rel", "")).rsplit("/", 1)[-1])
    return TITLES.text(key, language) if key else str(link["href"])
