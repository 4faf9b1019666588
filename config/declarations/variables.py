"""What is declared of variables and their grid, the part of a declaration that says what cells mean."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.grids import CRS84, Grid
from config.vocabulary import STYLE_ID, VARIABLE_ID

Text = dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")], str]
"""Text in one or more languages: {"en": ..., "zh": ...}."""
VariableId = Annotated[str, Field(pattern=f"^{VARIABLE_ID}$")]
StyleId = Annotated[str, Field(pattern=f"^{STYLE_ID}$")]


class Declared(BaseModel):
    """A part of a declaration: no field but the known ones, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClassDeclaration(Declared):
    """One class of a categorical variable."""

    value: int = Field(description="The stored value.")
    color: str = Field(pattern=r"^#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?$", description="#rrggbb or #rrggbbaa.")
    title: Text = Field(default_factory=dict, description="Name of the class by language.")


class StyleDeclaration(Declared):
    """A named rendering of a variable."""

    id: StyleId = Field("default", description="Name of the style; `default` is the one shown when none is asked for.")
    title: Text = Field(default_factory=dict, description="Title by language.")
    colormap: str = Field("viridis", description="A colour map that rio-tiler knows, in lower case.")
    range: tuple[float, float] | None = Field(
        None,
        description="Values, in the variable's unit, at both ends of the colour map; absent: 2nd to 98th percentile.",
    )
    scale: Literal["linear", "log"] = Field(
        "linear", description="How values spread over the colour map; log needs a positive range."
    )

    @model_validator(mode="after")
    def _range_rises(self) -> Self:
        if self.range is not None and not self.range[0] < self.range[1]:
            raise ValueError(f"range {list(self.range)}: the first value must be below the second")
        if self.scale == "log" and (self.range is None or self.range[0] <= 0):
            raise ValueError("scale log needs a range of positive values")
        return self


class VariableDeclaration(Declared):
    """What is declared of one variable; each absent member is taken from the source."""

    source: str | None = Field(None, description="Name in the source file; absent: the only variable.")
    id: VariableId | None = Field(None, description="Id in URLs; absent: the name in the source file.")
    title: Text = Field(default_factory=dict, description="Title by language.")
    unit: str | None = Field(None, description="UDUNITS unit of physical values; 1 for dimensionless.")
    standard_name: str | None = Field(None, description="CF standard name.")
    fill: float | None = Field(None, description="Stored value that means no data.")
    scale: float | None = Field(None, description="physical = stored * scale + offset.")
    offset: float | None = Field(None, description="See scale.")
    valid_range: tuple[float, float] | None = Field(None, description="Stored values outside it are no data.")
    kind: Literal["continuous", "categorical"] | None = Field(
        None, description="Whether cells are measures or classes; absent: classes if any are declared or stated."
    )
    dims: list[Literal["y", "x", "time", "level", "member"]] | None = Field(
        None,
        description="What each array dimension is, in order, where the file does not say; member: of an ensemble.",
    )
    classes: list[ClassDeclaration] = Field(default_factory=list, description="Classes of a categorical variable.")
    styles: list[StyleDeclaration] = Field(default_factory=list, description="Renderings; absent: one `default`.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.valid_range is not None and not self.valid_range[0] <= self.valid_range[1]:
            raise ValueError(f"valid_range {list(self.valid_range)}: the first value must not be above the second")
        if self.scale == 0:
            raise ValueError("scale 0 would make every value the same")
        if self.kind == "continuous" and self.classes:
            raise ValueError("classes belong to kind categorical, not to continuous")
        _require_distinct("style", [style.id for style in self.styles])
        _require_distinct("class", [str(one.value) for one in self.classes])
        return self


def _require_distinct(what: str, names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{what} {twice} is declared twice")


class GridDeclaration(Declared):
    """The grid of a file without georeference: the outer corner of its first cell and the size of a cell.

    With `crs` alone, the place of the cells is the file's, and their coordinates are in that CRS.
    """

    crs: str = Field(CRS84, description="OGC:CRS84, EPSG:<code> or WKT.")
    origin: tuple[float, float] | None = Field(
        None, description="(x, y) of the outer corner of the first stored cell, CRS units."
    )
    cell: tuple[float, float] | None = Field(
        None, description="(dx, dy) of a step to the next column and row; dy < 0: north up."
    )

    @model_validator(mode="after")
    def _origin_and_cell_together(self) -> Self:
        if (self.origin is None) != (self.cell is None):
            raise ValueError("origin and cell are declared together, or neither is")
        if self.cell is not None and 0 in self.cell:
            raise ValueError(f"cell {list(self.cell)}: a step of 0 is no cell")
        return self

    def grid(self, *, width: int, height: int) -> Grid | None:
        """The grid of an array of `height` rows and `width` columns; None where only the CRS is declared."""
        if self.origin is None or self.cell is None:
            return None
        (x, y), (dx, dy) = self.origin, self.cell
        return Grid(crs=self.crs, transform=(dx, 0.0, x, 0.0, dy, y), width=width, height=height)
