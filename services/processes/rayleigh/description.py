"""The descriptions of `rayleigh-table` and `rayleigh-correct`."""

from __future__ import annotations

from typing import Any, Final

from config.vocabulary import GEOJSON
from services.processes.band_math import SUMMARY
from services.processes.describing import (
    DATETIME,
    FIELD,
    FIELD_OR_NUMBER,
    PUBLICATION,
    REGION,
    RESAMPLE,
    TEXT,
    DescribedInput,
    DescribedOutput,
    choice,
    describe,
    maps_output,
)
from services.processes.tables.description import PUBLISHED, TABLE_PUBLICATION

MOST_NODES: Final = 200


def _numbers(low: float, high: float, most: int = MOST_NODES) -> dict[str, Any]:
    return {
        "type": "array",
        "items": {"type": "number", "minimum": low, "maximum": high},
        "minItems": 1,
        "maxItems": most,
    }


_BANDS: Final = {
    "type": "array",
    "minItems": 1,
    "maxItems": 100,
    "items": {
        "type": "object",
        "required": ["name", "tau"],
        "additionalProperties": False,
        "properties": {"name": TEXT, "tau": {"type": "number", "minimum": 0, "maximum": 100}},
    },
}
_LAYERS: Final = {
    "type": "array",
    "minItems": 1,
    "maxItems": 20,
    "items": {
        "type": "object",
        "required": ["rayleigh"],
        "additionalProperties": False,
        "properties": {
            "rayleigh": {"type": "number", "minimum": 0, "maximum": 1},
            "tau": {"type": "number", "minimum": 0, "maximum": 100},
            "ssa": {"type": "number", "minimum": 0, "maximum": 1},
            "moments": _numbers(-1, 1, 1000),
        },
    },
}
TABLE_TEXTS: Final = describe(
    "rayleigh-table",
    ("Rayleigh table", "瑞利散射查找表"),
    (
        (
            "Reflectance (I, Q, U), transmittance and spherical albedo of a plane-parallel atmosphere over a black or "
            "Lambertian surface by vector radiative transfer, by band, pressure, sun and view."
        ),
        (
            "用矢量辐射传输计算平面平行大气（黑体或朗伯下垫面）的反射率 (I、Q、U)、透过率与球面反照率，"
            "按波段、气压与几何列表。"
        ),
    ),
    inputs={
        "wavelengths_nm": DescribedInput(
            title=("Wavelengths", "波长"),
            text=(
                "In nanometres; the optical depth is that of Bodhaine et al. 1999. Or give bands.",
                "纳米；光学厚度按 Bodhaine 等 1999。或给出 bands。",
            ),
            schema=_numbers(200, 4000, 100),
        ),
        "bands": DescribedInput(
            title=("Bands", "波段"),
            text=(
                "Names with the Rayleigh optical depth at 1013.25 hPa.",
                "波段名及其在 1013.25 hPa 下的瑞利光学厚度。",
            ),
            schema=_BANDS,
        ),
        "sun_zenith": DescribedInput(
            title=("Sun zenith angles", "太阳天顶角"),
            text=("Degrees, rising; absent: 0 to 80 by 5.", "度，递增；缺省 0 至 80，间隔 5。"),
            schema=_numbers(0, 88),
        ),
        "view_zenith": DescribedInput(
            title=("View zenith angles", "观测天顶角"),
            text=("Degrees, rising; absent: 0 to 70 by 5.", "度，递增；缺省 0 至 70，间隔 5。"),
            schema=_numbers(0, 88),
        ),
        "azimuth": DescribedInput(
            title=("Relative azimuth angles", "相对方位角"),
            text=(
                "Degrees, rising; 0: light is scattered forward. Absent: 0 to 180 by 10.",
                "度，递增；0 为前向散射。缺省 0 至 180，间隔 10。",
            ),
            schema=_numbers(0, 180),
        ),
        "pressure_hpa": DescribedInput(
            title=("Pressures", "气压"),
            text=("At the surface, rising; absent: 1013.25.", "地面气压，递增；缺省 1013.25。"),
            schema=_numbers(1, 1200, 20),
        ),
        "depolarization": DescribedInput(
            title=("Depolarisation factor", "退偏因子"),
            text=("Of air; absent: 0.0279.", "空气的退偏因子；缺省 0.0279。"),
            schema={"type": "number", "minimum": 0, "maximum": 0.5},
        ),
        "albedo": DescribedInput(
            title=("Albedo", "反照率"),
            text=("Of the Lambertian surface; absent: 0.", "朗伯下垫面反照率；缺省 0。"),
            schema={"type": "number", "minimum": 0, "maximum": 1},
        ),
        "streams": DescribedInput(
            title=("Streams", "流数"),
            text=(
                "Discrete ordinates, even; absent: 40, right within 1e-5 up to a view zenith angle of 88.9 degrees.",
                "离散纵标数，偶数；缺省 40，观测天顶角至 88.9 度误差在 1e-5 内。",
            ),
            schema={"type": "integer", "minimum": 4, "maximum": 80},
        ),
        "azimuth_order": DescribedInput(
            title=("Azimuth order", "方位阶数"),
            text=("Fourier modes; absent: as many as matter.", "傅里叶模数；缺省取到收敛。"),
            schema={"type": "integer", "minimum": 1, "maximum": 80},
        ),
        "stokes": DescribedInput(
            title=("Stokes components", "斯托克斯分量"),
            text=(
                "3 (the default): I, Q, U. 1: I alone, up to 10 % wrong in the blue.",
                "3（缺省）：I、Q、U；1：仅 I，蓝光误差可达 10 %。",
            ),
            schema={"type": "integer", "minimum": 1, "maximum": 3},
        ),
        "layers": DescribedInput(
            title=("Layers", "分层"),
            text=(
                (
                    "From the top down: share of the Rayleigh optical depth, and tau, ssa and Legendre moments of "
                    "particles, which are taken not to polarise. Absent: one layer of air."
                ),
                "自上而下：瑞利光学厚度的份额，及粒子的 tau、ssa 与勒让德矩（视为不起偏）。缺省：一层空气。",
            ),
            schema=_LAYERS,
        ),
        "publish": TABLE_PUBLICATION,
    },
    outputs={
        "table": DescribedOutput(
            title=("Table", "查找表"),
            text=("A link to a NetCDF file, with its size and checksum.", "NetCDF 文件的链接、大小与校验和。"),
            schema={"type": "object"},
        ),
        "summary": DescribedOutput(
            title=("Summary", "概要"),
            text=("Sizes of the table, optical depths, seconds.", "表的大小、光学厚度、用时。"),
            schema={"type": "object"},
        ),
        "publication": PUBLISHED,
    },
    keywords=("ocean colour", "radiative transfer", "水色", "辐射传输"),
)


