"""What a query is answered with, whatever its form: values of parameters by time, level and place, read in blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from cog.writers.cube import CoverageField
    from cog.zones.zones import Zone
    from services.apis.edr.parameters import EdrQuery
    from services.apis.edr.places.geometries import GridBlock, SamplePlaces

BLOCK_VALUES: Final = 1_000_000
"""Values of all variables that are read at once."""


@dataclass(frozen=True, kw_only=True)
class NamedZone:
    """A polygon of a query.

    Attributes:
        id: Its id.
        title: Its name.
        geometry: The polygon in CRS84 or the CRS of the query.
        zone: Its place on the grid.
    """

    id: str
    title: str
    geometry: BaseGeometry
    zone: Zone


@dataclass(frozen=True, kw_only=True)
class SampledParameter:
    """A parameter of an answer: its name, and what it describes.

    Attributes:
        name: Name of its range.
        field: What it is of.
        statistic: The statistic that it is; None for values.
    """

    name: str
    field: CoverageField
    statistic: str | None = None

    @property
    def is_single(self) -> bool:
        """Whether float32 holds its values as exactly as they are stored."""
        dtype = np.dtype(self.field.dtype)
        is_short = self.field.codec.is_packed and dtype.itemsize <= 2
        return self.statistic is None and (is_short or dtype == np.dtype("float32"))


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """The values of a query, to be encoded.

    Attributes:
        query: The query.
        parameters: In order.
        labels: Labels of the times; empty where there is no time axis.
        domain: Places one by one, a box of cells, or named zones.
        size: Number of places, cells or zones.
        read: (places on the time axis of the answer) -> values of each parameter as (time, level, place), NaN for none.
        is_path: Whether each place has a time of its own, so that there is a label for each and no time axis.
    """

    query: EdrQuery
    parameters: tuple[SampledParameter, ...]
    labels: tuple[str, ...]
    domain: SamplePlaces | GridBlock | tuple[NamedZone, ...]
    size: int
    read: Callable[[range], Mapping[str, NDArray[np.float64]]]
    is_path: bool = False

    @property
    def steps(self) -> int:
        """Length of the time axis, at least one."""
        return 1 if self.is_path else max(1, len(self.labels))

    def blocks(self) -> Iterator[tuple[range, Mapping[str, NDArray[np.float64]]]]:
        """Read the values in blocks of times: (places on the time axis, values)."""
        each = max(1, self.size * len(self.query.levels) * len(self.parameters))
        length = max(1, BLOCK_VALUES // each)
        for first in range(0, self.steps, length):
            times = range(first, min(first + length, self.steps))
            yield times, self.read(times)

    def whole(self) -> dict[str, NDArray[np.floating[Any]]]:
        """All values, which the limits bound; in single precision where that holds them, so that text stays short."""
        blocks = [values for _, values in self.blocks()]
        return {
            p.name: np.concatenate([block[p.name] for block in blocks]).astype("float32" if p.is_single else "float64")
            for p in self.parameters
        }
