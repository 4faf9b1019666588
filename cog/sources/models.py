"""The contents of a source file: variables, times, levels, classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from cog.cells.codec import Codec
from config.grids import Grid
from config.layers import layer_keys

STORABLE = frozenset({"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"})
"""numpy names of the cell types that a GeoTIFF can hold and that are served."""


@dataclass(frozen=True, kw_only=True)
class TimeStep:
    """A time in a calendar: ISO label, order key (`config.times`), and bounds [start, end) where they are known."""

    label: str
    calendar: str
    key: int
    start: str | None = None
    end: str | None = None
    start_key: int | None = None
    end_key: int | None = None


@dataclass(frozen=True, kw_only=True)
class SourceClass:
    """A class of a categorical source variable: stored value, name if stated, (r, g, b, a) of 0..255 if stated."""

    value: int
    name: str = ""
    color: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class SourceFlag:
    """One meaning of the bits of a flag variable (CF conventions 3.5): it holds where stored & mask == value."""

    mask: int
    value: int
    name: str


@dataclass(frozen=True, kw_only=True)
class SourceAxis:
    """The vertical axis of a source variable, or that of its members, in stored order.

    Attributes:
        name: The name of its coordinate.
        unit: The coordinate's unit, or None.
        positive: The direction in which its values rise (CF conventions 4.3), or None where that is not stated.
        labels: Its values as plain decimal text, such as `10` or `0.5`; each occurs once. Of a layer it is the middle.
        bounds: The two ends of the layer of each level, as such texts; none of an axis of surfaces.
    """

    name: str
    unit: str | None
    positive: Literal["up", "down"] | None
    labels: tuple[str, ...]
    bounds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class SourceVariable:
    """A variable as its source has it. physical value = stored value * scale + offset.

    Attributes:
        name: Its name in the source.
        grid: Its cells after flips and rolling: north up, and geographic grids from -180.
        nodata: The one stored value (NaN allowed) that means no data, or None.
        steps: Its times in stored order; one None where it has no time.
        levels: Its vertical axis, or None. Each time has every level.
        members: The members of its ensemble, or None. Each has every time and level.
        band_count: 1, or 3 (red, green, blue) and 4 (and alpha) for a colour image, whose kind is `rgb`.
        flags: The meanings of the bits of a variable of flags; its classes are the combinations that occur.
        together: Number of successive steps in one chunk of the source; read by one process, each is decoded once.
        lineage: Changes to the cells or to the georeference, one sentence each.
        assumed: The sentences of it that rest on no statement of the source or the declaration.
    """

    name: str
    title: str
    dtype: str
    grid: Grid
    nodata: float | None
    scale: float = 1.0
    offset: float = 0.0
    unit: str | None = None
    standard_name: str | None = None
    kind: Literal["continuous", "categorical", "rgb"] = "continuous"
    classes: tuple[SourceClass, ...] = ()
    flags: tuple[SourceFlag, ...] = ()
    band_count: int = 1
    steps: tuple[TimeStep | None, ...] = (None,)
    levels: SourceAxis | None = None
    members: SourceAxis | None = None
    climatology: bool = False
    together: int = 1
    lineage: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def codec(self) -> Codec:
        """The meaning of its stored cells."""
        return Codec(dtype=self.dtype, nodata=self.nodata, scale=self.scale, offset=self.offset, bands=self.band_count)

    @cached_property
    def layers(self) -> tuple[str | None, ...]:
        """The key of each layer (`config.layers`); one None without levels and members."""
        levels, members = (() if axis is None else axis.labels for axis in (self.levels, self.members))
        return layer_keys(levels, members) or (None,)

    @property
    def step_bytes(self) -> int:
        """Bytes of the cells of one granule."""
        return self.grid.width * self.grid.height * self.band_count * np.dtype(self.dtype).itemsize


@dataclass(frozen=True, kw_only=True)
class SourceDescription:
    """The contents of a source.

    Attributes:
        path: The file.
        format: Its format, for people.
        variables: What becomes part of a dataset.
        skipped: What is no variable on a grid, or is not declared, each with the reason.
        unusable: Variables that cannot be used, each with cause and remedy.
        attributes: Its global attributes as text.
    """

    path: str
    format: str
    variables: tuple[SourceVariable, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    unusable: tuple[tuple[str, str], ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)

    def variable(self, name: str) -> SourceVariable:
        """The variable of that source name."""
        return next(v for v in self.variables if v.name == name)
