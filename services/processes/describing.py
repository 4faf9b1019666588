"""Descriptions of processes with their texts in English and Chinese side by side, and the inputs that many share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from config.vocabulary import COLLECTION_ID, GEOJSON, PNG, SVG, VARIABLE_ID
from services.processes.requests.outputs import ON_REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping

Words = tuple[str, str]
"""A text in English and in Chinese."""

TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 200}
NUMBER: Final = {"type": "number"}
TRUTH: Final = {"type": "boolean"}
OBJECT: Final = {"type": "object"}
COLLECTION: Final = {"type": "string", "pattern": f"^{COLLECTION_ID}$"}
TIMES: Final = {"oneOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 1000}]}
BOX: Final = {"allOf": [{"format": "ogc-bbox"}]}
FIELD: Final = {
    "type": "object",
    "required": ["collection"],
    "additionalProperties": False,
    "properties": {
        "collection": COLLECTION,
        "variable": {"type": "string", "pattern": f"^{VARIABLE_ID}$"},
        "level": TEXT,
        "member": TEXT,
        "part": TEXT,
        "unit": {"type": "string", "minLength": 1, "maxLength": 100},
    },
}
"""Schema of a field: a variable of a collection, and the unit of its values where the collection states none."""
FIELD_OR_NUMBER: Final = {"oneOf": [FIELD, NUMBER]}
POLYGONS: Final = {"type": "object", "required": ["type"], "contentMediaType": GEOJSON}
LANGUAGE_TEXT: Final = {
    "oneOf": [
        {"type": "string", "minLength": 1, "maxLength": 500},
        {"type": "object", "minProperties": 1, "maxProperties": 10},
    ]
}
PUBLISH: Final = {
    "type": "object",
    "required": ["id", "title"],
    "additionalProperties": False,
    "properties": {
        "id": COLLECTION,
        "title": LANGUAGE_TEXT,
        "description": LANGUAGE_TEXT,
        "keywords": {"type": "array", "items": TEXT, "maxItems": 50},
        "license": TEXT,
        "attribution": TEXT,
    },
}
MAPS: Final = {
    "type": "object",
    "properties": {
        "maps": {"type": "array", "items": {"type": "object"}},
        "collection": {"type": "string"},
        "expires": {"type": "string"},
    },
}
"""Schema of an output that is maps: links to COGs with their times, checksums and statistics."""


def choice(*words: str) -> dict[str, Any]:
    """One of some words, as a pattern: the official tests know no `enum`."""
    return {"type": "string", "pattern": f"^({'|'.join(words)})$"}


def choices(*words: str) -> dict[str, Any]:
    """A list of some words."""
    return {"type": "array", "items": choice(*words), "minItems": 1, "maxItems": len(words)}


@dataclass(frozen=True, kw_only=True)
class DescribedInput:
    """An input: its texts and its schema.

    Attributes:
        needed: Whether it must be given.
    """

    title: Words
    text: Words
    schema: Mapping[str, Any]
    needed: bool = False


@dataclass(frozen=True, kw_only=True)
class DescribedOutput:
    """An output: its texts, and its schema or the schemas of its forms, each with a `contentMediaType`.

    Attributes:
        on_request: Whether it is made only where a request names it.
    """

    title: Words
    text: Words
    schema: Mapping[str, Any]
    on_request: bool = False


@dataclass(frozen=True, kw_only=True)
class ProcessTexts:
    """The description of a process in both languages.

    Attributes:
        english: The description (OGC 18-062r2, 7.10).
        chinese: Title and description by path (`services.processes.chinese`).
    """

    english: dict[str, Any] = field(default_factory=dict)
    chinese: dict[str, tuple[str, str]] = field(default_factory=dict)


PICTURE_FORMS: Final = {
    "oneOf": [
        {"type": "string", "contentMediaType": SVG},
        {"type": "string", "contentMediaType": PNG, "contentEncoding": "base64"},
    ]
}
"""Schema of an output that is a plot: SVG, or PNG, which is base64 beside other outputs."""
LANGUAGE: Final = DescribedInput(
    title=("Language", "语言"),
    text=("Of the words in plots: en (the default) or zh.", "图中文字：en（缺省）或 zh。"),
    schema=choice("en", "zh"),
)


def plot_output(english: str, chinese: str) -> DescribedOutput:
    """An output that is a plot, made where it is asked for by name, with a text in both languages."""
    return DescribedOutput(title=("Plot", "图"), text=(english, chinese), schema=PICTURE_FORMS, on_request=True)


_PLOT_OF_MAPS: Final = plot_output(
    "The maps as one picture with coast and colour bars; drawn where it is asked for by name.",
    "各图合为一幅，带海岸线与色标；按名请求时绘制。",
)


def describe(
    id_: str,
    title: Words,
    text: Words,
    *,
    inputs: Mapping[str, DescribedInput],
    outputs: Mapping[str, DescribedOutput],
    keywords: tuple[str, ...] = (),
    version: str = "1.0.0",
) -> ProcessTexts:
    """Describe a process that is executed at once or as a job; one that makes maps has a plot of them too."""
    if any(output.schema is MAPS for output in outputs.values()):
        inputs, outputs = {**inputs, "language": LANGUAGE}, {**outputs, "plot": _PLOT_OF_MAPS}
    english = {
        "id": id_,
        "version": version,
        "title": title[0],
        "description": text[0],
        "keywords": list(keywords),
        "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
        "outputTransmission": ["value", "reference"],
        "inputs": {
            name: {
                "title": each.title[0],
                "description": each.text[0],
                "schema": dict(each.schema),
                "minOccurs": 1 if each.needed else 0,
                "maxOccurs": 1,
            }
            for name, each in inputs.items()
        },
        "outputs": {
            name: {
                "title": each.title[0],
                "description": each.text[0],
                "schema": dict(each.schema),
                **(
                    {"metadata": [{"title": "Made where it is asked for by name", "role": ON_REQUEST}]}
                    if each.on_request
                    else {}
                ),
            }
            for name, each in outputs.items()
        },
    }
    chinese = {"": (title[1], text[1])}
    chinese |= {f"inputs/{name}": (each.title[1], each.text[1]) for name, each in inputs.items()}
    chinese |= {f"outputs/{name}": (each.title[1], each.text[1]) for name, each in outputs.items()}
    return ProcessTexts(english=english, chinese=chinese)


DATETIME: Final = DescribedInput(
    title=("Times", "时间"),
    text=(
        "A time, an interval start/end, or a list of them; absent: the latest time.",
        "一个时次、一个区间 start/end，或由它们组成的列表；缺省为最新时次。",
    ),
    schema=TIMES,
)
PERIOD_OF_TIMES: Final = DescribedInput(
    title=("Times", "时间"),
    text=(
        "A time, an interval start/end, or a list of them; absent: all times.",
        "一个时次、一个区间 start/end，或由它们组成的列表；缺省为全部时次。",
    ),
    schema=TIMES,
)
REGION: Final = DescribedInput(
    title=("Bounding box", "边界框"),
    text=(
        "West, south, east, north in degrees (CRS84); west > east crosses the antimeridian. Absent: the whole grid.",
        "西、南、东、北（CRS84，度）；西大于东时跨越 180 度经线。缺省为整个格网。",
    ),
    schema=BOX,
)
RESAMPLE: Final = DescribedInput(
    title=("Resampling", "重采样"),
    text=(
        (
            "How inputs on other grids are brought onto that of the computation: nearest, bilinear or area (the "
            "mean by covered area). Absent or none: unlike grids are refused."
        ),
        "其他格网的输入如何转到计算格网：nearest 最近邻、bilinear 双线性、area 面积平均；缺省：格网不同即拒绝。",
    ),
    schema=choice("none", "nearest", "bilinear", "area"),
)
PUBLICATION: Final = DescribedInput(
    title=("Publish", "发布"),
    text=(
        (
            "Publish the maps as a collection of this id, with a record that holds their lineage; needs a token with "
            "the scope datasets:publish. Absent: the maps stay with the job until it is removed."
        ),
        "以此标识把结果发布为数据集，记录中写明来历；需带 datasets:publish 权限的令牌。缺省：结果随作业保留。",
    ),
    schema=PUBLISH,
)


def maps_output(title: Words, text: Words) -> DescribedOutput:
    """An output that is maps."""
    return DescribedOutput(title=title, text=text, schema=MAPS)
