"""Where the blocks of the COGs lie, as references of kerchunk (specification, version 1).

They are a Zarr 2 store without a copy: its chunks are ranges of bytes of the assets.

A block of a COG is a chunk of one time (level, band), packed as TIFF has it; clients undo predictors by the codecs of
the package imagecodecs. Fields whose files have other layouts, or cells that do not lie alike at all times, are left
out and named in the comment of the store.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from itertools import chain, product
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from cog.series.cogs import directory_of
from cog.series.directory import DEFLATE, NONE, OLD_DEFLATE, ZSTD
from config.errors import InvalidInput
from services.apis.zarr.hierarchy import hierarchy_of
from services.apis.zarr.metadata import array_attributes, fill_json, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cog.series.directory import Directory
    from services.apis.zarr.hierarchy import ZarrArray
    from services.gridded.arrays import ArrayDataset, ArrayField, Coordinate

MOST_REFERENCES: Final = 2_000_000
"""Chunks of a document: some 120 MB of JSON."""
_COMPRESSORS: Final[dict[int, Any]] = {
    NONE: None,
    DEFLATE: {"id": "zlib", "level": 6},
    OLD_DEFLATE: {"id": "zlib", "level": 6},
    ZSTD: {"id": "zstd", "level": 3},
}
_TEMPLATE: Final = "a"
_PIECE: Final = 4096


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A field whose blocks can be referred to, and the layout of all its files."""

    array: ZarrArray
    field: ArrayField
    layout: Directory

    @property
    def blocks(self) -> tuple[int, int]:
        """Rows and columns of blocks."""
        _, rows, columns = self.layout.offsets.shape
        return rows, columns


def reference_pieces(arrays: ArrayDataset, store: Path, assets_url: str) -> Iterator[bytes]:
    """The document as UTF-8 JSON, piece by piece; raises InvalidInput for one with more than MOST_REFERENCES.

    Args:
        arrays: The dataset.
        store: The folder of its assets.
        assets_url: The address below which its assets lie, with a slash at its end.
    """
    nodes = {node.path: node for node in hierarchy_of(arrays).arrays.values() if "/" not in node.path}
    sources = [
        source for field in arrays.fields.values() if (source := _source(nodes[field.name], field, store)) is not None
    ]
    _require_bounded(arrays, sources)
    names = {source.field.name for source in sources}
    head: dict[str, Any] = {".zgroup": _text({"zarr_format": 2}), ".zattrs": _text(_attributes(arrays, names))}
    for coordinate in arrays.coordinates.values():
        head |= _coordinate(nodes[coordinate.name], coordinate)
    for source in sources:
        head |= _array(source)
    opening = orjson.dumps({"version": 1, "templates": {_TEMPLATE: assets_url}})[:-1]
    yield opening + b',"refs":' + orjson.dumps(head)[:-1]
    prefix = f"{arrays.dataset.id}/"
    for entries in _batches(chain.from_iterable(_chunks(source, store, prefix) for source in sources)):
        yield b"," + orjson.dumps(entries)[1:-1]
    yield b"}}"


def _require_bounded(arrays: ArrayDataset, sources: list[_Source]) -> None:
    count = sum(sum(map(len, source.field.indexes.values())) * source.layout.offsets.size for source in sources)
    if count > MOST_REFERENCES:
        raise InvalidInput(
            f"{arrays.dataset.id} has {count} blocks, and a document refers to {MOST_REFERENCES} at most; open its "
            "Zarr store instead, which needs no list of them"
        )


def _source(array: ZarrArray, field: ArrayField, store: Path) -> _Source | None:
    """A field with the layout of its first file; None where its chunks would not be the blocks of its files."""
    if field.dtype != np.dtype(field.stored.dtype) or not all(map(field.is_series, field.layers)):
        return None
    first = next((index.hrefs[0] for index in field.indexes.values() if len(index)), None)
    layout = None if first is None else directory_of(str(store / first))
    return None if layout is None else _Source(array=array, field=field, layout=layout)


def _attributes(arrays: ArrayDataset, names: set[str]) -> dict[str, Any]:
    attributes = {name: plain(value) for name, value in arrays.attributes.items()}
    absent = sorted(set(arrays.fields) - names)
    if absent:
        attributes["comment"] = f"Left out, since their files cannot be referred to: {', '.join(absent)}."
    return attributes


