"""The API description in Chinese: the texts of the STAC API."""

from __future__ import annotations

from typing import Final

STAC: Final = {
    "The STAC catalogue": "STAC 目录",
    "The landing page of the STAC API: a STAC catalogue of all datasets.": "STAC API 的首页：全部数据集的 STAC 目录。",
    "The conformance classes of STAC": "STAC 的一致性类",
    "The conformance classes of the STAC API.": "STAC API 的一致性类。",
    "The STAC collections": "STAC 集合",
    "The datasets that meet a box and a time, a page at a time, by id.": "与矩形和时间相符的数据集，按标识符分页给出。",
    "Words to find in title, description and keywords; a comma separates alternatives.": (
        "在标题、说明和关键词中检索的词；逗号分隔可选项。"
    ),
    "Only collections that meet this box.": "仅限与此矩形相交的集合。",
    "Only collections that meet this time.": "仅限与此时间相交的集合。",
    "The page, as `next` gives it.": "页，由 `next` 给出。",
    "Properties that items can be filtered by": "可用于过滤条目的属性",
    "The properties of the items of all collections, as JSON Schema.": "全部集合的条目属性，以 JSON Schema 给出。",
    "One STAC collection": "一个 STAC 集合",
    "A dataset with its extent, providers, licence and the common members of its items' files.": (
        "数据集的范围、提供者、许可，及其条目文件的共有成员。"
    ),
    "Properties that the items of a collection can be filtered by": "可用于过滤某集合条目的属性",
    "The properties of the items of a collection, as JSON Schema.": "某集合的条目属性，以 JSON Schema 给出。",
    "Search the items of all collections": "检索全部集合的条目",
    "The items that meet every parameter, the latest first.": "满足全部参数的条目，最近的在前。",
    "Most items of the answer, 10 without it; at most 1000.": "应答中条目的最大个数，缺省时为 10；至多 1000。",
    "Only items that meet this box: west,south,east,north in degrees.": (
        "仅限与此矩形相交的条目：以度为单位的 west,south,east,north。"
    ),
    "Only items that meet this time or interval; .. for an open end.": "仅限与此时间或时段相交的条目；.. 表示不限。",
    "Only items that meet this CQL2 filter.": "仅限满足此 CQL2 过滤条件的条目。",
    "cql2-text or cql2-json.": "cql2-text 或 cql2-json。",
    "CRS of the filter's geometries: CRS84.": "过滤条件中几何的坐标参考系：CRS84。",
    (
        "Properties to sort by, with - before one in descending order: id, collection, datetime, start_datetime, "
        "end_datetime, created, updated, graticule:time, graticule:level, graticule:member, graticule:part."
    ): (
        "排序所依的属性，前加 - 为降序：id、collection、datetime、start_datetime、end_datetime、created、updated、"
        "graticule:time、graticule:level、graticule:member、graticule:part。"
    ),
    "Members to answer, - before one to leave out.": "要应答的成员，前加 - 为略去。",
    "The page, as a `next` or `prev` link gives it.": "页，由 `next` 或 `prev` 链接给出。",
    "Ids of collections.": "集合的标识符。",
    "Ids of items.": "条目的标识符。",
    "A GeoJSON geometry that the items meet.": "与条目相交的 GeoJSON 几何。",
    "A page of items.": "一页条目。",
    "Search the items of all collections by a body": "以请求体检索全部集合的条目",
    "The items that meet every member of the body, the latest first.": "满足请求体全部成员的条目，最近的在前。",
    "The parameters of the search as members; `filter` is CQL2 JSON.": "以成员给出的检索参数；`filter` 为 CQL2 JSON。",
    "The items of a collection": "一个集合的条目",
    "The items of a collection that meet every parameter, the latest first.": (
        "某集合中满足全部参数的条目，最近的在前。"
    ),
    "One item": "一个条目",
    "An item with its files, their checksums, grids and statistics.": "条目及其文件、校验和、格网和统计量。",
    "Id of the item.": "条目的标识符。",
    "The item.": "条目。",
}
