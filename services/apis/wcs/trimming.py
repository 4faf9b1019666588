"""GetCoverage of WCS 2.0.1 (OGC 09-110r4, 8.4, and the extensions): subsets, CRSs, sizes, fields and format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cog.grids.enclosing import Interval
from config.boxes import parse_number
from config.errors import InvalidInput, InvalidParameter, OutsideExtent
from config.layers import MEMBER
from config.vocabulary import NETCDF
from services.apis.wcs.coverages import axis_labels
from services.ows.dimensions import NAMES
from services.ows.faults import OwsFault, invalid
from services.selection.axes import Axes, AxisName
from services.selection.region import CoveragePlace, RegionRequest, place_of
from services.selection.scaling import Scaling
from services.web.crs import parse_crs

if TYPE_CHECKING:
    from cog.reading.warp import Kernel
    from config.grids import Grid
    from services.apis.wcs.coverages import Coverage
    from services.ows.kvp import Keywords
    from services.web.crs import Reference

TIFF: Final = "image/tiff"
GML: Final = "application/gml+xml"
FORMATS: Final = (TIFF, NETCDF, GML)
_FORMAT_NAMES: Final = {
    TIFF: TIFF,
    "geotiff": TIFF,
    "image/tiff;application=geotiff": TIFF,
    NETCDF: NETCDF,
    "application/x-netcdf": NETCDF,
    "netcdf": NETCDF,
    GML: GML,
}
MULTIPART: Final = "multipart/related"
_INTERPOLATION: Final = "http://www.opengis.net/def/interpolation/OGC/1.0/"
INTERPOLATIONS: Final[dict[str, Kernel]] = {
    f"{_INTERPOLATION}nearest-neighbor": "nearest",
    f"{_INTERPOLATION}linear": "bilinear",
    f"{_INTERPOLATION}cubic": "cubic",
}
_SUBSET: Final = re.compile(
    r"\s*([^,()\s]{1,100})\s*(?:,[^()]{0,200})?\(\s*([^(),]{1,100}?)\s*(?:,\s*([^(),]{1,100}?)\s*)?\)\s*"
)
_CALL: Final = re.compile(r"\s*([^,()]{1,200})\(([^()]{0,100})\)\s*(?:,|$)")
_ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "x": ("long", "lon", "longitude", "x", "e", "easting", "i"),
    "y": ("lat", "latitude", "y", "n", "northing", "j"),
}
_SCALE_KEYWORDS: Final = ("scalefactor", "scaleaxes", "scalesize", "scaleextent", "size", "resolution")
_CELLS: Final = 1e-6
"""Part of a cell by which an end may lie beyond the data."""


@dataclass(frozen=True, kw_only=True)
class CoverageRequest:
    """What GetCoverage means beside its coverage.

    Attributes:
        place: The cells of the answer.
        kernel: How other cells than the stored ones are made.
        dimensions: Ends of time, elevation and member as written: one for a slice, two for a trim.
        bands: Numbers of the bands, from 1; None: all.
        format: The media type of the file.
        is_multipart: Whether the file comes with a description in GML.
    """

    place: CoveragePlace
    kernel: Kernel
    dimensions: dict[str, tuple[str, ...]]
    bands: tuple[int, ...] | None
    format: str
    is_multipart: bool


def read_request(coverage: Coverage, keywords: Keywords) -> CoverageRequest:
    """The request for a coverage; raises OwsFault."""
    kernel = _kernel(keywords)
    spatial, dimensions = _subsets(coverage, keywords)
    place = _place(coverage, keywords, spatial, kernel)
    return CoverageRequest(
        place=place,
        kernel=kernel,
        dimensions=dimensions,
        bands=_bands(coverage, keywords),
        format=_format(keywords),
        is_multipart=_is_multipart(keywords),
    )


def not_found(code: str, locator: str, detail: str) -> OwsFault:
    """A fault that WCS answers with 404 (09-110r4, table 19, and those of the extensions)."""
    return OwsFault(code, locator, detail, status=404)


def _format(keywords: Keywords) -> str:
    text = keywords.text("format", TIFF).replace(" ", "+").lower()
    form = _FORMAT_NAMES.get(text) or _FORMAT_NAMES.get(text.replace("+", ""))
    if form is None:
        raise invalid("format", text, f"there are {', '.join(FORMATS)}")
    return form


def _is_multipart(keywords: Keywords) -> bool:
    text = keywords.text("mediatype").lower()
    if text and text != MULTIPART:
        raise invalid("mediaType", text, f"only {MULTIPART} is possible")
    return bool(text)


def _kernel(keywords: Keywords) -> Kernel:
    text = keywords.text("interpolation")
    if not text:
        return "nearest"
    by_name = {uri.rsplit("/", 1)[-1]: kernel for uri, kernel in INTERPOLATIONS.items()} | {"nearest": "nearest"}
    kernel = INTERPOLATIONS.get(text) or by_name.get(text.lower())
    if kernel is None:
        detail = f"interpolation={text[:80]}: there are {', '.join(INTERPOLATIONS)}"
        raise not_found("InterpolationMethodNotSupported", text[:80], detail)
    return kernel


def _subsets(coverage: Coverage, keywords: Keywords) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The ends on each spatial axis (`x`, `y`), and on time, elevation and member, as written; raises OwsFault."""
    spatial: dict[str, tuple[str, ...]] = {}
    dimensions: dict[str, tuple[str, ...]] = {}
    levels = coverage.layer.variable.levels
    vertical = {"elevation", "level"} | ({levels.name.lower()} if levels else set())
    for text in keywords.all("subset"):
        match = _SUBSET.fullmatch(text)
        if match is None:
            raise not_found("InvalidSubsetting", text[:80], f"subset={text[:80]}: write axis(low,high) or axis(value)")
        label = match[1].lower()
        ends = tuple(end.strip().strip('"') for end in match.groups()[1:] if end is not None)
        axis = next((axis for axis, names in _ALIASES.items() if label in names), None)
        if axis is None and label in ("time", "t", "ansi", "phenomenontime") and coverage.layer.dataset.time:
            axis = "time"
        elif axis is None and levels is not None and label in vertical:
            axis = "elevation"
        elif axis is None and label == MEMBER and coverage.layer.variable.members is not None:
            axis = MEMBER
        if axis is None or axis in spatial or axis in dimensions:
            labels = ", ".join([*axis_labels(coverage.reference), *NAMES])
            reason = "is given twice" if axis else f"is not an axis of {coverage.id}; known are {labels}"
            raise not_found("InvalidAxisLabel", match[1], f"the axis {match[1]} {reason}")
        (spatial if axis in _ALIASES else dimensions)[axis] = ends
    return spatial, dimensions


