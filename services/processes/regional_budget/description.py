"""How `regional-budget` describes itself."""

from __future__ import annotations

from typing import Final

from config.vocabulary import CSV, JSON
from services.processes.describing import (
    FIELD,
    PERIOD_OF_TIMES,
    POLYGONS,
    DescribedInput,
    DescribedOutput,
    choice,
    describe,
)
from services.processes.tables.description import PUBLISHED, TABLE_PUBLICATION

TEXTS: Final = describe(
    "regional-budget",
    ("Regional budget", "区域收支"),
    (
        "Adds a flux up over the area of regions and the length of each time, in Tg of carbon, with its coverage.",
        "把通量对区域面积与各时次长度求和，以 Tg C 计，并给出未覆盖部分。",
    ),
    inputs={
        "flux": DescribedInput(
            title=("Flux", "通量"),
            text=(
                "An amount or a mass by area and time, such as mmol m-2 d-1 or g C m-2 month-1; a mass is of carbon.",
                "单位面积、时间的物质的量或质量，如 mmol m-2 d-1、g C m-2 month-1；质量以碳计。",
            ),
            schema=FIELD,
            needed=True,
        ),
        "polygons": DescribedInput(
            title=("Regions", "区域"),
            text=("GeoJSON polygons; absent: the whole grid.", "GeoJSON 多边形；缺省为整个格网。"),
            schema=POLYGONS,
        ),
        "each_time_is": DescribedInput(
            title=("Length of a time", "时次长度"),
            text=(
                "bounds (the default): as the data state it; or the day, month or year that holds the time.",
                "bounds（缺省）：按数据所述；或所在的 day、month、year。",
            ),
            schema=choice("bounds", "day", "month", "year"),
        ),
        "relative_uncertainty": DescribedInput(
            title=("Relative uncertainty", "相对不确定度"),
            text=(
                "A standard uncertainty that all cells share, such as 0.2 of the gas transfer velocity.",
                "各格元共有的标准不确定度，如气体传输速度的 0.2。",
            ),
            schema={"type": "number", "minimum": 0, "maximum": 10},
        ),
        "datetime": PERIOD_OF_TIMES,
        "publish": TABLE_PUBLICATION,
    },
    outputs={
        "budget": DescribedOutput(
            title=("Budget", "收支"),
            text=("Per region and time, and per region.", "逐区域逐时次，及逐区域。"),
            schema={
                "oneOf": [
                    {"type": "object", "contentMediaType": JSON},
                    {"type": "string", "contentMediaType": CSV},
                ]
            },
        ),
        "publication": PUBLISHED,
    },
    keywords=("budget", "carbon", "收支"),
)
