"""Titles of the links and queries of EDR."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "edr": {"en": "Environmental Data Retrieval (EDR)", "zh": "环境数据检索（EDR）"},
        "collections": {"en": "Collections with data", "zh": "有数据的集合"},
        "conformance": {"en": "Conformance classes of EDR", "zh": "EDR 一致性类"},
        "collection": {"en": "EDR: series, areas and cubes", "zh": "EDR：时间序列、区域与立方体"},
        "position": {"en": "Values at a point, over time", "zh": "点位时间序列"},
        "radius": {"en": "Values around a point", "zh": "点位周边的数据值"},
        "area": {"en": "Values in a polygon, or their statistics", "zh": "多边形内的数据值或统计"},
        "cube": {"en": "Values in a box", "zh": "方框内的数据值"},
        "trajectory": {"en": "Values along a line", "zh": "沿线的数据值"},
        "corridor": {"en": "Values beside a line", "zh": "走廊内的数据值"},
        "locations": {"en": "Means over named regions", "zh": "命名区域的平均值"},
        "items": {"en": "The times of the data", "zh": "数据的时次"},
    }
)
