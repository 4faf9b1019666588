"""The pixels of a map where there are no data: `transparent` and `bgcolor` (OGC 20-058, 8.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from cog.tiles.encode import Colored, Format, Indexed, Picture, encode
from config.errors import InvalidParameter

if TYPE_CHECKING:
    from numpy.typing import NDArray

Color = tuple[int, int, int]

_HEX = re.compile(r"(?:0x|#)?([0-9a-f]{6})", re.ASCII | re.IGNORECASE)
_WHITE: Final = (255, 255, 255)
_OPAQUE = 255
_PALETTES: Final = 256
"""Palettes over backgrounds that are kept, of up to 2 kB each."""
NAMES: Final[dict[str, Color]] = {
    "black": (0, 0, 0),
    "silver": (192, 192, 192),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "white": _WHITE,
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
class MapBackground:
    """The colour below the data, None for white, and whether it is transparent where the format can be."""

    color: Color | None = None
    transparent: bool = True

    @property
    def is_default(self) -> bool:
        """Whether a picture is as it is without a background."""
        return self.color is None and self.transparent


def parse_background(color: str | None, *, transparent: bool | None) -> MapBackground:
    """Read `bgcolor` and `transparent`; without the latter it is transparent unless a colour is given.

    Raises InvalidParameter.
    """
    rgb = None if color is None else _color(color)
    return MapBackground(color=rgb, transparent=rgb is None if transparent is None else transparent)


def _color(text: str) -> Color:
    match = _HEX.fullmatch(text.strip())
    if match is not None:
        red, green, blue = bytes.fromhex(match[1])
        return red, green, blue
    if text.strip().lower() not in NAMES:
        raise InvalidParameter("bgcolor", text, f"write RRGGBB in hexadecimal digits, or one of {', '.join(NAMES)}")
    return NAMES[text.strip().lower()]


def encode_over(picture: Picture, background: MapBackground, form: Format) -> bytes:
    """Encode a picture over its background: opaque unless the background is transparent and the format can be."""
    if background.is_default:
        return encode(picture, form)
    return encode(over(picture, background, keeps_alpha=background.transparent and form != "jpg"), form)


@lru_cache(maxsize=_PALETTES)
def _mixed(rgba: bytes, color: Color, *, keeps_alpha: bool) -> NDArray[np.uint8]:
    """(colour, 4) colours of a palette over a background; not to be written to."""
    palette = np.frombuffer(rgba, "uint8").reshape(-1, 4)
    share = palette[:, 3:] / _OPAQUE
    colors = np.rint(palette[:, :3] * share + np.array(color) * (1 - share)).astype("uint8")
    alpha = palette[:, 3:] if keeps_alpha else np.full_like(palette[:, 3:], _OPAQUE)
    mixed: NDArray[np.uint8] = np.concatenate((colors, alpha), axis=-1)
    mixed.flags.writeable = False
    return mixed


def over(picture: Picture, background: MapBackground, *, keeps_alpha: bool) -> Picture:
    """A picture mixed with the colour of its background, as transparent as before or opaque."""
    if isinstance(picture, Indexed):
        palette = _mixed(picture.palette.tobytes(), background.color or _WHITE, keeps_alpha=keeps_alpha)
        return Indexed(index=picture.index, palette=palette)
    color = np.array(background.color or _WHITE, dtype="float64")
    if picture.alpha is None:
        return picture
    share = picture.alpha / _OPAQUE
    mixed = np.rint(picture.bands * share + color[:, np.newaxis, np.newaxis] * (1 - share)).astype("uint8")
    return Colored(bands=mixed, alpha=picture.alpha if keeps_alpha else None)
