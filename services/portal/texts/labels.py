"""Values as people read them: times, sizes, texts in a language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from services.portal.texts.words import WORDS

if TYPE_CHECKING:
    from records.datasets.models import Dataset

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_LABEL = re.compile(
    r"(?P<year>[+-]?[0-9]{4,6})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})(?:T(?P<clock>[0-9:.]+)Z?)?)?)?", re.ASCII
)
_DURATION = re.compile(r"P(?:(?P<day>[0-9]+)(?P<unit>[YMWD])|T(?P<clock>[0-9]+)(?P<part>[HMS]))", re.ASCII)
_LENGTH = re.compile(r"(?P<value>[0-9.e+-]+) (?P<unit>m|km|deg|degree|degrees|arcsec|arcmin)", re.ASCII)
_CRS = re.compile(r"https?://www\.opengis\.net/def/crs/(?P<authority>[A-Za-z]+)/[^/]+/(?P<code>[A-Za-z0-9]+)", re.ASCII)
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")
_THOUSAND = 1000
_DAY: Final = 10
"""Characters of a day."""


def time_label(label: str, language: str, *, climatology: bool = False) -> str:
    """A time as people write it: `2006-05-16 12:00 UTC`; of a climatology, whose year is nominal, `May mean`."""
    match = _LABEL.fullmatch(label)
    if match is None or (match["month"] and not 1 <= int(match["month"]) <= len(MONTHS)):
        return label
    if climatology:
        return _mean_label(match, language)
    if match["clock"] is None:
        return label
    clock = match["clock"].removesuffix(":00") if match["clock"].count(":") == 2 else match["clock"]
    return f"{match['year']}-{match['month']}-{match['day']} {clock} UTC"


def _mean_label(match: re.Match[str], language: str) -> str:
    if match["month"] is None:
        return WORDS.text("mean_year", language)
    number = int(match["month"])
    month = MONTHS[number - 1] if language == "en" else str(number)
    if match["day"] is None or match["day"] in ("01", "15", "16"):  # the middle or the first day stands for the month
        return WORDS.text("mean_month", language, month=month)
    return WORDS.text("mean_day", language, month=month, day=int(match["day"]))


def crs_name(crs: str) -> str:
    """A coordinate reference system as authority and code, `EPSG:3413`; one that no OGC URI names stays as it is."""
    match = _CRS.fullmatch(crs)
    return f"{match['authority']}:{match['code']}" if match else crs


def sentence(text: object) -> str:
    """A message of an error as a sentence; one that begins with the name of a parameter stays as it is."""
    words = str(text)
    return words[:1].upper() + words[1:] if re.match(r"[a-z]+ ", words) else words


def period(first: str, last: str) -> str:
    """From one time to another, as short as a list needs it: years, and within one year days."""
    begin, end = _LABEL.fullmatch(first), _LABEL.fullmatch(last)
    years = [match["year"] if match else "…" for match in (begin, end)]
    if years[0] != years[1]:
        return "–".join(years)
    return first[:_DAY] if first[:_DAY] == last[:_DAY] else f"{first[:_DAY]} – {last[:_DAY]}"


def dataset_time(dataset: Dataset, label: str, language: str) -> str:
    """A time of a dataset as people write it."""
    return time_label(label, language, climatology=dataset.time is not None and dataset.time.climatology)


def size_label(size: int) -> str:
    """A size in bytes with three digits and a unit of a thousand: `12.3 MB`."""
    value, unit = float(size), 0
    while value >= _THOUSAND and unit < len(_UNITS) - 1:
        value, unit = value / _THOUSAND, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 else f"{value:.3g} {_UNITS[unit]}"


def measure_label(text: str, language: str) -> str:
    """A resolution as people write it: `P8D` is `8 days`, `1000 m` is `1 km`; any other text as it is."""
    duration, length = _DURATION.fullmatch(text), _LENGTH.fullmatch(text)
    if duration is not None:
        count, unit = int(duration["day"] or duration["clock"]), duration["unit"] or f"T{duration['part']}"
        return WORDS.text(f"duration_{unit}" + ("" if count == 1 else "s"), language, count=count)
    if length is None:
        return text
    unit = length["unit"]
    value = float(length["value"])
    if unit == "m" and value >= _THOUSAND:
        value, unit = value / _THOUSAND, "km"
    sign = {"deg": "\u00b0", "degree": "\u00b0", "degrees": "\u00b0", "arcsec": "\u2033", "arcmin": "\u2032"}.get(unit)
    return f"{value:g}{sign}" if sign else f"{value:g} {unit}"