def _angle(title: str, chinese: str) -> DescribedInput:
    return DescribedInput(
        title=(title, chinese),
        text=("In degrees: a variable, or a number.", "度：变量或数值。"),
        schema=FIELD_OR_NUMBER,
        needed=True,
    )


CORRECT_TEXTS: Final = describe(
    "rayleigh-correct",
    ("Rayleigh correction", "瑞利校正"),
    (
        "Subtracts the Rayleigh reflectance of a table from the reflectance of a band, cell by cell.",
        "从波段反射率中逐格元扣除查找表给出的瑞利反射率。",
    ),
    inputs={
        "table": DescribedInput(
            title=("Table", "查找表"),
            text=("A table that rayleigh-table has made, as {href} of its file.", "rayleigh-table 产出的文件 {href}。"),
            schema={"type": "object", "contentMediaType": GEOJSON, "x-job-files": True},
            needed=True,
        ),
        "band": DescribedInput(
            title=("Band", "波段"),
            text=("Its name in the table.", "其在表中的名称。"),
            schema=TEXT,
            needed=True,
        ),
        "reflectance": DescribedInput(
            title=("Reflectance", "反射率"),
            text=("At the top of the atmosphere: pi L / (mu0 F).", "大气顶反射率：pi L / (mu0 F)。"),
            schema=FIELD,
            needed=True,
        ),
        "sun_zenith": _angle("Sun zenith angle", "太阳天顶角"),
        "view_zenith": _angle("View zenith angle", "观测天顶角"),
        "relative_azimuth": _angle("Relative azimuth angle", "相对方位角"),
        "azimuth_zero": DescribedInput(
            title=("Azimuth 0", "方位零点"),
            text=(
                "forward: 0 where the light is scattered forward; backward: 0 where sensor and sun are on one side.",
                "forward：0 为前向散射；backward：0 为传感器与太阳同侧。",
            ),
            schema=choice("forward", "backward"),
            needed=True,
        ),
        "pressure": DescribedInput(
            title=("Pressure", "气压"),
            text=("At the surface, hPa; absent: 1013.25.", "地面气压，hPa；缺省 1013.25。"),
            schema=FIELD_OR_NUMBER,
        ),
        "datetime": DATETIME,
        "bbox": REGION,
        "resample": RESAMPLE,
        "publish": PUBLICATION,
    },
    outputs={
        "corrected": maps_output(
            ("Corrected reflectance", "校正后反射率"),
            ("Reflectance less that of Rayleigh scattering.", "扣除瑞利散射后的反射率。"),
        ),
        "rayleigh": maps_output(
            ("Rayleigh reflectance", "瑞利反射率"), ("That of the table.", "由查找表得到的瑞利反射率。")
        ),
        "summary": SUMMARY,
    },
    keywords=("ocean colour", "atmospheric correction", "水色", "大气校正"),
)
