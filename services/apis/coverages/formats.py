"""The encodings of coverages, and the choice among them: by `f`, else by Accept."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from config.vocabulary import COG, COVERAGE_JSON, CSV, GEOTIFF, NETCDF, PNG
from services.web.negotiation import Offer, choose, preferences


class CoverageFormat(StrEnum):
    """An encoding of coverages."""

    GEOTIFF = "geotiff"
    COG = "cog"
    NETCDF = "netcdf"
    COVERAGE_JSON = "covjson"
    CSV = "csv"
    PNG = "png"

    @property
    def media_type(self) -> str:
        """The media type of an answer."""
        return _MEDIA_TYPES[self]

    @property
    def suffix(self) -> str:
        """The ending of a file name."""
        return _SUFFIXES.get(self, f".{self.value}")

    @property
    def holds_one_time(self) -> bool:
        """Whether a file has no axis for times and levels."""
        return self in (CoverageFormat.GEOTIFF, CoverageFormat.COG, CoverageFormat.PNG)

    @property
    def is_text(self) -> bool:
        """Whether each cell is written out, in ten bytes or more."""
        return self in (CoverageFormat.COVERAGE_JSON, CoverageFormat.CSV)


_MEDIA_TYPES: Final = {
    CoverageFormat.GEOTIFF: GEOTIFF,
    CoverageFormat.COG: COG,
    CoverageFormat.NETCDF: NETCDF,
    CoverageFormat.COVERAGE_JSON: COVERAGE_JSON,
    CoverageFormat.CSV: CSV,
    CoverageFormat.PNG: PNG,
}
_SUFFIXES: Final = {CoverageFormat.GEOTIFF: ".tif", CoverageFormat.COG: ".tif", CoverageFormat.NETCDF: ".nc"}
_NAMES: Final = {
    **dict.fromkeys(
        ("geotiff", "gtiff", "tiff", "tif", "image/tiff", GEOTIFF.replace(" ", "")), CoverageFormat.GEOTIFF
    ),
    **dict.fromkeys(("cog", COG.replace(" ", "")), CoverageFormat.COG),
    **dict.fromkeys(("netcdf", "nc", "netcdf4", NETCDF, "application/x-netcdf"), CoverageFormat.NETCDF),
    **dict.fromkeys(("covjson", "coveragejson", COVERAGE_JSON), CoverageFormat.COVERAGE_JSON),
    **dict.fromkeys(("csv", CSV), CoverageFormat.CSV),
    **dict.fromkeys(("png", PNG), CoverageFormat.PNG),
}
"""The values of `f`. Not json, which GDAL appends to every URL, whatever it wants of it."""
_ACCEPTED: Final = {
    **dict.fromkeys(("image/tiff", "image/*"), CoverageFormat.GEOTIFF),
    **dict.fromkeys((NETCDF, "application/x-netcdf"), CoverageFormat.NETCDF),
    COVERAGE_JSON: CoverageFormat.COVERAGE_JSON,
    CSV: CoverageFormat.CSV,
}
"""The types of Accept. Not image/png, which browsers send, nor JSON, which every OGC client sends."""


def requested_format(values: list[str], accept: str) -> CoverageFormat | None:
    """The first known format of `f` (clients repeat it), else the one that Accept prefers; None: any will do.

    Raises InvalidParameter.
    """
    known = [_name(value) for value in values if _name(value) in _NAMES]
    return choose(known or values, accept, names=_NAMES, offers=_offers(accept), default=None)


def _name(value: str) -> str:
    """A value of `f` as `_NAMES` has it: a plus sign in a query is a blank, and other blanks mean nothing."""
    plain = value.replace(" ", "").lower()
    return plain if plain in _NAMES else value.strip().replace(" ", "+").lower()


def _offers(accept: str) -> list[Offer[CoverageFormat | None]]:
    """The types of an Accept header that name a format, in its own order, and then `*/*`, which leaves the choice."""
    formats = {media: _ACCEPTED[media] for media, _ in preferences(accept) if media in _ACCEPTED}
    return [Offer(media_type=media, format=it, by_range=False) for media, it in {**formats, "*/*": None}.items()]
