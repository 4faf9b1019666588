"""The query of a coverage request as values, syntax checked, before any dataset is looked at (OGC 19-087)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.errors import InvalidInput, InvalidParameter
from services.apis.coverages.formats import Format, asked_format
from services.selection.axes import Axes, limited, parse_subset
from services.selection.resampling import parse_kernel
from services.selection.scaling import Scaling, parse_scaling
from services.web.query_checks import MAX_TEXT, checked_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cog.reading.warp import Kernel

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
class Query:
    """What is asked of a coverage. What its CRSs mean is known only once the dataset is.

    Attributes:
        axes: What is taken of each axis, without `box`.
        box: `bbox` as written, or None.
        properties: Ids of variables in the order asked, or None.
        excluded: Ids of variables left out, or None.
        part: The sheet to answer, or None for all.
        crss: `crs`, `bbox-crs` and `subset-crs` as written, by name.
        resampling: The kernel asked for, or None for that of the data.
        format: The encoding.
    """

    axes: Axes
    box: str | None
    properties: tuple[str, ...] | None
    excluded: tuple[str, ...] | None
    part: str | None
    crss: Mapping[str, str]
    resampling: Kernel | None
    scaling: Scaling
    format: Format


def parse_query(items: Iterable[tuple[str, str]], *, accept: str = "") -> Query:
    """The query of decoded (name, value) pairs; raises InvalidParameter or InvalidInput."""
    lists = checked_names(items, KNOWN, longest=MAX_TEXT)
    given = _singles(lists)
    if "properties" in given and "exclude-properties" in given:
        raise InvalidInput("properties and exclude-properties both choose variables; give one of them")
    return Query(
        axes=limited(parse_subset(lists.get("subset", [])), box=given.get("bbox"), moment=given.get("datetime")),
        box=given.get("bbox"),
        properties=_names(lists, "properties"),
        excluded=() if lists.get("exclude-properties") == [""] else _names(lists, "exclude-properties"),
        part=given.get("part"),
        crss={name: given[name] for name in ("crs", "bbox-crs", "subset-crs") if name in given},
        resampling=parse_kernel(given.get("resampling")),
        scaling=parse_scaling(given),
        format=asked_format(lists.get("f", []), accept),
    )


def _singles(lists: Mapping[str, list[str]]) -> dict[str, str]:
    """The value of each parameter under its own name; raises InvalidInput for several different ones."""
    found: dict[str, set[str]] = {}
    for name, values in lists.items():
        found.setdefault(_ALIASES.get(name, name), set()).update(values)
    several = next((name for name, values in found.items() if len(values) > 1 and name not in _REPEATABLE), None)
    if several is not None:
        raise InvalidInput(f"{several} is given more than once, with different values")
    return {name: next(iter(values)) for name, values in found.items()}


_REPEATABLE: Final = frozenset({"subset", "properties", "exclude-properties", "f"})


def _names(lists: Mapping[str, list[str]], name: str) -> tuple[str, ...] | None:
    values = lists.get(name)
    if values is None:
        return None
    names = [part.strip() for value in values for part in value.split(",")]
    if not all(names):
        raise InvalidParameter(name, ",".join(values), "name one or more variables, joined by commas")
    return tuple(dict.fromkeys(names))
