"""What the notebook of a dataset says, in English and Chinese, and the code that works for this very dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.messages import Messages
from records.datasets.models import text_in
from services.apis.notebooks.cells import code, notebook, text
from services.web import attribution

if TYPE_CHECKING:
    from records.datasets.models import Dataset, Variable

WORDS: Final = Messages(
    {
        "needs": {
            "en": "It needs `pip install xarray zarr aiohttp fsspec pandas matplotlib`.",
            "zh": "需要：`pip install xarray zarr aiohttp fsspec pandas matplotlib`。",
        },
        "open": {
            "en": "## Open\n\nThe whole dataset, lazily: values travel when they are needed.",
            "zh": "## 打开\n\n整个数据集按需读取：用到时才传输数值。",
        },
        "map": {"en": "## A map", "zh": "## 地图"},
        "series": {
            "en": "## A place through time\n\nThe cell that holds the point, at every time.",
            "zh": "## 单点时间序列\n\n包含该点的格点在所有时次的取值。",
        },
        "mean": {
            "en": "## A mean over the area\n\nCells count by their area, which goes with the cosine of the latitude.",
            "zh": "## 面积加权平均\n\n各格点按面积加权，面积与纬度的余弦成正比。",
        },
        "credit": {"en": "## Credit", "zh": "## 引用与许可"},
    }
)


def dataset_notebook(dataset: Dataset, base_url: str, language: str) -> dict[str, Any]:
    """The notebook of a dataset that has a variable; its code reads the first one."""
    variable = dataset.variables[0]
    here = f"{base_url}/collections/{dataset.id}"
    title = text_in(dataset.title, language) or dataset.id
    heading = text(
        f"# {title}", "", text_in(dataset.description, language), "", f"<{here}>", "", _word("needs", language)
    )
    cells = [heading, text(_word("open", language)), _opening(here)]
    cells += [text(_word("map", language)), _map(variable)]
    cells += [text(_word("series", language)), _series(dataset, variable, here)]
    if variable.grid.is_geographic:
        cells += [text(_word("mean", language)), _mean(variable)]
    return notebook([*cells, text(*_credit(dataset, here, language))])


def _word(key: str, language: str) -> str:
    return WORDS.text(key, language)


def _opening(here: str) -> dict[str, Any]:
    return code("import xarray", "", f'data = xarray.open_zarr("{here}/zarr")', "data")


def _map(variable: Variable) -> dict[str, Any]:
    return code(
        f'values = data["{variable.id}"]',
        "shown = values.isel({name: -1 for name in values.dims[:-2]})  # the last time, and level",
        "steps = {name: max(1, size // 500) for name, size in shown.sizes.items()}",
        "shown = shown.coarsen(steps, boundary='trim').mean()",
        "shown.plot(robust=True, figsize=(10, 5))",
    )


def _series(dataset: Dataset, variable: Variable, here: str) -> dict[str, Any]:
    west, south, east, north = dataset.bbox
    east += 360 if east < west else 0
    x, y = (west + east) / 2, (south + north) / 2
    x -= 360 if x > 180 else 0
    when = "&datetime=../.." if dataset.time is not None else ""
    url = f"{here}/position?coords=POINT({x:.4f}%20{y:.4f}){when}&properties={variable.id}&f=csv"
    lines = ["import pandas", "", f'series = pandas.read_csv("{url}")']
    return code(*lines, "series")


def _mean(variable: Variable) -> dict[str, Any]:
    return code(
        "import numpy",
        "",
        "latitude = next(name for name in shown.dims if name.startswith('lat'))",
        "weights = numpy.cos(numpy.deg2rad(shown[latitude]))",
        f"float(shown.weighted(weights).mean())  # {variable.unit or ''}".rstrip(" #"),
    )


def _credit(dataset: Dataset, here: str, language: str) -> list[str]:
    line = attribution.line(dataset)
    licence = attribution.licence_url(dataset)
    identifiers = [f"<{identifier.url}>" for identifier in attribution.identifiers(dataset)]
    lines = [_word("credit", language), "", line or dataset.id]
    return [*lines, *([f"<{licence}>"] if licence else []), *identifiers, f"<{here}>"]
