"""The description of `plot`."""

from __future__ import annotations

from typing import Final

from config.vocabulary import PNG, SVG
from services.processes.describing import (
    BOX,
    DATETIME,
    FIELD,
    LANGUAGE,
    TEXT,
    DescribedInput,
    DescribedOutput,
    choice,
    describe,
)

LINE: Final = {"type": "object", "required": ["type", "coordinates"]}
RANGE: Final = {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}}
STYLE_INPUTS: Final = {
    "style": DescribedInput(
        title=("Style", "样式"),
        text=("Of the variable: colours and range; absent: default.", "变量的样式：色带与范围；缺省为 default。"),
        schema=TEXT,
    ),
    "colormap": DescribedInput(
        title=("Colour map", "色带"),
        text=("Name of a colour map, instead of that of the style.", "色带名称，代替样式的色带。"),
        schema=TEXT,
    ),
    "range": DescribedInput(
        title=("Range", "范围"),
        text=("Values of both ends of the colours.", "色带两端的值。"),
        schema=RANGE,
    ),
    "language": LANGUAGE,
}
"""Inputs that say how values are coloured."""
TEXTS: Final = describe(
    "plot",
    ("Plot", "绘图"),
    (
        (
            "A picture of one field: a map with coast and colour bar, a chart over time, a Hovmöller diagram or a "
            "section by depth."
        ),
        "绘制一个场：带海岸线与色标的地图、随时间变化曲线、Hovmöller 图或垂直断面。",
    ),
    inputs={
        "field": DescribedInput(title=("Field", "场"), text=("The variable.", "变量。"), schema=FIELD, needed=True),
        "kind": DescribedInput(
            title=("Kind", "种类"),
            text=(
                (
                    "map: one time; series: the mean of a place over the times; hovmoller: the places of a line, or "
                    "latitudes, longitudes or levels, over the times; section: depth over distance at one time."
                ),
                "map 单时次地图；series 平均随时间；hovmoller 沿线、纬度、经度或层随时间；section 断面（深度—距离）。",
            ),
            schema=choice("map", "series", "hovmoller", "section"),
            needed=True,
        ),
        "datetime": DATETIME,
        "bbox": DescribedInput(
            title=("Bounding box", "边界框"),
            text=(
                "West, south, east, north in degrees: of a map, and an area for series and hovmoller.",
                "西、南、东、北（度）：地图范围，或 series、hovmoller 的区域。",
            ),
            schema=BOX,
        ),
        "section": DescribedInput(
            title=("Section", "断面"),
            text=("GeoJSON LineString in longitude and latitude.", "GeoJSON LineString（经纬度）。"),
            schema=LINE,
        ),
        "position": DescribedInput(
            title=("Position", "位置"),
            text=(
                "Longitude and latitude: for series, and for hovmoller of the levels there.",
                "经纬度：用于 series，或该处各层的 hovmoller。",
            ),
            schema=RANGE,
        ),
        "along": DescribedInput(
            title=("Along", "沿"),
            text=(
                "Axis of a hovmoller of a bbox: latitude (the default) or longitude; the mean is taken over the other.",
                "区域 hovmoller 的坐标轴：latitude（缺省）或 longitude；另一方向取平均。",
            ),
            schema=choice("latitude", "longitude"),
        ),
        **STYLE_INPUTS,
        "title": DescribedInput(
            title=("Title", "标题"), text=("Above the picture.", "图题。"), schema=TEXT
        ),
    },
    outputs={
        "picture": DescribedOutput(
            title=("Picture", "图"),
            text=("PNG, or SVG.", "PNG 或 SVG。"),
            schema={
                "oneOf": [
                    {"type": "string", "contentMediaType": PNG, "contentEncoding": "base64"},
                    {"type": "string", "contentMediaType": SVG},
                ]
            },
        ),
    },
    keywords=("plot", "map", "Hovmöller", "绘图", "地图"),
)  # fmt: skip
