"""The description of `air-sea-co2-flux`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cog.science.gas_transfer import TRANSFERS
from services.processes.describing import (
    DATETIME,
    FIELD_OR_NUMBER,
    NUMBER,
    OBJECT,
    PUBLICATION,
    REGION,
    RESAMPLE,
    DescribedInput,
    DescribedOutput,
    Words,
    choice,
    describe,
    maps_output,
)

UNITS: Final = {"pco2_sea": "uatm", "pco2_air": "uatm", "dpco2": "uatm", "sst": "degC", "salinity": "psu",
                "wind": "m s-1", "wind_moment2": "m2 s-2", "xco2": "ppm", "pressure": "hPa", "ice": "1",
                "pco2_sea_uncertainty": "uatm", "pco2_air_uncertainty": "uatm"}  # fmt: skip
"""The fields and the unit that each is converted to, in the order in which their times and grid lead."""
PER_DAY: Final = "mmol m-2 d-1"
PER_MONTH: Final = "g C m-2 month-1"
_COEFFICIENTS: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["schmidt"],
    "properties": {
        **dict.fromkeys(("a0", "a1", "a2", "a3"), NUMBER),
        "schmidt": {"type": "number", "minimum": 600, "maximum": 660},
    },
}
_SKIN: Final = {
    "oneOf": [
        choice("none", "donlon2002"),
        {
            "type": "object",
            "required": ["offset"],
            "additionalProperties": False,
            "properties": {"offset": {"type": "number", "minimum": -2, "maximum": 2}},
        },
    ]
}
_UNCERTAINTY: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "k": {"type": "number", "minimum": 0, "maximum": 2},
        "k0": {"type": "number", "minimum": 0, "maximum": 1},
        "pco2_sea": {"type": "number", "minimum": 0, "maximum": 1000},
        "pco2_air": {"type": "number", "minimum": 0, "maximum": 1000},
    },
}


def _field(title: Words, text: Words, *, needed: bool = False) -> DescribedInput:
    return DescribedInput(title=title, text=text, schema=FIELD_OR_NUMBER, needed=needed)


_INPUTS: Final = {
    "sst": _field(
        ("Sea temperature", "海水温度"),
        ("Below the skin, converted to degrees Celsius.", "表皮以下的温度，换算为摄氏度。"),
        needed=True,
    ),
    "salinity": _field(("Salinity", "盐度"), ("Practical salinity.", "实用盐度。"), needed=True),
    "wind": _field(
        ("Wind speed", "风速"), ("At 10 m, converted to m/s.", "10 米高处，换算为米每秒。"), needed=True
    ),
    "wind_moment2": _field(
        ("Second moment of the wind", "风速二阶矩"),
        ("Mean of the squared wind, m2 s-2; without it `wind_is` is needed.", "风速平方的平均；缺省时须给出 wind_is。"),
    ),
    "wind_is": DescribedInput(
        title=("Kind of wind", "风速种类"),
        text=(
            ("Without wind_moment2: mean (the second moment is then 4/pi times its square, as of a Rayleigh "
            "distribution) or rms (its square is the second moment)."),
            "无 wind_moment2 时：mean 平均风速（二阶矩按瑞利分布取 4/π 倍平方），或 rms 均方根风速。",
        ),
        schema=choice("mean", "rms"),
    ),
    "pco2_sea": _field(
        ("pCO2 of the water", "海水 pCO2"), ("In uatm; not with dpco2.", "微大气压；不与 dpco2 同时给出。")
    ),
    "pco2_air": _field(
        ("pCO2 of the air", "大气 pCO2"),
        ("In uatm, of moist air. One of pco2_air, xco2 and dpco2.", "湿空气，微大气压。与 xco2、dpco2 三者择一。"),
    ),
    "xco2": _field(
        ("xCO2 of the air", "大气 xCO2"),
        ("Mole fraction in dry air, ppm; needs pressure.", "干空气摩尔分数，ppm；需要 pressure。"),
    ),
    "dpco2": _field(
        ("Difference of pCO2", "pCO2 之差"), ("Water less air, uatm.", "海水减大气，微大气压。")
    ),
    "pressure": _field(
        ("Air pressure", "气压"), ("At sea level, converted to hPa.", "海平面气压，换算为百帕。")
    ),
    "ice": _field(
        ("Sea ice", "海冰"),
        ("Fraction of the area under ice; converted from %.", "海冰覆盖比例；百分数会换算。"),
    ),
    "ice_rule": DescribedInput(
        title=("Rule for ice", "海冰规则"),
        text=(
            "linear (the default): the flux is reduced by the fraction under ice; none: it is not.",
            "linear（缺省）：通量按海冰比例减小；none：不减小。",
        ),
        schema=choice("linear", "none"),
    ),
    "transfer": DescribedInput(
        title=("Gas transfer", "气体传输"),
        text=(
            ("W14 (the default), Ho06, N00, Sw07, W92 or T09, or coefficients: k = (a0 + a1 U + a2 U2 + a3 U U2) "
            "(Sc / schmidt)^-0.5 in cm/h. T09 is the recipe of Takahashi et al. 2009 with its constants and months."),
            "W14（缺省）、Ho06、N00、Sw07、W92、T09，或系数 a0..a3 与 schmidt；T09 取 Takahashi 等 2009 的常数与月长。",
        ),
        schema={"oneOf": [choice(*TRANSFERS), _COEFFICIENTS]},
    ),
    "method": DescribedInput(
        title=("Method", "方法"),
        text=(
            "bulk (the default), or rapid: solubilities at the temperatures below and at the skin.",
            "bulk（缺省），或 rapid：溶解度分别取表皮下与表皮温度。",
        ),
        schema=choice("bulk", "rapid"),
    ),
    "skin": DescribedInput(
        title=("Skin", "表皮"),
        text=(
            'With rapid: none, {"offset": -0.17} in K, or donlon2002 (by wind).',
            '用于 rapid：none、{"offset": -0.17}（开）或 donlon2002（随风速）。',
        ),
        schema=_SKIN,
    ),
    "quantity": DescribedInput(
        title=("Pressure or fugacity", "分压或逸度"),
        text=("pco2 (the default) or fco2.", "pco2（缺省）或 fco2。"),
        schema=choice("pco2", "fco2"),
    ),
    "units": DescribedInput(
        title=("Unit of the flux", "通量单位"),
        text=(
            f"{PER_DAY} (the default) or {PER_MONTH}, with the days of each month.",
            f"{PER_DAY}（缺省）或 {PER_MONTH}（按各月天数）。",
        ),
        schema={"type": "string", "pattern": f"^({PER_DAY}|{PER_MONTH})$"},
    ),
    "uncertainty": DescribedInput(
        title=("Uncertainty", "不确定度"),
        text=(
            "Standard uncertainties: k (relative, 0.20), k0 (relative, 0.002), pco2_sea (35 uatm), pco2_air (10 uatm).",
            "标准不确定度：k（相对，0.20）、k0（相对，0.002）、pco2_sea（35 微大气压）、pco2_air（10 微大气压）。",
        ),
        schema=_UNCERTAINTY,
    ),
    "pco2_sea_uncertainty": _field(
        ("Uncertainty of the pCO2 of the water", "海水 pCO2 不确定度"),
        ("A standard uncertainty by place and time, uatm, instead of that of `uncertainty`.",
         "随时空变化的标准不确定度，微大气压；代替 uncertainty 中的值。"),
    ),
    "pco2_air_uncertainty": _field(
        ("Uncertainty of the pCO2 of the air", "大气 pCO2 不确定度"),
        ("The same of the air.", "同上，用于大气。"),
    ),
    "datetime": DATETIME,
    "bbox": REGION,
    "grid": DescribedInput(
        title=("Grid", "格网"),
        text=(
            "The field whose grid the maps have; absent: the first of pco2_sea, dpco2, sst that is one.",
            "结果采用哪个输入场的格网；缺省为 pco2_sea、dpco2、sst 中的第一个。",
        ),
        schema=choice(*UNITS),
    ),
    "resample": RESAMPLE,
    "publish": PUBLICATION,
}  # fmt: skip
_OUTPUTS: Final = {
    "flux": maps_output(
        ("Flux", "通量"), ("The flux of CO2, positive out of the water.", "CO2 通量，由海入气为正。")
    ),
    "flux_uncertainty": maps_output(
        ("Uncertainty of the flux", "通量不确定度"), ("Its standard uncertainty.", "标准不确定度。")
    ),
    "pco2_sea": maps_output(
        ("pCO2 of the water", "海水 pCO2"), ("As it was used; absent with dpco2.", "所用的值；给出 dpco2 时无。")
    ),
    "pco2_air": maps_output(
        ("pCO2 of the air", "大气 pCO2"), ("As it was used; absent with dpco2.", "所用的值；给出 dpco2 时无。")
    ),
    "dpco2": maps_output(
        ("Difference of pCO2", "pCO2 之差"), ("Water less air.", "海水减大气。")
    ),
    **{
        name: replace(maps_output(title, ("Standard uncertainty, uatm.", "标准不确定度，微大气压。")), on_request=True)
        for name, title in (
            ("pco2_sea_uncertainty", ("Uncertainty of the pCO2 of the water", "海水 pCO2 不确定度")),
            ("pco2_air_uncertainty", ("Uncertainty of the pCO2 of the air", "大气 pCO2 不确定度")),
            ("dpco2_uncertainty", ("Uncertainty of the difference of pCO2", "pCO2 之差的不确定度")),
        )
    },
    "summary": DescribedOutput(
        title=("Summary", "汇总"),
        text=(
            "Per time: cells, extremes, mean by area, area, total in Tg C with its uncertainty, and the lineage.",
            "各时次：格元数、极值、面积平均、面积、总量（Tg C）及不确定度，以及来历。",
        ),
        schema=OBJECT,
    ),
}  # fmt: skip

TEXTS: Final = describe(
    "air-sea-co2-flux",
    ("Air-sea CO2 flux", "海气 CO2 通量"),
    (
        (
            "The flux of CO2 between sea and air: gas transfer velocity times solubility times difference of partial "
            "pressure, with corrections for humidity, skin and ice, and its uncertainty, as a map for each time."
        ),
        "海气间 CO2 通量：气体传输速度、溶解度与分压差之积，含湿度、表皮与海冰订正及不确定度，每个时次一幅图。",
    ),
    inputs=_INPUTS,
    outputs=_OUTPUTS,
    keywords=("ocean carbon", "CO2", "flux", "海洋碳", "通量"),
)
