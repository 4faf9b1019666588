"""Titles and sentences of generated records, with slots for words, and how likely each sentence is.

Slots: `t` topic, `v` a kind of it, `p` and `q` places, `f` platform, `r` and `s` resolutions, `m` method, `y0` and `y1`
years, `u` station, `w1` to `w3` any words, `g` format, `unit`, `n0` to `n2` numbers.
"""

from __future__ import annotations

from typing import Final

TITLES_ZH: Final = [
    "{p}{y0}-{y1}年{r}{t}数据集",
    "{p}{t}数据集（{y0}-{y1}年）",
    "基于{f}的{p}{v}{s}产品",
    "{p}{v}空间分布图（{y1}年）",
    "{u}站{t}观测数据（{y1}年）",
    "{p}{s}{t}与{v}融合数据集",
    "全球每日{t}产品数据集（{y0}–{y1}年）",
    "{p}{w1}{v}调查数据",
]
TITLES_EN: Final = [
    "{r} {t} dataset of {p} ({y0}-{y1})",
    "{t} dataset in {p} ({y0}-{y1})",
    "{s} {v} product over {p} based on {f}",
    "Spatial distribution map of {v} in {p} ({y1})",
    "{t} observations at {u} station ({y1})",
    "{s} {t} and {v} fusion data set of {p}",
    "Global daily {t} product ({y0}-{y1})",
    "{w1} {v} survey data of {p}",
]
_SENTENCES_ZH = """
0.55 本数据集提供了{p}{y0}-{y1}年{t}的空间分布信息，空间分辨率为{r}，时间分辨率为{s}
0.45 数据来源于{f}遥感产品与地面观测资料，经{m}处理后生成
0.35 利用{f}数据和{m}方法，对{p}的{v}进行了估算
0.35 结果表明，{p}{v}呈现明显的{w1}变化趋势，与{w2}密切相关
0.3 验证结果显示，均方根误差为{n1}，相关系数达{n2}，精度优于同类产品
0.35 该数据可为{w1}研究、{w2}评估和生态环境保护提供基础数据支撑
0.4 数据采用WGS84地理坐标系，以{g}格式存储，共{n0}个文件
0.25 {p}位于{q}，是{w1}与{w2}研究的关键区域
0.2 野外观测于{y1}年在{u}站开展，观测要素包括{t}、{v}以及{w1}
0.18 通过与{f}产品对比，分析了{t}的不确定性
0.22 随着气候变化和人类活动加剧，{p}的{t}发生了显著变化
0.05 海洋与陆地之间的水循环过程受{w1}影响
0.08 样品经实验室{w1}分析测定，仪器为{w2}分析仪
0.08 本研究得到国家自然科学基金{w1}项目资助
0.25 数据缺测值以-9999表示，单位为{unit}
0.2 {w1}、{w2}、{w3}等指标一并给出
0.22 处理步骤包括投影转换、拼接裁剪、{m}与质量检查
0.02 CO2通量与{v}之间的关系由{m}给出
"""
_SENTENCES_EN = """
0.55 This dataset provides the spatial distribution of {t} over {p} from {y0} to {y1} at a\
 spatial resolution of {r} and {s} temporal resolution
0.45 Data were derived from {f} remote sensing products and in situ observations and processed by {m}
0.35 Using {f} data and {m}, the {v} of {p} was estimated
0.35 The results show that {v} in {p} has a clear {w1} trend that is related to {w2}
0.3 The root mean square error is {n1} and the correlation coefficient reaches {n2}, better than similar products
0.35 It supports {w1} research, {w2} assessment and ecological protection
0.4 Files are stored in {g} format with the WGS84 geographic coordinate system, {n0} files in total
0.22 {p} lies near {q} and is a key region for the study of {w1}
0.2 Field observations were carried out at {u} station in {y1}, including {t}, {v} and {w1}
0.18 The uncertainty of {t} was analysed by comparison with {f}
0.22 Under climate change and human activity the {t} of {p} has changed significantly
0.05 Exchange between the sea surface and the atmosphere depends on {w1}
0.08 Samples were analysed in the laboratory with a {w1} instrument
0.25 Missing values are set to -9999 and the unit is {unit}
0.2 Indicators such as {w1}, {w2} and {w3} are given as well
0.22 Processing steps include reprojection, mosaicking, clipping, {m} and checks
0.02 The relation between CO2 flux and {v} is given by {m}
"""


def _weighed(table: str) -> list[tuple[float, str]]:
    """The sentences of a table, each with its likelihood."""
    rows = (line.split(" ", 1) for line in table.strip().splitlines())
    return [(float(likelihood), sentence) for likelihood, sentence in rows]


SENTENCES_ZH: Final = _weighed(_SENTENCES_ZH)
SENTENCES_EN: Final = _weighed(_SENTENCES_EN)
