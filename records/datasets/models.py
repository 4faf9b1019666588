"""The catalogue's values: what a request needs to know of a dataset without opening a raster."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from config.errors import StyleNotFound, VariableNotFound
from config.layers import layer_keys, level_of, member_of

if TYPE_CHECKING:
    from config.grids import Grid

Text = dict[str, str]
"""Text by language tag: {"en": ..., "zh": ...}."""


def text_in(text: Text, language: str = "en") -> str:
    """The text in a language, else in English, else in any; empty if there is none."""
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may read a dataset's data. The record is public in every case."""

    policy: Literal["open", "login", "apply"] = "open"
    embargo_until: date | None = None
    """First day on which the data may be served (UTC), or None."""


@dataclass(frozen=True, kw_only=True)
class StyleStop:
    """A colour of an imported style, (r, g, b, a) of 0..255, its physical value, and its name in a legend.

    The value of a stop of intervals is the upper end, which belongs to the next one; that of the last may be infinite.
    """

    value: float
    color: tuple[int, int, int, int]
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Style:
    """A named rendering of a variable."""

    id: str
    title: Text = field(default_factory=dict)
    colormap: str | None = None
    """A rio-tiler colour map name, or None when the variable's class colours apply."""
    range: tuple[float, float] | None = None
    """Physical values at both ends of the colour map; None for class colours and RGB."""
    scale: Literal["linear", "log"] = "linear"
    """How values spread over the colour map; log: by their decimal logarithm, and the range is positive."""
    stops: tuple[StyleStop, ...] = ()
    """Colours of an imported style, by rising value, instead of a colour map; an ingest leaves such styles alone."""
    shading: Literal["ramp", "intervals", "values"] = "ramp"
    """What lies between two stops: a mixture of their colours, the colour of the upper one, or nothing."""


@dataclass(frozen=True, kw_only=True)
class ColorClass:
    """One class of a categorical variable: stored value, colour as (r, g, b, a) of 0..255, name by language."""

    value: int
    color: tuple[int, int, int, int]
    title: Text = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Statistics of a variable over its granules, in physical units, fill excluded."""

    minimum: float
    maximum: float
    mean: float
    stddev: float
    percentile_2: float
    percentile_98: float
    valid_percent: float


@dataclass(frozen=True, kw_only=True)
class LayerAxis:
    """An axis of the layers of a variable: the heights, depths or pressures at which it is given, or its members."""

    name: str
    unit: str | None
    positive: Literal["up", "down"] | None
    """The direction in which its values rise (CF 1.11, 4.3), or None where the source does not say; None of members."""
    labels: tuple[str, ...]
    """Its values as text, in stored order; a granule has one of them, and the first is the default."""
    bounds: tuple[tuple[str, str], ...] = ()
    """The two ends of the layer of each level, whose label is then its middle; none of an axis of surfaces."""


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One physical quantity of a dataset.

    physical value = stored value * scale + offset; `nodata` is a stored value (NaN allowed).
    """

    id: str
    source_name: str
    title: Text
    unit: str | None
    standard_name: str | None
    dtype: str
    """numpy name of the stored values."""
    band_count: int
    """1, or 3/4 for the variable `rgb`."""
    nodata: float | None
    scale: float
    offset: float
    kind: Literal["continuous", "categorical", "rgb"]
    classes: tuple[ColorClass, ...]
    statistics: Statistics | None
    grid: Grid
    styles: tuple[Style, ...]
    levels: LayerAxis | None = None
    members: LayerAxis | None = None
    """The members of an ensemble, at each of which there is every level."""

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """The key of each layer (`config.layers`), the first the default; none without levels and members."""
        levels, members = (() if axis is None else axis.labels for axis in (self.levels, self.members))
        return layer_keys(levels, members)

    @property
    def is_packed(self) -> bool:
        """Whether stored and physical values differ."""
        return (self.scale, self.offset) != (1.0, 0.0)

    def style(self, style_id: str = "default") -> Style:
        """The style of that id; raises StyleNotFound."""
        match = next((s for s in self.styles if s.id == style_id), None)
        if match is None:
            names = ", ".join(s.id for s in self.styles)
            raise StyleNotFound(f"variable {self.id} has no style {style_id!r}; it has {names}")
        return match


MAX_LABELS: Final = 2_000
"""Times that the extent of a dataset lists; `/collections/{id}/times` has those of longer series, page by page."""


