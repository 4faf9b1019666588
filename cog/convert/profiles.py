"""The encodings of COGs: block size, compression and predictor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cog.convert.blocks import BLOCK, Compressor, deflate, encoded, zstd

ProfileName = Literal["zstd", "deflate", "small", "in-place"]
"""`in-place`: nothing is encoded, the file stays where it lies (`cog.convert.inplace`)."""
Codec = Literal["zstd", "deflate"]

VERSION = "2"
"""Rises whenever the same cells would be written as other bytes; it is part of the idempotency key."""
_ENCODINGS: dict[ProfileName, tuple[Codec, int]] = {
    "zstd": ("zstd", 3),
    "deflate": ("deflate", 6),
    "small": ("zstd", 9),
}
"""`zstd` and `deflate` are where packing is still cheap. Level 9 of ZSTD packs about four times as long; its files are
mostly 1 to 4 % smaller where cells are continuous, and up to 17 % for classes and 16-bit integers."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """An encoding. `zstd` is small and fast, `small` slower and smaller; every GeoTIFF reader reads `deflate`."""

    name: ProfileName
    codec: Codec
    level: int
    """The effort of the compressor."""

    def compressor(self) -> Compressor:
        """A compressor for one thread."""
        return zstd(self.level) if self.codec == "zstd" else deflate(self.level)

    def predictors(self, dtype: np.dtype[Any]) -> tuple[int, int]:
        """The predictors that may suit cells of a type: 1 none, 2 differences, 3 floating point."""
        return (1, 3) if dtype.kind == "f" else (1, 2)

    def creation_options(self, predictor: int) -> dict[str, str | int | bool]:
        """GDAL's creation options for a COG."""
        return {
            "driver": "GTiff",
            "tiled": True,
            "blockxsize": BLOCK,
            "blockysize": BLOCK,
            "interleave": "band",
            "bigtiff": "IF_SAFER",
            "compress": self.codec.upper(),
            "predictor": predictor,
        }


def profile(name: ProfileName = "zstd") -> Profile:
    """The profile of that name."""
    codec, level = _ENCODINGS["zstd" if name == "in-place" else name]
    return Profile(name=name, codec=codec, level=level)


def best_predictor(blocks: list[NDArray[Any]], encoding: Profile) -> int:
    """The TIFF predictor (1 none, 2 differences, 3 floating point) that makes sample blocks smallest; 1 if none does.

    Args:
        blocks: (row, column) blocks of `BLOCK` x `BLOCK` cells at most, of one type.
        encoding: The profile to compress with.
    """
    compress = encoding.compressor()
    sizes = {
        predictor: sum(len(encoded(block, predictor=predictor, compress=compress)) for block in blocks)
        for predictor in encoding.predictors(blocks[0].dtype)
    }
    return min(sizes, key=lambda p: (sizes[p], p))
