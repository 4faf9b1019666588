"""DAP 4 (OPeNDAP, DAP4 specification volume 1): the DMR, constraints, and the chunked response with its checksums."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only: nothing is parsed

import numpy as np

from config.errors import InvalidInput, NotFound, TooLarge
from services.apis.opendap.constraints import LONGEST, MOST_PROJECTIONS, Slice
from services.apis.opendap.dap2 import number_text
from services.apis.opendap.slabs import parse_slab
from services.gridded.reading import whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.apis.opendap.arrays import ServedDataset

NAMESPACE: Final = "http://xml.opendap.org/ns/DAP/4.0#"
MOST_VALUES: Final = 20_000_000
"""Values of one DAP 4 answer: netCDF-C asks for whole variables where its user wants three values."""

_TYPES: Final = {
    "int8": "Int8",
    "uint8": "UInt8",
    "int16": "Int16",
    "uint16": "UInt16",
    "int32": "Int32",
    "uint32": "UInt32",
    "int64": "Int64",
    "uint64": "UInt64",
    "float32": "Float32",
    "float64": "Float64",
}
_LAST, _LITTLE_ENDIAN = 1, 4
_LARGEST_CHUNK: Final = (1 << 24) - 1


def parse_query(dataset: ServedDataset, query: str) -> tuple[list[Slice], bool]:
    """Parse `dap4.ce` and `dap4.checksum`: (slices, whether checksums follow). Raises InvalidInput or NotFound."""
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=10, separator="&")
    parameters = dict(pairs)
    unknown = next((name for name in parameters if name not in ("dap4.ce", "dap4.checksum")), None)
    if unknown is not None or len(parameters) < len(pairs):
        raise InvalidInput(
            f"{(unknown or query)[:80]!r}: the parameters of DAP 4 are dap4.ce and dap4.checksum, once each"
        )
    checksum = parameters.get("dap4.checksum", "true")
    if checksum not in ("true", "false"):
        raise InvalidInput(f"dap4.checksum={checksum[:20]!r}: it is true or false")
    return _slices(dataset, parameters.get("dap4.ce", "")), checksum == "true"


def _slices(dataset: ServedDataset, text: str) -> list[Slice]:
    if len(text) > LONGEST:
        raise InvalidInput(f"dap4.ce has {len(text)} characters, the limit is {LONGEST}; ask for less at once")
    clauses = [clause.strip() for clause in text.split(";") if clause.strip()]
    if not clauses:
        return [Slice(array=array, slab=whole(array.shape)) for array in dataset.arrays.values()]
    if len(clauses) > MOST_PROJECTIONS:
        raise InvalidInput(f"{len(clauses)} clauses; the limit is {MOST_PROJECTIONS}")
    slices = {}
    for clause in clauses:
        path, bracket, rest = clause.partition("[")
        name = path.strip().removeprefix("/")
        if name not in dataset.arrays:
            raise NotFound(f"there is no variable {name[:80]!r} here; there are /{', /'.join(dataset.arrays)}")
        array = dataset.arrays[name]
        slices[name] = Slice(array=array, slab=parse_slab(array, bracket + rest, open_ends=True))
    return [slices[name] for name in dataset.arrays if name in slices]


def require_fitting(slices: Sequence[Slice], dap2_url: str) -> None:
    """Raise TooLarge, naming the remedies, for more values than MOST_VALUES."""
    values = sum(slice_.count for slice_ in slices)
    if values > MOST_VALUES:
        largest = max(slices, key=lambda slice_: slice_.count).array
        raise TooLarge(
            f"the answer would have {values} values, the limit of DAP 4 is {MOST_VALUES}; ask for a slab, such as "
            f"dap4.ce=/{largest.name}{'[0]' * len(largest.shape)}, or open {dap2_url}, where clients ask for slabs"
        )


def dmr(dataset: ServedDataset, slices: Sequence[Slice]) -> bytes:
    """The dataset metadata response; dimensions are shared only where no array is cut along them."""
    root = Element("Dataset", xmlns=NAMESPACE, dapVersion="4.0", dmrVersion="1.0", name=dataset.name)
    cut = {
        name
        for slice_ in slices
        for (name, size), steps in zip(slice_.array.dimensions, slice_.slab, strict=True)
        if steps != range(size)
    }
    shared = {name: size for slice_ in slices for name, size in slice_.array.dimensions if name not in cut}
    for name, size in shared.items():
        SubElement(root, "Dimension", name=name, size=str(size))
    present = {slice_.array.name for slice_ in slices}
    for slice_ in slices:
        array = slice_.array
        element = SubElement(root, _TYPES[array.dtype.name], name=array.name)
        for (name, _), steps in zip(array.dimensions, slice_.slab, strict=True):
            SubElement(element, "Dim", {"name": f"/{name}"} if name in shared else {"size": str(len(steps))})
        _add_attributes(element, array.attributes)
        for name in array.maps:
            if name in present and name in shared:
                SubElement(element, "Map", name=f"/{name}")
    _add_attributes(root, dataset.attributes)
    return _document(root)


def _add_attributes(parent: Element, attributes: Mapping[str, Any]) -> None:
    for name, value in attributes.items():
        if isinstance(value, str):
            type_, texts = "String", [value]
        else:
            values = np.atleast_1d(np.asarray(value))
            type_, texts = _TYPES[values.dtype.name], [number_text(number) for number in values]
        attribute = SubElement(parent, "Attribute", name=name, type=type_)
        for text in texts:
            SubElement(attribute, "Value").text = text


def response_length(description: bytes, slices: Sequence[Slice], *, checksums: bool) -> int:
    """Number of bytes of `response`."""
    head = len(description) + 2
    sizes = [slice_.array.dtype.itemsize * slice_.count for slice_ in slices]
    parts = sum(_chunked_length(size) for size in sizes)
    return 4 + head + parts + (8 * len(slices) if checksums else 0) + 4


def _chunked_length(size: int) -> int:
    return size + 4 * -(-size // _PIECE_BYTES)


_PIECE_BYTES: Final = 1 << 20
"""Bytes of a chunk of values, except the last of an array."""


def response(description: bytes, slices: Sequence[Slice], *, checksums: bool) -> Iterator[bytes]:
    """The data response: the DMR, then the values in little-endian order, each array followed by its CRC-32."""
    yield _chunk(description + b"\r\n")
    for slice_ in slices:
        crc = 0
        waiting = bytearray()
        wire = slice_.array.dtype.newbyteorder("<")
        for values in slice_.array.read(slice_.slab):
            waiting += values.astype(wire, copy=False).tobytes()
            while len(waiting) >= _PIECE_BYTES:
                piece = bytes(waiting[:_PIECE_BYTES])
                del waiting[:_PIECE_BYTES]
                crc = zlib.crc32(piece, crc)
                yield _chunk(piece)
        if waiting:
            crc = zlib.crc32(waiting, crc)
            yield _chunk(bytes(waiting))
        if checksums:
            yield _chunk(crc.to_bytes(4, "little"))
    yield _chunk(b"", flags=_LAST)


def _chunk(content: bytes, *, flags: int = 0) -> bytes:
    head = (flags | _LITTLE_ENDIAN) << 24 | len(content)
    assert len(content) <= _LARGEST_CHUNK
    return head.to_bytes(4, "big") + content


def error_document(status: int, message: str) -> bytes:
    """An error as DAP 4 reports it."""
    root = Element("Error", xmlns=NAMESPACE, httpcode=str(status))
    SubElement(root, "Message").text = message
    return _document(root)


def _document(root: Element) -> bytes:
    text: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
