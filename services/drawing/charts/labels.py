"""Words of charts."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

LABELS: Final = Messages(
    {
        "measured": {"en": "measured", "zh": "实测"},
        "pairs": {"en": "pairs", "zh": "配对数"},
        "least_squares": {"en": "least squares", "zh": "最小二乘"},
        "days_since": {"en": "days since the first pair", "zh": "距首个配对的天数"},
        "ratio": {"en": "ratio", "zh": "比值"},
        "log_ratio": {"en": "log10 of the ratio", "zh": "比值的对数（log10）"},
        "difference": {"en": "collection less measurement", "zh": "数据集减实测"},
        "longitude": {"en": "longitude", "zh": "经度"},
        "latitude": {"en": "latitude", "zh": "纬度"},
        "year": {"en": "year", "zh": "年"},
        "time": {"en": "time", "zh": "时间"},
        "depth": {"en": "depth (m)", "zh": "深度（米）"},
        "level": {"en": "level", "zh": "层"},
        "distance": {"en": "distance (km)", "zh": "距离（千米）"},
        "easting": {"en": "x", "zh": "x"},
        "northing": {"en": "y", "zh": "y"},
        "carbon_density": {"en": "carbon to the right", "zh": "向右的碳通量"},
        "some_of": {"en": "{shown} of {count} maps", "zh": "{count} 幅图中的 {shown} 幅"},
    }
)
