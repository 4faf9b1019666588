"""Datasets with a vertical axis, and datasets whose times are cut into sheets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import rasterio

from config.grids import Grid
from config.layers import MEMBER, layer_key
from records.datasets.models import LayerAxis
from tests.support.rasters import write_cog

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from records.datasets.models import Granule
    from records.datasets.publication import Publication


def _stored(store: Path, granule: Granule) -> NDArray[np.generic]:
    with rasterio.open(store / granule.asset.href) as source:
        values: NDArray[np.generic] = source.read(1)
    return values


def with_levels(base: Publication, store: Path, levels: dict[str, float], *, name: str = "depth") -> Publication:
    """A publication with every granule at each level, its values raised by the number of the level."""
    axis = LayerAxis(name=name, unit="m", positive="down", labels=tuple(levels))
    variables = tuple(replace(variable, levels=axis) for variable in base.variables)
    granules = []
    for granule in base.granules:
        values = _stored(store, granule)
        for label, raised in levels.items():
            href = granule.asset.href.replace(".tif", f"-{label}.tif")
            nodata = base.variables[0].nodata
            asset = write_cog(store, href, (values + raised).astype(values.dtype), granule.grid, nodata=nodata)
            granules.append(replace(granule, layer=label, asset=asset))
    return replace(base, variables=variables, granules=tuple(granules))


def with_members(base: Publication, store: Path, members: dict[str, float]) -> Publication:
    """A publication with every granule for each member of an ensemble, its values raised by that of the member."""
    axis = LayerAxis(name=MEMBER, unit=None, positive=None, labels=tuple(members))
    variables = tuple(replace(variable, members=axis) for variable in base.variables)
    granules = []
    for granule in base.granules:
        values = _stored(store, granule)
        for label, raised in members.items():
            href = granule.asset.href.replace(".tif", f"-m{label}.tif")
            nodata = base.variables[0].nodata
            asset = write_cog(store, href, (values + raised).astype(values.dtype), granule.grid, nodata=nodata)
            granules.append(replace(granule, layer=layer_key(granule.level, label), asset=asset))
    return replace(base, variables=variables, granules=tuple(granules))


def with_parts(base: Publication, store: Path, parts: dict[str, tuple[slice, slice]]) -> Publication:
    """A publication whose granules are cut into sheets: rows and columns by name of the part."""
    granules = []
    for granule in base.granules:
        values = _stored(store, granule)
        a, b, c, d, e, f = granule.grid.transform
        for name, (rows, columns) in parts.items():
            cut = values[rows, columns]
            top, left = rows.start or 0, columns.start or 0
            transform = (a, b, c + left * a, d, e, f + top * e)
            grid = Grid(crs=granule.grid.crs, transform=transform, width=cut.shape[1], height=cut.shape[0])
            href = granule.asset.href.replace(".tif", f"-{name}.tif")
            asset = write_cog(store, href, cut, grid, nodata=base.variables[0].nodata)
            granules.append(replace(granule, part=name, asset=asset, grid=grid))
    return replace(base, granules=tuple(granules))
