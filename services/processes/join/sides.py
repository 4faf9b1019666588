"""The sides of a join: what an input names, as GeoParquet files that every worker reads."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS

from cog.features.formats import DRIVERS, convert_features, write_features, write_geojson_features
from cog.features.geoparquet import inspect_geoparquet
from cog.zones.geojson import crs_of
from config.errors import InvalidInput, InvalidParameter
from config.grids import CRS84
from records.search.outlines import RECORDS, count_outlines, iterate_outlines, properties_of
from services.access.guards import require_describable
from services.access.principal import ANONYMOUS
from services.compute.staging import job_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cog.features.geoparquet import FeatureFile
    from services.compute.executor import Environment
    from services.web.context import Context

KINDS: Final = ("collection", "file", "href", "geoparquet", "flatgeobuf", "type")
"""The members of which an input has one: what it is."""
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*", re.ASCII)
_JOB_FILE: Final = re.compile(
    r"/jobs/([0-9a-f-]{36})/files/([A-Za-z0-9_][A-Za-z0-9_.+-]*)/([A-Za-z0-9_][A-Za-z0-9_.+-]*)", re.ASCII
)
_PARQUET: Final = ".parquet"


@dataclass(frozen=True, kw_only=True)
class JoinSide:
    """The features of one side.

    Attributes:
        name: `left` or `right`.
        files: GeoParquet files.
        crs: The CRS of their coordinates, as WKT.
        properties: The properties that the answer keeps.
        words: What they are, for the summary.
    """

    name: str
    files: tuple[FeatureFile, ...]
    crs: str
    properties: tuple[str, ...]
    words: str

    @property
    def count(self) -> int:
        """The number of features."""
        return sum(file.count for file in self.files)


def kind_of(name: str, value: Mapping[str, Any]) -> str:
    """Which of `KINDS` an input is; raises InvalidInput."""
    members = [kind for kind in KINDS if kind in value]
    if len(members) != 1:
        raise InvalidInput(
            f"{name}: give GeoJSON, or an object with one of collection, file, href, geoparquet and flatgeobuf"
        )
    kind = members[0]
    if kind != "type" and not isinstance(value[kind], str):
        raise InvalidParameter(name, value[kind], f"{kind} is a text")
    return kind


def require_side(name: str, value: Mapping[str, Any], context: Context) -> None:
    """Refuse what can be refused at once: names of what is not there."""
    kind = kind_of(name, value)
    if kind == "collection":
        count_of_collection(name, value["collection"], context)
    elif kind == "file":
        _path_of_file(name, value["file"], context)
    elif kind == "href":
        _path_of_job_file(name, value["href"], context)


def count_of_collection(name: str, collection: str, context: Context) -> int:
    """The number of outlines of a collection; raises CollectionNotFound or InvalidInput."""
    if collection != RECORDS:
        require_describable(context, ANONYMOUS, collection)
    count = count_outlines(context.catalogue.repository.engine, collection)
    if not count:
        raise InvalidInput(f"{name}: the collection {collection} has no outlines")
    return count


def open_side(name: str, value: Mapping[str, Any], properties: Sequence[str], environment: Environment) -> JoinSide:
    """The files of a side; what is not GeoParquet yet is written into the staging area. Raises InvalidInput."""
    context, kind = environment.context, kind_of(name, value)
    paths = _paths(name, kind, value, environment)
    files: list[FeatureFile] = []
    for path in paths:
        file = inspect_geoparquet(path, name=name, first=sum(each.count for each in files))
        files.append(file)
    crs = _common_crs(name, files)
    missing = [each for each in properties if each not in files[0].properties]
    if missing:
        there = ", ".join(files[0].properties) or "none"
        raise InvalidInput(f"{name}_properties: there is no property {missing[0]!r:.80}; there are: {there[:300]}")
    del context
    words = f"{kind} {value[kind]}" if kind in ("collection", "file", "href") else f"inline {kind}"
    return JoinSide(
        name=name, files=tuple(files), crs=crs, properties=tuple(dict.fromkeys(properties)), words=words[:200]
    )


def _common_crs(name: str, files: Sequence[FeatureFile]) -> str:
    crs = files[0].crs
    if crs is None:
        raise InvalidInput(f"{name}: the file says that its CRS is not known; write it with one")
    for file in files[1:]:
        if file.crs != crs or file.properties != files[0].properties:
            raise InvalidInput(f"{name}: {Path(file.path).name} has another CRS or other columns than the first file")
    return crs


def _paths(name: str, kind: str, value: Mapping[str, Any], environment: Environment) -> list[Path]:
    context = environment.context
    if kind == "file":
        path = _path_of_file(name, value["file"], context)
        paths = sorted(path.glob(f"*{_PARQUET}")) if path.is_dir() else [path]
        if not paths:
            raise InvalidInput(f"{name}: the folder {value['file']} holds no {_PARQUET} files")
        return [_as_parquet(name, each, environment) for each in paths]
    if kind == "href":
        return [_path_of_job_file(name, value["href"], context)]
    if kind in ("geoparquet", "flatgeobuf"):
        return [_decoded(name, kind, value[kind], environment)]
    staged = environment.staging.write(
        f"{name}{_PARQUET}",
        lambda path: (
            _write_outlines(path, value["collection"], context)
            if kind == "collection"
            else write_geojson_features(value, path, crs=_geojson_crs(value), name=name)
        ),
    )
    return [context.store / staged.href]


def _geojson_crs(document: Mapping[str, Any]) -> str:
    return str(crs_of(dict(document), None).to_wkt())


def _as_parquet(name: str, path: Path, environment: Environment) -> Path:
    """A file of the operator's folder as GeoParquet."""
    if path.suffix == _PARQUET:
        return path
    staged = environment.staging.write(
        f"{name}{_PARQUET}", lambda target: convert_features(path, target, name=f"{name}: {path.name}")
    )
    return environment.context.store / staged.href


