"""The named colour maps: those of rio-tiler, which are matplotlib's, cmocean's and a few of its own.

Its files are read here: importing rio-tiler takes longer than most commands that ask for a name.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from config.errors import InvalidParameter

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
    return tuple(sorted(_files()))


def table(name: str) -> ColorTable:
    """The 256 colours of a map; raises InvalidParameter."""
    if name not in _files():
        raise InvalidParameter("colormap_name", name, "there is no such colour map; `graticule styles list` shows all")
    return {code: (r, g, b, a) for code, (r, g, b, a) in enumerate(np.load(_files()[name]).tolist())}


@cache
def _files() -> dict[str, Path]:
    """The file of each colour map, 256 rows of four bytes."""
    package = find_spec("rio_tiler")
    assert package is not None
    folders = [Path(place) / "cmap_data" for place in package.submodule_search_locations or ()]
    return {path.stem: path for folder in folders for path in folder.glob("*.npy")}


def source(name: str) -> str:
    """The origin of a colour map: `cmocean`, `rio-tiler` or `matplotlib`."""
    plain = name.removesuffix("_r")
    return "cmocean" if plain in _CMOCEAN.split() else "rio-tiler" if plain in _OWN.split() else "matplotlib"


def is_for_categories(name: str) -> bool:
    """Whether a map has a few distinct colours instead of a course of them."""
    return name.removesuffix("_r") in _CATEGORIES.split()
