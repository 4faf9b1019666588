"""What the scripts of a dataset's page need to know of the view that it shows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from config.layers import level_of, member_of
from config.times import GREGORIAN
from records.datasets.models import text_in
from services.drawing.tiles.matrices import native_matrix
from services.drawing.tiles.matrix_sets import web_mercator_quad
from services.portal.texts.explorer_words import script_words
from services.web import attribution
from services.web.documents.pictures import tiles_template

if TYPE_CHECKING:
    from config.grids import Grid
    from records.datasets.models import Dataset, Style, Variable
    from services.portal.pages.snippets import View

COLORMAPS: Final = (
    *("viridis", "cividis", "plasma", "inferno", "magma", "turbo", "gray", "gray_r"),
    *("thermal", "haline", "solar", "ice", "deep", "dense", "algae", "matter", "turbid", "speed", "amp", "rain"),
    *("balance", "balance_r", "delta", "curl", "rdbu_r", "topo", "phase", "ylorrd", "ylgnbu", "ylgn"),
)  # fmt: skip
"""The colour maps that the page offers: those made for reading values, and none that misleads."""


def explorer_data(view: View, style: Style, *, language: str, cell_limit: int) -> dict[str, Any]:
    """Data of the scripts, as `explorer/page.js` describes them; URLs have no host, so that any name of it works."""
    dataset, variable = view.dataset, view.variable
    prefix = urlsplit(view.base_url).path
    here = f"{prefix}/collections/{dataset.id}"
    tiles = partial(tiles_template, prefix, dataset.id, variable.id, style=style.id, layer=view.layer)
    return {
        "dataset": dataset.id,
        "variable": variable.id,
        "title": text_in(variable.title, language) or variable.id,
        "unit": "" if variable.unit in (None, "1") else variable.unit,
        "style": style.id,
        "level": level_of(view.layer),
        "levels": list(variable.levels.labels) if variable.levels else [],
        "levelUnit": (variable.levels.unit or "") if variable.levels else "",
        "member": member_of(view.layer),
        "members": list(variable.members.labels) if variable.members else [],
        "bbox": list(dataset.bbox),
        "zooms": _zooms(variable.grid),
        "tiles": tiles(time="{time}"),
        "time": view.path_time,
        **_times(dataset, view.time),
        "times": f"{here}/times?variable={variable.id}",
        "collection": here,
        "language": language,
        "root": prefix,
        "grid": variable.grid.to_json(),
        "kind": variable.kind,
        "geographic": variable.grid.is_geographic,
        "count": dataset.time.count if dataset.time else 1,
        "statistics": f"{prefix}/processes/zonal-statistics/execution",
        "series": f"{prefix}/processes/time-series/execution",
        "jobs": f"{prefix}/jobs",
        "regions": f"{prefix}/regions",
        "edr": f"{prefix}/edr/collections/{dataset.id}",
        "legend": f"{here}/styles/{style.id}/legend?variable={variable.id}&f=svg",
        **_look(variable, style),
        "colormaps": list(COLORMAPS),
        "download": _download(dataset, variable, cell_limit),
        "attribution": attribution.line(dataset),
        "words": script_words(language),
    }


def layer_map_data(document: dict[str, Any], language: str) -> dict[str, Any]:
    """Data of the scripts of the map of several layers."""
    root = urlsplit(document["links"][0]["href"]).path.removesuffix("/map")
    return {"root": root, "language": language, "words": script_words(language)}


def _times(dataset: Dataset, label: str | None) -> dict[str, Any]:
    time = dataset.time
    if time is None or label is None:
        return {"label": None, "first": None, "last": None, "gregorian": False}
    years = (time.first[:4], time.last[:4])
    plain = time.calendar in GREGORIAN and all(year.isdigit() and year > "0000" for year in years)
    return {"label": label, "first": time.first, "last": time.last, "gregorian": plain}


def _zooms(grid: Grid) -> tuple[int, int]:
    """The first and the last zoom level that have tiles, as TileJSON says them."""
    web_maps = web_mercator_quad()
    return min(web_maps.matrices), native_matrix(grid, web_maps)


def _look(variable: Variable, style: Style) -> dict[str, Any]:
    """What of the colours can be changed; nothing of classes and pictures."""
    if variable.kind != "continuous":
        return {"look": None, "values": None}
    statistics = variable.statistics
    values = statistics and {
        "low": statistics.percentile_2,
        "high": statistics.percentile_98,
        "least": statistics.minimum,
        "most": statistics.maximum,
    }
    return {
        "look": {"colormap": (style.colormap or "viridis").lower(), "range": style.range, "scale": style.scale},
        "values": values,
    }


def _download(dataset: Dataset, variable: Variable, cell_limit: int) -> dict[str, Any]:
    """What the size of a download is reckoned with."""
    sizes = {one.id: _bytes(one.dtype) * one.band_count for one in dataset.variables}
    return {"width": variable.grid.width, "height": variable.grid.height, "bytes": sizes, "limit": cell_limit}


def _bytes(dtype: str) -> int:
    """Bytes of a cell of a type such as `float32`, which ends with its bits."""
    return int("".join(character for character in dtype if character.isdigit()) or 8) // 8
