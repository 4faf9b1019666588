"""The types of an image read: the raster, the request, and the stored cells under its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from cog.cells.codec import Codec
from cog.reading.sheets import Sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cog.grids import gridmath


@dataclass(frozen=True, kw_only=True)
class RasterSource(Sheet):
    """A COG and what the catalogue states about its values.

    Attributes:
        nodata: The stored value that means no data (NaN allowed), or None.
        scale: physical = stored * scale + offset; not for categorical and rgb.
        offset: See `scale`.
        kind: The kind of the values.
    """

    nodata: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    kind: Literal["continuous", "categorical", "rgb"] = "continuous"

    def codec(self, dtype: str, *, nodata: float | None = None) -> Codec:
        """The meaning of its values, of that dtype; `nodata` counts more than the source's own unless None."""
        value = self.nodata if nodata is None else nodata
        if self.kind != "continuous":
            return Codec(dtype=dtype, nodata=value)
        return Codec(dtype=dtype, nodata=value, scale=self.scale, offset=self.offset)


@dataclass(frozen=True, kw_only=True)
class ImageRequest:
    """An image to read.

    Attributes:
        bounds: (west, south, east, north) of its outer edges, in `crs`.
        crs: `OGC:CRS84` or `EPSG:<code>`.
        shape: (rows, columns) in pixels.
        indexes: Bands, from 1; None: all but alpha.
        nodata: Stored value to mask instead of the source's own; None: the source's.
        resampling: rasterio's name of the resampling.
    """

    bounds: gridmath.Bounds
    crs: str
    shape: tuple[int, int]
    indexes: tuple[int, ...] | None = None
    nodata: float | None = None
    resampling: str = "nearest"


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageCells:
    """The stored values under the pixels of an image.

    Attributes:
        values: (band, row, column); without data the no-data value, NaN or infinite, and under a mask anything.
        codec: Their meaning.
        fill: The value of every cell off the grid or under a mask, NaN included; None if these differ.
        mask: (row, column) or the shape of the values: True where there is no data regardless of the value; None if
            nowhere.
    """

    values: NDArray[np.generic]
    codec: Codec
    fill: float | None
    mask: NDArray[np.bool_] | None = None

    @cached_property
    def invalid(self) -> NDArray[np.bool_] | None:
        """True where there is no data, in the shape of the values; None if there is data everywhere."""
        invalid = self.codec.invalid(self.values)
        if self.mask is not None:
            invalid = np.broadcast_to(self.mask, self.values.shape).copy() if invalid is None else invalid | self.mask
        return None if invalid is None or not invalid.any() else invalid

    @property
    def is_marked(self) -> bool:
        """Whether the cells without data are exactly those whose value is `fill`."""
        return self.fill is not None and self.fill == self.codec.nodata and self.values.dtype.kind in "iu"

    def masked(self) -> np.ma.MaskedArray:
        """The stored values as a masked array with a whole mask."""
        mask = np.zeros(self.values.shape, bool) if self.invalid is None else self.invalid
        return np.ma.MaskedArray(self.values, mask=mask)

    def image(self) -> np.ma.MaskedArray:
        """The physical values, masked where there is no data."""
        return self.codec.image(self.masked())
