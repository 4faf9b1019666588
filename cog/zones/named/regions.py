"""The set of polygons with names, read from its file once."""

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

_PACKAGED: Final = Path(__file__).parent / "regions.geojson.gz"
"""Seas generalised after IHO S-23, ocean basins, countries and provinces of Natural Earth; made by scripts/regions."""
_MOST: Final = 10_000
"""Polygons of a set."""


@dataclass(frozen=True, kw_only=True)
class NamedRegion:
    """A polygon of a set.

    Attributes:
        id: Its id, as it stands in URLs.
        kind: What it is: country, province, sea, basin, or a word of the operator's; empty if the file does not say.
        titles: Its name by language.
        source: Where its outline is from; empty if the file does not say.
        geometry: A polygon or several, in CRS84.
    """

    id: str
    kind: str
    titles: Mapping[str, str]
    source: str
    geometry: BaseGeometry


def named_regions(own: str) -> Mapping[str, NamedRegion]:
    """The polygons by id: those of a file of the operator, else those that come with the service.

    Raises EnvironmentFault.
    """
    path = Path(own) if own else _PACKAGED
    try:
        return _load(str(path), path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, shapely.errors.GEOSException) as error:
        raise EnvironmentFault(f"the locations of {path} cannot be read: {error}") from error


def named_region(own: str, region_id: str) -> NamedRegion:
    """The polygon of an id; raises NotFound."""
    regions = named_regions(own)
    if region_id not in regions:
        names = ", ".join(list(regions)[:20])
        raise NotFound(f"there is no region {region_id[:80]!r}; /regions lists them: {names}, ...")
    return regions[region_id]


@lru_cache(maxsize=4)
def _load(path: str, _changed: int) -> Mapping[str, NamedRegion]:
    content = Path(path).read_bytes()
    document = json.loads(gzip.decompress(content) if path.endswith(".gz") else content)
    features = document["features"]
    if len(features) > _MOST:
        raise ValueError(f"{len(features)} polygons; the limit is {_MOST}")
    regions: dict[str, NamedRegion] = {}
    for feature in features:
        region = _named(feature)
        if region.id in regions:
            raise ValueError(f"the id {region.id} is there twice")
        regions[region.id] = region
    return regions


def _named(feature: dict[str, Any]) -> NamedRegion:
    region_id = str(feature["id"])
    properties = feature.get("properties") or {}
    titles = properties.get("title", properties.get("name", region_id))
    geometry = shape(feature["geometry"])
    if geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_empty:
        raise ValueError(f"{region_id} is no polygon")
    if not geometry.is_valid:
        geometry = shapely.make_valid(geometry, method="structure")
    return NamedRegion(
        id=region_id,
        kind=str(properties.get("kind") or ""),
        titles={str(k): str(v) for k, v in titles.items()} if isinstance(titles, dict) else {"en": str(titles)},
        source=str(properties.get("source") or ""),
        geometry=geometry,
    )
