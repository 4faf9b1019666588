"""The formats of a tile: by `f`, else by Accept, else PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from titiler.core.resources.enums import ImageType

from config.errors import InvalidParameter
from config.vocabulary import GEOTIFF, JPEG, NPY, PNG, WEBP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MEDIA_TYPES = {
    ImageType.png: PNG,
    ImageType.webp: WEBP,
    ImageType.jpeg: JPEG,
    ImageType.npy: NPY,
    ImageType.tif: GEOTIFF,
}
"""In order of preference."""
NAMES = {"png": ImageType.png, "webp": ImageType.webp, "jpg": ImageType.jpeg, "jpeg": ImageType.jpeg} | {
    "npy": ImageType.npy,
    "tif": ImageType.tif,
    "tiff": ImageType.tif,
}
PICTURES = frozenset({ImageType.png, ImageType.webp, ImageType.jpeg})
"""Formats for eyes, which a style colours; the others carry values."""
ITEM_FORMATS = ("png", "webp", "jpg")
"""Formats that a tileset links to."""


def image_type(f: Sequence[str] | None, accept: str) -> ImageType:
    """The format to answer with; raises InvalidParameter for an unknown `f`.

    GDAL appends an `f` of its own to a URL that has one already: the first counts.
    """
    if f:
        return named(f[0])
    offers = list(_accepted(accept))
    if not offers:
        return ImageType.png
    best = max(MEDIA_TYPES, key=lambda image: _quality(MEDIA_TYPES[image], offers))  # the first of equals
    return best if _quality(MEDIA_TYPES[best], offers) > 0 else ImageType.png


def named(name: str) -> ImageType:
    """The format of that name; raises InvalidParameter."""
    if name not in NAMES:
        raise InvalidParameter("f", name, f"a tile comes as {', '.join(NAMES)}")
    return NAMES[name]


def _accepted(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept[:2000].split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            yield media_type, float(quality)
        except ValueError:
            continue


def _quality(media_type: str, offers: Sequence[tuple[str, float]]) -> float:
    """The weight that an Accept header gives a media type; the most specific range counts (RFC 9110, 12.5.1)."""
    bare = media_type.split(";", maxsplit=1)[0]
    for wanted in (bare, bare.split("/")[0] + "/*", "*/*"):
        found = [quality for offer, quality in offers if offer == wanted]
        if found:
            return found[0]
    return 0.0
