"""What is read with a dataset from other tables, in the same query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    case,
    cast,
    func,
    inspect,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONPATH, aggregate_order_by
from sqlalchemy.orm import column_property

from records.database.orm.datasets import AssetRow, DatasetRow, GranuleRow, VariableRow
from records.database.orm.records import RecordRow

LINKED_VARIABLES = 20
"""Variables of a dataset whose latest file is read with it."""


def _latest_files() -> Any:
    """{variable, time, href, sha256, size, media_type} of each variable, in one look at its index.

    Where original files are kept also the path of that, and what the provenance says of it.
    """
    source = case((GranuleRow.source_href.is_not(None), GranuleRow.provenance["source"]))
    latest = (
        select(GranuleRow.time, GranuleRow.asset_href, GranuleRow.source_href, source.label("source"))
        .where(GranuleRow.dataset_id == VariableRow.dataset_id, GranuleRow.variable_id == VariableRow.id)
        .order_by(GranuleRow.key.desc(), GranuleRow.layer, GranuleRow.part)
        .limit(1)
        .correlate(VariableRow)
        .lateral("latest")
    )
    columns = {"time": latest.c.time, **{name: getattr(AssetRow, name) for name in _ASSET}}
    columns |= {"source_href": latest.c.source_href, "source": latest.c.source}
    pairs = [part for name, column in columns.items() for part in (text(f"'{name}'"), column)]
    members = func.jsonb_build_object(text("'variable'"), VariableRow.id, *pairs)
    return (
        select(func.jsonb_agg(aggregate_order_by(members, VariableRow.position)))
        .select_from(VariableRow)
        .join(latest, true())
        .join(AssetRow, AssetRow.href == latest.c.asset_href)
        .where(VariableRow.dataset_id == DatasetRow.id, VariableRow.position < LINKED_VARIABLES)
        .correlate(DatasetRow)
        .scalar_subquery()
    )


def _of_record(value: Any) -> Any:
    """A value from the record of a dataset."""
    return select(value).where(RecordRow.dataset_id == DatasetRow.id).correlate(DatasetRow).scalar_subquery()


_ASSET = ("href", "sha256", "size", "media_type")
_LICENCE_LINK = cast('$.links[*] ? (@.rel == "license").href', JSONPATH)
_mapper = inspect(DatasetRow)
_mapper.add_property("files", column_property(_latest_files()))
_mapper.add_property("external_ids", column_property(_of_record(RecordRow.document["properties"]["externalIds"])))
_mapper.add_property(
    "license_url",
    column_property(_of_record(func.jsonb_path_query_first(RecordRow.document, _LICENCE_LINK).op("#>>")(text("'{}'")))),
)
