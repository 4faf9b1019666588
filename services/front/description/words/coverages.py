"""The API description in Chinese: the texts of OGC API Coverages."""

from __future__ import annotations

from typing import Final

COVERAGES: Final = {
    "The coverage, or a subset of it": "覆盖数据或其子集",
    "The stored cells of a collection, by region, time and variable, as GeoTIFF or NetCDF-4.": (
        "数据集中存储的像元，按区域、时间和变量选取，以 GeoTIFF 或 NetCDF-4 给出。"
    ),
    (
        "west,south,east,north in degrees (CRS84), or as bbox-crs says; west > east crosses the antimeridian. Takes "
        "every whole cell that the box meets."
    ): (
        "以度为单位的 west,south,east,north（CRS84），或如 bbox-crs 所述；west > east 表示跨越 180 度经线。取矩形触及的"
        "每个完整像元。"
    ),
    "CRS of bbox, in whose axis order its numbers are.": "bbox 的坐标参考系，数值按其轴序。",
    (
        "Intervals by axis: Lat, Lon in degrees; x, y or E, N in the CRS of the grid, or in subset-crs; time in "
        "quotation marks; levels by the name of their axis or by level; members of an ensemble by member. An asterisk "
        "is an open end."
    ): (
        "各轴的区间：Lat、Lon 以度为单位；x、y 或 E、N 属于格网的坐标参考系或 subset-crs；time 加引号；层次以其轴名或 "
        "level 给出；集合成员以 member 给出。星号表示不限。"
    ),
    "CRS of the coordinates in subset.": "subset 中坐标的坐标参考系。",
    "A time or an interval; a GeoTIFF holds one time, by default the latest.": (
        "时间或时段；一个 GeoTIFF 只含一个时次，默认为最近一个。"
    ),
    "One of the sheets that a time is cut into; absent: all of them as one.": (
        "一个时次所分图幅中的一幅；缺省时合并全部。"
    ),
    "Variables, joined by commas; by default the first.": "变量，以逗号分隔；默认为第一个。",
    "Variables to leave out; empty: all are answered.": "要略去的变量；空值表示应答全部变量。",
    "The format; wins over Accept. Default: GeoTIFF.": "格式；优先于 Accept。默认为 GeoTIFF。",
    "CRS of the answer: CRS84 or any horizontal one of EPSG.": "应答的坐标参考系：CRS84 或 EPSG 的任一水平坐标参考系。",
    "How other cells than the stored ones are made.": "非原始像元的生成方法。",
    "Cells of the answer by axis. Also written scaleSize.": "应答在各轴上的像元数。也可写作 scaleSize。",
    "How many times fewer cells on each axis. Also written scaleFactor.": (
        "各轴像元数缩小的倍数。也可写作 scaleFactor。"
    ),
    "How many times fewer cells, by axis.": "按轴给出的像元数缩小倍数。",
    "Size of a cell, by axis of the answer's CRS.": "像元大小，按应答坐标参考系的轴给出。",
    "Columns of the answer.": "应答的列数。",
    "Rows of the answer.": "应答的行数。",
    "The coverage.": "覆盖数据。",
    "The data are not served.": "不提供该数据。",
    (
        "No such collection, a region outside the data, or not exactly one time, level or member for a format that "
        "holds one."
    ): "没有此数据集，区域在数据之外，或所求格式只能容纳一个时次、层次或成员而请求并非恰好一个。",
    "The answer would be too large; the message says how to ask for less.": "应答过大；消息说明如何缩小请求。",
    "JSON schema of the collection's variables": "数据集变量的 JSON Schema",
    "The variables with their units and classes (OGC API Common Part 3, returnables).": (
        "各变量及其单位和类别（OGC API Common 第 3 部分，returnables）。"
    ),
    "Domain set of the coverage (earlier drafts)": "覆盖的定义域（早期草案）",
    "The grid of the coverage as a CIS domain set.": "以 CIS 定义域给出的覆盖格网。",
    "Range type of the coverage (earlier drafts)": "覆盖的值域类型（早期草案）",
    "The bands of the coverage as a SWE data record.": "以 SWE 数据记录给出的覆盖波段。",
    "The CRS of the first variable as WKT": "第一个变量的坐标参考系（WKT）",
    "The CRS of the first variable's grid as WKT 2 (ISO 19162).": (
        "第一个变量格网的坐标参考系，以 WKT 2（ISO 19162）给出。"
    ),
    "A CRS of the coverage that no register names, as WKT": "未登记的覆盖坐标参考系（WKT）",
    "The CRS that a URI of this service names, as WKT 2 (ISO 19162).": (
        "本服务的 URI 所指的坐标参考系，以 WKT 2（ISO 19162）给出。"
    ),
    "As it stands in the URI of the CRS.": "与坐标参考系 URI 中所写的相同。",
}