@dataclass(frozen=True, kw_only=True)
class TimeExtent:
    """The times of a dataset: labels of its first and last granule, in `calendar`, and how many distinct times."""

    calendar: str
    first: str
    last: str
    start: str
    """Start label of the first granule's bounds."""
    end: str
    """End label (excluded) of the last granule's bounds."""
    count: int
    climatology: bool = False
    interval: str | None = None
    """ISO 8601 duration from each time to the next, apart from times that are missing; None where there is none."""
    missing: int = 0
    """How many times of that interval are missing between the first and the last."""
    labels: tuple[str, ...] = ()
    """Every time, where no interval of the Gregorian calendar says them and they are at most `MAX_LABELS`."""


@dataclass(frozen=True, kw_only=True)
class Asset:
    """An immutable file of the store: its path below the store, and what it holds."""

    href: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class LatestFile:
    """The file of a variable's latest granule."""

    variable_id: str
    time: str | None
    asset: Asset
    source: Asset | None = None
    """The original file, where it is kept."""


@dataclass(frozen=True, kw_only=True)
class ExternalId:
    """An identifier that somebody else gave: its scheme (`doi`, `cstr`), if it has one, and its value."""

    scheme: str | None
    value: str


SeriesChoice = Literal["auto", "on", "off"]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A published dataset: one collection, one record.

    Attributes:
        version: Rises with every publication; two equal versions have equal granules.
        bbox: (west, south, east, north) in CRS84; west > east across the antimeridian.
        attribution: The line to show beside the data.
        hidden: Whether it is kept from everything public.
        license_url: Where the licence stands, if the record says so.
        external_ids: What others call the dataset: DOI, CSTR, URN.
        files: The latest file of each of its first variables.
        series: Whether its series get parts by time: `auto` where they are long, `on`, or `off`.
        series_revision: Rises with each change of those parts.
    """

    id: str
    version: int
    title: Text
    description: Text
    access: Access
    bbox: tuple[float, float, float, float]
    time: TimeExtent | None
    variables: tuple[Variable, ...]
    attribution: str | None
    license: str | None
    created: datetime
    updated: datetime
    hidden: bool = False
    license_url: str | None = None
    external_ids: tuple[ExternalId, ...] = ()
    files: tuple[LatestFile, ...] = ()
    series: SeriesChoice = "auto"
    series_revision: int = 0

    def variable(self, variable_id: str | None = None) -> Variable:
        """The variable of that id, or the first declared one; raises VariableNotFound."""
        if variable_id is None:
            return self.variables[0]
        match = next((v for v in self.variables if v.id == variable_id), None)
        if match is None:
            names = ", ".join(v.id for v in self.variables)
            raise VariableNotFound(f"collection {self.id} has no variable {variable_id!r}; it has {names}")
        return match


@dataclass(frozen=True, kw_only=True)
class Granule:
    """One variable at one time, layer and part, with its one COG.

    Labels are in `calendar`; keys are `config.times` order keys; bounds are [start, end). `layer` is a key of
    `config.layers`.
    """

    dataset_id: str
    variable_id: str
    time: str | None
    calendar: str | None
    key: int | None
    start: str | None
    end: str | None
    start_key: int | None
    end_key: int | None
    layer: str | None
    part: str | None
    asset: Asset
    grid: Grid
    provenance: dict[str, Any] = field(default_factory=dict)
    summary: bytes | None = field(default=None, repr=False, compare=False)
    """Statistics of its cells (`cog.statistics.packing`), given when it is published; reading leaves it out."""
    source: Asset | None = None
    """The original file that it was made from, where it is kept."""

    @property
    def place(self) -> Place:
        """Its key within the dataset."""
        return (self.variable_id, self.time, self.layer, self.part)

    @property
    def level(self) -> str | None:
        """The label of its level."""
        return level_of(self.layer)

    @property
    def member(self) -> str | None:
        """The label of its member."""
        return member_of(self.layer)

    @property
    def source_path(self) -> str:
        """The source file that it was made from, as an ingest shows it; empty where that is not known."""
        return str(self.provenance.get("source", {}).get("path", ""))


Place = tuple[str, str | None, str | None, str | None]
"""What tells the granules of a dataset apart: variable, time, layer and part."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A source that was left out of a dataset, and why."""

    path: str
    cause: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a dataset was made with: its declaration, the record that was given for it, and what was left out."""

    declaration: dict[str, Any]
    joined: dict[str, Any] | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, kw_only=True)
class RecordOrigin:
    """Where a record came from.

    Attributes:
        source: What was harvested: a file, a folder or a URL.
        item: The file or address within it.
        private: What is kept for operators and not published (`records.harvest.models.Harvested`).
    """

    source: str
    item: str
    format: str
    source_id: str
    notes: list[dict[str, str]]
    private: dict[str, Any]
    harvested: datetime | None = None
