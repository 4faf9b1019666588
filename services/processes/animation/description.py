"""The description of `animation`."""

from __future__ import annotations

from typing import Final

from config.vocabulary import WEBP
from services.processes.describing import (
    FIELD,
    PERIOD_OF_TIMES,
    REGION,
    TEXT,
    TRUTH,
    DescribedInput,
    DescribedOutput,
    describe,
)
from services.processes.plot.description import STYLE_INPUTS

WIDTH, FRAME_MS, QUALITY = 800, 200, 80
TEXTS: Final = describe(
    "animation",
    ("Animation", "动画"),
    (
        (
            "The times of a field over a region as an animated WebP with date, coast and legend, in the colours of a "
            "style: one range for all times."
        ),
        "把一个区域内各时次的场制成带日期、海岸线与图例的 WebP 动画；各时次用同一色带范围。",
    ),
    inputs={
        "field": DescribedInput(title=("Field", "场"), text=("The variable.", "变量。"), schema=FIELD, needed=True),
        "datetime": PERIOD_OF_TIMES,
        "bbox": REGION,
        "every": DescribedInput(
            title=("Every", "间隔"),
            text=("Every n-th time only; absent: every time.", "每隔 n 个时次取一个；缺省为全部时次。"),
            schema={"type": "integer", "minimum": 1, "maximum": 10_000},
        ),
        "width": DescribedInput(
            title=("Width", "宽度"),
            text=("Pixels; absent: 800.", "像素；缺省为 800。"),
            schema={"type": "integer", "minimum": 100, "maximum": 2000},
        ),
        "frame_ms": DescribedInput(
            title=("Time of a picture", "每幅时长"),
            text=("Milliseconds; absent: 200.", "毫秒；缺省为 200。"),
            schema={"type": "integer", "minimum": 20, "maximum": 10_000},
        ),
        "quality": DescribedInput(
            title=("Quality", "质量"),
            text=(
                "1 to 99 of lossy WebP, 100 without loss; absent: 80.",
                "有损 WebP 的 1 至 99，100 为无损；缺省为 80。",
            ),
            schema={"type": "integer", "minimum": 1, "maximum": 100},
        ),
        "coast": DescribedInput(
            title=("Coast", "海岸线"),
            text=("Whether the coast is drawn; absent: true.", "是否绘制海岸线；缺省为 true。"),
            schema=TRUTH,
        ),
        **STYLE_INPUTS,
        "title": DescribedInput(
            title=("Title", "标题"),
            text=("Above the map; absent: the title of the collection.", "图题；缺省为数据集标题。"),
            schema=TEXT,
        ),
    },
    outputs={
        "animation": DescribedOutput(
            title=("Animation", "动画"),
            text=("An animated WebP.", "WebP 动画。"),
            schema={"type": "string", "contentMediaType": WEBP, "contentEncoding": "base64"},
        ),
        "frames": DescribedOutput(
            title=("Frames", "帧"),
            text=("The time of each picture, and the range of the colours.", "每幅图的时次与色带范围。"),
            schema={"type": "object"},
        ),
    },
    keywords=("animation", "WebP", "动画"),
)
