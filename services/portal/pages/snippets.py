"""Texts to copy from the page of a dataset: URLs, and examples that work for this very dataset."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from config.layers import MEMBER, level_of, member_of
from config.times import label_to_path
from records.datasets.assets.file_links import asset_url
from services.web.documents.pictures import map_url, tiles_template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.datasets.models import Asset, Dataset, Variable

_NUMBER: Final = re.compile(r"-?[0-9]+([.][0-9]+)?", re.ASCII)
_SAMPLE = 0.4
"""Share of a dataset's box, in each direction, that examples ask for."""


@dataclass(frozen=True, kw_only=True)
class View:
    """The view that a page shows: one variable in one style at one time and level."""

    base_url: str
    dataset: Dataset
    variable: Variable
    style: str
    time: str | None
    """Label of the time; None without times."""
    layer: str | None
    """Key of the layer (`config.layers`); None where there are no levels and members."""
    file: Asset | None = None
    """The latest file of the variable at this layer; the first of its sheets where there are parts."""

    @property
    def collection(self) -> str:
        """URL of the collection."""
        return f"{self.base_url}/collections/{self.dataset.id}"

    @property
    def path_time(self) -> str:
        """The time as it stands in paths."""
        return label_to_path(self.time) if self.time else "latest"

    @property
    def tiles(self) -> str:
        """Template of the tiles of all that is chosen."""
        return tiles_template(
            self.base_url, self.dataset.id, self.variable.id, style=self.style, time=self.path_time, layer=self.layer
        )

    def coverage(self, format_: str, *, bbox: str = "", when: str | None = None) -> str:
        """URL of a download of the variable."""
        time = when or self.time
        parts = [
            f"properties={self.variable.id}",
            f"bbox={bbox}" if bbox else "",
            f"datetime={quote(time, safe=':/')}" if time else "",
            f"subset={layer_subset(self.layer)}" if self.layer is not None else "",
            f"f={format_}",
        ]
        return f"{self.collection}/coverage?{'&'.join(part for part in parts if part)}"


def layer_subset(layer: str) -> str:
    """A layer as `subset` takes it in a URL."""
    axes = (("level", level_of(layer)), (MEMBER, member_of(layer)))
    return ",".join(axis_subset(name, label) for name, label in axes if label is not None)


def axis_subset(name: str, label: str) -> str:
    """A label of an axis as `subset` takes it in a URL: a number as it is, another label in quotes."""
    return f"{name}({label})" if _NUMBER.fullmatch(label) else f"{name}(%22{quote(label, safe='')}%22)"


@dataclass(frozen=True, kw_only=True)
class Copyable:
    """A text to copy; `key` names it, `follow` says whether it is a URL that answers as it is."""

    key: str
    text: str
    follow: bool = False
    timed: bool = False
    """Whether it holds the time that is shown, so that a script keeps it in step."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A program or a way to go that works for this dataset; `key` names it, `steps` are keys of sentences."""

    key: str
    code: str = ""
    steps: tuple[tuple[str, str], ...] = ()
    """(key of a sentence, what is to be copied for it)."""


def urls(view: View) -> list[Copyable]:
    """Each way to use the variable: maps first, then values, then files."""
    xyz = f"{view.base_url}/xyz/{view.dataset.id}/{view.variable.id}"
    entries = [
        Copyable(key="for_xyz", text=f"{xyz}/{{z}}/{{x}}/{{y}}.png"),
        Copyable(key="for_xyz_time", text=view.tiles, timed=True),
        Copyable(key="for_arcgis", text=f"{xyz}/{{level}}/{{col}}/{{row}}.png"),
        Copyable(key="for_qgis", text=f"{view.collection}/open/qgis.qlr", follow=True),
        Copyable(key="for_wms", text=f"{view.collection}/wms"),
        Copyable(key="for_wmts", text=f"{view.collection}/wmts/1.0.0/WMTSCapabilities.xml", follow=True),
        Copyable(key="for_wcs", text=f"{view.collection}/wcs"),
        Copyable(key="for_terria", text=f"{view.collection}/open/terria.json", follow=True),
        Copyable(key="for_arcgis_map", text=f"{view.collection}/open/arcgis.json", follow=True),
        Copyable(key="for_qml", text=_style_file(view, "qml"), follow=True),
        Copyable(key="for_sld", text=_style_file(view, "sld"), follow=True),
        Copyable(key="for_tilejson", text=f"{xyz}/tilejson.json", follow=True),
        Copyable(key="for_legend", text=_legend(view), follow=True),
        Copyable(key="for_map", text=_picture(view), follow=True, timed=True),
        Copyable(key="for_geotiff", text=view.coverage("geotiff"), follow=True, timed=True),
        Copyable(key="for_netcdf", text=view.coverage("netcdf"), follow=True, timed=True),
    ]
    file = _file(view)
    if file:
        entries.append(Copyable(key="for_file", text=file, follow=True))
        entries.append(Copyable(key="for_vsicurl", text=f"/vsicurl/{file}"))
    return [
        *entries,
        Copyable(key="for_gdal", text=f"OGCAPI:{view.collection}"),
        Copyable(key="for_dap", text=f"{view.base_url}/dap/{view.dataset.id}", follow=True),
        Copyable(key="for_zarr", text=f"{view.collection}/zarr", follow=True),
        Copyable(key="for_edr", text=f"{view.base_url}/edr/collections/{view.dataset.id}", follow=True),
        Copyable(key="for_ogc", text=view.collection, follow=True),
    ]


def _legend(view: View) -> str:
    own = f"?variable={view.variable.id}&f=png"
    return f"{view.collection}/styles/{view.style}/legend{own}"


