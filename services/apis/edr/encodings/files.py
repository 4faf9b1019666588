"""Answers as NetCDF-4 files with CF metadata: grids, series of places (CF 9.3), and series of zones."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from cog.writers import cf
from cog.writers.array_netcdf import NamedArray, write_arrays
from services.apis.edr.places.geometries import GridBlock, SamplePlaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from cog.writers.array_netcdf import Where
    from services.apis.edr.samples import Sampling


def written(answer: Sampling) -> IO[bytes]:
    """The answer as an open file that has no name any more: it goes when it is closed."""
    coordinates, last = _places(answer)
    leading = [*_time(answer), *_levels(answer)]
    arrays = [array for array, _ in (*leading, *coordinates)]
    dimensions = {name: size for _, sizes in (*leading, *coordinates) for name, size in sizes.items()}
    names = tuple(name for _, sizes in leading for name in sizes)
    attributes = dict(answer.query.arrays.attributes)
    if answer.query.member_label is not None:
        attributes["member"] = answer.query.member_label
    if not isinstance(answer.domain, GridBlock):
        attributes["featureType"] = "timeSeries" if answer.labels and not answer.is_path else "point"
    with tempfile.TemporaryDirectory(prefix="graticule-edr-") as folder:
        path = Path(folder) / "answer.nc"
        values = [_values(answer, p.name, (*names, *last), dimensions) for p in answer.parameters]
        write_arrays(path, [*arrays, *values], dimensions, attributes)
        return path.open("rb")


type _Coordinate = tuple[NamedArray, Mapping[str, int]]


def _held(name: str, dimensions: tuple[str, ...], values: Any, attributes: Mapping[str, Any]) -> NamedArray:
    array = np.asarray(values)
    return NamedArray(
        name=name,
        dimensions=dimensions,
        dtype=array.dtype,
        attributes=attributes,
        blocks=lambda: iter([(tuple(slice(0, size) for size in array.shape), array)]),
    )


def _time(answer: Sampling) -> list[_Coordinate]:
    axis = answer.query.first.time
    if axis is None or not answer.labels or answer.is_path:
        return []
    steps = [axis.steps[n] for n in answer.query.times]
    numbers = cf.time_axis(steps, axis.calendar)
    attributes = {"standard_name": "time", "axis": "T", "units": numbers.units, "calendar": numbers.calendar}
    return [(_held("time", ("time",), numbers.values, attributes), {"time": len(numbers.values)})]


def _levels(answer: Sampling) -> list[_Coordinate]:
    levels = answer.query.first.levels
    if levels is None:
        return []
    name = cf.layer_axis_name(levels)
    places = answer.query.levels
    values = list(range(len(places))) if levels.values is None else [levels.values[n] for n in places]
    attributes: dict[str, Any] = dict(cf.layer_attributes(levels))
    if levels.values is None:
        attributes = {"level_labels": ", ".join(levels.labels[n] for n in places)}
    return [(_held(name, (name,), np.array(values, "float64"), attributes), {name: len(places)})]


def _places(answer: Sampling) -> tuple[list[_Coordinate], tuple[str, ...]]:
    """The coordinates of the places, and the names of their dimensions."""
    domain = answer.domain
    if isinstance(domain, GridBlock):
        y, x = cf.horizontal_axes(answer.query.first.grid)
        mapping = _held("crs", (), np.array(0, "int32"), cf.grid_mapping(answer.query.first.grid))
        return [
            (_held(y.name, (y.name,), domain.ys, y.attributes), {y.name: len(domain.ys)}),
            (_held(x.name, (x.name,), domain.xs, x.attributes), {x.name: len(domain.xs)}),
            (mapping, {}),
        ], (y.name, x.name)
    sizes: Mapping[str, int] = {"location": answer.size}
    if isinstance(domain, SamplePlaces):
        degrees = answer.query.reference.is_degrees
        names = (("lon", "longitude", "degrees_east"), ("lat", "latitude", "degrees_north"))
        plain = (("x", "projection_x_coordinate", "m"), ("y", "projection_y_coordinate", "m"))
        coordinates = [
            (_held(name, ("location",), values, {"standard_name": standard, "units": unit}), sizes)
            for (name, standard, unit), values in zip(names if degrees else plain, (domain.xs, domain.ys), strict=True)
        ]
        if answer.is_path:
            attributes = {"standard_name": "time", "units": "seconds since 1970-01-01T00:00:00Z"}
            coordinates.append((_held("time", ("location",), domain.moments, attributes), sizes))
        return coordinates, ("location",)
    numbers = np.arange(len(domain), dtype="int32")
    attributes = {
        "long_name": "number of the location",
        "location_ids": ", ".join(place.id for place in domain),
        "location_titles": ", ".join(place.title for place in domain),
    }
    return [(_held("location", ("location",), numbers, attributes), sizes)], ("location",)


def _values(answer: Sampling, name: str, dimensions: tuple[str, ...], sizes: Mapping[str, int]) -> NamedArray:
    parameter = next(p for p in answer.parameters if p.name == name)
    attributes = cf.field_attributes(parameter.field)
    for packing in ("scale_factor", "add_offset", "flag_values", "flag_meanings"):
        attributes.pop(packing, None)
    attributes["_FillValue"] = np.float64("nan")
    if isinstance(answer.domain, GridBlock):
        attributes["grid_mapping"] = "crs"
    elif isinstance(answer.domain, SamplePlaces):
        attributes["coordinates"] = "lat lon" if answer.query.reference.is_degrees else "y x"
    if parameter.statistic is not None:
        attributes["comment"] = f"{parameter.statistic} of the values"

    def blocks() -> Iterator[tuple[Where, NDArray[np.float64]]]:
        for times, values in answer.blocks():
            rest = tuple(slice(0, sizes[d]) for d in dimensions if d != "time")
            has_times = "time" in dimensions
            yield ((slice(times.start, times.stop), *rest) if has_times else rest), values[name]

    return NamedArray(name=name, dimensions=dimensions, dtype=np.dtype("float64"), attributes=attributes, blocks=blocks)
