"""The `bbox` parameter of OGC APIs (OGC 17-069r4, 7.15.3)."""

from __future__ import annotations

import math

from config.errors import InvalidParameter

_REMEDY = "give west,south,east,north in degrees, such as 100,-10,150,40; west > east crosses the antimeridian"


def parse_bbox(text: str) -> tuple[float, float, float, float]:
    """(west, south, east, north) in CRS84 of four numbers, or of six, whose heights are left out.

    Longitudes beyond 180 degrees are taken modulo 360. Raises InvalidParameter.
    """
    try:
        numbers = [float(part) for part in text.split(",", 6)]
    except ValueError as error:
        raise InvalidParameter("bbox", text, _REMEDY) from error
    if len(numbers) not in (4, 6) or not all(math.isfinite(n) for n in numbers):
        raise InvalidParameter("bbox", text, _REMEDY)
    half = len(numbers) // 2
    (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
    if not -90 <= south <= north <= 90:  # noqa: PLR2004 - degrees
        raise InvalidParameter("bbox", text, "latitudes rise from south to north within -90 to 90; " + _REMEDY)
    if east - west >= 360:  # noqa: PLR2004
        return (-180.0, south, 180.0, north)
    return (_wrapped(west), south, _wrapped(east), north)


def _wrapped(longitude: float) -> float:
    return longitude if -180 <= longitude <= 180 else (longitude + 180) % 360 - 180  # noqa: PLR2004
