"""The description of `section-transport`."""

from __future__ import annotations

from typing import Final

from config.vocabulary import CSV, JSON
from services.processes.describing import (
    DATETIME,
    FIELD_OR_NUMBER,
    LANGUAGE,
    NUMBER,
    DescribedInput,
    DescribedOutput,
    choice,
    describe,
    plot_output,
)

_LINE: Final = {"type": "object", "required": ["type", "coordinates"]}
TEXTS: Final = describe(
    "section-transport",
    ("Section transport", "断面输运"),
    (
        "The transport of carbon across a line: concentration times velocity across it, over length and depth.",
        "碳穿过断面的输运：浓度乘以穿过断面的流速，沿长度与深度求和，逐时次给出。",
    ),
    inputs={
        "concentration": DescribedInput(
            title=("Concentration", "浓度"),
            text=(
                "mmol m-3; umol kg-1 is taken with density, and a mass as carbon.",
                "mmol m-3；umol kg-1 按 density 换算，质量浓度按碳换算。",
            ),
            schema=FIELD_OR_NUMBER,
            needed=True,
        ),
        "u": DescribedInput(
            title=("Eastward velocity", "东向流速"), text=("m/s, on cell centres.", "米每秒，位于格元中心。"),
            schema=FIELD_OR_NUMBER, needed=True,
        ),
        "v": DescribedInput(
            title=("Northward velocity", "北向流速"), text=("m/s, on cell centres.", "米每秒，位于格元中心。"),
            schema=FIELD_OR_NUMBER, needed=True,
        ),
        "section": DescribedInput(
            title=("Section", "断面"),
            text=(
                "GeoJSON LineString in longitude and latitude; a positive transport goes to its right.",
                "GeoJSON LineString（经纬度）；向其右侧的输运为正。",
            ),
            schema=_LINE,
            needed=True,
        ),
        "depth": DescribedInput(
            title=("Depth", "深度"),
            text=("Metres of water, where no field has levels.", "各场均无垂直层时的水深（米）。"),
            schema={"type": "number", "minimum": 0.001, "maximum": 12_000},
        ),
        "z_min": DescribedInput(title=("From", "自"), text=("Depth, metres.", "深度，米。"), schema=NUMBER),
        "z_max": DescribedInput(title=("To", "至"), text=("Depth, metres.", "深度，米。"), schema=NUMBER),
        "density": DescribedInput(
            title=("Density", "密度"),
            text=("Of the water, kg m-3, for umol kg-1; absent: 1025.", "海水密度，kg m-3；缺省为 1025。"),
            schema={"type": "number", "minimum": 900, "maximum": 1200},
        ),
        "sampling": DescribedInput(
            title=("Sampling", "取值"),
            text=("nearest (the default) or bilinear.", "nearest（缺省）或 bilinear。"),
            schema=choice("nearest", "bilinear"),
        ),
        "step_m": DescribedInput(
            title=("Step", "步长"),
            text=("Length of a piece, metres; absent: a quarter of a cell.", "分段长度（米）；缺省为四分之一格元。"),
            schema={"type": "number", "minimum": 1, "maximum": 1_000_000},
        ),
        "region": DescribedInput(
            title=("Region", "区域"),
            text=(
                "GeoJSON Polygon on one side of the line: the transport into it is answered too.",
                "断面一侧的 GeoJSON 多边形：同时给出流入该区域的输运。",
            ),
            schema=_LINE,
        ),
        "datetime": DATETIME,
        "language": LANGUAGE,
    },
    outputs={
        "transport": DescribedOutput(
            title=("Transport", "输运"),
            text=("Per time and as a mean, Tg C a year.", "逐时次与平均，Tg C 每年。"),
            schema={
                "oneOf": [
                    {"type": "object", "contentMediaType": JSON},
                    {"type": "string", "contentMediaType": CSV},
                ]
            },
        ),
        "plot": plot_output(
            "Mean flux density of carbon across the line by distance and depth; drawn where it is asked for by name.",
            "穿过断面的平均碳通量密度（距离—深度）；按名请求时绘制。",
        ),
    },
    keywords=("transport", "section", "断面", "输运"),
)  # fmt: skip
