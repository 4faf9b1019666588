"""The formats of a tile: by `f`, else by Accept, else PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from titiler.core.resources.enums import ImageType

from config.errors import InvalidParameter
from config.vocabulary import GEOTIFF, JPEG, NPY, PNG, WEBP
from services.web.negotiation import bare, choose, offers

if TYPE_CHECKING:
    from collections.abc import Sequence

MEDIA_TYPES = {
    ImageType.png: PNG,
    ImageType.webp: WEBP,
    ImageType.jpeg: JPEG,
    ImageType.npy: NPY,
    ImageType.tif: GEOTIFF,
}
"""In order of preference."""
_BY_MEDIA_TYPE = {bare(media_type): image for image, media_type in MEDIA_TYPES.items()}
_OFFERS = offers(_BY_MEDIA_TYPE)
NAMES = {"png": ImageType.png, "webp": ImageType.webp, "jpg": ImageType.jpeg, "jpeg": ImageType.jpeg} | {
    "npy": ImageType.npy,
    "tif": ImageType.tif,
    "tiff": ImageType.tif,
}
_F = NAMES | _BY_MEDIA_TYPE
"""Values of `f`."""
PICTURES = frozenset({ImageType.png, ImageType.webp, ImageType.jpeg})
"""Formats for eyes, which a style colours; the others carry values."""
ITEM_FORMATS = ("png", "webp", "jpg")
"""Formats that a tileset links to."""


def image_type(f: Sequence[str] | None, accept: str) -> ImageType:
    """The format to answer with; raises InvalidParameter for an unknown `f`, which is a name or a media type.

    GDAL appends an `f` of its own to a URL that has one already: the first counts.
    """
    return choose(f or (), accept, names=_F, offers=_OFFERS, default=ImageType.png)


def named(name: str) -> ImageType:
    """The format of that name; raises InvalidParameter."""
    if name not in NAMES:
        raise InvalidParameter("f", name, f"a tile comes as {', '.join(NAMES)}")
    return NAMES[name]
