"""The description of `match-up`."""

from __future__ import annotations

from typing import Final, get_args

from cog.science.matching import Space
from config.vocabulary import CSV, GEOJSON, JSON, NETCDF, TSV
from services.processes.describing import (
    FIELD,
    LANGUAGE,
    POLYGONS,
    TEXT,
    DescribedInput,
    DescribedOutput,
    choice,
    choices,
    describe,
    plot_output,
)
from services.processes.tables.description import PUBLISHED, TABLE_PUBLICATION

PLOTS: Final = ("scatter", "density", "residual-time", "residual-latitude", "map")
_COLUMNS: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": dict.fromkeys(("lon", "lat", "time", "measured", "id"), TEXT),
}
TEXTS: Final = describe(
    "match-up",
    ("Match-up", "星地匹配"),
    (
        "Pairs measurements at points with the values of a collection at their place and time, with statistics, plots.",
        "把点位实测与数据集在同一地点、时间的值配对，给出统计与图。",
    ),
    inputs={
        "points": DescribedInput(
            title=("Points", "点"),
            text=("A table as text: CSV or TSV with a header.", "文本表格：带表头的 CSV 或 TSV。"),
            schema={"type": "string", "minLength": 1, "maxLength": 50_000_000},
        ),
        "features": DescribedInput(
            title=("Points as features", "点要素"),
            text=(
                "Instead: GeoJSON points, inline or as {href} of this server.",
                "或 GeoJSON 点要素，直接给出或引用本服务器资源 {href}。",
            ),
            schema=POLYGONS,
        ),
        "netcdf": DescribedInput(
            title=("Points as NetCDF", "NetCDF 点"),
            text=(
                "Instead: a CF file of points or trajectories (discrete sampling geometry) in base64.",
                "或 CF 离散采样几何文件（点或轨迹），以 base64 给出。",
            ),
            schema={
                "type": "string",
                "contentEncoding": "base64",
                "contentMediaType": NETCDF,
                "maxLength": 100_000_000,
            },
        ),
        "columns": DescribedInput(
            title=("Columns", "列"),
            text=(
                "Names of lon, lat, time, measured and id; all but measured are found by their usual names.",
                "lon、lat、time、measured、id 的列名；除 measured 外按常用名查找。",
            ),
            schema=_COLUMNS,
            needed=True,
        ),
        "field": DescribedInput(title=("Field", "场"), text=("The variable.", "变量。"), schema=FIELD, needed=True),
        "value_unit": DescribedInput(
            title=("Unit of the measurements", "实测单位"),
            text=("Absent: that of the variable.", "缺省与变量相同。"),
            schema=TEXT,
        ),
        "time_window": DescribedInput(
            title=("Time window", "时间窗"),
            text=(
                (
                    "same-step (the default): the time whose bounds hold the measurement; or hours each way, as PT3H, "
                    "or days, as P1D: the nearest time within."
                ),
                "same-step（缺省）：时段包含实测时刻；或前后小时、天数，如 PT3H、P1D：取窗内最近时次。",
            ),
            schema={"type": "string", "pattern": "^(same-step|PT[0-9]{1,3}H|P[0-9]{1,3}D)$"},
        ),
        "space": DescribedInput(
            title=("Place", "空间取值"),
            text=(
                "nearest (the default): the cell that holds the point; or a window around it.",
                "nearest（缺省）：所在格元；或其周围窗口。",
            ),
            schema=choice(*get_args(Space)),
        ),
        "minimum_valid": DescribedInput(
            title=("Least share of cells", "最小有值比例"),
            text=("Of a window; absent: 0.5.", "窗口内；缺省为 0.5。"),
            schema={"type": "number", "minimum": 0, "maximum": 1},
        ),
        "maximum_cv": DescribedInput(
            title=("Greatest coefficient of variation", "最大变异系数"),
            text=("Of a window, such as 0.15; absent: any.", "窗口内，如 0.15；缺省不限。"),
            schema={"type": "number", "minimum": 0, "maximum": 100},
        ),
        "scale": DescribedInput(
            title=("Scale", "尺度"),
            text=("linear (the default), or log10 for statistics of logarithms.", "linear（缺省），或 log10。"),
            schema=choice("linear", "log10"),
        ),
        "reduce": DescribedInput(
            title=("Reduce", "归并"),
            text=(
                "cell-mean: measurements in one cell at one time count once, by their mean; absent: none.",
                "cell-mean：同一格元同一时次的实测取平均计一次；缺省为 none。",
            ),
            schema=choice("none", "cell-mean"),
        ),
        "plots": DescribedInput(
            title=("Plots", "图"),
            text=("Which panels the plot has; absent: scatter.", "图中的分图；缺省为 scatter。"),
            schema=choices(*PLOTS),
        ),
        "language": LANGUAGE,
        "publish": TABLE_PUBLICATION,
    },
    outputs={
        "statistics": DescribedOutput(
            title=("Statistics", "统计"),
            text=(
                "Of the pairs, with the number of distinct cells and of refused points by reason.",
                "配对统计，含不同格元数与按原因计的剔除数。",
            ),
            schema={"type": "object"},
        ),
        "pairs": DescribedOutput(
            title=("Pairs", "配对"),
            text=("Every point with its value or the reason why it has none.", "每个点的取值或无值原因。"),
            schema={
                "oneOf": [
                    {"type": "string", "contentMediaType": CSV},
                    {"type": "string", "contentMediaType": TSV},
                    {"type": "object", "contentMediaType": GEOJSON},
                    {"type": "object", "contentMediaType": JSON},
                    {"type": "string", "contentMediaType": NETCDF, "contentEncoding": "base64"},
                ]
            },
        ),
        "publication": PUBLISHED,
        "plot": plot_output(
            "The panels that plots names; drawn where it is asked for by name.", "plots 所列分图；按名请求时绘制。"
        ),
    },
    keywords=("match-up", "validation", "匹配", "检验"),
)