def _place(
    coverage: Coverage, keywords: Keywords, spatial: dict[str, tuple[str, ...]], kernel: Kernel
) -> CoveragePlace:
    subsetting = _reference(coverage, keywords, "subsettingcrs", "SubsettingCrs-NotSupported")
    target = _reference(coverage, keywords, "outputcrs", "OutputCrs-NotSupported")
    intervals = {axis: _interval(axis, ends) for axis, ends in spatial.items()}
    if subsetting == coverage.reference:
        _require_within(coverage.grid, intervals)
    names: dict[str, AxisName] = {"x": "x", "y": "y"}
    if subsetting.is_degrees:
        names = {"x": "longitude", "y": "latitude"}
    axes = Axes(spatial={names[axis]: interval for axis, interval in intervals.items()})
    crss = {"crs": target.uri, "subset-crs": subsetting.uri} if axes.spatial else {"crs": target.uri}

    def lay_out(scaling: Scaling) -> CoveragePlace:
        request = RegionRequest(axes=axes, crss=crss, scaling=scaling, resampling=kernel)
        return place_of(coverage.grid, request, coverage.reference)

    try:
        place = lay_out(Scaling())
    except (OutsideExtent, InvalidInput) as error:
        raise not_found("InvalidSubsetting", "subset", error.detail) from error
    scaling = _scaling(keywords, target)
    try:
        return place if scaling.is_none else lay_out(scaling)
    except InvalidInput as error:
        raise not_found("InvalidScaleFactor", scaling.text[:80], error.detail) from error


def _reference(coverage: Coverage, keywords: Keywords, name: str, code: str) -> Reference:
    values = keywords.all(name)
    if len(values) > 1:
        raise invalid(name, ", ".join(values), "it is given twice")
    if not values:
        return coverage.reference
    if not values[0].strip():
        raise invalid(name, "", "it is empty; name a CRS or leave it out")
    try:
        reference = parse_crs(values[0].strip(), name=name)
    except InvalidParameter as error:
        raise not_found(code, values[0][:80], error.detail) from error
    return coverage.reference if reference.uri == coverage.reference.uri else reference


def _interval(axis: str, ends: tuple[str, ...]) -> Interval:
    try:
        low, high = (None if end == "*" else parse_number(end, name="subset") for end in (ends[0], ends[-1]))
    except InvalidParameter as error:
        raise not_found("InvalidSubsetting", axis, error.detail) from error
    if low is not None and high is not None and low > high:
        raise not_found("InvalidSubsetting", axis, f"the lower end {low:.10g} is above the upper end {high:.10g}")
    return Interval(low=low, high=high)


