"""Answers as GeoJSON (RFC 7946), a feature for each place, level and time, as the class edr-geojson has it."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from services.apis.edr.places.geometries import GridBlock, SamplePlaces
from services.apis.edr.places.transforms import to_degrees
from services.web.documents.extents import rfc3339

if TYPE_CHECKING:
    from services.apis.edr.samples import Sampling


def feature_collection(answer: Sampling, url: str) -> bytes:
    """Write the answer; cells without any data are left out of the answer to an area or cube."""
    values = answer.whole()
    geometries = _geometries(answer)
    keep_empty = not isinstance(answer.domain, GridBlock)
    member = answer.query.member_label
    features: list[dict[str, Any]] = []
    for step, level, place in product(range(answer.steps), range(len(answer.query.levels)), range(answer.size)):
        numbers = {p.name: _number(values[p.name][step, level, place]) for p in answer.parameters}
        if not keep_empty and all(number is None for number in numbers.values()):
            continue
        geometry, properties = geometries[place]
        label = _label(answer, step, place)
        described = {"datetime": None if label is None else rfc3339(label) or label}
        text = answer.query.level_labels[level]
        features.append(
            {
                "type": "Feature",
                "id": f"{place}-{level}-{step}",
                "geometry": geometry,
                "properties": described
                | {
                    "label": properties.get("label", answer.query.arrays.dataset.id),
                    "parameter-name": [p.name for p in answer.parameters],
                    "edrqueryendpoint": url,
                }
                | ({} if text is None else {"z": text})
                | ({} if member is None else {"member": member})
                | properties
                | numbers,
            }
        )
    parameters = [parameter_member(p.name, p.field.long_name, p.field.unit) for p in answer.parameters]
    document = {"type": "FeatureCollection", "features": features, "parameters": parameters}
    return orjson.dumps(document | {"numberReturned": len(features)}, option=orjson.OPT_SERIALIZE_NUMPY)


def parameter_member(name: str, title: str, unit: str | None) -> dict[str, Any]:
    """A parameter in the words of EDR."""
    return {
        "id": name,
        "type": "Parameter",
        "unit": {"symbol": unit or "1"},
        "observedProperty": {"label": title},
    }


def _number(value: np.floating[Any]) -> np.floating[Any] | None:
    return value if math.isfinite(value) else None


def _label(answer: Sampling, step: int, place: int) -> str | None:
    if answer.is_path:
        return answer.labels[place]
    return answer.labels[step] if answer.labels else None


def _geometries(answer: Sampling) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(geometry, own properties) of each place."""
    domain = answer.domain
    if isinstance(domain, SamplePlaces):
        return [(_point(x, y), {}) for x, y in zip(domain.xs.tolist(), domain.ys.tolist(), strict=True)]
    if isinstance(domain, GridBlock):
        ys, xs = np.meshgrid(domain.ys, domain.xs, indexing="ij")
        degrees = to_degrees(np.stack([xs.ravel(), ys.ravel()], axis=1), answer.query.first.grid)
        return [(_point(x, y), {}) for x, y in degrees.tolist()]
    return [
        (orjson.loads(shapely.to_geojson(place.geometry)), {"location": place.id, "label": place.title})
        for place in domain
    ]


def _point(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}
