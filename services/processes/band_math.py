"""The process `band-math`: a formula over fields, as a map for each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cog.science.expressions import CONSTANTS, FUNCTIONS, MOST_TEXT, parse_formula
from config.errors import InvalidInput
from config.vocabulary import VARIABLE_ID
from services.processes.describing import (
    DATETIME,
    LANGUAGE_TEXT,
    OBJECT,
    PUBLICATION,
    REGION,
    RESAMPLE,
    TEXT,
    DescribedInput,
    DescribedOutput,
    describe,
    maps_output,
)
from services.processes.fields.field import field_of
from services.processes.maps.process import MapPlan, MapProcess, MapResult
from services.processes.maps.publication import Lineage
from services.processes.maps.quantity import MapQuantity
from services.processes.maps.steps import StepPart, compute_step, lay_out_steps

if TYPE_CHECKING:
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

_MOST_FIELDS: Final = 12
_RESULT: Final = "result"
SUMMARY: Final = DescribedOutput(
    title=("Summary", "汇总"),
    text=("Times, times that were left out, the grid and the lineage.", "时次、略去的时次、格网与来历。"),
    schema=OBJECT,
)
"""The output `summary` of processes that make maps."""
_TEXTS: Final = describe(
    "band-math",
    ("Band math", "波段运算"),
    (
        "Evaluates a formula over variables of collections, cell by cell, as a map for each time.",
        "对数据集的变量逐格元计算公式，每个时次一幅图。",
    ),
    inputs={
        "formula": DescribedInput(
            title=("Formula", "公式"),
            text=(
                (f"Arithmetic, comparisons, conditions over names of fields, such as (a - b) / (a + b). Functions: "
                f"{', '.join(sorted(FUNCTIONS))}; constants: {', '.join(CONSTANTS)}."),
                "对场名称的四则、比较与条件运算，如 (a - b) / (a + b)；函数见英文说明。",
            ),
            schema={"type": "string", "minLength": 1, "maxLength": MOST_TEXT},
            needed=True,
        ),
        "fields": DescribedInput(
            title=("Fields", "场"),
            text=(
                'Fields by name: {"a": {"collection": ..., "variable": ...}, "b": 2}; the first leads.',
                '公式中各场，按名称：{"a": {"collection": ..., "variable": ...}, "b": 2}；以第一个为准。',
            ),
            schema={"type": "object", "minProperties": 1, "maxProperties": _MOST_FIELDS},
            needed=True,
        ),
        "variable": DescribedInput(
            title=("Variable", "变量"),
            text=("Id of the result; absent: result.", "结果变量的标识；缺省为 result。"),
            schema={"type": "string", "pattern": f"^{VARIABLE_ID}$"},
        ),
        "title": DescribedInput(
            title=("Title", "标题"),
            text=("Title of the result, perhaps by language.", "结果的标题，可分语言给出。"),
            schema=LANGUAGE_TEXT,
        ),
        "unit": DescribedInput(
            title=("Unit", "单位"), text=("Unit of the result.", "结果的单位。"), schema=TEXT
        ),
        "datetime": DATETIME,
        "bbox": REGION,
        "resample": RESAMPLE,
        "publish": PUBLICATION,
    },
    outputs={
        _RESULT: maps_output(("Result", "结果"), ("The maps of the formula.", "公式的结果图。")),
        "summary": SUMMARY,
    },
    keywords=("band math", "raster calculator", "波段运算"),
)  # fmt: skip


class BandMath(MapProcess[StepPart]):
    """A formula over fields as maps."""

    texts = _TEXTS

    def lay_out(self, request: ExecuteRequest, context: Context) -> MapPlan[StepPart]:
        """Check the formula, find its fields and lay out a part for each time."""
        inputs = request.inputs
        formula = parse_formula(inputs["formula"])
        given = inputs["fields"]
        missing = [name for name in formula.names if name not in given]
        unused = [name for name in given if name not in formula.names]
        if missing or unused:
            words = f"the formula names {', '.join(formula.names)}, the fields are {', '.join(given)}"
            raise InvalidInput(f"fields: {words}; they must be the same")
        fields = [field_of(name, _checked(name, value), context) for name, value in given.items()]
        quantity = _quantity(inputs)
        layout = lay_out_steps(context, fields, inputs, (quantity,), formula=formula.text)
        lineage = Lineage(
            process="band-math", version="1.0.0", fields=tuple(fields), parameters={"formula": formula.text}
        )
        return MapPlan(
            grid=layout.grid, quantities=(quantity,), lineage=lineage, parts=layout.parts, skipped=layout.skipped
        )

    def part(self, part: StepPart, environment: Environment) -> MapResult:
        """Evaluate the formula at one time."""
        formula = parse_formula(part.formula)
        [quantity] = part.quantities
        return compute_step(part, environment, lambda values: {quantity.id: formula.evaluate(values)})


def _checked(name: str, value: Any) -> Any:
    """A field of the formula; raises InvalidInput where it is neither a number nor an object with a collection."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    members = {"collection", "variable", "level", "member", "part", "unit"}
    is_field = isinstance(value, dict) and "collection" in value and set(value) <= members
    if not is_field or not all(isinstance(each, str) for each in value.values()):
        raise InvalidInput(f'fields.{name[:80]}: give a number, or {{"collection": ..., "variable": ...}}')
    return value


def _quantity(inputs: Any) -> MapQuantity:
    title = inputs.get("title", inputs["formula"][:200])
    return MapQuantity(
        id=inputs.get("variable", _RESULT),
        title={"en": title} if isinstance(title, str) else dict(title),
        unit=inputs.get("unit"),
        output=_RESULT,
    )