def _require_within(grid: Grid, intervals: dict[str, Interval]) -> None:
    """Raise OwsFault for ends beyond the data (09-110r4, requirement 37)."""
    west, south, east, north = grid.bounds
    for axis, interval in intervals.items():
        low, high = (west, east) if axis == "x" else (south, north)
        slack = _CELLS * abs(grid.transform[0] if axis == "x" else grid.transform[4])
        for end in (interval.low, interval.high):
            if end is not None and not low - slack <= end <= high + slack:
                raise not_found("InvalidSubsetting", axis, f"{end:.10g} is outside {low:.10g} to {high:.10g}")


def _scaling(keywords: Keywords, target: Reference) -> Scaling:
    """The size of the answer (OGC 12-039; and `size` and `resolution` of OWSLib, an axis each); raises OwsFault."""
    present = [name for name in _SCALE_KEYWORDS if name in keywords]
    if not present:
        return Scaling()
    name = present[0]
    values = keywords.all(name)
    is_repeatable = name in ("size", "resolution")
    if len(present) > 1 or (len(values) > 1 and not is_repeatable):
        raise invalid(present[-1], ",".join(values), "one parameter sets the size, once")
    text = ",".join(values).strip()
    if not text:
        raise invalid(name, "", "it is empty")
    if name == "scalefactor":
        factor = _positive(text, name)
        factors = {"x": 1 / factor, "y": 1 / factor}
        return Scaling(factors=factors, text=f"scale-factor={1 / factor}")
    numbers: dict[str, float] = {}
    for label, inner in _calls(text, name):
        axis = next((a for a, names in _ALIASES.items() if label.rsplit("/", 1)[-1].lower() in names), None)
        if axis is None:
            labels = ", ".join(axis_labels(target))
            raise not_found("ScaleAxisUndefined", label[:80], f"there is no axis {label[:80]}; known are {labels}")
        if axis in numbers:
            raise invalid(name, text[:80], f"axis {label[:80]} is given twice")
        numbers[axis] = _extent(inner, name) if name == "scaleextent" else _positive(inner, name)
    if name == "scaleaxes":
        return Scaling(factors={axis: 1 / factor for axis, factor in numbers.items()}, text=f"scale-axes={text}")
    if name == "resolution":
        return Scaling(resolutions=numbers, text=f"resolution={text}")
    sizes = {axis: max(1, round(size)) for axis, size in numbers.items()}
    return Scaling(sizes=sizes, text=f"scale-size={text}")


def _calls(text: str, name: str) -> list[tuple[str, str]]:
    calls, position = [], 0
    while position < len(text):
        match = _CALL.match(text, position)
        if match is None:
            raise invalid(name, text[:80], "write axis(number), separated by commas")
        calls.append((match[1].strip(), match[2].strip()))
        position = match.end()
    return calls


def _positive(text: str, name: str) -> float:
    try:
        value = parse_number(text, name=name)
    except InvalidParameter as error:
        raise not_found("InvalidScaleFactor", text[:80], error.detail) from error
    if value <= 0:
        raise not_found("InvalidScaleFactor", text[:80], f"{name}={text[:80]}: a number above 0 is needed")
    return value


def _extent(text: str, name: str) -> float:
    """The number of cells of `low:high`."""
    low, _, high = text.partition(":")
    try:
        first, last = parse_number(low, name=name), parse_number(high, name=name)
    except InvalidParameter as error:
        raise not_found("InvalidExtent", text[:80], error.detail) from error
    if last < first:
        raise not_found("InvalidExtent", text[:80], f"{name}: the lower end {low} is above the upper end {high}")
    return last - first + 1


def _bands(coverage: Coverage, keywords: Keywords) -> tuple[int, ...] | None:
    """The bands of RANGESUBSET (OGC 12-040): fields, and intervals of them; raises OwsFault."""
    text = keywords.text("rangesubset")
    if not text:
        return None
    names = coverage.fields
    bands: list[int] = []
    for part in (part.strip() for part in text.split(",")):
        if not part:
            continue
        first, _, last = part.partition(":")
        for name in (first, last or first):
            if name not in names:
                detail = f"{coverage.id} has no field {name[:80]}; it has {', '.join(names)}"
                raise not_found("NoSuchField", name[:80], detail)
        start, stop = names.index(first), names.index(last or first)
        if stop < start:
            raise not_found("IllegalFieldSequence", part[:80], f"{first} comes after {last} in {coverage.id}")
        bands += range(start + 1, stop + 2)
    return tuple(dict.fromkeys(bands)) or None
