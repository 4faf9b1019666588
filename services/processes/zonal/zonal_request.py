"""A request for zonal statistics: its checked inputs, over the dataset and variable that they name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from cog.zones.geojson import crs_of, parse_features
from config.errors import InvalidInput, InvalidParameter
from config.times import parse_datetime
from services.access.guards import require_readable
from services.access.principal import ANONYMOUS
from services.processes.zonal.description import (
    MOST_TIMES,
    OF_CLASSES,
    STATISTICS,
    USUAL,
    USUAL_OF_CLASSES,
    USUAL_QUANTILES,
)
from services.selection.opening.blocks import block_sources
from services.selection.selection import SelectionRequest, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyproj import CRS

    from cog.zones.geojson import Feature
    from records.datasets.models import Dataset, Variable
    from services.selection.opening.blocks import BlockSource
    from services.web.context import Context


@dataclass(frozen=True)
class ZonalRequest:
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
    def of(cls, inputs: Mapping[str, Any], context: Context) -> ZonalRequest:
        """Look the inputs up.

        Raises:
            CollectionNotFound, AccessRestricted, VariableNotFound: There are no such data for the caller.
            InvalidInput: The variable does not have the statistics or weights.
        """
        dataset, _ = require_readable(context, ANONYMOUS, inputs["collection"])
        request = cls(inputs, dataset, dataset.variable(inputs.get("variable")))
        request._require_sense()
        return request

    def _require_sense(self) -> None:
        """Raise InvalidInput for statistics or weights that the variable does not have."""
        kind, id_ = self.variable.kind, self.variable.id
        if kind == "rgb":
            raise InvalidInput(f"variable {id_} is a picture: its colours have no statistics")
        senseless = [name for name in self.statistics if kind == "categorical" and name not in OF_CLASSES]
        if senseless:
            raise InvalidParameter(
                "statistics", senseless[0], f"{id_} has classes; ask for {', '.join(USUAL_OF_CLASSES)}"
            )
        if self.by_area and not self.variable.grid.is_geographic:
            raise InvalidParameter(
                "weights", "area", "the grid is projected, not in longitude and latitude; use coverage"
            )

    def sources(self, context: Context) -> list[BlockSource]:
        """The cells of each time, in order; raises GranuleNotFound, InvalidParameter or TooLarge."""
        text = self.inputs.get("datetime")
        times: list[str | None] = [text] if isinstance(text, str) else text or [None]
        requests = [
            SelectionRequest(
                variable=self.variable.id,
                when=None if time is None else parse_datetime(time),
                level=self.inputs.get("level"),
                member=self.inputs.get("member"),
                part=self.inputs.get("part"),
            )
            for time in times
        ]
        return block_sources(context, [resolve(self.dataset, each) for each in requests], most_times=MOST_TIMES)

    @cached_property
    def statistics(self) -> tuple[str, ...]:
        """The names of the statistics, in the order of their description."""
        is_categorical = self.variable.kind == "categorical"
        names = set(self.inputs.get("statistics") or (USUAL_OF_CLASSES if is_categorical else USUAL))
        if "quantiles" in self.inputs and not is_categorical:
            names.add("quantiles")
        return tuple(name for name in STATISTICS if name in names)

    @cached_property
    def quantiles(self) -> tuple[float, ...]:
        """The quantiles, rising."""
        return tuple(sorted({float(q) for q in self.inputs.get("quantiles", USUAL_QUANTILES)}))

    @property
    def by_area(self) -> bool:
        """Whether cells are weighted by area."""
        return self.weights == "area"

    @property
    def weights(self) -> Literal["coverage", "area"]:
        """The weights of cells."""
        return "area" if self.inputs.get("weights") == "area" else "coverage"

    @property
    def wide(self) -> bool:
        """Whether the times of a polygon stand side by side."""
        return bool(self.inputs.get("layout") == "wide")

    @property
    def prefix(self) -> str:
        """The beginning of the names of statistics."""
        return str(self.inputs.get("prefix", f"{self.variable.id}_"))

    @cached_property
    def features(self) -> list[Feature]:
        """The polygons."""
        return parse_features(self.inputs["polygons"])

    @cached_property
    def crs(self) -> CRS:
        """The CRS of the polygons."""
        return crs_of(self.inputs["polygons"], self.inputs.get("crs"))

    def kept(self, feature: Feature) -> dict[str, Any]:
        """The properties of a polygon that the answer keeps."""
        names = self.inputs.get("properties")
        if names is None:
            return feature.properties
        return {name: feature.properties[name] for name in names if name in feature.properties}