def _coordinate(array: ZarrArray, coordinate: Coordinate) -> dict[str, str]:
    """A coordinate in one chunk, which the document holds."""
    values = np.ascontiguousarray(coordinate.values, array.dtype.newbyteorder("<"))
    key = ".".join("0" for _ in array.shape) or "0"
    return {
        f"{array.path}/.zarray": _text(_zarray(array, array.shape, compressor=None, filters=None)),
        f"{array.path}/.zattrs": _text(array_attributes(array) | {"_ARRAY_DIMENSIONS": list(array.dimensions)}),
        f"{array.path}/{key}": "base64:" + base64.standard_b64encode(values.tobytes()).decode(),
    }


def _array(source: _Source) -> dict[str, str]:
    array, layout = source.array, source.layout
    ones = (1,) * (len(array.shape) - 2)
    attributes = {name: plain(value) for name, value in array.attributes.items()}
    return {
        f"{array.path}/.zarray": _text(
            _zarray(
                array,
                (*ones, *layout.block),
                compressor=_COMPRESSORS[layout.compression],
                filters=_predictor(layout, ones),
            )
        ),
        f"{array.path}/.zattrs": _text(attributes | {"_ARRAY_DIMENSIONS": list(array.dimensions)}),
    }


def _predictor(layout: Directory, ones: tuple[int, ...]) -> list[dict[str, Any]] | None:
    """The filter that undoes a predictor of TIFF along the rows of a block."""
    shape, dtype = [*ones, *layout.block], layout.dtype.str
    match layout.predictor:
        case 2:
            return [{"id": "imagecodecs_delta", "shape": shape, "dtype": dtype, "axis": len(shape) - 1}]
        case 3:
            return [{"id": "imagecodecs_floatpred", "shape": shape, "dtype": dtype, "axis": len(shape) - 1}]
        case _:
            return None


def _zarray(
    array: ZarrArray, chunks: tuple[int, ...], *, compressor: Any, filters: list[dict[str, Any]] | None
) -> dict[str, Any]:
    return {
        "zarr_format": 2,
        "shape": list(array.shape),
        "chunks": list(chunks),
        "dtype": array.dtype.newbyteorder("<").str,
        "compressor": compressor,
        "filters": filters,
        "fill_value": None if array.missing is None else fill_json(array.missing),
        "order": "C",
    }


def _chunks(source: _Source, store: Path, prefix: str) -> Iterator[tuple[str, list[Any]]]:
    """(key, [address, offset, length]) of each block that is stored; raises InvalidInput for a file of other layout."""
    field, layout = source.field, source.layout
    times = range(1 if field.time is None else len(field.time.steps))
    levels = 1 if field.levels is None else len(field.levels.labels)
    for layer, label in enumerate(field.layers):
        index = field.indexes[label]
        for time, (first, end) in enumerate(field.places(label, times).tolist()):
            if first == end:
                continue
            href = index.hrefs[first]
            directory = directory_of(str(store / href))
            if directory is None or _encoding(directory) != _encoding(layout):
                raise InvalidInput(
                    f"the files of {field.name} do not have one layout, so no references; open the Zarr store instead"
                )
            address = "{{" + _TEMPLATE + "}}" + href.removeprefix(prefix)
            places = {"time": time, "member": layer // levels, "level": layer % levels}
            for block in product(*map(range, directory.offsets.shape)):
                size = directory.sizes.item(*block)
                if size:
                    places |= {"band": block[0], "y": block[1], "x": block[2]}
                    key = ".".join(str(places[dimension.role]) for dimension in field.dimensions)
                    yield f"{field.name}/{key}", [address, directory.offsets.item(*block), size]


def _encoding(directory: Directory) -> tuple[Any, ...]:
    return directory.block, directory.dtype, directory.compression, directory.predictor, directory.offsets.shape


def _batches(entries: Iterator[tuple[str, list[Any]]]) -> Iterator[dict[str, list[Any]]]:
    batch: dict[str, list[Any]] = {}
    for key, value in entries:
        batch[key] = value
        if len(batch) == _PIECE:
            yield batch
            batch = {}
    if batch:
        yield batch


def _text(document: dict[str, Any]) -> str:
    return orjson.dumps(document).decode()
