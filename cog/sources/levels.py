"""Vertical axes of sources as `cog.sources.models.SourceAxis`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from cog.sources.models import SourceAxis
from config.errors import SourceRefused

MAX_LEVELS = 10_000
PRESSURE = re.compile(r"(Pa|hPa|kPa|mbar|mb|millibars?|bar|dbar|decibars?|atm)\Z")
"""Units that make a coordinate a vertical one (CF conventions 4.3)."""
STANDARD_NAMES = frozenset(
    {
        "air_pressure",
        "altitude",
        "depth",
        "depth_below_geoid",
        "geopotential_height",
        "height",
        "height_above_geopotential_datum",
        "height_above_mean_sea_level",
        "height_above_reference_ellipsoid",
        "model_level_number",
        "atmosphere_ln_pressure_coordinate",
        "atmosphere_sigma_coordinate",
        "atmosphere_hybrid_sigma_pressure_coordinate",
        "atmosphere_hybrid_height_coordinate",
        "atmosphere_sleve_coordinate",
        "ocean_sigma_coordinate",
        "ocean_s_coordinate",
        "ocean_s_coordinate_g1",
        "ocean_s_coordinate_g2",
        "ocean_sigma_z_coordinate",
        "ocean_double_sigma_coordinate",
        "sea_water_pressure",
    }
)
"""Standard names of vertical coordinates, dimensional and dimensionless (CF conventions 4.3 and appendix D)."""


def level_label(value: Any) -> str:
    """A level as plain decimal text, with the digits its type carries: `10`, `0.5`, `-2.25`."""
    number = np.asarray(value).reshape(-1)[0]
    if number.dtype.kind in "iu" or number == 0:  # there is no level -0
        return str(int(number))
    return np.format_float_positional(number, trim="-")


def source_levels(
    values: NDArray[Any],
    *,
    name: str,
    unit: str | None = None,
    positive: str = "",
    bounds: NDArray[Any] | None = None,
    path: Path,
) -> SourceAxis:
    """A vertical axis of numbers in stored order.

    Raises SourceRefused for levels that are no numbers, that occur twice, or are too many.
    """
    values = np.atleast_1d(values)
    if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        raise SourceRefused(path, f"its level axis {name} does not hold numbers", "split the file along that axis")
    labels = [level_label(value) for value in values]
    require_levels(labels, name=name, path=path)
    direction = positive.lower() if positive.lower() in ("up", "down") else None
    return SourceAxis(
        name=name,
        unit=unit or None,
        positive=cast("Literal['up', 'down'] | None", direction),
        labels=tuple(labels),
        bounds=() if bounds is None else tuple((level_label(low), level_label(high)) for low, high in bounds),
    )


def require_levels(labels: Sequence[str], *, name: str, path: Path) -> None:
    """Raise SourceRefused for labels that are too many or that occur twice."""
    if len(labels) > MAX_LEVELS:
        raise SourceRefused(path, f"axis {name} has {len(labels)} levels, the limit is {MAX_LEVELS}", "split the file")
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise SourceRefused(path, f"level {twice} occurs twice on its axis {name}", "split the file along that axis")


def numbered_levels(count: int, *, path: Path, name: str = "level") -> SourceAxis:
    """The levels of an axis without coordinate: 1, 2, 3 and so on."""
    return source_levels(np.arange(1, count + 1), name=name, path=path)
