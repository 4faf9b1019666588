"""The picture view of a mosaic: tiles of the sheets of one time, whichever lattices their cells lie on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

from cog.reading.mosaic import Mosaic
from cog.tiles.reader import GranuleReader

if TYPE_CHECKING:
    from morecantile import TileMatrixSet
    from rio_tiler.models import ImageData

    from cog.tiles.source import RasterSource


class MosaicReader:
    """Reads tiles of a mosaic, sheet by sheet until no pixel is left: a reader as titiler's factory needs it."""

    def __init__(self, mosaic: Mosaic[RasterSource], *, tms: TileMatrixSet) -> None:
        self._mosaic = mosaic
        self._tms = tms
        self.colormap: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Open nothing yet: each sheet is open while it is read."""
        return self

    def __exit__(self, *_args: object) -> None:
        """Nothing is open."""

    def tile(self, tile_x: int, tile_y: int, tile_z: int, **options: Any) -> ImageData:
        """A tile; see `cog.tiles.reader.GranuleReader.tile`."""
        picture: ImageData | None = None
        for source in self._mosaic.sheets:
            with _reader(source, tms=self._tms) as reader:
                image = reader.tile(tile_x, tile_y, tile_z, **options)
            picture = image if picture is None else _filled(picture, image)
            if not np.ma.getmaskarray(picture.array).any():
                break
        assert picture is not None
        return picture


def _filled(image: ImageData, below: ImageData) -> ImageData:
    """An image, with what lies below where it has no data."""
    gaps = np.ma.getmaskarray(image.array) & ~np.ma.getmaskarray(below.array)
    if gaps.any():
        values = np.where(gaps, below.array.data, image.array.data)
        image.array = np.ma.MaskedArray(values, mask=np.ma.getmaskarray(image.array) & ~gaps)
    return image


@overload
def open_reader(source: RasterSource, **options: Any) -> GranuleReader: ...
@overload
def open_reader(source: Mosaic[RasterSource], **options: Any) -> MosaicReader: ...
@overload
def open_reader(source: RasterSource | Mosaic[RasterSource], **options: Any) -> GranuleReader | MosaicReader: ...
def open_reader(source: RasterSource | Mosaic[RasterSource], **options: Any) -> GranuleReader | MosaicReader:
    """The reader of a granule, or of a mosaic, whose one option is `tms`."""
    return MosaicReader(source, **options) if isinstance(source, Mosaic) else _reader(source, **options)


def _reader(source: RasterSource, **options: Any) -> GranuleReader:
    path: Any = source  # rio-tiler names it `input` and takes it for a path
    return GranuleReader(path, **options)