def _style_file(view: View, name: str) -> str:
    return f"{view.collection}/styles/{view.style}/{name}?variable={view.variable.id}"


def _picture(view: View) -> str:
    dataset, variable = view.dataset, view.variable
    return map_url(view.base_url, dataset, variable, style=view.style, time=view.time, layer=view.layer)


def _file(view: View) -> str:
    """URL of the latest file of the variable; empty without one."""
    return asset_url(view.base_url, view.file) if view.file else ""


def examples(view: View) -> list[Example]:
    """Return examples of the dataset's use from a shell, from Python and in QGIS."""
    variable = view.variable
    band = StacBand(name=variable.id, scale=variable.scale, offset=variable.offset, nodata=variable.nodata)
    stac = stac_code(f"{view.base_url}/stac", view.dataset.id, [band])
    return [
        Example(key="curl", code=_curl(view)),
        Example(key="python", code=_python(view)),
        Example(key="stac_python", code=stac),
        _qgis(view),
    ]


@dataclass(frozen=True, kw_only=True)
class StacBand:
    """An asset as code reads it: value = cell * scale + offset, where the cell is not the no-data value."""

    name: str
    scale: float
    offset: float
    nodata: float | str | None


def stac_code(root: str, collection: str, bands: Sequence[StacBand], *, item: str = "") -> str:
    """Python that finds items of a collection and loads them; odc-stac leaves unpacking to its user."""
    chosen = f'ids=["{item}"]' if item else f'collections=["{collection}"], max_items=10'
    names = ", ".join(f'"{band.name}"' for band in bands)
    lines = [
        "import odc.stac",
        "import pystac_client",
        "",
        f'catalogue = pystac_client.Client.open("{root}")',
        f"items = list(catalogue.search({chosen}).items())",
        f"cube = odc.stac.load(items, bands=[{names}])",
    ]
    for band in bands:
        cells = f'cube["{band.name}"]'
        if isinstance(band.nodata, int | float) and math.isfinite(band.nodata):
            cells = f"{cells}.where({cells} != {band.nodata:g})"
        if (band.scale, band.offset) != (1.0, 0.0):
            lines.append("# odc-stac loads cells as they are stored: value = cell * scale + offset")
            cells = f"{cells} * {band.scale!r} + {band.offset!r}"
        lines.append(f"{band.name} = {cells}")
    return "\n".join(lines)


def sample_box(dataset: Dataset) -> str:
    """The middle of a dataset's box as `bbox`: west,south,east,north in degrees."""
    west, south, east, north = dataset.bbox
    east += 360 if east < west else 0
    x, y = (west + east) / 2, (south + north) / 2
    dx, dy = (east - west) * _SAMPLE / 2, (north - south) * _SAMPLE / 2
    ends = (x - dx, y - dy, x + dx, y + dy)
    return ",".join(f"{value - 360 if n % 2 == 0 and value > 180 else value:.6g}" for n, value in enumerate(ends))


def _curl(view: View) -> str:
    box = sample_box(view.dataset)
    name = view.variable.id
    return "\n".join(
        [
            f'curl -o {name}.tif "{view.coverage("geotiff", bbox=box)}"',
            f'curl -o {name}.nc "{view.coverage("netcdf", bbox=box)}"',
            f'curl -H "Accept-Language: zh" "{view.collection}"',
        ]
    )


def _python(view: View) -> str:
    file = _file(view)
    name = view.variable.id
    lines = [
        "import io, urllib.request",
        "import xarray",
        "",
        f'url = "{view.coverage("netcdf", bbox=sample_box(view.dataset))}"',
        "data = xarray.open_dataset(io.BytesIO(urllib.request.urlopen(url).read()))",
        f'print(data["{name}"])',
    ]
    if file:
        lines += [
            "",
            "# the file itself, read in place: only the blocks that are needed come over the network",
            "import rioxarray",
            "",
            f'file = rioxarray.open_rasterio("{file}", mask_and_scale=True)',
            "print(file.rio.crs, file.shape)",
        ]
    return "\n".join(lines)


def _qgis(view: View) -> Example:
    xyz = f"{view.base_url}/xyz/{view.dataset.id}/{view.variable.id}/{{z}}/{{x}}/{{y}}.png"
    steps = [("qgis_xyz", xyz)]
    file = _file(view)
    if file:
        steps.append(("qgis_raster", file))
    return Example(key="qgis", steps=(*steps, ("qgis_catalogue", f"{view.base_url}/")))


def execution_example(description: dict[str, Any], base_url: str) -> str:
    """Return the command that executes a process from a shell, with a sample of each required input."""
    needed = {n: i.get("schema", {}) for n, i in description.get("inputs", {}).items() if i.get("minOccurs", 1)}
    body = json.dumps({"inputs": {name: _sample(schema) for name, schema in needed.items()}}, ensure_ascii=False)
    url = f"{base_url}/processes/{description['id']}/execution"
    quoted = body.replace("'", "'\\''")
    return f"curl -H 'Content-Type: application/json' -H 'Prefer: respond-async' \\\n  -d '{quoted}' \\\n  {url}"


def _sample(schema: dict[str, Any]) -> Any:
    """A value of a schema: its default or first choice, else one of its type."""
    if "default" in schema:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    for union in ("oneOf", "anyOf"):
        if schema.get(union):
            return _sample(schema[union][0])
    of_type = {"string": "\u2026", "number": schema.get("minimum", 1), "integer": schema.get("minimum", 1)}
    of_type |= {"boolean": True, "array": [], "object": {}}
    return of_type.get(str(schema.get("type")), {})
