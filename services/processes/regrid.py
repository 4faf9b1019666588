"""The process `regrid`: a variable on another grid, as a map for each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.errors import InvalidInput, InvalidParameter
from config.grids import CRS84, Grid
from services.processes.band_math import SUMMARY
from services.processes.describing import (
    DATETIME,
    FIELD,
    PUBLICATION,
    REGION,
    DescribedInput,
    choice,
    describe,
    maps_output,
)
from services.processes.fields.field import field_of
from services.processes.fields.region import region_of
from services.processes.fields.steps import sources_of
from services.processes.maps.process import MapPlan, MapProcess, MapResult
from services.processes.maps.publication import Lineage
from services.processes.maps.quantity import MapQuantity
from services.processes.maps.steps import StepPart, compute_step, lay_out_steps
from services.web.crs import parse_crs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

_FIELD: Final = "field"
_CELL: Final = {
    "type": "array", "items": {"type": "number", "minimum": 1e-9, "maximum": 1e7}, "minItems": 2, "maxItems": 2,
}  # fmt: skip
_CORNERS: Final = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
_TEXTS: Final = describe(
    "regrid",
    ("Regrid", "重新格网化"),
    (
        "A variable on another grid: like another collection's, or of a cell size in a CRS.",
        "把变量转到另一格网：与另一数据集相同，或以某坐标参考系和格元大小给出。",
    ),
    inputs={
        _FIELD: DescribedInput(
            title=("Field", "场"),
            text=("The variable that is brought onto another grid.", "要重新格网化的变量。"),
            schema=FIELD,
            needed=True,
        ),
        "like": DescribedInput(
            title=("Like", "参照"),
            text=("A variable whose grid is taken, cut to bbox.", "采用其格网的变量，按 bbox 截取。"),
            schema=FIELD,
        ),
        "cell": DescribedInput(
            title=("Cell size", "格元大小"),
            text=(
                "Width and height of a cell in units of crs; instead of like.",
                "格元的宽与高，以 crs 的单位计；不与 like 同时给出。",
            ),
            schema=_CELL,
        ),
        "crs": DescribedInput(
            title=("CRS", "坐标参考系"),
            text=("Of the cells, by OGC URI or EPSG:<code>; absent: CRS84.", "格元的坐标参考系；缺省为 CRS84。"),
            schema={"type": "string", "minLength": 1, "maxLength": 200},
        ),
        "extent": DescribedInput(
            title=("Extent", "范围"),
            text=(
                "With cell: west, south, east, north in crs (x east, y north).",
                "与 cell 一起给出：西、南、东、北，以 crs 计（x 向东，y 向北）。",
            ),
            schema=_CORNERS,
        ),
        "method": DescribedInput(
            title=("Method", "方法"),
            text=(
                "area (the default): the mean by covered area; nearest; bilinear.",
                "area（缺省）：按覆盖面积平均；nearest 最近邻；bilinear 双线性。",
            ),
            schema=choice("area", "nearest", "bilinear"),
        ),
        "datetime": DATETIME,
        "bbox": REGION,
        "publish": PUBLICATION,
    },
    outputs={
        "regridded": maps_output(("Regridded", "结果"), ("The maps on the other grid.", "另一格网上的图。")),
        "summary": SUMMARY,
    },
    keywords=("regrid", "resample", "重采样"),
)


class Regrid(MapProcess[StepPart]):
    """A variable on another grid."""

    texts = _TEXTS

    def lay_out(self, request: ExecuteRequest, context: Context) -> MapPlan[StepPart]:
        """Find the variable and the grid, and lay out a part for each time."""
        inputs = request.inputs
        field = field_of(_FIELD, inputs[_FIELD], context)
        grid = _grid(inputs, context)
        method = inputs.get("method", "area")
        variable = field.variable
        quantity = MapQuantity(
            id=variable.id,
            title=dict(variable.title),
            unit=field.unit,
            standard_name=variable.standard_name,
            colormap=variable.style().colormap or "viridis",
            output="regridded",
        )
        layout = lay_out_steps(context, [field], inputs, (quantity,), grid=grid, kernel=method)
        lineage = Lineage(
            process="regrid", version="1.0.0", fields=(field,), parameters={"method": method, "grid": grid.to_json()}
        )
        return MapPlan(grid=grid, quantities=(quantity,), lineage=lineage, parts=layout.parts, skipped=layout.skipped)

    def part(self, part: StepPart, environment: Environment) -> MapResult:
        """Resample one time."""
        [quantity] = part.quantities
        return compute_step(part, environment, lambda values: {quantity.id: values[_FIELD]})


def _grid(inputs: Mapping[str, Any], context: Context) -> Grid:
    """The grid that is asked for; raises InvalidInput."""
    if ("like" in inputs) == ("cell" in inputs):
        raise InvalidInput("give like, a variable whose grid is taken, or cell with extent; not both")
    if "like" in inputs:
        like = field_of("like", inputs["like"], context)
        return region_of(sources_of(context, like, [])[0].grid, inputs.get("bbox"))
    if "extent" not in inputs:
        raise InvalidInput("cell needs extent: west, south, east, north in crs")
    if "bbox" in inputs:
        raise InvalidInput("bbox cuts the grid of like; with cell give extent alone")
    west, south, east, north = (float(each) for each in inputs["extent"])
    width, height = (float(each) for each in inputs["cell"])
    columns, rows = round((east - west) / width), round((north - south) / height)
    if columns < 1 or rows < 1:
        raise InvalidParameter("extent", inputs["extent"], "it holds no cell: give west < east and south < north")
    crs = parse_crs(inputs["crs"], name="crs").crs if "crs" in inputs else CRS84
    return Grid(crs=crs, transform=(width, 0.0, west, 0.0, -height, north), width=columns, height=rows)
