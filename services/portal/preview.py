"""A picture of a dataset without scripts: the few tiles that hold it, cut to its box by an SVG drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.models import Dataset

_TILE = 256
_LIMIT = 85.05
"""Degrees of latitude that Web Mercator reaches."""
_MOST = 8


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Tiles, as (URL, x, y) in pixels, and the part of them that is shown as an SVG `viewBox`."""

    tiles: tuple[tuple[str, int, int], ...]
    box: tuple[float, float, float, float]
    """x, y, width, height."""

    @property
    def viewbox(self) -> str:
        """The part that is shown."""
        return " ".join(f"{value:.1f}" for value in self.box)


def preview(dataset: Dataset, tiles_url: str, *, across: int = 3, margin: float = 0.03) -> Preview:
    """The picture of a dataset.

    Args:
        dataset: Whose box is shown.
        tiles_url: Template of Web Mercator tiles with {z}, {x} and {y}.
        across: Most tiles from west to east, and as many from north to south.
        margin: Room round the data, as a share of its size.
    """
    spans = (_span(dataset.bbox, zoom) for zoom in range(_MOST, 0, -1))
    span = next((s for s in spans if len(s.columns) <= across and len(s.rows) <= across), _span(dataset.bbox, 0))
    pad = max(span.right - span.left, span.bottom - span.top) * margin
    box = (span.left - pad, span.top - pad, span.right - span.left + 2 * pad, span.bottom - span.top + 2 * pad)
    x, y, width, height = (_TILE * value for value in box)
    return Preview(tiles=tuple(_tiles(tiles_url, span)), box=(x, y, width, height))


def thumbnail(dataset: Dataset, base_url: str) -> Preview | None:
    """A small picture of a dataset: its first variable at its latest time; None if it has no variable."""
    if not dataset.variables:
        return None
    shown = dataset.variables[0]
    level = shown.levels.labels[0] if shown.levels else None
    prefix = urlsplit(base_url).path
    tiles = tiles_template(prefix, dataset.id, shown.id, style="default", time="latest", level=level)
    return preview(dataset, tiles, across=2, margin=0)


@dataclass(frozen=True, kw_only=True)
class _Span:
    """A box in tiles of a zoom, counted from the north-west corner; beyond 180 degrees east it counts on."""

    zoom: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def columns(self) -> range:
        return range(math.floor(self.left), _last(self.right) + 1)

    @property
    def rows(self) -> range:
        return range(max(0, math.floor(self.top)), min((1 << self.zoom) - 1, _last(self.bottom)) + 1)


def _span(bbox: tuple[float, float, float, float], zoom: int) -> _Span:
    west, south, east, north = bbox
    east += 360 if east < west else 0
    return _Span(
        zoom=zoom,
        left=_column(west, zoom),
        top=_row(north, zoom),
        right=_column(east, zoom),
        bottom=_row(south, zoom),
    )


def _tiles(url: str, span: _Span) -> Iterator[tuple[str, int, int]]:
    for row in span.rows:
        for column in span.columns:
            x = column % (1 << span.zoom)
            href = url.replace("{z}", str(span.zoom)).replace("{x}", str(x)).replace("{y}", str(row))
            yield href, column * _TILE, row * _TILE


def _column(longitude: float, zoom: int) -> float:
    return float((longitude + 180) / 360 * (1 << zoom))


def _row(latitude: float, zoom: int) -> float:
    clipped = math.radians(max(-_LIMIT, min(_LIMIT, latitude)))
    return (1 - math.asinh(math.tan(clipped)) / math.pi) / 2 * (1 << zoom)


def _last(edge: float) -> int:
    """The tile that ends at an edge or holds it."""
    return math.ceil(edge - 1e-9) - 1


def tiles_template(prefix: str, dataset_id: str, variable_id: str, *, style: str, time: str, level: str | None) -> str:  # noqa: PLR0913
    """Path of the XYZ tiles of a style, time (as in paths, or `latest`) and level."""
    vertical = f"/{quote(level, safe='')}" if level else ""
    return f"{prefix}/xyz/{dataset_id}/{variable_id}/{style}/{time}{vertical}/{{z}}/{{x}}/{{y}}.png"
