"""How `time-series` describes itself."""

from __future__ import annotations

from typing import Final

from config.vocabulary import CSV, JSON
from services.processes.describing import (
    FIELD,
    LANGUAGE,
    PERIOD_OF_TIMES,
    POLYGONS,
    DescribedInput,
    DescribedOutput,
    choices,
    describe,
    plot_output,
)
from services.processes.tables.description import PUBLISHED, TABLE_PUBLICATION

_STATISTICS: Final = ("mean", "min", "max", "stdev", "median", "sum", "valid_fraction")
_MOST_POINTS: Final = 100
_POINTS: Final = {
    "type": "array",
    "minItems": 1,
    "maxItems": _MOST_POINTS,
    "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}},
}
TEXTS: Final = describe(
    "time-series",
    ("Time series", "时间序列"),
    (
        "Values of a variable over its times: at points, or statistics of regions by area.",
        "变量随时间的值：在各点上，或各区域的面积加权统计。",
    ),
    inputs={
        "field": DescribedInput(title=("Field", "场"), text=("The variable.", "变量。"), schema=FIELD, needed=True),
        "points": DescribedInput(
            title=("Points", "点"),
            text=("Longitude and latitude of each; the cell that holds it.", "各点经纬度；取所在格元。"),
            schema=_POINTS,
        ),
        "polygons": DescribedInput(
            title=("Regions", "区域"),
            text=("GeoJSON polygons instead of points.", "GeoJSON 多边形，不与 points 同时给出。"),
            schema=POLYGONS,
        ),
        "statistics": DescribedInput(
            title=("Statistics", "统计量"),
            text=("Of regions; absent: the mean.", "区域统计量；缺省为平均。"),
            schema=choices(*_STATISTICS),
        ),
        "datetime": PERIOD_OF_TIMES,
        "language": LANGUAGE,
        "publish": TABLE_PUBLICATION,
    },
    outputs={
        "series": DescribedOutput(
            title=("Series", "序列"),
            text=("A row for each place and time.", "每个地点、时次一行。"),
            schema={
                "oneOf": [
                    {"type": "object", "contentMediaType": JSON},
                    {"type": "string", "contentMediaType": CSV},
                ]
            },
        ),
        "publication": PUBLISHED,
        "plot": plot_output(
            "Lines over time, of the first statistic; drawn where it is asked for by name.",
            "随时间变化的曲线（第一个统计量）；按名请求时绘制。",
        ),
    },
    keywords=("time series", "时间序列"),
)
