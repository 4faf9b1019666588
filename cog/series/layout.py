"""The shape of a part: an array (time, y, x) over consecutive times, which lies by time where the COGs lie by place.

Parts come in tiers of 4096, 256 and 16 times. Chunks hold all times of a part over a few cells, the fewer the longer,
so that a point costs one chunk of about half a megabyte at most. Each part is an array of Zarr 3 (zarr-specs, core 3.0)
in `sharding_indexed` files, which every Zarr library reads: chunks of the longest tier lie in a file for each block of
the COGs, those of the others in one file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from cog.convert.blocks import BLOCK
from cog.series.packing import IntegerPacking

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A length of parts.

    Attributes:
        steps: Times of a full part, and of its chunks.
        edge: Rows and columns of a chunk.
        is_tiled: Whether each block of the COGs has a file of its own.
    """

    steps: int
    edge: int
    is_tiled: bool


TIERS: Final = (
    Tier(steps=4096, edge=8, is_tiled=True),
    Tier(steps=256, edge=16, is_tiled=False),
    Tier(steps=16, edge=32, is_tiled=False),
)
"""From the longest to the shortest; 16 parts of a tier make one of the next."""


def tier_of(steps: int) -> Tier:
    """The tier of parts of so many times; raises ValueError if there is none."""
    match = next((tier for tier in TIERS if tier.steps == steps), None)
    if match is None:
        raise ValueError(f"no tier has parts of {steps} times")
    return match


@dataclass(frozen=True, kw_only=True)
class PartLayout:
    """The array of one part.

    Attributes:
        steps: Its times, at most those of its tier.
        height: Rows of the grid.
        width: Columns of the grid.
        tier: Its tier.
        packing: How values are stored.
    """

    steps: int
    height: int
    width: int
    tier: Tier
    packing: IntegerPacking

    @property
    def shard(self) -> tuple[int, int]:
        """Rows and columns of a file, whole blocks of the COGs."""
        if self.tier.is_tiled:
            return BLOCK, BLOCK
        return -(-self.height // BLOCK) * BLOCK, -(-self.width // BLOCK) * BLOCK

    @property
    def files(self) -> tuple[int, int]:
        """Rows and columns of files."""
        rows, columns = self.shard
        return -(-self.height // rows), -(-self.width // columns)

    @property
    def chunks(self) -> tuple[int, int]:
        """Rows and columns of chunks in a file."""
        rows, columns = self.shard
        return rows // self.tier.edge, columns // self.tier.edge

    @property
    def chunk_shape(self) -> tuple[int, int, int]:
        """(time, y, x) of a chunk."""
        return self.tier.steps, self.tier.edge, self.tier.edge

    def file_keys(self) -> Iterator[tuple[int, int]]:
        """(row, column) of each file."""
        rows, columns = self.files
        return ((row, column) for row in range(rows) for column in range(columns))

    def place(self, chunk_row: int, chunk_column: int) -> tuple[tuple[int, int], int]:
        """The file that holds a chunk of the array, and the chunk's number in it (C order)."""
        rows, columns = self.chunks
        number = chunk_row % rows * columns + chunk_column % columns
        return (chunk_row // rows, chunk_column // columns), number

    def metadata(self) -> dict[str, Any]:
        """The document `zarr.json` of the array."""
        rows, columns = self.shard
        return _array(
            shape=(self.steps, self.height, self.width),
            shard=(self.tier.steps, rows, columns),
            chunk=self.chunk_shape,
            dtype=self.packing.dtype,
            fill=self.packing.fill,
            attributes=self.packing.attributes,
        )

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        height, width = document["shape"]
        return cls(
            steps=document["steps"],
            height=height,
            width=width,
            tier=tier_of(document["tier"]),
            packing=IntegerPacking.from_json(document["packing"]),
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON members, for the catalogue."""
        return {
            "steps": self.steps,
            "shape": [self.height, self.width],
            "tier": self.tier.steps,
            "packing": self.packing.to_json(),
        }


def file_name(key: tuple[int, int]) -> str:
    """The path of a file below its array: `c/0/{row}/{column}`."""
    return f"c/0/{key[0]}/{key[1]}"


def _array(
    *,
    shape: tuple[int, int, int],
    shard: tuple[int, int, int],
    chunk: tuple[int, int, int],
    dtype: str,
    fill: float,
    attributes: dict[str, Any],
) -> dict[str, Any]:
    size = np.dtype(dtype).itemsize
    little: list[dict[str, Any]] = [
        {"name": "bytes"} if size == 1 else {"name": "bytes", "configuration": {"endian": "little"}}
    ]
    blosc = {"cname": "zstd", "clevel": 5, "shuffle": "bitshuffle", "typesize": size, "blocksize": 0}
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(shape),
        "data_type": dtype,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(shard)}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": _number(fill, dtype),
        "codecs": [
            {
                "name": "sharding_indexed",
                "configuration": {
                    "chunk_shape": list(chunk),
                    "codecs": [*little, {"name": "blosc", "configuration": blosc}],
                    "index_codecs": [
                        {"name": "bytes", "configuration": {"endian": "little"}},
                        {"name": "crc32c"},
                    ],
                    "index_location": "end",
                },
            }
        ],
        "attributes": attributes,
        "dimension_names": ["time", "y", "x"],
    }


def _number(value: float, dtype: str) -> float | int | str:
    """A fill value as Zarr 3 writes it: NaN and infinities are texts."""
    if np.dtype(dtype).kind in "iu":
        return int(value)
    if math.isnan(value):
        return "NaN"
    return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
