"""How COGs are encoded: block size, compression and predictor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.io import MemoryFile

ProfileName = Literal["zstd", "deflate"]

BLOCK = 256
"""Block edge, in cells: one block a map tile."""
VERSION = "1"
"""Rises whenever the same cells would be written as other bytes; it is part of the idempotency key."""
SAMPLES = 8
"""Blocks compressed to choose the predictor."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """An encoding. `zstd` is small and fast; `deflate` is read by every GeoTIFF reader."""

    name: ProfileName
    options: dict[str, str | int]

    def creation_options(self, predictor: int) -> dict[str, str | int | bool]:
        """GDAL's creation options for a COG."""
        return {
            "driver": "GTiff",
            "tiled": True,
            "blockxsize": BLOCK,
            "blockysize": BLOCK,
            "interleave": "band",
            "bigtiff": "IF_SAFER",
            **self.options,
            "predictor": predictor,
        }


def profile(name: ProfileName = "zstd") -> Profile:
    """The profile of that name."""
    options: dict[ProfileName, dict[str, str | int]] = {
        "zstd": {"compress": "ZSTD", "zstd_level": 9},
        "deflate": {"compress": "DEFLATE", "zlevel": 9},
    }
    return Profile(name=name, options=options[name])


def best_predictor(blocks: list[NDArray[Any]], chosen: Profile) -> int:
    """The TIFF predictor (1 none, 2 differences, 3 floating point) that makes sample blocks smallest; 1 if none does.

    Args:
        blocks: (row, column) blocks of `BLOCK` x `BLOCK` cells at most, of one type.
        chosen: The profile to compress with.
    """
    kind = blocks[0].dtype.kind
    sizes = {p: _compressed_size(blocks, chosen, p) for p in ((1, 3) if kind == "f" else (1, 2))}
    return min(sizes, key=lambda p: (sizes[p], p))


def _compressed_size(blocks: list[NDArray[Any]], chosen: Profile, predictor: int) -> int:
    sample = np.zeros((BLOCK * len(blocks), BLOCK), dtype=blocks[0].dtype)
    for index, block in enumerate(blocks):
        sample[index * BLOCK : index * BLOCK + block.shape[0], : block.shape[1]] = block
    place = Affine(1, 0, 1, 0, -1, 1)
    with MemoryFile() as memory:
        with memory.open(
            width=BLOCK,
            height=sample.shape[0],
            count=1,
            dtype=sample.dtype.name,
            transform=place,
            **chosen.creation_options(predictor),
        ) as dataset:
            dataset.write(sample, 1)
        return len(memory.getbuffer())
