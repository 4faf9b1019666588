"""Datasets as ERDDAP shows them: variables that share their axes, and axes that rise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from config.errors import NotFound
from config.times import GREGORIAN, key_label
from records.datasets.models import text_in
from services.apis.opendap.arrays import ServedArray, ServedDataset, in_memory, unpacked_array
from services.web import attribution
from services.web.documents.extents import temporal_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from records.datasets.models import Dataset
    from services.gridded.arrays import ArrayDataset, ArrayDimension, ArrayField
    from services.gridded.reading import Slab
    from services.web.context import Context

TIME_UNITS: Final = "seconds since 1970-01-01T00:00:00Z"
_SECONDS: Final = {
    "days": 86400.0,
    "hours": 3600.0,
    "minutes": 60.0,
    "seconds": 1.0,
    "milliseconds": 1e-3,
    "microseconds": 1e-6,
}
_NAMES: Final = {"latitude": "latitude", "longitude": "longitude"}


@dataclass(frozen=True, kw_only=True)
class GridAxis:
    """An axis of a griddap dataset.

    Attributes:
        name: Its name in ERDDAP.
        dimension: The dimension of the arrays that it stands for.
        values: Its values, rising; seconds since 1970-01-01 for times.
        texts: The values as tables show them.
        attributes: Its attributes.
        is_turned: Whether the order of the arrays is the reverse.
    """

    name: str
    dimension: ArrayDimension
    values: NDArray[np.float64]
    texts: tuple[str, ...]
    attributes: Mapping[str, Any]
    is_turned: bool

    @property
    def is_time(self) -> bool:
        """Whether its values are times."""
        return self.dimension.role == "time"


@dataclass(frozen=True, kw_only=True)
class GridView:
    """Variables of a dataset that share all axes.

    Attributes:
        id: The id of the dataset; of further groups with an underscore and the id of their first variable.
        arrays: The dataset.
        axes: The axes in order.
        fields: The variables.
        attributes: Global attributes.
    """

    id: str
    arrays: ArrayDataset
    axes: tuple[GridAxis, ...]
    fields: tuple[ArrayField, ...]
    attributes: Mapping[str, Any]

    def served(self, context: Context) -> ServedDataset:
        """The axes and variables as arrays of DAP 2."""
        arrays = {axis.name: _axis_array(axis) for axis in self.axes}
        for field in self.fields:
            arrays[field.name] = _field_array(context, self, field)
        return ServedDataset(name=self.id, arrays=arrays, attributes=self.attributes)


def why_absent(dataset: Dataset) -> str | None:
    """Why no variable of a dataset has a place in ERDDAP, or None; what only its arrays say is left out."""
    time = dataset.time
    if time is not None and time.calendar not in GREGORIAN:
        return f"its {time.calendar} calendar cannot be stated in seconds since 1970"
    if time is not None and time.climatology:
        return "its times are means over many years, which seconds since 1970 cannot state"
    return None


def split_id(view_id: str) -> tuple[str, str | None]:
    """(id of the dataset, id of the first variable of a further group or None); ids of datasets have no underscore."""
    dataset_id, separator, variable = view_id.partition("_")
    return dataset_id, variable if separator else None


def view_of(arrays: ArrayDataset, variable: str | None, base_url: str) -> GridView:
    """The group of variables that a variable begins, None: the first group; raises NotFound with the reason."""
    reason = why_absent(arrays.dataset)
    if reason is None:
        views = views_of(arrays, base_url)
        for view in views:
            if variable in (None, view.fields[0].name):
                return view
        names = ", ".join(view.id for view in views)
        reason = f"there are only {names}" if views else "none of its variables has an axis of numbers everywhere"
    named = arrays.dataset.id if variable is None else f"{arrays.dataset.id}_{variable}"
    raise NotFound(f"{named[:200]} is not in this interface: {reason}; open {base_url}/dap/{arrays.dataset.id} instead")


def views_of(arrays: ArrayDataset, base_url: str) -> list[GridView]:
    """Every group of variables with the same axes, in the order of their first variables."""
    groups: dict[tuple[str, ...], list[ArrayField]] = {}
    for field in arrays.fields.values():
        groups.setdefault(tuple(d.name for d in field.dimensions), []).append(field)
    views: list[GridView] = []
    for fields in groups.values():
        axes = _axes(arrays, fields[0])
        if axes is not None:
            view_id = arrays.dataset.id if not views else f"{arrays.dataset.id}_{fields[0].name}"
            views.append(_view(arrays, view_id, axes, fields, base_url))
    return views


def _axes(arrays: ArrayDataset, field: ArrayField) -> tuple[GridAxis, ...] | None:
    """The axes of a field; None if one has no values or they neither rise nor fall."""
    axes = []
    for dimension in field.dimensions:
        coordinate = arrays.coordinates.get(dimension.name)
        if coordinate is None:
            return None
        values = np.asarray(coordinate.values, dtype="float64")
        steps = np.diff(values)
        is_turned = bool(np.all(steps < 0)) and values.size > 1
        if not is_turned and not bool(np.all(steps > 0)):
            return None
        attributes = {k: v for k, v in coordinate.attributes.items() if k not in ("bounds", "calendar")}
        if dimension.role == "time":
            unit = str(coordinate.attributes["units"]).partition(" ")[0]
            if unit not in _SECONDS:
                return None
            values = values * _SECONDS[unit]
            attributes |= {"units": TIME_UNITS, "time_origin": "01-JAN-1970 00:00:00", "_CoordinateAxisType": "Time"}
            texts = tuple(key_label(step.key) for step in field.time.steps) if field.time else ()
        else:
            texts = tuple(str(float(value)) for value in values)
        axes.append(_axis(dimension, values, texts, attributes, is_turned=is_turned))
    return tuple(axes)


def _axis(
    dimension: ArrayDimension, values: NDArray[np.float64], texts: tuple[str, ...], attributes: Any, *, is_turned: bool
) -> GridAxis:
    if is_turned:
        values, texts = values[::-1], texts[::-1]
    extent = {"actual_range": np.array([values[0], values[-1]])}
    return GridAxis(
        name=_axis_name(dimension, attributes),
        dimension=dimension,
        values=values,
        texts=texts,
        attributes=dict(sorted((attributes | extent).items())),
        is_turned=is_turned,
    )


def _axis_name(dimension: ArrayDimension, attributes: Mapping[str, Any]) -> str:
    if dimension.role == "time":
        return "time"
    if dimension.role == "level" and attributes.get("units") == "m":
        return {"up": "altitude", "down": "depth"}.get(str(attributes.get("positive")), dimension.name)
    return _NAMES.get(str(attributes.get("standard_name")), dimension.name)


def _view(
    arrays: ArrayDataset, view_id: str, axes: tuple[GridAxis, ...], fields: list[ArrayField], base_url: str
) -> GridView:
    dataset = arrays.dataset
    attributes: dict[str, Any] = {
        **arrays.attributes,
        "cdm_data_type": "Grid",
        "id": view_id,
        "infoUrl": f"{base_url}/collections/{dataset.id}",
        "institution": dataset.attribution or "???",
        "license": attribution.licence_name(dataset) or "???",
        "sourceUrl": f"{base_url}/dap/{dataset.id}",
        "summary": text_in(dataset.description) or text_in(dataset.title) or dataset.id,
        "title": text_in(dataset.title) or dataset.id,
    }
    for axis in axes:
        if axis.name in ("latitude", "longitude"):
            short = axis.name[:3]
            attributes[f"geospatial_{short}_min"] = float(axis.values[0])
            attributes[f"geospatial_{short}_max"] = float(axis.values[-1])
    interval = temporal_interval(dataset.time)
    if interval is not None and axes[0].is_time:
        attributes["time_coverage_start"], attributes["time_coverage_end"] = axes[0].texts[0], axes[0].texts[-1]
    ordered = dict(sorted(attributes.items(), key=lambda item: item[0].casefold()))
    return GridView(id=view_id, arrays=arrays, axes=axes, fields=tuple(fields), attributes=ordered)


def _axis_array(axis: GridAxis) -> ServedArray:
    return ServedArray(
        name=axis.name,
        dimensions=((axis.name, len(axis.values)),),
        dtype=axis.values.dtype,
        attributes=axis.attributes,
        maps=(),
        read=lambda slab: in_memory(axis.values, slab),
    )


def _field_array(context: Context, view: GridView, field: ArrayField) -> ServedArray:
    axes = view.axes
    array = unpacked_array(context, view.arrays, field, tuple(axis.name for axis in axes))

    def read(slab: Slab) -> Iterator[NDArray[Any]]:
        sides = zip(slab, axes, strict=True)
        return array.read([_turned(steps, len(axis.values)) if axis.is_turned else steps for steps, axis in sides])

    attributes = {k: v for k, v in array.attributes.items() if k != "grid_mapping"}
    return replace(
        array,
        dimensions=tuple((axis.name, len(axis.values)) for axis in axes),
        attributes=dict(sorted(attributes.items(), key=lambda item: item[0].casefold())),
        read=read,
    )


def _turned(steps: range, size: int) -> range:
    """The same places counted from the other end."""
    return range(size - 1 - steps.start, size - 1 - steps.stop, -steps.step)
