"""What a coverage file holds: fields, times and a region, told without the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from cog.subset import Method, Subset


@dataclass(frozen=True, kw_only=True)
class FieldClass:
    """One class of a categorical field: its stored value and its name."""

    value: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a coverage. physical value = stored value * scale + offset.

    Attributes:
        dtype: numpy name of the stored values.
        nodata: Stored value that means no data; NaN allowed.
        bands: Number of bands of its COGs: 1, or 3 or 4 for a picture.
        method: How fewer cells than stored are made.
    """

    id: str
    long_name: str
    unit: str | None
    standard_name: str | None
    dtype: str
    nodata: float | None
    scale: float
    offset: float
    bands: int
    classes: tuple[FieldClass, ...]
    method: Method


@dataclass(frozen=True, kw_only=True)
class Step:
    """One time: its label and order key (`config.times`) in the cube's calendar, bounds [start_key, end_key)."""

    label: str
    key: int
    start_key: int | None
    end_key: int | None


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A field and its COG at each step; None where the field has none. Without steps there is one COG."""

    field: Field
    paths: tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Cube:
    """A coverage to be written.

    Attributes:
        subset: Region and size, common to all layers.
        steps: Times in order; empty where the data have none.
        calendar: CF calendar of the steps.
        attributes: Global attributes by CF name: title, license, source, history, references, ...
    """

    subset: Subset
    layers: tuple[Layer, ...]
    steps: tuple[Step, ...]
    calendar: str
    attributes: dict[str, str]
