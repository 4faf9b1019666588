"""The coordinate reference system of a CF grid mapping."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyproj
from pyproj.exceptions import CRSError

from cog.grids.georeference import same_places
from cog.sources.crs import grid_crs
from config.errors import SourceRefused


def cf_crs(mapping: dict[str, Any], *, path: Path) -> tuple[pyproj.CRS, tuple[str, ...]]:
    """The CRS of a CF grid mapping (CF conventions, appendix F), and what was decided; raises SourceRefused.

    Where the file also states its CRS in another form (`crs_wkt`, `spatial_ref`, `proj4text`, `srid`), all must mean
    the same places. Where two or more other forms agree and CF's parameters alone differ, the other forms are right.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # names of unknown datums, which the result keeps
            by_text = _by_text(mapping)
            if not mapping.get("grid_mapping_name"):
                return _by_text_alone(mapping, by_text, path), ()
            by_parameters = _by_parameters(mapping)
    except (CRSError, KeyError, ValueError) as error:
        name = mapping.get("grid_mapping_name")
        raise SourceRefused(path, f"grid mapping {name!r} cannot be understood: {error}", "declare `grid`") from error
    if all(_same(by_parameters, other) for other in by_text.values()):
        return by_parameters, ()
    registered = _by_code(mapping)
    alternatives = by_text | ({"srid": registered} if registered is not None else {})
    texts = {str(mapping[k]) for k in alternatives}
    first = next(iter(alternatives.values()))
    if len(texts) < _ENOUGH or not all(_same(first, other) for other in alternatives.values()):
        cause = "its grid mapping's CF parameters and its CRS text mean different projections"
        raise SourceRefused(path, cause, "declare `grid: {crs: EPSG:<code>}` with the right one")
    note = (
        "The grid mapping's CF parameters mean another projection than its "
        f"{' and '.join(alternatives)}, which agree with each other; the latter were taken."
    )
    return registered or first, (note,)


def _by_text_alone(mapping: dict[str, Any], by_text: dict[str, pyproj.CRS], path: Path) -> pyproj.CRS:
    """The CRS of a grid mapping that states none but as text, as rioxarray and QGIS write it; raises SourceRefused."""
    forms = [*by_text.values()]
    registered = _by_code(mapping)
    forms += [registered] if registered is not None else []
    if not forms:
        raise SourceRefused(path, "its grid mapping states no projection", "declare `grid: {crs: EPSG:<code>}`")
    if not all(_same(forms[0], other) for other in forms):
        cause = "the CRS texts of its grid mapping mean different projections"
        raise SourceRefused(path, cause, "declare `grid: {crs: EPSG:<code>}` with the right one")
    return forms[0]


def _by_parameters(mapping: dict[str, Any]) -> pyproj.CRS:
    """The CRS of CF's own parameters; that of a geostationary view without the latitude that pyproj would add to it."""
    parameters = {k: v for k, v in mapping.items() if k not in (*_OTHER_FORMS, "srid")}
    crs = pyproj.CRS.from_cf(parameters)
    if mapping["grid_mapping_name"] != "geostationary" or crs.ellipsoid is None:
        return crs
    sweep = mapping.get("sweep_angle_axis") or ("y" if mapping.get("fixed_angle_axis") == "x" else None)
    if sweep is None:
        sweep = "x" if mapping.get("fixed_angle_axis") == "y" else "y"
    definition = {
        "proj": "geos",
        "h": float(mapping["perspective_point_height"]),
        "lon_0": float(mapping.get("longitude_of_projection_origin", 0.0)),
        "sweep": sweep,
        "x_0": float(mapping.get("false_easting", 0.0)),
        "y_0": float(mapping.get("false_northing", 0.0)),
        "a": crs.ellipsoid.semi_major_metre,
        "b": crs.ellipsoid.semi_minor_metre,
        "units": "m",
    }
    return pyproj.CRS.from_dict(definition)


