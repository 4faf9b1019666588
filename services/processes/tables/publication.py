"""Publishing the table of a job as a record (`publish: {id, title, ...}`) with CSV, GeoParquet and its lineage."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS, Transformer

from cog.features.geoparquet import GEOMETRY, schema_of
from config.errors import InvalidInput
from config.grids import CRS84
from config.vocabulary import CSV, PARQUET
from records.documents.presentation import record_url
from services.access.decision import derived_access
from services.ingest.publishing.record import completed, declared_form, gregorian_label
from services.ingest.publishing.tables import TableFile, publish_tables
from services.processes.maps.publication import record_declaration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from shapely import Geometry

    from cog.sources.models import TimeStep
    from cog.zones.geojson import Feature
    from records.datasets.footprint import Box
    from services.processes.maps.publication import Lineage
    from services.processes.protocol import Environment
    from services.web.context import Context

WORLD: Final = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, kw_only=True)
class ResultTable:
    """A table.

    Attributes:
        stem: What the names of its files begin with.
        rows: Its rows, all with the same columns.
        places: The geometry of each row in CRS84, None where it has none.
        span: Order keys of the beginning and the end of what it tells of; None where that has no times.
    """

    stem: str
    rows: Sequence[Mapping[str, Any]]
    places: Sequence[Geometry | None]
    span: tuple[int, int] | None

    def csv(self, *, delimiter: str = ",") -> bytes:
        """Its rows as CSV, or with another delimiter."""
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, fieldnames=list(self.rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(self.rows)
        return out.getvalue().encode()

    def geoparquet(self, lineage: Mapping[str, Any]) -> bytes:
        """Its rows with their geometries; the metadata of the file hold the lineage as JSON."""
        places = pa.array([None if each is None else shapely.to_wkb(each) for each in self.places], type=pa.binary())
        table = pa.Table.from_pylist([dict(row) for row in self.rows]).append_column(GEOMETRY, places)
        described = schema_of(table.schema, CRS.from_user_input(CRS84).to_wkt()).metadata
        table = table.replace_schema_metadata({**described, b"lineage": json.dumps(lineage).encode()})
        out = io.BytesIO()
        pq.write_table(table, out, compression="zstd")
        return out.getvalue()

    def geojson(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        """Its rows as features, without some columns."""
        features = [
            {
                "type": "Feature",
                "geometry": None if place is None else json.loads(shapely.to_geojson(place)),
                "properties": {name: value for name, value in row.items() if name not in without},
            }
            for row, place in zip(self.rows, self.places, strict=True)
        ]
        return {"type": "FeatureCollection", "features": features}

    @property
    def box(self) -> Box:
        """West, south, east and north of its geometries; the world where it has none."""
        bounds = shapely.total_bounds([each for each in self.places if each is not None] or [shapely.box(*WORLD)])
        west, south, east, north = (float(each) for each in bounds)
        return (west, south, east, north) if -180 <= west <= east <= 180 else (-180.0, south, 180.0, north)


def require_publishable_table(publish: Mapping[str, Any] | None, context: Context) -> None:
    """Raise InvalidInput or Conflict if an input `publish` cannot be fulfilled."""
    if publish:
        record_declaration(publish, None)
        context.catalogue.repository.require_new(publish["id"])


def publish_table(
    publish: Mapping[str, Any] | None, table: ResultTable, lineage: Lineage, environment: Environment
) -> dict[str, Any]:
    """The output `publication` by its id: where record and files are; nothing without `publish`.

    Raises InvalidInput for a table without rows, or of data that not everybody may read.
    """
    if not publish:
        return {}
    access = derived_access(lineage.datasets)
    if access.policy != "open":
        raise InvalidInput("publish: the table is computed of restricted collections, and published tables are public")
    if not table.rows:
        raise InvalidInput("publish: the table has no rows; nothing is published")
    files = [
        TableFile(
            stem=table.stem, ending="csv", media_type=CSV, title={"en": "Table as CSV", "zh": "表（CSV）"},
            body=table.csv(),
        ),
        TableFile(
            stem=table.stem, ending="parquet", media_type=PARQUET, title={"en": "Table as GeoParquet",
            "zh": "表（GeoParquet）"}, body=table.geoparquet(lineage.document(environment.staging.job_id)),
        ),
    ]  # fmt: skip
    return publish_record(publish, files, lineage, environment, box=table.box, span=table.span)


def publish_record(
    publish: Mapping[str, Any],
    files: Sequence[TableFile],
    lineage: Lineage,
    environment: Environment,
    *,
    box: Box = WORLD,
    span: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """The output `publication` by its id, of files that become a record.

    Args:
        publish: The input.
        files: What the record links to.
        lineage: What they were computed from and how.
        environment: Of the execution.
        box: West, south, east and north of what they tell of.
        span: Order keys of the beginning and the end of that; None where it has no times.
    """
    context = environment.context
    document = declared_form(record_declaration(publish, lineage))
    if span:
        document["time"] = {"interval": [gregorian_label(key) for key in span]}
    document = completed(document, publish["id"], box=box, granules=(), climatology=False, lineage=())
    environment.commit_last(
        lambda along: publish_tables(context.catalogue.repository.engine, context.store, document, files, along=along)
    )
    base = context.settings.base_url
    links = [
        {
            "href": f"{base}/tables/{publish['id']}/{file.name}",
            "type": file.media_type,
            "bytes": len(file.body),
            "sha256": file.sha256,
        }
        for file in files
    ]
    return {"publication": {"record": record_url(base, publish["id"]), "files": links}}


def span_of(times: Sequence[TimeStep | None]) -> tuple[int, int] | None:
    """Order keys of the beginning of the first and the end of the last of some times; None if one is not known."""
    steps = [time for time in times if time is not None]
    if len(steps) < len(times) or not steps:
        return None
    starts = [time.key if time.start_key is None else time.start_key for time in steps]
    return min(starts), max(time.key if time.end_key is None else time.end_key for time in steps)


def place_of_feature(feature: Feature, crs: CRS) -> Geometry:
    """The polygons of a feature in CRS84; `crs` is that of their coordinates."""
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in feature.polygons]
    whole = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    if crs.equals(CRS.from_user_input(CRS84)):
        return whole
    to_degrees = Transformer.from_crs(crs, CRS84, always_xy=True)

    def moved(places: NDArray[Any]) -> NDArray[Any]:
        return np.stack(to_degrees.transform(*places.T), axis=1)

    return shapely.transform(whole, moved)
