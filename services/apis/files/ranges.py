"""The Range header of a request for a file (RFC 9110, 14)."""

from __future__ import annotations

import re
from typing import Final

MAX_RANGES: Final = 50
"""Ranges of one request; one with more gets the whole file, as RFC 9110, 14.2 allows."""

_SPEC = re.compile(r"([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18})", re.ASCII)

Ranges = list[tuple[int, int]]
"""First and last byte of each range, inclusive; the ranges rise and do not overlap."""


class Unsatisfiable(Exception):
    """No range of a request meets the file."""


def parse(header: str, size: int) -> Ranges | None:
    """The ranges of a header, or None if it must be ignored: another unit, no valid ranges, or too many of them.

    Ranges beyond the end are cut or left out. Raises Unsatisfiable if no range is left.
    """
    unit, _, ranges_text = header.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    specs = [part.strip() for part in ranges_text.split(",") if part.strip()]
    if not 1 <= len(specs) <= MAX_RANGES:
        return None
    ranges: Ranges = []
    for spec in specs:
        match = _SPEC.fullmatch(spec)
        if match is None or (match[2] and int(match[2]) < int(match[1])):
            return None
        first, last = _ends(match, size)
        if first <= last:
            ranges.append((first, last))
    if not ranges:
        raise Unsatisfiable
    return _merge(ranges)


def _ends(match: re.Match[str], size: int) -> tuple[int, int]:
    """First and last byte; the first is the greater where the range has no byte of the file."""
    if match[3] is not None:
        return (max(0, size - int(match[3])), size - 1) if int(match[3]) else (size, size - 1)
    return int(match[1]), min(int(match[2] or size - 1), size - 1)


def _merge(ranges: Ranges) -> Ranges:
    """The ranges in order, adjoining ones joined, so that no byte is sent twice."""
    merged: Ranges = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def as_header(ranges: Ranges) -> str:
    """The ranges in the form of a header."""
    return "bytes=" + ",".join(f"{first}-{last}" for first, last in ranges)
