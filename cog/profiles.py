"""How COGs are encoded: block size, compression and predictor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from cog.blocks import BLOCK, Compressor, deflate, encoded, zstd

ProfileName = Literal["zstd", "deflate"]

VERSION = "2"
"""Rises whenever the same cells would be written as other bytes; it is part of the idempotency key."""
_LEVELS: dict[ProfileName, int] = {"zstd": 3, "deflate": 6}
"""Where packing is still cheap: level 9 of either saves 1 to 4 % of continuous data, and takes four times as long."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """An encoding. `zstd` is small and fast; `deflate` is read by every GeoTIFF reader."""

    name: ProfileName
    level: int
    """How hard the compressor tries."""

    def compressor(self) -> Compressor:
        """A compressor for one thread."""
        return zstd(self.level) if self.name == "zstd" else deflate(self.level)

    def creation_options(self, predictor: int) -> dict[str, str | int | bool]:
        """GDAL's creation options for a COG."""
        return {
            "driver": "GTiff",
            "tiled": True,
            "blockxsize": BLOCK,
            "blockysize": BLOCK,
            "interleave": "band",
            "bigtiff": "IF_SAFER",
            "compress": self.name.upper(),
            "predictor": predictor,
        }


def profile(name: ProfileName = "zstd") -> Profile:
    """The profile of that name."""
    return Profile(name=name, level=_LEVELS[name])


def best_predictor(blocks: list[NDArray[Any]], chosen: Profile) -> int:
    """The TIFF predictor (1 none, 2 differences, 3 floating point) that makes sample blocks smallest; 1 if none does.

    Args:
        blocks: (row, column) blocks of `BLOCK` x `BLOCK` cells at most, of one type.
        chosen: The profile to compress with.
    """
    kind = blocks[0].dtype.kind
    compress = chosen.compressor()
    sizes = {
        predictor: sum(len(encoded(block, predictor=predictor, compress=compress)) for block in blocks)
        for predictor in ((1, 3) if kind == "f" else (1, 2))
    }
    return min(sizes, key=lambda p: (sizes[p], p))
