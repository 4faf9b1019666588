"""Files as STAC assets, with their bands (STAC 1.1, common metadata) and the meaning of their cells' values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from cog.statistics.packing import unpack
from cog.statistics.partial import variable_statistics
from config.vocabulary import COG
from records.datasets.assets.file_links import asset_url, file_members
from records.datasets.models import text_in
from services.apis.stac import projection
from services.web.documents.titles import TITLES

if TYPE_CHECKING:
    from records.datasets.models import Asset, Granule, Variable

_TYPES: Final = frozenset({
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
})  # fmt: skip
_EXACT: Final = 2.0**53
_COLORS: Final = ("red", "green", "blue", "alpha")


def asset(base: str, variable: Variable, granule: Granule, *, language: str, own_grid: bool) -> dict[str, Any]:
    """The file of a granule; with its grid if the item has no common one, with statistics if its summary was read."""
    document = {
        "href": asset_url(base, granule.asset),
        "type": granule.asset.media_type,
        **_describe_cells(variable, language),
        **file_members(granule.asset),
    }
    statistics = _statistics(variable, granule)
    if statistics:
        document["statistics"] = statistics
    return document | (projection.members(granule.grid) if own_grid else {})


def source(base: str, original: Asset, *, language: str) -> dict[str, Any]:
    """The original file of granules, as it was ingested."""
    return {
        "href": asset_url(base, original),
        "type": original.media_type,
        "title": TITLES.text("source_file", language),
        "roles": ["source"],
        **file_members(original),
    }


def template(variable: Variable, language: str) -> dict[str, Any]:
    """The common members of a variable's files: an entry of `item_assets`."""
    document: dict[str, Any] = {"type": COG, **_describe_cells(variable, language)}
    if variable.classes:
        document["classification:classes"] = [
            {
                "value": c.value,
                "name": f"class-{c.value}",
                "title": text_in(c.title, language) or str(c.value),
                "color_hint": "{:02X}{:02X}{:02X}".format(*c.color[:3]),
            }
            for c in variable.classes
        ]
    return document


def _describe_cells(variable: Variable, language: str) -> dict[str, Any]:
    """Title, roles, type of the cells, fill value, packing and unit; physical value = stored value * scale + offset."""
    members: dict[str, Any] = {
        "title": text_in(variable.title, language) or variable.id,
        "roles": ["data"],
        "data_type": variable.dtype if variable.dtype in _TYPES else "other",
        "bands": _bands(variable),
    }
    if variable.standard_name:
        members["description"] = f"CF standard name: {variable.standard_name}"
    if variable.nodata is not None:
        members["nodata"] = _number(variable.nodata)
    if variable.unit:
        members["unit"] = variable.unit
    if variable.is_packed:
        members["raster:bands"] = _packed_bands(variable, members)
    return members


def _packed_bands(variable: Variable, members: dict[str, Any]) -> list[dict[str, Any]]:
    """How the cells of each band are packed (raster extension 1.1); its other members repeat those of the asset."""
    repeated = {name: members[name] for name in ("data_type", "nodata", "unit") if name in members}
    return [repeated | {"scale": variable.scale, "offset": variable.offset}] * variable.band_count


def _bands(variable: Variable) -> list[dict[str, Any]]:
    if variable.band_count == 1:
        return [{"name": variable.id}]
    return [{"name": name} for name in _COLORS[: variable.band_count]]


def _number(value: float) -> float | str:
    """A number of JSON; numbers that JSON lacks are texts in STAC."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _statistics(variable: Variable, granule: Granule) -> dict[str, float] | None:
    """Statistics of the cells with data, in physical units; None without a summary or without such cells."""
    partial = unpack(granule.summary) if granule.summary is not None else None
    whole = variable_statistics(partial, scale=variable.scale, offset=variable.offset) if partial is not None else None
    if partial is None or whole is None:
        return None
    return {
        "minimum": whole.minimum,
        "maximum": whole.maximum,
        "mean": whole.mean,
        "stddev": whole.stddev,
        "count": partial.count,
        "valid_percent": whole.valid_percent,
    }
