"""Answers as CoverageJSON (OGC 21-069r2): the domain type that suits the query, null for no data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from cog.writers.coveragejson import parameter, referencing
from config.grids import CRS84
from config.vocabulary import CRS84_URI
from services.apis.edr.places.geometries import GridBlock, SamplePlaces
from services.web.crs import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from services.apis.edr.samples import SampledParameter, Sampling

type Values = Mapping[str, NDArray[np.floating[Any]]]


def coverage_json(answer: Sampling, base_url: str) -> bytes:
    """Write the answer; the limits bound its size."""
    values = answer.whole()
    domain = answer.domain
    if isinstance(domain, GridBlock):
        document = _grid(answer, domain, values, base_url)
    elif isinstance(domain, SamplePlaces):
        document = _places(answer, domain, values)
    else:
        document = _zones(answer, values)
    parameters = {p.name: parameter_document(p) for p in answer.parameters}
    if answer.query.member_label is not None:
        document["custom:member"] = answer.query.member_label
    return orjson.dumps(document | {"parameters": parameters}, option=orjson.OPT_SERIALIZE_NUMPY)


def parameter_document(described: SampledParameter) -> dict[str, Any]:
    """A parameter, with the statistic that it is."""
    document = parameter(described.field)
    if described.statistic is not None:
        document["custom:statistic"] = described.statistic
    return document


def _systems(answer: Sampling, reference: Reference) -> list[dict[str, Any]]:
    first = answer.query.first
    calendar = first.time.calendar if first.time is not None and answer.labels else None
    return referencing(reference.crs, uri=reference.uri, calendar=calendar, levels=first.levels)


def _z(answer: Sampling, place: int) -> dict[str, Any]:
    """The vertical coordinate of one level."""
    levels = answer.query.first.levels
    if levels is None:
        return {}
    number = answer.query.levels[place]
    return {"z": {"values": [levels.labels[number] if levels.values is None else levels.values[number]]}}


def _t(answer: Sampling) -> dict[str, Any]:
    return {"t": {"values": list(answer.labels)}} if answer.labels else {}


def _range(values: NDArray[np.floating[Any]], names: tuple[str, ...]) -> dict[str, Any]:
    """An array of numbers; NaN becomes null."""
    flat = np.ascontiguousarray(values.ravel())
    return {"type": "NdArray", "dataType": "float", "axisNames": names, "shape": list(values.shape), "values": flat}


def _coverage(domain: dict[str, Any], ranges: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Coverage", "domain": {"type": "Domain", **domain}, "ranges": ranges}


def _collected(coverages: list[dict[str, Any]]) -> dict[str, Any]:
    """One coverage as it is, several as a collection."""
    if len(coverages) == 1:
        return coverages[0]
    kind = coverages[0]["domain"]["domainType"]
    return {"type": "CoverageCollection", "domainType": kind, "coverages": coverages}


def _grid(answer: Sampling, block: GridBlock, values: Values, base_url: str) -> dict[str, Any]:
    grid = answer.query.first.grid
    reference = Reference.of(grid, f"{base_url}/collections/{answer.query.arrays.dataset.id}")
    axes: dict[str, Any] = {"x": {"values": block.xs}, "y": {"values": block.ys}} | _t(answer)
    levels = answer.query.first.levels
    names = [*(["t"] if answer.labels else []), *(["z"] if levels is not None else []), "y", "x"]
    if levels is not None:
        numbers = levels.labels if levels.values is None else levels.values
        axes["z"] = {"values": [numbers[n] for n in answer.query.levels]}
    sizes = {"t": len(answer.labels), "z": len(answer.query.levels), "y": len(block.ys), "x": len(block.xs)}
    shape = [sizes[name] for name in names]
    domain = {"domainType": "Grid", "axes": axes, "referencing": _systems(answer, reference)}
    return _coverage(domain, {name: _range(array.reshape(shape), tuple(names)) for name, array in values.items()})


def _places(answer: Sampling, places: SamplePlaces, values: Values) -> dict[str, Any]:
    if answer.is_path:
        return _collected([_trajectory(answer, places, values, n) for n in range(len(answer.query.levels))])
    make = _point if places.is_single else _points
    return _collected([make(answer, places, values, n) for n in range(len(answer.query.levels))])


def _point(answer: Sampling, places: SamplePlaces, values: Values, level: int) -> dict[str, Any]:
    axes = {"x": {"values": places.xs}, "y": {"values": places.ys}} | _t(answer) | _z(answer, level)
    kind = "PointSeries" if answer.labels else "Point"
    domain = {"domainType": kind, "axes": axes, "referencing": _systems(answer, answer.query.reference)}
    if not answer.labels:
        ranges = {name: _range(array[0, level, 0], ()) for name, array in values.items()}
        return _coverage(domain, ranges)
    return _coverage(domain, {name: _range(array[:, level, 0], ("t",)) for name, array in values.items()})


def _points(answer: Sampling, places: SamplePlaces, values: Values, level: int) -> dict[str, Any]:
    tuples = [[x, y] for x, y in zip(places.xs.tolist(), places.ys.tolist(), strict=True)]
    composite = {"dataType": "tuple", "coordinates": ["x", "y"], "values": tuples}
    axes = {"composite": composite} | _t(answer) | _z(answer, level)
    kind = "MultiPointSeries" if answer.labels else "MultiPoint"
    names = ("t", "composite") if answer.labels else ("composite",)
    domain = {"domainType": kind, "axes": axes, "referencing": _systems(answer, answer.query.reference)}
    arrays = {name: array[:, level] if answer.labels else array[0, level] for name, array in values.items()}
    return _coverage(domain, {name: _range(array, names) for name, array in arrays.items()})


def _trajectory(answer: Sampling, places: SamplePlaces, values: Values, level: int) -> dict[str, Any]:
    labels = answer.labels
    tuples = [[label, x, y] for label, x, y in zip(labels, places.xs.tolist(), places.ys.tolist(), strict=True)]
    axes = {"composite": {"dataType": "tuple", "coordinates": ["t", "x", "y"], "values": tuples}} | _z(answer, level)
    domain = {"domainType": "Trajectory", "axes": axes, "referencing": _systems(answer, answer.query.reference)}
    ranges = {name: _range(array[0, level], ("composite",)) for name, array in values.items()}
    return _coverage(domain, ranges)


def _zones(answer: Sampling, values: Values) -> dict[str, Any]:
    coverages = []
    reference = Reference(crs=CRS84, uri=CRS84_URI, north_first=False)
    for number, place in enumerate(answer.domain):  # type: ignore[arg-type]  # zones: the other domains are told apart
        for level in range(len(answer.query.levels)):
            polygons = [_rings(part) for part in shapely.get_parts(place.geometry)]
            composite = {"dataType": "polygon", "coordinates": ["x", "y"], "values": [max(polygons, key=_points_of)]}
            axes = {"composite": composite} | _t(answer) | _z(answer, level)
            kind = "PolygonSeries" if answer.labels else "Polygon"
            domain = {"domainType": kind, "axes": axes, "referencing": _systems(answer, reference)}
            if answer.labels:
                ranges = {name: _range(array[:, level, number], ("t",)) for name, array in values.items()}
            else:
                ranges = {name: _range(array[0, level, number], ()) for name, array in values.items()}
            title = {"en": place.title}
            coverages.append(_coverage(domain, ranges) | {"id": place.id, "title": title})
    return _collected(coverages)


def _rings(polygon: Any) -> list[list[list[float]]]:
    return [shapely.get_coordinates(ring).tolist() for ring in (polygon.exterior, *polygon.interiors)]


def _points_of(rings: list[list[list[float]]]) -> int:
    return len(rings[0])
