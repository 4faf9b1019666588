"""A quantity that a process maps: what it is called, its unit, and how it is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cog.sources.models import SourceVariable
from config.declarations.datasets import StyleDeclaration, VariableDeclaration

if TYPE_CHECKING:
    from cog.statistics.partial import Partial
    from config.grids import Grid

DIVERGING = "balance"
"""Colour map of quantities that have a sign: blue, white, red (cmocean)."""


@dataclass(frozen=True, kw_only=True)
class MapQuantity:
    """A quantity.

    Attributes:
        id: Id of its variable.
        title: By language.
        unit: Unit of its values; None where nobody knows it.
        standard_name: CF standard name.
        colormap: Colour map of its style.
        is_signed: Whether colours are symmetric about 0.
        scale: How values spread over the colour map.
        climatology: Whether its times are those of a climatology.
        output: Id of the output of the process; empty: the id.
    """

    id: str
    title: dict[str, str]
    unit: str | None
    standard_name: str | None = None
    colormap: str = "viridis"
    is_signed: bool = False
    scale: Literal["linear", "log"] = "linear"
    climatology: bool = False
    output: str = ""

    def variable(self, grid: Grid) -> SourceVariable:
        """The variable on a grid: single precision, NaN for no data."""
        return SourceVariable(
            name=self.id,
            title=self.title.get("en", self.id),
            dtype="float32",
            grid=grid,
            nodata=math.nan,
            unit=self.unit,
            standard_name=self.standard_name,
            climatology=self.climatology,
        )

    def declaration(self, statistics: Partial) -> VariableDeclaration:
        """What is declared of the variable: its title and a style whose range fits the values."""
        return VariableDeclaration(
            source=self.id,
            id=self.id,
            title=self.title,
            unit=self.unit,
            standard_name=self.standard_name,
            kind="continuous",
            styles=[self.style(statistics)],
        )

    def style(self, statistics: Partial) -> StyleDeclaration:
        """The style whose range fits the values."""
        title = {"en": "Default", "zh": "默认"}
        colormap = DIVERGING if self.is_signed else self.colormap
        if not statistics.count:
            return StyleDeclaration(id="default", title=title, colormap=colormap)
        low, high = statistics.histogram.percentiles((2, 98), scale=1.0, offset=0.0)
        if self.is_signed:
            edge = max(abs(low), abs(high))
            low, high = -edge, edge
        if not low < high:
            return StyleDeclaration(id="default", title=title, colormap=colormap)
        scale = self.scale if low > 0 else "linear"
        return StyleDeclaration(id="default", title=title, colormap=colormap, range=(low, high), scale=scale)
