"""The query of a coverage request as values, syntax checked, before any dataset is looked at (OGC 19-087)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.errors import InvalidInput, InvalidParameter
from config.times import parse_datetime
from services.apis.coverages.formats import CoverageFormat, requested_format
from services.selection.axes import combine, parse_subset
from services.selection.region import RegionRequest
from services.selection.resampling import parse_kernel
from services.selection.scaling import parse_scaling
from services.selection.selection import SelectionRequest
from services.web.query_checks import MAX_TEXT, checked_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ALIASES: Final = {"scaleSize": "scale-size", "scaleFactor": "scale-factor"}
"""GDAL and earlier drafts write these."""
KNOWN: Final = (
    "bbox",
    "bbox-crs",
    "subset",
    "subset-crs",
    "datetime",
    "properties",
    "exclude-properties",
    "part",
    "crs",
    "resampling",
    "scale-size",
    "scaleSize",
    "scale-factor",
    "scaleFactor",
    "scale-axes",
    "resolution",
    "width",
    "height",
    "f",
)


@dataclass(frozen=True, kw_only=True)
class CoverageQuery:
    """A coverage request.

    Attributes:
        granules: Times, levels, members and part.
        is_latest: Whether the latest time is named, as `subset=time(*)`.
        region: Region, CRSs, size and resampling.
        properties: Ids of variables in the order of the request, or None.
        excluded: Ids of variables to leave out, or None.
        format: The encoding.
        is_any_format: Whether the request names none, so that one which holds the answer is chosen for it.
    """

    granules: SelectionRequest
    is_latest: bool
    region: RegionRequest
    properties: tuple[str, ...] | None
    excluded: tuple[str, ...] | None
    format: CoverageFormat
    is_any_format: bool


def parse_query(items: Iterable[tuple[str, str]], *, accept: str = "") -> CoverageQuery:
    """Parse decoded (name, value) pairs; raises InvalidParameter or InvalidInput."""
    lists = checked_names(items, KNOWN, longest=MAX_TEXT)
    single = _singles(lists)
    if "properties" in single and "exclude-properties" in single:
        raise InvalidInput("properties and exclude-properties both choose variables; give one of them")
    when = parse_datetime(single["datetime"]) if "datetime" in single else None
    axes = combine(parse_subset(lists.get("subset", [])), box=single.get("bbox"), when=when)
    format_ = requested_format(lists.get("f", []), accept)
    is_trimmed = axes.when is not None and axes.when.is_interval  # trimming keeps the axis, which a GeoTIFF has not
    return CoverageQuery(
        granules=SelectionRequest(when=axes.when, axes=axes.others, part=single.get("part")),
        is_latest=axes.latest,
        region=RegionRequest(
            axes=axes,
            box=single.get("bbox"),
            crss={name: single[name] for name in ("crs", "bbox-crs", "subset-crs") if name in single},
            scaling=parse_scaling(single),
            resampling=parse_kernel(single.get("resampling")),
        ),
        properties=_names(lists, "properties"),
        excluded=() if lists.get("exclude-properties") == [""] else _names(lists, "exclude-properties"),
        format=format_ or (CoverageFormat.NETCDF if is_trimmed else CoverageFormat.GEOTIFF),
        is_any_format=format_ is None,
    )


def _singles(lists: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the value of each parameter under its own name; raises InvalidInput for several different ones."""
    distinct: dict[str, set[str]] = {}
    for name, values in lists.items():
        distinct.setdefault(_ALIASES.get(name, name), set()).update(values)
    several = next((name for name, values in distinct.items() if len(values) > 1 and name not in _REPEATABLE), None)
    if several is not None:
        raise InvalidInput(f"{several} is given more than once, with different values")
    return {name: next(iter(values)) for name, values in distinct.items()}


_REPEATABLE: Final = frozenset({"subset", "properties", "exclude-properties", "f"})


def _names(lists: Mapping[str, list[str]], name: str) -> tuple[str, ...] | None:
    values = lists.get(name)
    if values is None:
        return None
    names = [part.strip() for value in values for part in value.split(",")]
    if not all(names):
        raise InvalidParameter(name, ",".join(values), "name one or more variables, joined by commas")
    return tuple(dict.fromkeys(names))
