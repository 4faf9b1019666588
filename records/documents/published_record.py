"""What may change in the record of a published dataset, and what of it the dataset takes over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shapely import from_geojson
from shapely.errors import GEOSException
from sqlalchemy import func, select

from config.errors import Conflict
from records.database.orm import CHANNEL
from records.datasets.models import text_in
from records.documents.documents import access_of
from records.writing.record_store import treatment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from records.database.orm import DatasetRow, RecordRow


def given(document: dict[str, Any], row: RecordRow, dataset: DatasetRow) -> dict[str, Any]:
    """What a document gives of a published dataset's record, with the place and time of the data where it is silent.

    Raises Conflict, naming the member, where it says something else than the data of place, time or access.
    """
    place, when = row.document.get("geometry"), row.document.get("time")
    if "geometry" in document and not _same_place(document["geometry"], place):
        raise Conflict(_fixed("/geometry", dataset.id, "`graticule ingest` takes it from the files"))
    if "time" in document and document["time"] != when:
        raise Conflict(_fixed("/time", dataset.id, "`graticule ingest` takes it from the files"))
    properties = _with_access(document["properties"], row, dataset)
    properties = _without_treatment(properties)
    if properties.get("attribution") == dataset.attribution and "attribution" not in row.document["properties"]:
        properties.pop("attribution", None)  # the served form repeats it from the dataset
    classes = {"conformsTo": row.document["conformsTo"]} if "conformsTo" in row.document else {}
    return {**document, **classes, "geometry": place, "time": when, "properties": properties}


def tell(session: Session, row: DatasetRow, document: dict[str, Any]) -> None:
    """Give a dataset the words of what was given for its record, for the next ingest too, and tell every process."""
    properties = document["properties"]
    row.joined = document
    row.title = properties["title"]
    row.description = properties.get("description", {})
    row.license = properties.get("license")
    line = properties.get("attribution", row.attribution)
    row.attribution = text_in(line) if isinstance(line, dict) else line
    row.version += 1
    row.updated = func.clock_timestamp()
    session.execute(select(func.pg_notify(CHANNEL, row.id)))


def _fixed(member: str, dataset_id: str, remedy: str) -> str:
    return f"{member} differs from that of the published dataset {dataset_id}: {remedy}; leave it out or as it is"


def _same_place(one: Any, other: Any) -> bool:
    """Whether geometries are the same, wherever their rings begin."""
    if one == other or not isinstance(one, dict) or not isinstance(other, dict):
        return bool(one == other)
    try:
        return bool(from_geojson(json.dumps(one)).equals(from_geojson(json.dumps(other))))
    except (GEOSException, ValueError):
        return False


def _with_access(properties: dict[str, Any], row: RecordRow, dataset: DatasetRow) -> dict[str, Any]:
    """The properties with the access that the record stated before, if any; that of the data cannot be changed here."""
    before = row.document["properties"].get("access")
    member = properties.get("access")
    rest = {name: value for name, value in properties.items() if name != "access"}
    if member is not None and member != before:
        access = access_of({"properties": properties})
        if access is None or (access.policy, access.embargo_until) != (dataset.access_policy, dataset.embargo_until):
            raise Conflict(_fixed("/properties/access", dataset.id, "`graticule datasets edit --access` changes it"))
    return rest if before is None else {**rest, "access": before}


def _without_treatment(properties: dict[str, Any]) -> dict[str, Any]:
    """The properties without what ingest wrote at the end of the English lineage: that of today is added again."""
    statement, lineage = treatment({"properties": properties}), properties.get("lineage")
    if not statement or not isinstance(lineage, dict):
        return dict(properties)
    english = lineage["en"].removesuffix(statement).strip()
    rest = {tag: text for tag, text in lineage.items() if tag != "en"} | ({"en": english} if english else {})
    others = {name: value for name, value in properties.items() if name != "lineage"}
    return others | ({"lineage": rest} if rest else {})
