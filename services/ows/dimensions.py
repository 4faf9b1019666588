"""The dimensions of a layer, time, elevation and member: how capabilities list them, and what their values mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from config.errors import GranuleNotFound, InvalidParameter
from config.layers import MEMBER
from config.times import TimeRange, key_label, parse_datetime
from services.selection.selection import SelectionRequest, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ows.layers import ServiceLayer
    from services.ows.time_axis import LayerTimes
    from services.selection.selection import Selection

TIME: Final = "time"
ELEVATION: Final = "elevation"
NAMES: Final = (TIME, ELEVATION, MEMBER)
DEFAULTS: Final = frozenset({"", "default", "current", "{time}", "{elevation}", "{member}"})
"""Values, in lower case, that leave a dimension to the server. QGIS asks REST services for the literal `{Time}`."""
_INTERVAL_PARTS: Final = 3


@dataclass(frozen=True, kw_only=True)
class LayerDimension:
    """A dimension of a layer.

    Attributes:
        name: `time`, `elevation` or `member`.
        unit: `ISO8601` for times, else the unit of the levels; empty if it is not known.
        default: The value that a request without one shows.
        axis: The times; None for elevations and members.
        labels: The elevations or members; empty for times.
    """

    name: str
    unit: str
    default: str
    axis: LayerTimes | None = None
    labels: tuple[str, ...] = ()

    @property
    def extent(self) -> str:
        """The values as one text (OGC 06-042, table C.2)."""
        return self.axis.shortest if self.axis is not None else ",".join(self.labels)


def dimensions_of(layer: ServiceLayer, axis: LayerTimes | None) -> list[LayerDimension]:
    """The dimensions of a layer in the order in which their values stand in REST paths."""
    dimensions = []
    if axis is not None:
        dimensions.append(LayerDimension(name=TIME, unit="ISO8601", default=axis.default, axis=axis))
    levels = layer.variable.levels
    if levels is not None:
        dimensions.append(
            LayerDimension(name=ELEVATION, unit=levels.unit or "", default=levels.labels[0], labels=levels.labels)
        )
    members = layer.variable.members
    if members is not None:
        dimensions.append(LayerDimension(name=MEMBER, unit="", default=members.labels[0], labels=members.labels))
    return dimensions


def select(layer: ServiceLayer, axis: LayerTimes | None, values: Mapping[str, str]) -> Selection:
    """Resolve the values of dimensions: the latest time at or before the end of what `time` names.

    A value that leaves a dimension open means the default; of a dimension that the layer does not have it is ignored
    (OGC 06-042, C.3.3).

    Args:
        layer: The layer.
        axis: Its times; None without any.
        values: Text by name of the dimension.

    Raises InvalidParameter, naming the dimension.
    """
    time = values.get(TIME, "").strip()
    request = SelectionRequest(variable=layer.variable.id)
    if axis is not None and time.lower() not in DEFAULTS:
        request = replace(request, when=_latest_of(axis, time))
    level = values.get(ELEVATION, "").strip()
    if layer.variable.levels is not None and level.lower() not in DEFAULTS:
        request = replace(request, level=level)
    member = values.get(MEMBER, "").strip()
    if layer.variable.members is not None and member.lower() not in DEFAULTS:
        request = replace(request, member=member)
    try:
        return resolve(layer.dataset, request)
    except GranuleNotFound as error:
        name, text = (MEMBER, member) if "no member" in error.detail else (ELEVATION, level)
        raise InvalidParameter(name, text, error.detail) from error


def parse_range(text: str) -> TimeRange:
    """Parse an instant, a reduced date or an interval, whose period is ignored; raises InvalidParameter."""
    parts = text.split("/")
    return parse_datetime("/".join(parts[:2]) if len(parts) == _INTERVAL_PARTS else text, name=TIME)


def _latest_of(axis: LayerTimes, text: str) -> TimeRange | None:
    """The latest time at or before the end of a text; None where that is the latest of all."""
    if "," in text:
        raise InvalidParameter(TIME, text, "one picture shows one time; ask for one, or for an interval start/end")
    span = parse_range(text)
    count = len(axis.keys) if span.end is None else int(np.searchsorted(axis.keys, span.end, side="left"))
    if count == 0:
        raise InvalidParameter(TIME, text, f"it is before the first time, {key_label(int(axis.keys[0]))}")
    if count == len(axis.keys):
        return None
    key = int(axis.keys[count - 1])
    return TimeRange(start=key, end=key + 1, instant=True, text=key_label(key))
