"""GeoParquet (OGC 1.1): what a file says of its geometries, batches of its rows, and files of features.

A table of features has the columns `geometry` (WKB) and `row`, the number of a feature in its set from 0, besides the
properties that are asked for.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS
from pyproj.exceptions import CRSError

from config.errors import InvalidInput
from config.grids import CRS84

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

GEOMETRY: Final = "geometry"
ROW: Final = "row"
BATCH_ROWS: Final = 65_536
_ARROW_ERRORS: Final = (pa.ArrowException, OSError, ValueError)
_VERSION: Final = "1.1.0"


@dataclass(frozen=True, kw_only=True)
class FeatureFile:
    """A GeoParquet file, or a part of it: some of its row groups.

    Attributes:
        path: The file.
        column: Its column of geometries, as WKB.
        crs: Their CRS as WKT; None where the file says that it is not known.
        properties: Names of the other columns.
        groups: Row groups that are meant.
        rows: Rows in each of these groups.
        first: Number of the first row of each of these groups in the set of features.
    """

    path: str
    column: str
    crs: str | None
    properties: tuple[str, ...]
    groups: tuple[int, ...]
    rows: tuple[int, ...]
    first: tuple[int, ...]

    @property
    def count(self) -> int:
        """The number of rows."""
        return sum(self.rows)

    def only(self, *numbers: int) -> FeatureFile:
        """Some of its row groups, by their places among `groups`."""
        places = [(self.groups[number], self.rows[number], self.first[number]) for number in numbers]
        groups, rows, first = (tuple(each) for each in zip(*places, strict=True))
        return replace(self, groups=groups, rows=rows, first=first)

    def batches(self, properties: Sequence[str], *, most: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """Tables of at most `most` rows with `row`, `geometry` and properties; raises InvalidInput."""
        try:
            with pq.ParquetFile(self.path) as file:
                for group, first in zip(self.groups, self.first, strict=True):
                    at = first
                    for batch in file.iter_batches(most, row_groups=[group], columns=[self.column, *properties]):
                        table = pa.Table.from_batches([batch])
                        geometry = table[self.column].cast(pa.binary())
                        others = {name: table[name] for name in properties}
                        yield pa.table({ROW: pa.array(np.arange(at, at + len(table))), GEOMETRY: geometry, **others})
                        at += len(table)
        except _ARROW_ERRORS as error:
            raise InvalidInput(f"the file cannot be read as GeoParquet: {str(error)[:200]}") from error

    def schema(self, properties: Sequence[str]) -> pa.Schema:
        """The columns of its batches."""
        stored = pq.read_schema(self.path)
        own = [pa.field(ROW, pa.int64()), pa.field(GEOMETRY, pa.binary())]
        return pa.schema([*own, *(stored.field(name) for name in properties)])


def inspect_geoparquet(path: Path, *, name: str, first: int = 0) -> FeatureFile:
    """Read what a file says of itself; raises InvalidInput naming what is wrong.

    Args:
        path: The file.
        name: What the file is called in messages.
        first: Number of its first row in the set of features.
    """
    try:
        with pq.ParquetFile(path) as file:
            metadata, schema = file.metadata, file.schema_arrow
            rows = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    except _ARROW_ERRORS as error:
        raise InvalidInput(f"{name}: it cannot be read as Parquet: {str(error)[:200]}") from error
    column, described = _geometry_column(dict(schema.metadata or {}), name)
    if column not in schema.names:
        raise InvalidInput(f"{name}: its GeoParquet metadata name a column {column!r} that it does not have")
    if described.get("encoding") != "WKB":
        raise InvalidInput(
            f"{name}: its geometries are encoded as {described.get('encoding')!r:.40}; write them as WKB"
        )
    if described.get("edges", "planar") != "planar":
        raise InvalidInput(f"{name}: its edges are {described['edges']!r:.40}, and are read as planar; densify them")
    covering = {path_[0] for box in described.get("covering", {}).values() for path_ in box.values()}
    starts = [first + sum(rows[:number]) for number in range(len(rows))]
    return FeatureFile(
        path=str(path),
        column=column,
        crs=_crs_of(described, name),
        properties=tuple(each for each in schema.names if each != column and each not in covering),
        groups=tuple(range(len(rows))),
        rows=tuple(rows),
        first=tuple(starts),
    )


def _geometry_column(metadata: dict[bytes, bytes], name: str) -> tuple[str, dict[str, Any]]:
    try:
        document = json.loads(metadata[b"geo"])
        column = document["primary_column"]
        return str(column), dict(document["columns"][column])
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidInput(
            f"{name}: this Parquet file has no GeoParquet metadata (`geo`); write it with them"
        ) from error


def _crs_of(described: dict[str, Any], name: str) -> str | None:
    """The CRS as WKT: an absent one is CRS84, a null one is not known (GeoParquet 1.1, "crs")."""
    if "crs" not in described:
        return CRS.from_user_input(CRS84).to_wkt()
    if described["crs"] is None:
        return None
    try:
        return CRS.from_json_dict(described["crs"]).to_wkt()
    except (CRSError, TypeError) as error:
        raise InvalidInput(f"{name}: PROJ does not know its CRS: {str(error)[:200]}") from error


def schema_of(schema: pa.Schema, crs: str) -> pa.Schema:
    """A schema with the metadata of GeoParquet for its column `geometry`."""
    described: dict[str, Any] = {"encoding": "WKB", "geometry_types": []}
    if not CRS.from_wkt(crs).equals(CRS.from_user_input(CRS84)):
        described["crs"] = CRS.from_wkt(crs).to_json_dict()
    document = {"version": _VERSION, "primary_column": GEOMETRY, "columns": {GEOMETRY: described}}
    return schema.with_metadata({"geo": json.dumps(document)})


@contextmanager
def write_parquet(path: Path, schema: pa.Schema, *, compression: str = "zstd") -> Iterator[pq.ParquetWriter]:
    """A writer of a file, each of whose tables becomes a row group or several."""
    with pq.ParquetWriter(
        path, schema, compression=compression, write_statistics=[ROW] if ROW in schema.names else False
    ) as writer:
        yield writer
