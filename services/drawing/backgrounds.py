"""What a map shows where there are no data: `transparent` and `bgcolor` (OGC 20-058, 8.2)."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
from fastapi import Query
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rio_tiler.utils import render
from titiler.core.resources.enums import ImageType

from config.errors import InvalidParameter
from services.web.dependencies import quick

if TYPE_CHECKING:
    from numpy.typing import NDArray

Color = tuple[int, int, int]

_HEX = re.compile(r"(?:0x|#)?([0-9a-f]{6})", re.ASCII | re.IGNORECASE)
NAMES: Final[dict[str, Color]] = {
    "black": (0, 0, 0),
    "silver": (192, 192, 192),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "white": (255, 255, 255),
    "maroon": (128, 0, 0),
    "red": (255, 0, 0),
    "purple": (128, 0, 128),
    "fuchsia": (255, 0, 255),
    "green": (0, 128, 0),
    "lime": (0, 255, 0),
    "olive": (128, 128, 0),
    "yellow": (255, 255, 0),
    "navy": (0, 0, 128),
    "blue": (0, 0, 255),
    "teal": (0, 128, 128),
    "aqua": (0, 255, 255),
    "orange": (255, 165, 0),
}
"""The colours of CSS 2.1."""


@dataclass(frozen=True, kw_only=True)
class Background:
    """The colour below the data, None for white, and whether it is transparent where the format can be."""

    color: Color | None
    transparent: bool


def background(
    transparent: Annotated[
        bool | None, Query(description="Whether pixels without data are transparent; absent: unless bgcolor is given.")
    ] = None,
    bgcolor: Annotated[
        str | None, Query(max_length=40, description="Colour of pixels without data: RRGGBB, 0xRRGGBB or a CSS name.")
    ] = None,
) -> Background:
    """The background of a request; raises InvalidParameter."""
    color = None if bgcolor is None else _color(bgcolor)
    return Background(color=color, transparent=color is None if transparent is None else transparent)


BackgroundDep = Annotated[Background, quick(background)]


def _color(text: str) -> Color:
    match = _HEX.fullmatch(text.strip())
    if match is not None:
        red, green, blue = bytes.fromhex(match[1])
        return red, green, blue
    if text.strip().lower() not in NAMES:
        raise InvalidParameter("bgcolor", text, f"write RRGGBB in hexadecimal digits, or one of {', '.join(NAMES)}")
    return NAMES[text.strip().lower()]


def laid(picture: bytes, below: Background, image: ImageType) -> bytes:
    """A PNG with transparency over its background, in a format."""
    if image is ImageType.png and below == Background(color=None, transparent=True):
        return picture
    bands = _read(picture)
    if bands.shape[0] in (1, 2):
        bands = np.concatenate([np.repeat(bands[:1], 3, axis=0), bands[1:]])
    alpha = bands[3] if bands.shape[0] > 3 else np.full(bands.shape[1:], 255, "uint8")
    color = np.array(below.color or (255, 255, 255), dtype="float64")[:, np.newaxis, np.newaxis]
    share = alpha / 255.0
    mixed = np.rint(bands[:3] * share + color * (1 - share)).astype("uint8")
    if image is ImageType.jpeg:
        return render(mixed, img_format="JPEG", quality=90)
    opacity = alpha if below.transparent else np.full_like(alpha, 255)
    if image is ImageType.webp:
        return render(mixed, opacity, img_format="WEBP", lossless=True)
    return render(mixed, opacity, img_format="PNG")


def _read(picture: bytes) -> NDArray[np.uint8]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # as rio-tiler does: a picture has no place
        with MemoryFile(picture) as memory, memory.open() as source:
            bands: NDArray[np.uint8] = source.read()
    return bands
