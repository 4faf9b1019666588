"""The values of layers at a point of a picture: what GetFeatureInfo of WMS and WMTS answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from config.errors import OutsideExtent
from records.datasets.models import text_in
from services.selection.opening.values import series_at

if TYPE_CHECKING:
    from services.ows.layers import ServiceLayer
    from services.selection.opening.values import PointSeries
    from services.selection.selection import Selection
    from services.web.context import Context
    from services.web.crs import Reference


@dataclass(frozen=True, kw_only=True)
class PointPlace:
    """A point: x to the east and y to the north, in a CRS, and its longitude and latitude, None where it has none."""

    x: float
    y: float
    reference: Reference
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True, kw_only=True)
class PointValue:
    """What a layer holds at a point.

    Attributes:
        layer: The layer.
        values: Physical value of each band, None for no data.
        class_name: Title of the class of a categorical value.
        time: Label of the time; None without times.
        level: Label of the level; None without levels.
        member: Label of the member; None without members.
    """

    layer: ServiceLayer
    values: tuple[float | None, ...]
    class_name: str | None
    time: str | None
    level: str | None
    member: str | None = None

    @property
    def value(self) -> float | None:
        """The value of the first band."""
        return self.values[0]


def point_value(
    context: Context, layer: ServiceLayer, selection: Selection, place: PointPlace, language: str
) -> PointValue:
    """Read a layer at a point; beside the data there are no values. Raises GranuleNotFound."""
    level, member = (next(iter(labels), None) for labels in (selection.levels, selection.members))
    try:
        series = read_series(context, selection, place)
    except OutsideExtent:
        empty = (None,) * layer.variable.band_count
        return PointValue(layer=layer, values=empty, class_name=None, time=None, level=level, member=member)
    numbers = tuple(_plain(value) for value in series.values[0, :, 0])
    return PointValue(
        layer=layer,
        values=numbers,
        class_name=_class_name(layer, numbers[0], language),
        time=series.labels[0] if len(series.labels) else None,
        level=level,
        member=member,
    )


def read_series(context: Context, selection: Selection, place: PointPlace) -> PointSeries:
    """The values of a selection at a point, at every time that it means.

    Raises GranuleNotFound, TooLarge, or OutsideExtent where the point does not lie on the data.
    """
    return series_at(context, selection, np.array([place.x]), np.array([place.y]), place.reference)


def _plain(value: float) -> float | None:
    """A number with the digits that the stored type has; None for no data."""
    return float(f"{value:.7g}") if np.isfinite(value) else None


def _class_name(layer: ServiceLayer, value: float | None, language: str) -> str | None:
    if value is None or layer.variable.kind != "categorical":
        return None
    match = next((c for c in layer.variable.classes if c.value == value), None)
    return None if match is None else text_in(match.title, language) or None
