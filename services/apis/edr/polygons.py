"""Polygons with names that `locations` are chosen from: the seas that come with the service, and the operator's own."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import shapely
from shapely.geometry import shape

from config.errors import EnvironmentFault, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

_SEAS: Final = Path(__file__).parent / "seas.geojson.gz"
"""Outlines generalised after IHO S-23, cut by the coasts of Natural Earth; made by scripts/seas."""
_MOST: Final = 10_000
"""Polygons of a set."""


@dataclass(frozen=True, kw_only=True)
class NamedPolygon:
    """A polygon of a set.

    Attributes:
        id: Its id, as it stands in URLs.
        titles: Its name by language.
        geometry: A polygon or several, in CRS84.
    """

    id: str
    titles: Mapping[str, str]
    geometry: BaseGeometry


def polygons(own: str) -> Mapping[str, NamedPolygon]:
    """The polygons by id: those of a file of the operator, else the seas. Raises EnvironmentFault."""
    path = Path(own) if own else _SEAS
    try:
        return _load(str(path), path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, shapely.errors.GEOSException) as error:
        raise EnvironmentFault(f"the locations of {path} cannot be read: {error}") from error


def polygon(own: str, location_id: str) -> NamedPolygon:
    """The polygon of an id; raises NotFound."""
    known = polygons(own)
    if location_id not in known:
        names = ", ".join(list(known)[:20])
        raise NotFound(f"there is no location {location_id[:80]!r}; /locations lists them: {names}")
    return known[location_id]


@lru_cache(maxsize=4)
def _load(path: str, _changed: int) -> Mapping[str, NamedPolygon]:
    content = Path(path).read_bytes()
    document = json.loads(gzip.decompress(content) if path.endswith(".gz") else content)
    features = document["features"]
    if len(features) > _MOST:
        raise ValueError(f"{len(features)} polygons; the limit is {_MOST}")
    found: dict[str, NamedPolygon] = {}
    for feature in features:
        named = _named(feature)
        if named.id in found:
            raise ValueError(f"the id {named.id} is there twice")
        found[named.id] = named
    return found


def _named(feature: dict[str, Any]) -> NamedPolygon:
    location_id = str(feature["id"])
    properties = feature.get("properties") or {}
    titles = properties.get("title", properties.get("name", location_id))
    geometry = shape(feature["geometry"])
    if geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_empty:
        raise ValueError(f"{location_id} is no polygon")
    if not geometry.is_valid:
        geometry = shapely.make_valid(geometry, method="structure")
    return NamedPolygon(
        id=location_id,
        titles={str(k): str(v) for k, v in titles.items()} if isinstance(titles, dict) else {"en": str(titles)},
        geometry=geometry,
    )
