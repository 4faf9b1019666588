"""The answer of a join: links to files, or rows as CSV or GeoJSON where they are few."""

from __future__ import annotations

import csv
import io
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from cog.features.geoparquet import GEOMETRY
from config.errors import InvalidInput, TooLarge
from config.grids import CRS84
from config.vocabulary import CSV, JSON
from services.processes.join.description import GEOPARQUET
from services.processes.maps.answers import expiry
from services.processes.protocol import EncodedOutput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.compute.executor import Environment
    from services.compute.staging import StagedFile

MOST_ROWS: Final = 100_000
"""Rows of an answer as CSV or GeoJSON."""


def answer_rows(
    files: Sequence[tuple[StagedFile, int]], media_type: str, environment: Environment, *, crs: str
) -> EncodedOutput:
    """Answer the rows of some files, each with its number of rows; raises TooLarge or InvalidInput."""
    if media_type == JSON:
        return EncodedOutput(value=_links(files, environment), media_type=JSON)
    count = sum(rows for _, rows in files)
    if count > MOST_ROWS:
        raise TooLarge(
            f"{count} rows are more than {MOST_ROWS} as {media_type}; ask for pairs as {JSON}, links to files"
        )
    rows = [row for file, _ in files for row in _rows(file, environment)]
    if media_type == CSV:
        return EncodedOutput(value=_csv(rows), media_type=CSV)
    if not CRS.from_wkt(crs).equals(CRS.from_user_input(CRS84), ignore_axis_order=True):
        raise InvalidInput(
            f"pairs: GeoJSON is in longitude and latitude, the left side is not; ask for {JSON}, links to files"
        )
    return EncodedOutput(value=_geojson(rows), media_type=media_type)


def _links(files: Sequence[tuple[StagedFile, int]], environment: Environment) -> dict[str, Any]:
    settings = environment.context.settings
    links = []
    for file, rows in files:
        job, part, name = PurePosixPath(file.href).parts[-3:]
        links.append(
            {
                "href": f"{settings.base_url}/jobs/{job}/files/{part}/{name}",
                "type": GEOPARQUET,
                "rows": rows,
                "bytes": file.size,
                "sha256": file.sha256,
            }
        )
    return {"files": links, "rows": sum(rows for _, rows in files), "expires": expiry(settings.limit.job_days)}


def _rows(file: StagedFile, environment: Environment) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(environment.context.store / file.href) as opened:
        for batch in opened.iter_batches():
            yield from batch.to_pylist()


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO(newline="")
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        for row in rows:
            wkb = row.get(GEOMETRY)
            writer.writerow(row if wkb is None else row | {GEOMETRY: shapely.to_wkt(shapely.from_wkb(wkb), -1)})
    return out.getvalue()


def _geojson(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    features = []
    for row in rows:
        wkb = row.pop(GEOMETRY, None)
        geometry = None if wkb is None else json.loads(shapely.to_geojson(shapely.from_wkb(wkb)))
        properties = json.loads(json.dumps(row, default=str))
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features}
