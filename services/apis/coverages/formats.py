"""The encodings of coverages, and the choice among them: by `f`, else by Accept."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from config.errors import InvalidParameter
from config.vocabulary import COG, COVERAGE_JSON, CSV, GEOTIFF, NETCDF, PNG
from services.web.negotiation import preferences, quality


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
    for value in values:
        # a plus sign in a query is a blank, and media types here mean the same without blanks
        format_ = _NAMES.get(value.replace(" ", "").lower()) or _NAMES.get(value.strip().replace(" ", "+").lower())
        if format_ is not None:
            return format_
    if values:
        names = ", ".join(list(CoverageFormat)[:-1])
        raise InvalidParameter("f", values[0], f"known formats are {names} and {list(CoverageFormat)[-1]}")
    weights = [(weight, media) for media, weight in preferences(accept) if media in _ACCEPTED and weight > 0]
    best, media = max(weights, key=lambda pair: pair[0], default=(0.0, ""))
    return None if quality(accept, "*/*") > best or not media else _ACCEPTED[media]
