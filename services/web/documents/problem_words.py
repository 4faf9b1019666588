"""What errors say, in Chinese: by the pattern of the English sentence, in which values stand as they are.

The code says what is wrong in English. Answers in Chinese give the sentence of the first pattern that fits; one without
a pattern stays English, behind a Chinese beginning where it names a parameter.
"""

from __future__ import annotations

import re
from typing import Final

TITLES: Final = {
    400: "请求有误",
    401: "需要令牌",
    403: "不允许访问",
    404: "未找到",
    405: "不支持此方法",
    406: "无法以所求格式给出",
    409: "与现状冲突",
    412: "先决条件不成立",
    413: "请求过大",
    415: "不支持的内容类型",
    428: "缺少先决条件",
    429: "请求过多",
    500: "服务器内部错误",
    503: "服务暂不可用",
}
"""Titles of the statuses."""

_PARAMETER: Final = re.compile(r"(?P<name>[\w.:-]{1,60})=(?P<value>.*?): (?P<remedy>.+)", re.DOTALL)
"""`name=value: remedy`, which an InvalidParameter says."""

_SENTENCES: Final = (
    (
        r"the server failed on this request; the operator finds the cause in its log",
        "服务器处理此请求时出错；管理员可在日志中查明原因",
    ),
    (r"there is nothing at (\S+); the landing page links to what there is", r"\1 处没有内容；请从首页的链接查找"),
    (r"(\w+) is not possible at (\S+); it answers (.+)", r"\2 不支持 \1；支持的方法：\3"),
    (r"there is no parameter (.+) here; known are (.+)", r"此处没有参数 \1；可用参数：\2"),
    (r"(.+): Field required", r"缺少参数 \1"),
    (r"there is no collection (.+); /collections lists them", r"没有数据集 \1；/collections 列出全部数据集"),
    (r"there is no dataset (.+)", r"没有数据集 \1"),
    (r"collection (\S+) has no variable (.+?); it has (.+)", r"数据集 \1 没有变量 \2；现有变量：\3"),
    (r"variable (\S+) has no style (.+?); it has (.+)", r"变量 \1 没有样式 \2；现有样式：\3"),
    (r"there is no style (.+?): names are .+", r"没有样式 \1：名称为“数据集.变量.样式”，见 /styles"),
    (r"(\S+) has no level (.+?); it has (.+)", r"\1 没有层次 \2；现有层次：\3"),
    (r"there is no (level|member) (.+?) on (\S+); (.+)", r"\3 上没有 \2；\4"),
    (r"(\S+) has no granule at that level, member and part", r"\1 在该层次、成员和分幅处没有数据"),
    (r"(\S+) has no data at that level, member and part", r"\1 在该层次、成员和分幅处没有数据"),
    (r"(\S+) has no times", r"\1 没有时间维"),
    (
        r"datetime=(.+?) lies in the bounds of more than one time of (\S+), such as (\S+) and (\S+); name one of them",
        r"datetime=\1 落在 \2 的多个时次内，如 \3 和 \4；请指定其中之一",
    ),
    (
        r"datetime=(.+?) selects no time of the data; (.+?); nearest: (.+)",
        r"datetime=\1 没有选中任何时次；\2；最近的时次：\3",
    ),
    (
        r"there is no record (.+?); /collections/records/items lists them",
        r"没有元数据记录 \1；/collections/records/items 列出全部记录",
    ),
    (r"there is no record (.+)", r"没有元数据记录 \1"),
    (r"there is no process (.+?); /processes lists them", r"没有处理 \1；/processes 列出全部处理"),
    (r"there is no job (.+?)(?:; .+)?", r"没有任务 \1"),
    (r"job (\S+) is (\S+) and has no result; ask (\S+) when it has", r"任务 \1 的状态为 \2，尚无结果；可查询 \3"),
    (r"job (\S+) is (\S+) and has no files; ask (\S+) when it has", r"任务 \1 的状态为 \2，尚无文件；可查询 \3"),
    (r"there is no guide (.+?); there are (.+)", r"没有指南 \1；现有指南：\2"),
    (r"the region does not meet the data; (.+)", r"所求区域与数据范围不相交；\1"),
    (r"the polygon does not meet the data; (.+)", r"多边形与数据范围不相交；\1"),
    (r"tileMatrix (\S+) is not in (\S+), whose matrices are (\S+) to (\S+)", r"\2 没有级别 \1；级别为 \3 至 \4"),
    (r"(\w+) (\S+) is outside 0 to (\S+) of matrix (\S+) of (\S+)", r"\1=\2 超出 \5 第 \4 级的范围 0 至 \3"),
    (r"collection (\S+) is catalogued, but its data (.+)", r"数据集 \1 已编目，但其数据不公开（\2）"),
    (
        r"nobody may (.+?): there is no valid token; the operator creates one with (.+)",
        r"目前没有有效令牌；管理员可用 \2 创建",
    ),
    (
        r"the token (\S+) may not .+?: it lacks the scope (\S+); (.+?) makes one that has it",
        r"令牌 \1 缺少权限 \2；可用 \3 创建具有该权限的令牌",
    ),
    (
        r"the answer would have (.+?) = (\d+) cells(.*?); the limit is (\d+)\. Ask for less: (.+)",
        r"结果将有 \1 = \2 个像元\3，上限为 \4。请缩小请求：\5",
    ),
    (
        r"the statistics would be of more than (\d+) cells; ask for a smaller bbox, fewer times or fewer variables",
        r"统计涉及的像元超过 \1 个；请缩小 bbox，或减少时次、变量",
    ),
    (
        r"the polygon meets (\d+) cells, the limit is (\d+); take a smaller one, .+",
        r"多边形涉及 \1 个像元，上限为 \2；请缩小多边形，或执行处理 zonal-statistics",
    ),
    (
        r"(\d+) times of (\d+) values are (\d+), the limit is (\d+); ask for fewer points or a shorter interval(.*)",
        r"\1 个时次、每个 \2 个值，共 \3 个，上限为 \4；请减少点数或缩短时段",
    ),
    (
        r"(\d+) cells would be read, the limit is (\d+); ask for a shorter datetime, a smaller area .+",
        r"需读取 \1 个像元，上限为 \2；请缩短时段、缩小区域或减少参数，或执行相应处理",
    ),
    (
        r"the map would have (\d+) x (\d+) pixels; an edge has at most (\d+) and a map (\d+).*",
        r"地图将有 \1 x \2 个像素；每边至多 \3，总数至多 \4，请减小 width 和 height",
    ),
    (
        r"the request body is larger than (\d+) bytes; give large inputs by reference.+",
        r"请求体超过 \1 字节；较大的输入请用链接（href）给出",
    ),
    (
        r"the execution took longer than the (\d+) seconds of a synchronous one and was stopped; send .+",
        r"同步执行超过 \1 秒，已停止；请加请求头 `Prefer: respond-async` 异步执行",
    ),
    (
        r"(\d+) jobs wait or run, the limit is (\d+); ask again when some are done",
        r"已有 \1 个任务在等待或运行，上限为 \2；请稍后再试",
    ),
    (
        r"the database took too long; ask for less, or again in some seconds",
        r"数据库响应过慢；请缩小请求，或几秒后再试",
    ),
    (r"all connections to the database are busy; ask again in some seconds", r"数据库连接均被占用；请几秒后再试"),
    (r"(.+?) under way .+?; ask again in some seconds", r"正在处理的请求过多；请几秒后再试"),
    (r"(.+?) are under way here and .+?; ask again in some seconds", r"正在处理的请求过多；请几秒后再试"),
    (r"the body is not JSON: (.+)", r"请求体不是 JSON：\1"),
    (r"a PNG shows one variable; ask for one of (.+)", r"PNG 只能显示一个变量；请从中选一：\1"),
    (
        r"a map shows one (level|member), and subset selects (\d+)",
        r"地图只能显示一个层次和一个成员，而 subset 选中了 \2 个",
    ),
    (r"([\w-]+) and ([\w-]+) both .+?; give one of them", r"\1 与 \2 作用相同；只给出其中之一"),
)

