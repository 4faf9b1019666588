"""The named colour maps: those of rio-tiler, which are matplotlib's, cmocean's and a few of its own."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from rio_tiler.colormap import cmap

ColorTable = dict[int, tuple[int, int, int, int]]
"""Byte 0..255 to (red, green, blue, opacity)."""

_CMOCEAN = (
    "algae amp balance curl deep delta dense diff haline ice matter oxy phase rain solar speed tarn tempo thermal topo "
    "turbid"
)
_OWN = "cfastie rplumbo schwarzwald"
_CATEGORIES = "accent dark2 paired pastel1 pastel2 set1 set2 set3 tab10 tab20 tab20b tab20c"


@cache
def names() -> tuple[str, ...]:
    """The name of every colour map, sorted; a name with `_r` is the same map reversed."""
    return tuple(sorted(cmap.list()))


def table(name: str) -> ColorTable:
    """The 256 colours of a map; raises rio-tiler's InvalidColorMapName."""
    colors: dict[int, Any] = cast("dict[int, Any]", cmap.get(name))
    return {key: (int(r), int(g), int(b), int(a)) for key, (r, g, b, a) in colors.items()}


def source(name: str) -> str:
    """The origin of a colour map: `cmocean`, `rio-tiler` or `matplotlib`."""
    plain = name.removesuffix("_r")
    return "cmocean" if plain in _CMOCEAN.split() else "rio-tiler" if plain in _OWN.split() else "matplotlib"


def is_for_categories(name: str) -> bool:
    """Whether a map has a few distinct colours instead of a course of them."""
    return name.removesuffix("_r") in _CATEGORIES.split()
