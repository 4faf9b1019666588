"""Pictures as files: PNG (ISO/IEC 15948), lossless WebP and JPEG; and values as NPY.

PNG is written here, its stream deflated by isa-l: a tenth of the time that GDAL's driver takes. A picture of one band
through a colour table is an indexed PNG: the decoded colours are the same, in a third of the bytes.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from isal import isal_zlib
from PIL import Image
from rasterio.dtypes import dtype_ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

Format = Literal["png", "webp", "jpg"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED, _RGB, _RGBA = 3, 2, 6
_SUB = 1
_LEVEL = 1
_OPAQUE = 255
_COLORS = 256
_KEPT = 256
"""Headers and palettes that are kept, up to 1 kB each."""
_JPEG_QUALITY = 90
_WEBP_EFFORT = {"method": 1, "quality": 20}
"""A third of the time of libwebp's defaults, for files a fifth larger at most."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Indexed:
    """A picture of at most 256 colours.

    Attributes:
        index: (row, column) bytes: which colour of the palette.
        palette: (colour, 4) bytes: red, green, blue, alpha.
    """

    index: NDArray[np.uint8]
    palette: NDArray[np.uint8]

    def rgba(self) -> NDArray[np.uint8]:
        """(row, column, 4) bytes."""
        return self.palette[self.index]


@dataclass(frozen=True, kw_only=True, eq=False)
class Colored:
    """A picture of any colours.

    Attributes:
        bands: (3, row, column) bytes: red, green, blue.
        alpha: (row, column) bytes, 0 where transparent; None where all is opaque.
    """

    bands: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None

    def rgba(self) -> NDArray[np.uint8]:
        """(row, column, 4) bytes."""
        alpha = np.full(self.bands.shape[1:], _OPAQUE, "uint8") if self.alpha is None else self.alpha
        return np.stack([*self.bands, alpha], axis=-1)


Picture = Indexed | Colored


def encode(picture: Picture, form: Format) -> bytes:
    """A picture as a file: PNG and WebP without loss, JPEG white where the picture is transparent."""
    if form == "png":
        return png(picture)
    return _webp(picture.rgba()) if form == "webp" else _jpeg(picture)


def png(picture: Picture) -> bytes:
    """A picture as PNG, of colour type 3 with a palette, 2 or 6."""
    if isinstance(picture, Indexed):
        height, width = picture.index.shape
        lines = np.zeros((height, width + 1), "uint8")
        lines[:, 1:] = picture.index
        return _file((width, height), _INDEXED, _palette(picture.palette.tobytes()), lines)
    bands = [*picture.bands] if picture.alpha is None else [*picture.bands, picture.alpha]
    height, width = picture.bands.shape[1:]
    return _file((width, height), _RGB if picture.alpha is None else _RGBA, b"", _filtered(bands))


def npy(values: np.ma.MaskedArray) -> bytes:
    """Values (band, row, column) as NPY, as titiler gives them: with a last band, the dtype's largest where valid."""
    valid = ~np.logical_and.reduce(np.ma.getmaskarray(values))
    low, high = dtype_ranges[str(values.dtype)]
    mask = np.where(valid, high, low).astype(values.dtype)
    with io.BytesIO() as file:
        np.save(file, np.concatenate((values.data, mask[np.newaxis])))
        return file.getvalue()


def _filtered(bands: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Lines of interleaved bands behind filter Sub: each byte less that of the pixel before (ISO/IEC 15948, 9.2)."""
    count, (height, width) = len(bands), bands[0].shape
    lines = np.empty((height, 1 + width * count), "uint8")
    lines[:, 0] = _SUB
    for number, band in enumerate(bands):
        lines[:, 1 + number] = band[:, 0]
        np.subtract(band[:, 1:], band[:, :-1], out=lines[:, 1 + number + count :: count])
    return lines


def _file(size: tuple[int, int], color_type: int, palette: bytes, lines: NDArray[np.uint8]) -> bytes:
    image = isal_zlib.compress(lines, _LEVEL)
    return b"".join((_header(size, color_type), palette, *_parts(b"IDAT", image), _END))


@lru_cache(maxsize=_KEPT)
def _header(size: tuple[int, int], color_type: int) -> bytes:
    """The signature and the chunk IHDR."""
    return _SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, color_type, 0, 0, 0))


@lru_cache(maxsize=_KEPT)
def _palette(rgba: bytes) -> bytes:
    """The chunks PLTE and, if a colour is not opaque, tRNS; colours are kept one after the other."""
    colors = np.frombuffer(rgba, "uint8").reshape(-1, 4)
    plte = _chunk(b"PLTE", colors[:, :3].tobytes())
    clear = np.flatnonzero(colors[:, 3] != _OPAQUE)
    return plte + _chunk(b"tRNS", colors[: clear[-1] + 1, 3].tobytes()) if len(clear) else plte


def _chunk(name: bytes, data: bytes) -> bytes:
    return b"".join(_parts(name, data))


def _parts(name: bytes, data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """The parts of a chunk, which are not copied."""
    check = isal_zlib.crc32(data, isal_zlib.crc32(name))
    return struct.pack(">I", len(data)), name, data, struct.pack(">I", check)


_END = _chunk(b"IEND", b"")


def _webp(rgba: NDArray[np.uint8]) -> bytes:
    opaque = bool((rgba[..., 3] == _OPAQUE).all())
    image = Image.fromarray(np.ascontiguousarray(rgba[..., :3]) if opaque else rgba)
    with io.BytesIO() as file:
        image.save(file, "WEBP", lossless=True, exact=True, **_WEBP_EFFORT)
        return file.getvalue()


def _jpeg(picture: Picture) -> bytes:
    if isinstance(picture, Indexed):
        image = Image.fromarray(picture.index)
        image.putpalette(_on_white(picture.palette).tobytes())
        image = image.convert("RGB")
    elif picture.alpha is None:
        image = Image.merge("RGB", [Image.fromarray(band) for band in picture.bands])
    else:
        image = Image.fromarray(_on_white(picture.rgba()))
    with io.BytesIO() as file:
        image.save(file, "JPEG", quality=_JPEG_QUALITY)
        return file.getvalue()


def _on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(..., 4) colours as (..., 3) over white."""
    alpha, colors = rgba[..., 3:], rgba[..., :3]
    if not (alpha == _OPAQUE).all():
        colors = (colors * (alpha / _OPAQUE) + (_OPAQUE - alpha)).astype("uint8")
    return np.ascontiguousarray(colors)
