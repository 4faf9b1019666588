"""Writes a coverage as CSV (RFC 4180): one line a cell of each time, member and level, one column a variable."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from cog.writers.axes import coordinate_texts, horizontal
from cog.writers.texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cog.writers.cube import Cube, Layer

_END = "\r\n"


def write_csv(path: Path, cube: Cube) -> None:
    """Write the cube to `path`: a header with units in brackets, then cells from north to south and west to east.

    Values are physical; an empty one means no data. Cells without data in any variable are written too.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(_header(cube)) + _END)
        for number, (step, *places) in enumerate(cube.planes):
            leading = [cube.steps[step].label] if cube.steps else []
            leading += [axis.labels[place] for axis, place in zip(cube.layer_axes, places, strict=True)]
            _write_plane(file, cube, number, [_quoted(text) for text in leading])


def _header(cube: Cube) -> list[str]:
    x, y = horizontal(cube.region.output)
    names = ["time"] if cube.steps else []
    names += [f"{axis.name} [{axis.unit or '1'}]" for axis in cube.layer_axes]
    names += [f"{axis.name} [{axis.unit}]" for axis in (x, y)]
    names += [f"{name} [{layer.field.unit or '1'}]" for layer in cube.layers for name in _band_names(layer)]
    return [_quoted(name) for name in names]


def _band_names(layer: Layer) -> list[str]:
    field = layer.field
    return [field.id] if field.bands == 1 else [f"{field.id}{n + 1}" for n in range(field.bands)]


def _write_plane(file: IO[str], cube: Cube, number: int, leading: list[str]) -> None:
    x, y = (coordinate_texts(axis.values) for axis in horizontal(cube.region.output))
    start = "".join(f"{text}," for text in leading)
    columns = [_lines(cube, layer, number) for layer in cube.layers]
    for row, parts in enumerate(zip(*columns, strict=True)):
        north = y[row]
        cells = zip(x, *(band for part in parts for band in part), strict=True)
        file.write("".join(f"{start}{east},{north},{','.join(values)}{_END}" for east, *values in cells))


def _lines(cube: Cube, layer: Layer, number: int) -> Iterator[NDArray[np.str_]]:
    """The rows of a layer as texts (band, column)."""
    strips = cube.plane(layer, number)
    if strips is None:
        empty = np.full((layer.field.bands, cube.region.width), "", dtype=np.str_)
        yield from (empty for _ in range(cube.region.height))
        return
    for _, values in strips:
        lines = texts(values, layer.field.codec, missing="")
        yield from (lines[:, row] for row in range(lines.shape[1]))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text
