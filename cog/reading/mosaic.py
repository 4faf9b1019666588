"""Several parts of one time, shown as one: where parts overlap, the first that has data there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from cog.tiles.reader import GranuleReader
from cog.tiles.source import RasterSource

if TYPE_CHECKING:
    from morecantile import TileMatrixSet
    from rio_tiler.models import ImageData


@dataclass(frozen=True, kw_only=True)
class RasterParts:
    """The COGs of the parts, in the order in which they count; of one variable, at least one."""

    sources: tuple[RasterSource, ...]


class PartsReader:
    """Reads tiles of parts, one part after the other until no pixel is left: a reader as titiler's factory needs it."""

    def __init__(self, parts: RasterParts, *, tms: TileMatrixSet) -> None:
        self._parts = parts
        self._tms = tms
        self.colormap: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Open nothing yet: each part is open while it is read."""
        return self

    def __exit__(self, *_args: object) -> None:
        """Nothing is open."""

    def tile(self, tile_x: int, tile_y: int, tile_z: int, **options: Any) -> ImageData:
        """A tile; see `cog.tiles.reader.GranuleReader.tile`."""
        shown: ImageData | None = None
        for source in self._parts.sources:
            with _reader(source, tms=self._tms) as reader:
                image = reader.tile(tile_x, tile_y, tile_z, **options)
            shown = image if shown is None else _filled(shown, image)
            if not np.ma.getmaskarray(shown.array).any():
                break
        assert shown is not None
        return shown


def _filled(image: ImageData, below: ImageData) -> ImageData:
    """An image, with what lies below where it has no data."""
    gaps = np.ma.getmaskarray(image.array) & ~np.ma.getmaskarray(below.array)
    if gaps.any():
        values = np.where(gaps, below.array.data, image.array.data)
        image.array = np.ma.MaskedArray(values, mask=np.ma.getmaskarray(image.array) & ~gaps)
    return image


def open_source(source: RasterSource | RasterParts, **options: Any) -> GranuleReader | PartsReader:
    """The reader of a granule, or of several; of those, `tms` is the one option."""
    return PartsReader(source, **options) if isinstance(source, RasterParts) else _reader(source, **options)


def _reader(source: RasterSource, **options: Any) -> GranuleReader:
    path: Any = source  # rio-tiler names it `input` and takes it for a path
    return GranuleReader(path, **options)
