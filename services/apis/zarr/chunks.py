"""Chunks of arrays: read, padded and encoded, and the entity tags by which clients and caches know them."""

from __future__ import annotations

import hashlib
import threading
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import zstandard
from cachetools import LRUCache

from services.apis.zarr.metadata import ZSTD_LEVEL
from services.gridded.arrays import Coordinate
from services.gridded.reading import read

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.apis.zarr.hierarchy import ZarrArray
    from services.gridded.arrays import ArrayDataset, ArrayField
    from services.gridded.reading import Slab
    from services.web.context import Context

_CACHE_BYTES: Final = 64 * 1024 * 1024
"""Encoded chunks that a process keeps: GDAL asks for the length of each before it asks for the chunk."""
_VERSION: Final = "1"
"""Rises whenever the same cells would be encoded as other bytes."""

_encoded: Final[LRUCache[str, bytes]] = LRUCache(_CACHE_BYTES, getsizeof=len)
_lock: Final = threading.Lock()


def state_of(array: ZarrArray, slab: Slab) -> str | None:
    """A digest of all that the bytes of a chunk depend on; None if each of its times is known to be missing."""
    digest = hashlib.sha256(f"{_VERSION} {array.path} {array.chunk_shape} {array.dtype} {list(slab)}\n".encode())
    source = array.source
    if isinstance(source, Coordinate):
        digest.update(source.values.tobytes())
        return digest.hexdigest()
    digest.update(f"{source.codec} {source.grid}\n".encode())
    ranges = dict(zip((dimension.role for dimension in source.dimensions), slab, strict=True))
    is_there = False
    levels = 1 if source.levels is None else len(source.levels.labels)
    for member, level in product(*(ranges.get(role, range(1)) for role in ("member", "level"))):
        label = source.layers[member * levels + level]
        index = source.indexes[label]
        for first, end in source.places(label, ranges.get("time", range(1))).tolist():
            is_there = is_there or end > first
            digest.update((",".join(index.checksums[first:end]) + "\n").encode())
    return digest.hexdigest() if is_there else None


def encoded_chunk(context: Context, arrays: ArrayDataset, array: ZarrArray, slab: Slab, state: str) -> bytes:
    """Read and encode a chunk: little-endian, C order, zstd. Raises EnvironmentFault where a file cannot be read."""
    with _lock:
        cached = _encoded.get(state)
    if cached is not None:
        return cached
    values = _values(context, arrays, array, slab)
    chunk = np.full(array.chunk_shape, array.fill, array.dtype.newbyteorder("<"))
    chunk[tuple(slice(0, len(steps)) for steps in slab)] = values
    compressed = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(chunk.tobytes())
    encoded = bytes(memoryview(compressed))  # the compressor's own keeps the room for what it might have become
    if len(encoded) <= _CACHE_BYTES // 4:
        with _lock:
            _encoded[state] = encoded
    return encoded


def _values(context: Context, arrays: ArrayDataset, array: ZarrArray, slab: Slab) -> NDArray[Any]:
    source: Coordinate | ArrayField = array.source
    if isinstance(source, Coordinate):
        return source.values
    return read(context, arrays, source, slab)
