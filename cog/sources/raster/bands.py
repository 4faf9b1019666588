"""Roles of the bands of a raster: variables, times of one variable, or the colours of an image."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT

from config.declarations.datasets import DatasetDeclaration
from config.errors import SourceRefused

RGB = "rgb"
"""The name of the one variable of a colour image."""
_COLORS = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
_COLOR_WORD = re.compile(r"(band[ _]?\d+|layer[ _]?\d+|(r|g|b|a|red|green|blue|alpha)([ _].*)?)?", re.IGNORECASE)
_COLOR_TYPES = ("uint8", "uint16")


@dataclass(frozen=True, kw_only=True)
class BandGroup:
    """The bands, counted from 1, that make one variable: a single one, one a time, or red, green and blue."""

    name: str
    bands: tuple[int, ...]
    role: Literal["single", "times", "rgb"]


def band_groups(
    file: DatasetReader, cells: DatasetReader | WarpedVRT, declaration: DatasetDeclaration, *, path: Path
) -> list[BandGroup]:
    """The variables of a raster; an alpha band is not one.

    Args:
        file: The raster, which describes its bands.
        cells: The raster as it is read: the same, or warped and then perhaps with an alpha band more.
        declaration: May declare the role of bands.
        path: The source, for messages.
    """
    bands = tuple(b for b in cells.indexes if cells.colorinterp[b - 1] is not ColorInterp.alpha)
    if not bands:
        raise SourceRefused(path, "has an alpha band and no other", "give the bands that hold values")
    if declaration.bands == "time":
        return [BandGroup(name=_file_name(path), bands=bands, role="times")]
    names = _names(file, bands, path)
    if declaration.bands is None and _is_image(file, cells, bands) and not _declares_any(declaration, names):
        order = tuple(bands[[cells.colorinterp[b - 1] for b in bands].index(color)] for color in _COLORS)
        return [BandGroup(name=RGB, bands=order, role="rgb")]
    return [BandGroup(name=name, bands=(band,), role="single") for name, band in zip(names, bands, strict=True)]


def _is_image(file: DatasetReader, cells: DatasetReader | WarpedVRT, bands: tuple[int, ...]) -> bool:
    """Whether bands are red, green and blue: by their interpretation, unless their descriptions contradict.

    GDAL marks any three bands of bytes as colours by default, so a description such as `ndvi` counts more.
    """
    colors = sorted(cells.colorinterp[b - 1] for b in bands)
    described = (file.descriptions[b - 1] or "" for b in bands)
    return (
        colors == sorted(_COLORS)
        and {file.dtypes[b - 1] for b in bands} in [{name} for name in _COLOR_TYPES]
        and all(_COLOR_WORD.fullmatch(text.strip()) for text in described)
    )


def _declares_any(declaration: DatasetDeclaration, names: list[str]) -> bool:
    return any(v.source in names for v in declaration.variables)


def _names(file: DatasetReader, bands: tuple[int, ...], path: Path) -> list[str]:
    """The name of each band: its description, made unique by its number; of a single one else the file's name."""
    if len(bands) == 1:
        return [file.descriptions[bands[0] - 1] or _file_name(path)]
    described = [file.descriptions[b - 1] or f"band_{b}" for b in bands]
    times = Counter(described)
    return [name if times[name] == 1 else f"{name}_{band}" for name, band in zip(described, bands, strict=True)]


def _file_name(path: Path) -> str:
    return re.sub(r"\W+", "_", path.stem).strip("_") or "band_1"
