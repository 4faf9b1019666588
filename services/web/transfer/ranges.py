"""The Range header of a request (RFC 9110, 14), and answers of bytes in memory that follow it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from services.web.errors import problem

if TYPE_CHECKING:
    from fastapi import Request

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


def ranged(request: Request, body: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """Answer with bytes, or with the one range of them that the request asks for; several ranges get them all."""
    header, size = request.headers.get("range"), len(body)
    try:
        byte_ranges = None if header is None else parse(header, size)
    except Unsatisfiable:
        return unsatisfiable(size)
    if byte_ranges is None or len(byte_ranges) > 1:
        return Response(body, media_type=media_type, headers=headers)
    ((first, last),) = byte_ranges
    content_range = {"Content-Range": f"bytes {first}-{last}/{size}"}
    return Response(body[first : last + 1], 206, media_type=media_type, headers=headers | content_range)


def unsatisfiable(size: int) -> Response:
    """The answer to ranges that no byte of an entity lies in."""
    detail = f"there are {size} bytes, from 0 to {size - 1}, and no range meets them"
    return problem(416, detail, headers={"Content-Range": f"bytes */{size}"})
