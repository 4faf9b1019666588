"""Overviews across the sheets of a mosaic: one raster of coarse cells, made of the sheets' own overviews.

A picture of many sheets is drawn from it, so that it opens one file. Its cells are derived as those of any overview:
means of continuous quantities, the commonest of classes. In each cell the first sheet that has data there counts.
"""

from __future__ import annotations

from collections import OrderedDict
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import rasterio
from affine import Affine
from rasterio.enums import Resampling
from rasterio.warp import reproject
from rasterio.windows import Window

from cog.convert.models import RGB
from cog.convert.skeleton import overview_resampling
from cog.reading.opener import open_raster
from cog.sources.models import SourceDescription

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cog.reading.sheets import Sheet
    from cog.sources.models import SourceVariable
    from config.grids import Grid

_MOST_READ: Final = 2**24
"""Cells of a sheet without fitting overviews that are all read."""
_KEPT_BYTES: Final = 128 * 2**20
"""Cells of sheets that wait for the next rows."""
_PLAIN: Final = rasterio.CRS.from_epsg(3857)
"""Stands for the CRS of both sides, which is one: GDAL then only places cells."""


class SheetsOverview:
    """The coarse cells of a mosaic, strip by strip: what `cog.convert.convert` takes as a source.

    Args:
        variable: The meaning of the cells, of the sheets' type, on the coarse grid; of a colour image with alpha.
        sheets: In the order in which they count.
        missing: The no-data value of the sheets, which may have none where `variable` has one.
        before: An overview of the same grid across other sheets, and the sheets that are new or gone since.
        pulse: Called now and then.
    """

    def __init__(
        self,
        variable: SourceVariable,
        sheets: Sequence[Sheet],
        *,
        missing: float | None,
        before: tuple[Path, Collection[Grid]] | None = None,
        pulse: Callable[[], None] = lambda: None,
    ) -> None:
        self.description = SourceDescription(
            path="the sheets of a mosaic", format="GeoTIFF", variables=(variable,), attributes={}
        )
        self._variable, self._sheets, self._missing = variable, sheets, missing
        self._pulse = pulse
        self._before = None if before is None else rasterio.open(before[0], driver="GTiff", sharing=False)
        self._changed = () if before is None else tuple(_box(grid, variable.grid) for grid in before[1])
        self._boxes = [_box(sheet.grid, variable.grid) for sheet in sheets]
        self._read: OrderedDict[str, tuple[NDArray[Any], Affine]] = OrderedDict()

    def read(self, variable: str, step: int, *, rows: tuple[int, int], layer: int = 0) -> NDArray[Any]:
        """See `cog.sources.protocol.GridSource`."""
        del variable, step, layer
        first, last = rows
        if self._before is not None and not any(top < last and bottom > first for top, bottom, _, _ in self._changed):
            cells: NDArray[Any] = self._before.read(
                window=Window(0, first, self._variable.grid.width, last - first), masked=False
            )
        else:
            cells = self._composed(first, last)
        return cells if self._variable.kind == "rgb" else cells[0]

    def close(self) -> None:
        """Release the overview before."""
        if self._before is not None:
            self._before.close()

    def __enter__(self) -> Self:
        """The source itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close it."""
        self.close()

    def _composed(self, first: int, last: int) -> NDArray[Any]:
        """Rows [first, last) as (band, row, column), made of the sheets."""
        shape = (self._variable.band_count, last - first, self._variable.grid.width)
        cells = np.full(shape, self._variable.codec.fill, self._variable.dtype)
        empty = np.ones(shape[1:], bool)
        if self._variable.kind == "rgb":
            cells[:] = 0
        for sheet, (top, bottom, left, right) in zip(self._sheets, self._boxes, strict=True):
            begin, end = max(top, first), min(bottom, last)
            if begin >= end:
                continue
            where = (slice(begin - first, end - first), slice(left, right))
            if empty[where].any():
                new, valid = self._placed(sheet, (begin, end), (left, right))
                valid &= empty[where]
                cells[:, where[0], where[1]][:, valid] = new[:, valid]
                empty[where] &= ~valid
            self._pulse()
        return cells

    def _placed(
        self, sheet: Sheet, rows: tuple[int, int], columns: tuple[int, int]
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Coarse cells of a sheet in rows and columns of the grid, as (band, row, column), and which have data."""
        stored, transform = self._stored(sheet)
        grid, variable = self._variable.grid, self._variable
        a, _, c, _, e, f = grid.transform
        target = Affine(a, 0, c + a * columns[0], 0, e, f + e * rows[0])
        shape = (rows[1] - rows[0], columns[1] - columns[0])
        colours = variable.kind == "rgb"
        out = np.zeros((variable.band_count, *shape), variable.dtype)
        nodata = None if colours else variable.nodata
        if not colours:
            out[:] = variable.codec.fill
        count = min(len(stored), variable.band_count)
        reproject(
            stored[:count],
            out[:count],
            src_transform=transform,
            src_crs=_PLAIN,
            src_nodata=nodata,
            dst_transform=target,
            dst_crs=_PLAIN,
            dst_nodata=nodata,
            resampling=Resampling.average if colours else overview_resampling(variable),
            init_dest_nodata=not colours,
        )
        valid = _inside(sheet.grid, target, shape)
        if not colours:
            return out, valid & variable.codec.valid(out[0])
        if count <= RGB:
            out[RGB] = np.iinfo(out.dtype).max
        return out, valid & (out[RGB] > 0)

    def _stored(self, sheet: Sheet) -> tuple[NDArray[Any], Affine]:
        """Cells of a sheet at its coarsest resolution that is twice as fine as the overview's, and their transform."""
        kept = self._read.get(sheet.path)
        if kept is not None:
            self._read.move_to_end(sheet.path)
            return kept
        ratio = min(
            self._variable.grid.transform[0] / sheet.grid.transform[0],
            self._variable.grid.transform[4] / sheet.grid.transform[4],
        )
        with open_raster(sheet.path, sheet.version) as raster:
            factors = raster.full.overviews(1)
            fine = [number for number, factor in enumerate(factors) if factor <= ratio / 2]
            dataset = raster.at(fine[-1] if fine else None)
            factor = factors[fine[-1]] if fine else 1
            step = 1
            if dataset.width * dataset.height > _MOST_READ:  # where there is no such overview cells are left out
                step = max(1, floor(ratio / 2 / factor))
            shape = (dataset.count, ceil(dataset.height / step), ceil(dataset.width / step))
            stored = dataset.read(out_shape=shape, masked=False)
        if self._variable.kind != "rgb" and self._missing != self._variable.nodata and self._missing is not None:
            stored[stored == self._missing] = self._variable.codec.fill
        west, _, _, north = sheet.grid.bounds
        across = sheet.grid.transform[0] * sheet.grid.width / shape[2]
        down = sheet.grid.transform[4] * sheet.grid.height / shape[1]
        kept = self._read[sheet.path] = (stored, Affine(across, 0, west, 0, down, north))
        while len(self._read) > 1 and sum(cells.nbytes for cells, _ in self._read.values()) > _KEPT_BYTES:
            self._read.popitem(last=False)
        return kept


def _box(sheet: Grid, grid: Grid) -> tuple[int, int, int, int]:
    """(top, bottom, left, right) of the cells of a grid that a sheet meets."""
    a, _, c, _, e, f = grid.transform
    west, south, east, north = sheet.bounds
    top, bottom = floor((north - f) / e + 1e-6), ceil((south - f) / e - 1e-6)
    left, right = floor((west - c) / a + 1e-6), ceil((east - c) / a - 1e-6)
    return max(0, top), min(grid.height, bottom), max(0, left), min(grid.width, right)


def _inside(sheet: Grid, transform: Affine, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Which cells have their centre in a sheet."""
    west, south, east, north = sheet.bounds
    x = transform.c + transform.a * (np.arange(shape[1]) + 0.5)
    y = transform.f + transform.e * (np.arange(shape[0]) + 0.5)
    inside: NDArray[np.bool_] = ((y > south) & (y < north))[:, np.newaxis] & ((x > west) & (x < east))[np.newaxis]
    return inside
