"""What is asked of `zonal-statistics`: its checked inputs, and what of them the catalogue says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from cog.statistics.tally import Packing
from cog.zones.geojson import crs_of, parse_features
from config.errors import InvalidInput, InvalidParameter
from services.access.guards import require_readable
from services.access.principal import ANONYMOUS
from services.processes.zonal.description import (
    DISTINCT,
    OF_CLASSES,
    STATISTICS,
    USUAL,
    USUAL_OF_CLASSES,
    USUAL_QUANTILES,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyproj import CRS

    from cog.zones.geojson import Feature
    from records.datasets.models import Dataset, Variable
    from services.web.context import Context


@dataclass(frozen=True)
class Question:
    """The inputs of an execution, over the dataset that they name.

    Attributes:
        inputs: The inputs by id.
        dataset: The dataset.
        variable: The variable.
    """

    inputs: Mapping[str, Any]
    dataset: Dataset
    variable: Variable

    @classmethod
    def of(cls, inputs: Mapping[str, Any], context: Context) -> Question:
        """Look the inputs up; raises CollectionNotFound, AccessRestricted, VariableNotFound or InvalidInput."""
        dataset, _ = require_readable(context, ANONYMOUS, inputs["collection"])
        asked = cls(inputs, dataset, dataset.variable(inputs.get("variable")))
        asked.require_sense()
        return asked

    def require_sense(self) -> None:
        """Raise InvalidInput for statistics or weights that the variable does not have."""
        kind, grid = self.variable.kind, self.variable.grid
        if kind == "rgb":
            raise InvalidInput(f"variable {self.variable.id} is a picture: its colours have no statistics")
        senseless = [name for name in self.statistics if kind == "categorical" and name not in OF_CLASSES]
        if senseless:
            raise InvalidParameter(
                "statistics", senseless[0], f"{self.variable.id} has classes; ask for {', '.join(USUAL_OF_CLASSES)}"
            )
        if self.by_area and not grid.is_geographic:
            raise InvalidParameter(
                "weights", "area", "the grid is projected, not in longitude and latitude; use coverage"
            )

    @cached_property
    def statistics(self) -> tuple[str, ...]:
        """The statistics that are asked for, in the order of their description."""
        usual = USUAL_OF_CLASSES if self.variable.kind == "categorical" else USUAL
        given = set(self.inputs.get("statistics") or usual)
        if "quantiles" in self.inputs and self.variable.kind != "categorical":
            given.add("quantiles")
        return tuple(name for name in STATISTICS if name in given)

    @cached_property
    def quantiles(self) -> tuple[float, ...]:
        """The quantiles that are asked for, rising."""
        return tuple(sorted({float(q) for q in self.inputs.get("quantiles", USUAL_QUANTILES)}))

    @property
    def distinct(self) -> bool:
        """Whether the distinct values are needed."""
        return bool(DISTINCT & set(self.statistics))

    @property
    def by_area(self) -> bool:
        """Whether cells are weighted by area."""
        return self.weights == "area"

    @property
    def weights(self) -> Literal["coverage", "area"]:
        """The weights that are used."""
        return "area" if self.inputs.get("weights") == "area" else "coverage"

    @property
    def wide(self) -> bool:
        """Whether the times of a polygon stand side by side."""
        return bool(self.inputs.get("layout") == "wide")

    @property
    def prefix(self) -> str:
        """What the names of statistics begin with."""
        return str(self.inputs.get("prefix", f"{self.variable.id}_"))

    @property
    def packing(self) -> Packing:
        """What stored values mean."""
        of = self.variable
        return Packing(nodata=of.nodata, scale=of.scale, offset=of.offset)

    @property
    def datetimes(self) -> tuple[str, ...]:
        """The times and intervals that are asked for; empty: the latest time."""
        given = self.inputs.get("datetime")
        return () if given is None else (given,) if isinstance(given, str) else tuple(given)

    @cached_property
    def features(self) -> list[Feature]:
        """The polygons."""
        return parse_features(self.inputs["polygons"])

    @cached_property
    def crs(self) -> CRS:
        """The CRS of the polygons."""
        return crs_of(self.inputs["polygons"], self.inputs.get("crs"))

    def kept(self, feature: Feature) -> dict[str, Any]:
        """The properties of a polygon that are kept."""
        wanted = self.inputs.get("properties")
        if wanted is None:
            return feature.properties
        return {name: feature.properties[name] for name in wanted if name in feature.properties}
