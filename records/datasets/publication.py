"""What one commit makes visible of a dataset, with the overviews across the sheets of its mosaics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from records.datasets.models import Granule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.grids import Grid
    from records.datasets.models import Access, Asset, Gap, RecordOrigin, Text, Variable


@dataclass(frozen=True, kw_only=True)
class MosaicOverview:
    """A raster of coarse cells across the sheets of one variable, time and layer.

    Attributes:
        variable_id: The variable.
        time: Label of the time, None where there is none.
        layer: Key of the layer (`config.layers`), likewise.
        key: Order key of the time.
        calendar: Its calendar.
        asset: The file.
        grid: Its cells.
        nodata: Its no-data value; it has one also where the sheets, which may fill their grids, have none.
        factor: By how much its cells are larger than those of the sheets.
        sheets: The SHA-256 and the grid (as JSON) of each sheet that it was made of, by the part.
    """

    variable_id: str
    time: str | None
    layer: str | None
    key: int | None
    calendar: str | None
    asset: Asset
    grid: Grid
    nodata: float | None
    factor: int
    sheets: Mapping[str, tuple[str, dict[str, object]]]

    def as_granule(self, dataset_id: str) -> Granule:
        """As what readers and entity tags take; it is no granule of the catalogue."""
        return Granule(
            dataset_id=dataset_id,
            variable_id=self.variable_id,
            time=self.time,
            calendar=self.calendar,
            key=self.key,
            start=None,
            end=None,
            start_key=None,
            end_key=None,
            layer=self.layer,
            part=None,
            asset=self.asset,
            grid=self.grid,
        )


@dataclass(frozen=True, kw_only=True)
class Publication:
    """All of a dataset that one commit makes visible.

    `granules` is the whole set: those of the catalogue that are not in it are withdrawn by the same commit. Where the
    publication `adds`, it is what is new.
    """

    id: str
    title: Text
    description: Text
    access: Access
    bbox: tuple[float, float, float, float]
    variables: tuple[Variable, ...]
    granules: tuple[Granule, ...]
    record: dict[str, Any]
    """The OGC record document in its stored form (`records.documents.documents`)."""
    attribution: str | None = None
    license: str | None = None
    climatology: bool = False
    declaration: dict[str, Any] = field(default_factory=dict)
    joined: dict[str, Any] | None = None
    """The record that was given for the dataset, as it was given, or None."""
    gaps: tuple[Gap, ...] = ()
    absorbed: tuple[str, ...] = ()
    """Ids of records without data that this dataset's record takes the place of."""
    record_origin: RecordOrigin | None = None
    """Where the record came from, if that is new; None leaves what is known of it."""
    summaries: Mapping[str, bytes] = field(default_factory=dict)
    """Statistics of all granules of a variable (`cog.statistics.growing`), by its id, where they are known."""
    overviews: tuple[MosaicOverview, ...] = ()
    """Overviews across the sheets of its mosaics; those that the dataset had before go."""
    adds: bool = False
    """Whether `granules` are only what is new: others of the catalogue stay, unless one of these takes their place."""
