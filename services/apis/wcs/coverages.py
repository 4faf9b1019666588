"""Coverages: a layer by an id that XML allows, its CRS, its axes, its fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.grids import CRS84
from services.ows.faults import OwsFault
from services.web.crs import Reference, parse_crs

if TYPE_CHECKING:
    from config.grids import Grid
    from services.ows.layers import ServiceLayer

EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
_DEGREES: Final = "EPSG:4326"


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """A layer as a coverage.

    Attributes:
        layer: The layer.
        reference: The CRS of its grid; EPSG:4326 for data in degrees.
    """

    layer: ServiceLayer
    reference: Reference

    @property
    def id(self) -> str:
        """The layer's name; with an underscore where it begins with a digit, as XML names must not."""
        return coverage_id(self.layer.name)

    @property
    def grid(self) -> Grid:
        """The grid of the data."""
        return self.layer.variable.grid

    @property
    def fields(self) -> list[str]:
        """Names of the bands."""
        variable = self.layer.variable
        return [variable.id] if variable.band_count == 1 else [f"band{n + 1}" for n in range(variable.band_count)]


def coverage_id(name: str) -> str:
    """A layer's name as an id."""
    return name if name[0].isalpha() else f"_{name}"


def layer_name(identifier: str) -> str:
    """The layer's name of an id."""
    return identifier.removeprefix("_")


def coverage_of(layer: ServiceLayer) -> Coverage | None:
    """A layer as a coverage; None where its CRS is in no register, so that no client would know it."""
    grid = layer.variable.grid
    if grid.crs == CRS84:
        return Coverage(layer=layer, reference=parse_crs(_DEGREES, name="crs"))
    reference = Reference.of(grid, "")
    return Coverage(layer=layer, reference=reference) if reference.uri.startswith(EPSG) else None


def require_coverage(layer: ServiceLayer) -> Coverage:
    """A layer as a coverage; raises OwsFault for one without."""
    coverage = coverage_of(layer)
    if coverage is None:
        detail = f"{layer.name} is in a CRS that EPSG does not have; use /collections/{layer.dataset.id}/coverage"
        raise OwsFault("NoSuchCoverage", layer.name, detail, status=404)
    return coverage


def axis_labels(reference: Reference) -> tuple[str, str]:
    """The names of the axes of a CRS, in its order."""
    east, north = ("Long", "Lat") if reference.is_degrees else ("E", "N")
    return (north, east) if reference.north_first else (east, north)


def unit_labels(reference: Reference) -> str:
    """The units of the axes."""
    return "deg deg" if reference.is_degrees else "m m"


def ordered_pair(reference: Reference, x: float, y: float) -> tuple[float, float]:
    """A position (x to the east, y to the north) in the order of a CRS's axes."""
    return (y, x) if reference.north_first else (x, y)


def number(value: float) -> str:
    """A number as text, without a fraction where it has none."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