def _by_text(mapping: dict[str, Any]) -> dict[str, pyproj.CRS]:
    """The CRS that a grid mapping states in other forms than CF's parameters, by attribute."""
    return {k: pyproj.CRS.from_user_input(str(mapping[k])) for k in _OTHER_FORMS if mapping.get(k)}


def _by_code(mapping: dict[str, Any]) -> pyproj.CRS | None:
    """The CRS whose code a grid mapping gives as `srid`."""
    text = str(mapping.get("srid") or "")
    try:
        return pyproj.CRS.from_user_input(text) if text else None
    except CRSError:
        return None


def cf_geographic_crs(mapping: dict[str, Any], *, path: Path) -> pyproj.CRS:
    """The CRS of a grid mapping whose axes are longitudes and latitudes, on the datum that it names.

    A datum may stand in a CRS text (`crs_wkt`, ...) or as `geographic_crs_name`. Raises SourceRefused where two CRS
    texts name different ones, and for another prime meridian than Greenwich, from which no axis counts here.
    """
    reference, _ = cf_crs(mapping, path=path)
    if not reference.is_geographic or reference.is_derived:
        return reference
    by_text = [(crs.source_crs or crs) if crs.is_bound else crs for crs in _by_text(mapping).values()]
    if len({grid_crs(crs, path=path) for crs in by_text}) > 1:
        cause = "its grid mapping states two different coordinate reference systems"
        raise SourceRefused(path, cause, "declare `grid` with the right `crs`")
    reference = by_text[0] if by_text else _registered_like(reference)
    meridian = reference.prime_meridian
    if meridian is not None and meridian.longitude != 0:
        cause = f"its longitudes count from the meridian {meridian.longitude:.6g} of {meridian.name}"
        raise SourceRefused(path, cause, "warp it to a CRS that counts from Greenwich first")
    return reference


def _registered_like(crs: pyproj.CRS) -> pyproj.CRS:
    """The known geographic CRS of the same name and ellipsoid, else the CRS as it is."""
    for name in (crs.name, (crs.datum.name if crs.datum else "").replace("_", " ")):
        candidate = _geographic_by_name(_GEOGRAPHIC_OF_DATUM.get(name, name))
        if candidate is not None and candidate.ellipsoid is not None and _same_ellipsoid(candidate, crs):
            return candidate
    return crs


@lru_cache(maxsize=64)
def _geographic_by_name(name: str) -> pyproj.CRS | None:
    """The geographic CRS of a name or code; PROJ looks for a second for one that it does not know."""
    if name.lower() in ("", "undefined", "unknown"):
        return None
    try:
        crs = pyproj.CRS.from_user_input(name)
    except CRSError:
        return None
    return crs if crs.is_geographic else None


_GEOGRAPHIC_OF_DATUM = {
    "North American Datum 1983": "EPSG:4269",
    "North American Datum 1927": "EPSG:4267",
    "European Terrestrial Reference System 1989": "EPSG:4258",
    "China 2000": "EPSG:4490",
}
"""CF's `horizontal_datum_name` names a datum, and PROJ looks geographic CRSs up by their own names."""


def _same_ellipsoid(first: pyproj.CRS, second: pyproj.CRS) -> bool:
    a, b = first.ellipsoid, second.ellipsoid
    if a is None or b is None:
        return False
    near = abs(a.semi_major_metre - b.semi_major_metre) < 1e-2
    return bool(near and abs(a.inverse_flattening - b.inverse_flattening) < 1e-6)


_ENOUGH = 2
"""Other forms that must agree, differently written, to count more than CF's parameters."""
_OTHER_FORMS = ("crs_wkt", "spatial_ref", "proj4text")


def _same(first: pyproj.CRS, second: pyproj.CRS) -> bool:
    """Whether two CRSs mean the same places, to a hundredth of a degree; geographic ones count as alike."""
    if first.is_geographic and second.is_geographic and not (first.is_derived or second.is_derived):
        return True
    return same_places(first, second, tolerance=1e-2)