def _decoded(name: str, kind: str, text: str, environment: Environment) -> Path:
    """A file that came in base64."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(f"{name}: {kind} is no base64: {error}") from error
    store, staging = environment.context.store, environment.staging
    if kind == "geoparquet":
        return store / staging.write(f"{name}{_PARQUET}", lambda path: path.write_bytes(content)).href
    with staging.scratch() as folder:
        source = folder / f"{name}.fgb"
        source.write_bytes(content)
        staged = staging.write(f"{name}{_PARQUET}", lambda target: convert_features(source, target, name=name))
    return store / staged.href


def _path_of_file(name: str, text: str, context: Context) -> Path:
    """A file or folder of the operator's folder of vector files; raises InvalidInput."""
    folder = context.settings.vector.folder
    if not folder:
        raise InvalidInput(f"{name}: this server offers no files; its operator sets GRATICULE_VECTOR_FOLDER")
    if _FILE_NAME.fullmatch(text) is None:
        raise InvalidParameter(name, text, "give the name of a file, with / between folders")
    path = Path(folder) / text
    if not path.resolve().is_relative_to(Path(folder).resolve()) or not path.exists():
        raise InvalidParameter(name, text, "there is no such file in the operator's folder")
    if path.is_file() and path.suffix not in (_PARQUET, *DRIVERS):
        raise InvalidParameter(name, text, f"its name must end with {_PARQUET} or {', '.join(DRIVERS)}")
    return path


def _path_of_job_file(name: str, href: str, context: Context) -> Path:
    """A GeoParquet file that a job has written; raises InvalidParameter."""
    base = context.settings.base_url
    match = _JOB_FILE.fullmatch(unquote(urlsplit(href).path).removeprefix(urlsplit(base).path))
    if not href.startswith(f"{base}/") or match is None:
        raise InvalidParameter(name, href, f"a file of a job is at {base}/jobs/{{id}}/files/{{part}}/{{name}}.parquet")
    job, part, file = match.groups()
    path = job_folder(context.store, job) / part / file
    if path.suffix != _PARQUET or not path.is_file():
        raise InvalidParameter(name, href, "there is no such GeoParquet file of a job")
    return path


def _write_outlines(path: Path, collection: str, context: Context) -> None:
    names = properties_of(collection)
    outlines = list(iterate_outlines(context.catalogue.repository.engine, collection))
    if not outlines:
        raise InvalidInput(f"the collection {collection} has no outlines")
    shapes = shapely.from_wkb(np.array([each.wkb for each in outlines], dtype=object))
    columns = {name: pa.array([each.properties[n] for each in outlines], pa.string()) for n, name in enumerate(names)}
    write_features(path, shapes, columns, crs=CRS.from_user_input(CRS84).to_wkt())


def split_files(files: Sequence[FeatureFile], rows: int) -> list[FeatureFile]:
    """Files cut into pieces of whole row groups, each of about `rows` rows."""
    pieces = []
    for file in files:
        first, total = 0, 0
        for number, count in enumerate(file.rows):
            total += count
            if total >= rows or number == len(file.rows) - 1:
                pieces.append(file.only(*range(first, number + 1)))
                first, total = number + 1, 0
    return pieces
