"""What the page of a dataset shows beside its collection document: one variable in one style, as map and legend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from config.times import label_to_path
from records.models import text_in
from services.front.collection_document import is_served
from services.portal.legend import Legend, legend

if TYPE_CHECKING:
    from records.models import Dataset, Style, Variable
    from services.context import Context

MAX_TIMES = 4000
"""Times that can be chosen on the map; the URLs reach all of them."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What is shown of a dataset.

    Attributes:
        variable: The chosen variable, or None if the dataset has none.
        style: The chosen style of it, or None if it has none.
        legend: The style's legend, or None without a style.
        times: Labels of its latest times, rising; empty without time.
        map: What the map's script needs, or None where no data is served.
        urls: (word key, text to copy, whether it can be followed) of each way to use the variable.
    """

    variable: Variable | None
    style: Style | None
    legend: Legend | None
    times: list[str]
    map: dict[str, Any] | None
    urls: list[tuple[str, str, bool]]


def dataset_page(
    context: Context, dataset: Dataset, *, language: str, variable_id: str | None, style_id: str | None
) -> Shown:
    """What is shown of a dataset; raises VariableNotFound or StyleNotFound."""
    if not dataset.variables or not is_served(context, dataset):
        return Shown(variable=None, style=None, legend=None, times=[], map=None, urls=[])
    variable = dataset.variable(variable_id or None)
    style = variable.style(style_id) if style_id else next(iter(variable.styles), None)
    times = context.catalogue.repository.times(dataset.id, variable.id, limit=MAX_TIMES)
    return Shown(
        variable=variable,
        style=style,
        legend=legend(variable, style, language=language) if style else None,
        times=times,
        map=_map(context, dataset, variable, style=style, times=times, language=language),
        urls=_urls(context.settings.base_url, dataset, variable, style=style, times=times),
    )


def _map(  # noqa: PLR0913 - what is drawn
    context: Context, dataset: Dataset, variable: Variable, *, style: Style | None, times: list[str], language: str
) -> dict[str, Any]:
    """Data of the map; its URLs have no host, so that the map works under every name of this host."""
    xyz = f"{urlsplit(context.settings.base_url).path}/xyz/{dataset.id}/{variable.id}"
    chosen = style.id if style else "default"
    return {
        "title": text_in(variable.title, language) or variable.id,
        "bbox": list(dataset.bbox),
        "tilejson": f"{xyz}/tilejson.json",
        "tiles": f"{xyz}/{chosen}/{{time}}/{{z}}/{{x}}/{{y}}.png",
        "times": [{"label": label, "path": label_to_path(label)} for label in times],
        "latest": "latest",
        "attribution": dataset.attribution or "",
    }


def _urls(
    base: str, dataset: Dataset, variable: Variable, *, style: Style | None, times: list[str]
) -> list[tuple[str, str, bool]]:
    xyz = f"{base}/xyz/{dataset.id}/{variable.id}"
    here = f"{base}/collections/{dataset.id}"
    chosen = style.id if style else "default"
    time = label_to_path(times[-1]) if times else "latest"
    when = f"&datetime={quote(times[-1], safe=':')}" if times else ""
    return [
        ("for_xyz", f"{xyz}/{{z}}/{{x}}/{{y}}.png", False),
        ("for_xyz_time", f"{xyz}/{chosen}/{time}/{{z}}/{{x}}/{{y}}.png", False),
        ("for_arcgis", f"{xyz}/{{level}}/{{col}}/{{row}}.png", False),
        ("for_tilejson", f"{xyz}/tilejson.json", True),
        ("for_geotiff", f"{here}/coverage?properties={variable.id}{when}&f=geotiff", True),
        ("for_netcdf", f"{here}/coverage?properties={variable.id}{when}&f=netcdf", True),
        ("for_gdal", f"gdalinfo OGCAPI:{here}", False),
        ("for_ogc", here, True),
    ]