_REMEDIES: Final = (
    (r"give an ISO 8601 time such as (.+)", r"请给出 ISO 8601 时间，如 \1"),
    (
        r"an interval has one slash: start/end, with \.\. for an open end",
        "时段用一个斜线写成 起始/结束，开放的一端写作 ..",
    ),
    (r"the interval ends before it starts", "时段的结束早于起始"),
    (r"it lies outside the times of the data; (.+)", r"超出数据的时间范围；\1"),
    (r"give west, south, east, north; south is above north here", "请按 西,南,东,北 给出；此处南界高于北界"),
    (r"give west, south, east, north", "请按 西,南,东,北 给出"),
    (r"a list of 4 or 6 numbers is needed", "需要 4 个或 6 个数"),
    (r"it has (\d+) numbers; .+", r"有 \1 个数；请给出 西,南,东,北 四个数"),
    (r"south must not be greater than north", "南界不得大于北界"),
    (r"at most 360 degrees from west to east", "从西到东至多 360 度"),
    (r"longitude -180\.\.180 and latitude -90\.\.90 are needed.+", "需要经度 -180..180、纬度 -90..90（CRS84）"),
    (r"give longitude and latitude in degrees", "请给出以度为单位的经度和纬度"),
    (r"longitude (\S+) is outside (\S+) to (\S+)", r"经度 \1 超出范围 \2 至 \3"),
    (r"latitudes are from -90 to 90", "纬度的范围为 -90 至 90"),
    (r"a finite decimal number is needed, such as (.+)", r"需要一个十进制数，如 \1"),
    (r"a finite number is needed", "需要一个有限的数"),
    (r"a whole number is needed", "需要一个整数"),
    (r"a number above 0 is needed", "需要一个大于 0 的数"),
    (r"give an integer of at least (\d+)", r"需要不小于 \1 的整数"),
    (r"at most (\d+) (?:is|are) possible.*", r"至多为 \1"),
    (r"at most (\d+) characters.*", r"至多 \1 个字符"),
    (r"longer than (\d+) characters", r"超过 \1 个字符"),
    (r"it is given more than once; give it once", "给出了多次；只给一次"),
    (r"(?:choose one of|give|known are|there are) (.+)", r"可选：\1"),
    (r"it is not known or not offered; there are (.+)", r"未知或不提供；可选：\1"),
    (r"it is no WKT: (.+)", r"不是有效的 WKT：\1"),
    (r"it is not JSON: (.+)", r"不是有效的 JSON：\1"),
    (r"it is no CQL2 text: (.+)", r"不是有效的 CQL2 文本：\1"),
    (r"it is not valid: (.+)", r"几何无效：\1"),
    (r"no CRS is known by that name.*", "没有这个名称的坐标参考系"),
    (r"PROJ knows no such CRS", "没有这个坐标参考系"),
    (r"(\S+) has the (level|member)s (.+)", r"\1 的可选值：\3"),
    (r"the variable has bands 1 to (\d+)", r"变量的波段为 1 至 \1"),
    (
        r"one picture shows one time; ask for one, or for an interval start/end",
        "一幅图只显示一个时次；请给出一个时次或时段",
    ),
)


def in_chinese(detail: str) -> str:
    """The sentence of an error in Chinese, or as it is where none is known."""
    whole = _told(_SENTENCES, detail)
    if whole is not None:
        return whole
    match = _PARAMETER.fullmatch(detail)
    if match is None:
        return detail
    remedy = _told(_REMEDIES, match["remedy"]) or match["remedy"]
    return f"参数 {match['name']} 的值 {match['value']} 不可用：{remedy}"


def _told(sentences: tuple[tuple[str, str], ...], text: str) -> str | None:
    for pattern, chinese in sentences:
        match = re.fullmatch(pattern, text, re.DOTALL)  # re keeps the compiled patterns
        if match is not None:
            return match.expand(chinese)
    return None


def is_chinese(text: str) -> bool:
    """Whether a text is in Chinese letters, wholly or in part."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def sentences() -> tuple[str, ...]:
    """The patterns of all sentences that are told."""
    return tuple(pattern for pattern, _ in (*_SENTENCES, *_REMEDIES))
