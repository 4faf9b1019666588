"""The description of `trend`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from config.vocabulary import CSV, GEOJSON, JSON
from services.processes.band_math import SUMMARY
from services.processes.describing import (
    FIELD,
    PERIOD_OF_TIMES,
    POLYGONS,
    PUBLICATION,
    REGION,
    DescribedInput,
    DescribedOutput,
    choice,
    describe,
    maps_output,
)
from services.processes.tables.description import PUBLISHED

MAPPED: Final = {
    "slope": ("Slope", "斜率"),
    "lower": ("Lower end of the interval of the slope", "斜率置信区间下限"),
    "upper": ("Upper end of the interval of the slope", "斜率置信区间上限"),
    "p": ("Probability without trend", "无趋势概率"), "error": ("Standard error", "标准误差"),
    "intercept": ("Intercept", "截距"), "count": ("Number of values", "有值次数"),
    "r1": ("Autocorrelation of the residuals", "残差自相关"),
    "percent": ("Slope in per cent of the mean", "相对均值的百分斜率"),
    "significant": ("Significant", "显著"),
}  # fmt: skip
INTERVAL: Final = frozenset({"lower", "upper"})
"""The results that are computed where they are asked for by name."""
_INPUTS: Final = {
    "field": DescribedInput(title=("Field", "场"), text=("The variable.", "变量。"), schema=FIELD, needed=True),
    "method": DescribedInput(
        title=("Method", "方法"),
        text=(
            "ols (the default): least squares; theil-sen: the median of pairwise slopes, with the Mann-Kendall test.",
            "ols（缺省）最小二乘；theil-sen：两两斜率的中位数，配 Mann-Kendall 检验。",
        ),
        schema=choice("ols", "theil-sen"),
    ),
    "autocorrelation": DescribedInput(
        title=("Autocorrelation", "自相关"),
        text=(
            "Of ols: n_eff (the default) or none. Of theil-sen: whiten (the default), hamed-rao or none.",
            "ols：n_eff（缺省）或 none；theil-sen：whiten（缺省）、hamed-rao 或 none。",
        ),
        schema=choice("n_eff", "whiten", "hamed-rao", "none"),
    ),
    "lag": DescribedInput(
        title=("Lags", "滞后"),
        text=("Lags of hamed-rao; absent: 3.", "hamed-rao 的滞后数；缺省为 3。"),
        schema={"type": "integer", "minimum": 1, "maximum": 60},
    ),
    "season": DescribedInput(
        title=("Season", "季节"),
        text=(
            (
                "climatology: the mean of each month is taken out first; seasonal-kendall (theil-sen): values of the "
                "same month are compared; absent: none."
            ),
            "climatology：先去除各月平均；seasonal-kendall（theil-sen）：只比较同月的值；缺省为 none。",
        ),
        schema=choice("none", "climatology", "seasonal-kendall"),
    ),
    "minimum_count": DescribedInput(
        title=("Least number of values", "最少次数"),
        text=("Absent: two thirds of the times.", "缺省为时次数的三分之二。"),
        schema={"type": "integer", "minimum": 3, "maximum": 100_000},
    ),
    "alpha": DescribedInput(
        title=("Level", "显著性水平"),
        text=(
            "Of significance; absent: 0.05. Intervals have a confidence of 1 - alpha.",
            "缺省为 0.05；置信区间的置信度为 1 - alpha。",
        ),
        schema={"type": "number", "minimum": 0.0001, "maximum": 0.5},
    ),
    "per": DescribedInput(
        title=("Per", "单位时间"),
        text=("Slopes per year (the default) or decade.", "每年（缺省）或每十年的斜率。"),
        schema=choice("year", "decade"),
    ),
    "polygons": DescribedInput(
        title=("Regions", "区域"),
        text=(
            "GeoJSON polygons: trends of their means by area, as the output regions, instead of maps.",
            "GeoJSON 多边形：改为输出各区域面积平均的趋势表 regions。",
        ),
        schema=POLYGONS,
    ),
    "datetime": PERIOD_OF_TIMES,
    "bbox": REGION,
    "publish": PUBLICATION,
}
_OUTPUTS: Final = {
    **{
        name: replace(
            maps_output(title, ("Maps; without polygons.", "图；无 polygons 时。")), on_request=name in INTERVAL
        )
        for name, title in MAPPED.items()
    },
    "regions": DescribedOutput(
        title=("Regions", "区域"),
        text=("The table of trends of polygons.", "多边形的趋势表。"),
        schema={
            "oneOf": [
                {"type": "object", "contentMediaType": JSON},
                {"type": "string", "contentMediaType": CSV},
                {"type": "object", "contentMediaType": GEOJSON},
            ]
        },
    ),
    "publication": PUBLISHED,
    "summary": SUMMARY,
}
TEXTS: Final = describe(
    "trend",
    ("Trend", "趋势"),
    (
        "Trends of a variable over its times with their significance, as maps, or of the means of regions as a table.",
        "变量随时间的趋势及其显著性：以图给出，或以区域平均的趋势表给出。",
    ),
    inputs=_INPUTS,
    outputs=_OUTPUTS,
    keywords=("trend", "Mann-Kendall", "Theil-Sen", "趋势"),
)
