"""The description of `contours`."""

from __future__ import annotations

from typing import Final

from config.vocabulary import GEOJSON
from services.processes.describing import (
    DATETIME,
    FIELD,
    NUMBER,
    REGION,
    TEXT,
    DescribedInput,
    DescribedOutput,
    choice,
    describe,
)

FLATGEOBUF: Final = "application/flatgeobuf"
TEXTS: Final = describe(
    "contours",
    ("Contours", "等值线"),
    (
        "Lines where a variable has a value, or the areas between two values, as features at each time.",
        "变量等于某值的线，或两值之间的面，按时次给出要素。",
    ),
    inputs={
        "field": DescribedInput(title=("Field", "场"), text=("The variable.", "变量。"), schema=FIELD, needed=True),
        "levels": DescribedInput(
            title=("Levels", "等值"),
            text=("Values, rising; or give interval.", "递增的数值；或给出 interval。"),
            schema={"type": "array", "items": NUMBER, "minItems": 1, "maxItems": 200},
        ),
        "interval": DescribedInput(
            title=("Interval", "间隔"),
            text=("Between levels base + n interval, as far as there are values.", "等值为 base + n interval。"),
            schema={"type": "number", "minimum": 1e-12},
        ),
        "base": DescribedInput(
            title=("Base", "基值"), text=("Of interval; absent: 0.", "间隔的基值；缺省 0。"), schema=NUMBER
        ),
        "unit": DescribedInput(
            title=("Unit", "单位"),
            text=(
                "Of the levels, such as degC; values are converted. Absent: that of the variable.",
                "等值的单位，如 degC，数值将换算；缺省与变量相同。",
            ),
            schema=TEXT,
        ),
        "kind": DescribedInput(
            title=("Kind", "类别"),
            text=(
                "lines (the default), or areas between successive levels.",
                "lines 线（缺省），或 areas 相邻等值间的面。",
            ),
            schema=choice("lines", "areas"),
        ),
        "datetime": DATETIME,
        "bbox": REGION,
    },
    outputs={
        "contours": DescribedOutput(
            title=("Contours", "等值线"),
            text=(
                "Features in CRS84 with time, low and high: GeoJSON, or FlatGeobuf.",
                "CRS84 要素，含 time、low、high：GeoJSON 或 FlatGeobuf。",
            ),
            schema={
                "oneOf": [
                    {"type": "object", "contentMediaType": GEOJSON},
                    {"type": "string", "contentMediaType": FLATGEOBUF, "contentEncoding": "base64"},
                ]
            },
        ),
        "summary": DescribedOutput(
            title=("Summary", "概要"),
            text=("Numbers of features and vertices, levels, unit.", "要素数、顶点数、等值、单位。"),
            schema={"type": "object"},
        ),
    },
    keywords=("contours", "isolines", "等值线"),
)
