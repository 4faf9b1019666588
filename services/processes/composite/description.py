"""The description of `composite`."""

from __future__ import annotations

from typing import Final, get_args

from cog.science.periods import Climatology, Period
from cog.science.reducers import Statistic
from services.processes.band_math import SUMMARY
from services.processes.describing import (
    FIELD,
    PERIOD_OF_TIMES,
    PUBLICATION,
    REGION,
    TEXT,
    DescribedInput,
    choice,
    choices,
    describe,
    maps_output,
)

PERIODS: Final[tuple[str, ...]] = get_args(Period)
CLIMATOLOGIES: Final[tuple[str, ...]] = get_args(Climatology)
ANOMALY: Final = "anomaly-month"
STATISTICS: Final[dict[Statistic, tuple[str, str]]] = {
    "mean": ("mean", "平均"), "min": ("minimum", "最小值"), "max": ("maximum", "最大值"),
    "count": ("number of times", "有值次数"), "std": ("standard deviation", "标准差"), "median": ("median", "中位数"),
}  # fmt: skip
TEXTS: Final = describe(
    "composite",
    ("Composite", "合成"),
    (
        ("Statistics of a variable over dekads, 8 days, months, seasons or years, weighted by days; climatologies; and "
        "anomalies from them: a map for each period."),
        "变量在旬、8 天、月、季、年上的统计（按天加权），气候态与距平，每个时段一幅图。",
    ),
    inputs={
        "field": DescribedInput(
            title=("Field", "场"), text=("The variable.", "变量。"), schema=FIELD, needed=True
        ),
        "period": DescribedInput(
            title=("Period", "时段"),
            text=(
                ("A calendar period; a climatology of the months, seasons or days of the year; or anomaly-month, each "
                "time less the climatology of its month."),
                "日历时段；各月、季或日的气候态；或 anomaly-month：各时次减去其月份的气候态。",
            ),
            schema=choice(*PERIODS, *CLIMATOLOGIES),
            needed=True,
        ),
        "statistics": DescribedInput(
            title=("Statistics", "统计量"),
            text=("Absent: the mean. std is that of the sample.", "缺省为平均；std 为样本标准差。"),
            schema=choices(*STATISTICS),
        ),
        "mean_of": DescribedInput(
            title=("Mean of", "平均方式"),
            text=(
                "log10 makes means of logarithms, as for chlorophyll: geometric means.",
                "log10 对对数求平均（几何平均），如叶绿素。",
            ),
            schema=choice("value", "log10"),
        ),
        "minimum_count": DescribedInput(
            title=("Least number of times", "最少次数"),
            text=("Cells with fewer times with data are empty.", "有值次数更少的格元为空。"),
            schema={"type": "integer", "minimum": 1, "maximum": 100_000},
        ),
        "minimum_fraction": DescribedInput(
            title=("Least share of times", "最小比例"),
            text=("The same, as a share of the times of the period.", "同上，以时段内时次的比例计。"),
            schema={"type": "number", "minimum": 0, "maximum": 1},
        ),
        "incomplete": DescribedInput(
            title=("Incomplete periods", "不完整时段"),
            text=(
                "drop (the default): periods that the data do not cover are left out; keep: they are computed.",
                "drop（缺省）：数据未覆盖全的时段略去；keep：仍计算。",
            ),
            schema=choice("drop", "keep"),
        ),
        "climatology": DescribedInput(
            title=("Reference interval", "参考区间"),
            text=(
                "Of anomalies and climatologies, such as 1991/2020; absent: all times.",
                "距平与气候态的参考区间，如 1991/2020；缺省为全部时次。",
            ),
            schema=TEXT,
        ),
        "datetime": PERIOD_OF_TIMES,
        "bbox": REGION,
        "publish": PUBLICATION,
    },
    outputs={
        name: maps_output((title[0].capitalize(), title[1]), ("A map for each period.", "每个时段一幅图。"))
        for name, title in [*STATISTICS.items(), ("anomaly", ("anomaly", "距平"))]
    }
    | {"summary": SUMMARY},
    keywords=("composite", "climatology", "anomaly", "合成", "气候态"),
)  # fmt: skip
