"""Titles of links in other languages than English, in which the parts of the service write them.

A title with something of its own in it, such as the id of a variable, is a pattern whose `{}` are kept.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

ZH: Final = {
    "Collections": "数据集",
    "Conformance": "一致性",
    "Conformance classes": "一致性类",
    "Coverage as {}": "{} 格式的覆盖数据",
    "Coverage of {} as {}": "{1} 格式的覆盖数据",
    "Domain set": "定义域",
    "Every record, as lines of JSON": "全部记录（每行一个 JSON）",
    "Every operation, for people": "全部操作（网页）",
    "Execute (POST)": "执行（POST）",
    "Facets": "分面",
    "Granules, with their files": "数据粒及其文件",
    "Its map tiles": "地图瓦片",
    "Its values": "数据值",
    "Jobs": "作业",
    "Latest file of {}": "{} 的最新文件",
    "Latest file of {}, {}": "{} 的最新文件（{}）",
    "Legend": "图例",
    "Legend as {}": "{} 格式的图例",
    "Map": "地图",
    "Map as {}": "{} 格式的地图",
    "Map tilesets": "地图瓦片集",
    "Metadata catalogue": "元数据目录",
    "Metadata catalogue as CSW 2.0.2": "元数据目录（CSW 2.0.2）",
    "Metadata catalogue as OAI-PMH 2.0": "元数据目录（OAI-PMH 2.0）",
    "Metadata record": "元数据记录",
    "Next page": "下一页",
    "OpenAPI 3.0 document": "OpenAPI 3.0 文档",
    "Previous page": "上一页",
    "Processes": "处理",
    "Profile": "遵循的规范",
    "Properties": "属性",
    "Queryables": "可查询属性",
    "Range type": "值域类型",
    "Records": "记录",
    "Records as a page": "记录（网页）",
    "Results of the job": "作业结果",
    "STAC catalogue": "STAC 目录",
    "Schema of the variables": "变量的模式",
    "Sortables": "可排序属性",
    "Status of the job": "作业状态",
    "Styles": "样式",
    "The catalogue": "目录",
    "The catalogue as a page": "目录（网页）",
    "The dataset as a STAC collection": "数据集（STAC 集合）",
    "The dataset as a collection": "数据集（集合）",
    "This description": "本说明",
    "This document": "本文档",
    "This document as a page": "本文档（网页）",
    "This page": "本页",
    "This page for people": "本页（网页）",
    "This record": "本记录",
    "This record as {}": "本记录（{}）",
    "This record as a page": "本记录（网页）",
    "Tile matrix set": "瓦片矩阵集",
    "Tile matrix sets": "瓦片矩阵集",
    "TileJSON of {}": "{} 的 TileJSON",
    "Tiles as {}": "{} 格式的瓦片",
    "Tiles of {}": "{} 的瓦片",
}

BY_RELATION: Final = {
    "self": "This document",
    "alternate": "This document as a page",
    "next": "Next page",
    "prev": "Previous page",
    "parent": "Collections",
    "legend": "Legend",
    "map": "Map",
    "profile": "Profile",
    "tiling-scheme": "Tile matrix set",
    "tilesets-map": "Map tilesets",
    "items": "Records",
    "results": "Results of the job",
}
"""Titles of links that have none."""


def translated(title: str, language: str) -> str:
    """A title in a language; as it is where nobody has translated it."""
    if language != "zh":
        return title
    if title in ZH:
        return ZH[title]
    for pattern, text in _patterns():
        match = pattern.fullmatch(title)
        if match:
            return text.format(*match.groups())
    return title


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those with the most of their own words first: `Latest file of {}, {}` before `Latest file of {}`."""
    found = sorted((key for key in ZH if "{}" in key), key=len, reverse=True)
    return tuple((re.compile(re.escape(key).replace(r"\{\}", "(.+?)")), ZH[key]) for key in found)


def title_of(link: dict[str, Any], language: str) -> str:
    """What a page calls a link: its title, else that of its relation, else where it leads."""
    relation = str(link.get("rel", "")).rsplit("/", 1)[-1]
    title = link.get("title") or BY_RELATION.get(relation)
    return translated(title, language) if isinstance(title, str) else str(link["href"])


def in_language(links: Iterable[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """The links with their titles in a language."""
    return [
        link | {"title": translated(link["title"], language)} if isinstance(link.get("title"), str) else link
        for link in links
    ]
