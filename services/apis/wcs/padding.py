"""A GeoTIFF of a part of a box, filled up with no data to the whole of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import rasterio
from rasterio.windows import Window

if TYPE_CHECKING:
    from pathlib import Path

    from services.apis.wcs.old_trimming import BoxRequest

_ROWS: Final = 512


def padded(path: Path, box: BoxRequest) -> Path:
    """The whole box, as a file beside that of its part; the same file where the part is all of it."""
    grid, (left, top) = box.grid, box.offset
    with rasterio.open(path) as source:
        if not box.is_beside and (source.width, source.height) == (grid.width, grid.height):
            return path
        fill = 0 if source.nodata is None else source.nodata
        profile = {**source.profile, "width": grid.width, "height": grid.height}
        profile["transform"] = rasterio.Affine(*grid.transform)
        profile["crs"] = source.crs
        whole = path.with_suffix(".whole.tif")
        with rasterio.open(whole, "w", **profile) as output:
            output.scales, output.offsets = source.scales, source.offsets
            output.descriptions = source.descriptions
            output.units = source.units
            for row in range(0, grid.height, _ROWS):
                rows = min(_ROWS, grid.height - row)
                values = np.full((source.count, rows, grid.width), fill, dtype=source.dtypes[0])
                first, last = max(row, top), min(row + rows, top + source.height)
                if first < last and not box.is_beside:
                    cells = source.read(window=Window(0, first - top, source.width, last - first))
                    values[:, first - row : last - row, left : left + source.width] = cells
                output.write(values, window=Window(0, row, grid.width, rows))
    return whole
