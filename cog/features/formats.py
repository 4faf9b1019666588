"""Features in other forms as GeoParquet: FlatGeobuf and GeoJSON files batch by batch, and GeoJSON that is in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from cog.features.geoparquet import BATCH_ROWS, GEOMETRY, ROW, schema_of, write_parquet
from config.errors import InvalidInput, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

DRIVERS: Final = {".fgb": "FlatGeobuf", ".geojson": "GeoJSON", ".geojsonl": "GeoJSONSeq"}
"""The GDAL driver that reads a file of each ending."""
MOST_GEOJSON_FEATURES: Final = 100_000
_GROUP_ROWS: Final = 262_144
_FLATGEOBUF_MAGIC: Final = (b"fgb\x03fgb", 7)
_GEOMETRIES: Final = frozenset(
    {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}
)


def convert_features(source: Path, target: Path, *, name: str) -> None:
    """Write the features of a FlatGeobuf or GeoJSON file as GeoParquet; raises InvalidInput.

    Args:
        source: The file; its ending says what it is.
        target: The new file.
        name: What the file is called in messages.
    """
    driver = DRIVERS.get(source.suffix)
    if driver is None:
        raise InvalidInput(f"{name}: a file ends with .parquet or {', '.join(DRIVERS)}; convert it")
    if driver == "FlatGeobuf" and not _is_flatgeobuf(source):
        raise InvalidInput(f"{name}: it does not begin as a FlatGeobuf file does")
    try:
        with pyogrio.open_arrow(source, batch_size=BATCH_ROWS, use_pyarrow=True) as (info, reader):
            column = info["geometry_name"] or "wkb_geometry"
            schema = schema_of(_named(reader.schema, column), _wkt_of(info["crs"], name))
            with write_parquet(target, schema) as writer:
                for batch in reader:
                    columns = [batch.column(column if each == GEOMETRY else each) for each in schema.names]
                    plain = [_plain(each, field.type) for each, field in zip(columns, schema, strict=True)]
                    writer.write_table(pa.Table.from_arrays(plain, schema=schema), row_group_size=_GROUP_ROWS)
    except (DataSourceError, DataLayerError, pa.ArrowException, OSError) as error:
        raise InvalidInput(f"{name}: it cannot be read as {driver}: {str(error)[:200]}") from error


def _is_flatgeobuf(path: Path) -> bool:
    magic, length = _FLATGEOBUF_MAGIC
    with path.open("rb") as file:
        return file.read(length) == magic


def _named(schema: pa.Schema, column: str) -> pa.Schema:
    """A schema without the marks of extension types, its geometries called `geometry`."""
    fields = [field.remove_metadata() for field in schema if field.name not in (column, GEOMETRY)]
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary())])


def _plain(array: pa.Array, type_: pa.DataType) -> pa.Array:
    storage = array.storage if isinstance(array, pa.ExtensionArray) else array
    return storage.cast(type_)


def _wkt_of(crs: str | None, name: str) -> str:
    if not crs:
        raise InvalidInput(f"{name}: the file names no CRS; write it with one")
    try:
        return str(CRS.from_user_input(crs).to_wkt())
    except CRSError as error:
        raise InvalidInput(f"{name}: PROJ does not know its CRS {crs[:80]!r}") from error


def write_geojson_features(document: Mapping[str, Any], target: Path, *, crs: str, name: str) -> None:
    """Write the features of a GeoJSON document as GeoParquet, its ids as a property `id`.

    Args:
        document: A FeatureCollection, a Feature, or a geometry.
        target: The new file.
        crs: The CRS of the coordinates (x, y), as WKT.
        name: What the document is called in messages.

    Raises:
        InvalidInput: A feature is none; its number is said.
        TooLarge: There are too many.
    """
    features = _features_of(document, name)
    if len(features) > MOST_GEOJSON_FEATURES:
        raise TooLarge(
            f"{name}: {len(features)} features are more than {MOST_GEOJSON_FEATURES} as GeoJSON; send GeoParquet"
        )
    geometries = [_geometry_of(feature, number, name) for number, feature in enumerate(features)]
    texts = np.array([None if each is None else json.dumps(each) for each in geometries], dtype=object)
    try:
        shapes = shapely.from_geojson(texts)
    except shapely.errors.GEOSException as error:
        number = _first_bad(texts)
        raise InvalidInput(f"{name}: feature {number} has no valid coordinates: {error}") from error
    columns = _columns([feature.get("properties") or {} for feature in features])
    ids = [feature.get("id") for feature in features]
    if any(each is not None for each in ids):
        columns = {"id": _column(ids)} | columns
    write_features(target, shapes, columns, crs=crs)


def _features_of(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    kind = document.get("type")
    if kind == "FeatureCollection" and isinstance(document.get("features"), list) and document["features"]:
        return list(document["features"])
    if kind == "Feature":
        return [document]
    if kind in _GEOMETRIES:
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise InvalidInput(f"{name}: a GeoJSON FeatureCollection with features, a Feature or a geometry is needed")


def _geometry_of(feature: Any, number: int, name: str) -> Mapping[str, Any] | None:
    is_feature = isinstance(feature, dict) and feature.get("type") == "Feature"
    geometry = feature.get("geometry") if is_feature else feature
    properties = feature.get("properties") if is_feature else None
    if not is_feature or not isinstance(geometry, dict | None) or not isinstance(properties, dict | None):
        raise InvalidInput(f"{name}: feature {number} is no GeoJSON Feature")
    if geometry is not None and geometry.get("type") not in _GEOMETRIES:
        raise InvalidInput(f"{name}: feature {number} has a geometry of type {str(geometry.get('type'))[:40]!r}")
    return geometry


def _first_bad(texts: Iterable[Any]) -> int:
    for number, text in enumerate(texts):
        try:
            shapely.from_geojson(text)
        except shapely.errors.GEOSException:
            return number
    return 0


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, pa.Array]:
    names = dict.fromkeys(str(name) for row in rows for name in row if name not in (GEOMETRY, ROW))
    return {name: _column([row.get(name) for row in rows]) for name in names}


def _column(values: Sequence[Any]) -> pa.Array:
    """Values of one type as they are; others as text, of JSON where they are no text."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        texts = [each if each is None or isinstance(each, str) else json.dumps(each) for each in values]
        return pa.array(texts, type=pa.string())


def write_features(target: Path, shapes: Any, columns: Mapping[str, pa.Array], *, crs: str) -> None:
    """Write geometries with columns of properties as GeoParquet, `crs` as WKT."""
    table = pa.table({**columns, GEOMETRY: pa.array(shapely.to_wkb(shapes), type=pa.binary())})
    with write_parquet(target, schema_of(table.schema, crs)) as writer:
        writer.write_table(table.cast(writer.schema), row_group_size=_GROUP_ROWS)
