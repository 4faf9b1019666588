"""The catalogue's records as a provider of pygeoapi's core (type `record`)."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from pygeoapi.provider.base import BaseProvider, SchemaType

from config.boxes import parse_bbox
from records.documents.presentation import served
from records.documents.queryables import QUERYABLES
from records.search import search
from records.search.parameters import RecordQuery
from records.writing.history import state
from services.access.principal import ANONYMOUS, Principal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

    from records.datasets.models import Dataset

OWN_LINKS = "recordLinks"
"""Member of a single record that keeps its links apart from those that the core appends to `links`."""

CURRENT = "recordCurrent"
"""Extra member of a single record: its state (`records.writing.history.state`) and since when it holds."""

LANGUAGE: ContextVar[str] = ContextVar("graticule_record_language", default="en")
"""The language of the records that a request gets: the core always hands a provider the first one it knows."""

PRINCIPAL: ContextVar[Principal] = ContextVar("graticule_record_principal", default=ANONYMOUS)
"""The principal of a request, for the links of its record."""

BBOX = "_bbox"
"""Property that carries a search's `bbox`: of one in its own parameter the core makes a pyproj transformer, 11 ms."""

FILTER = "_filter"
"""Property that carries a search's CQL2 filter as JSON: the core's own parser reads less of it, and some wrongly."""

_GUARDS = str.maketrans({"<": "\ufdd0", ">": "\ufdd1"})
"""The core writes < and > of every text as &lt; and &gt;. Two noncharacters of Unicode stand for them until it has."""


@dataclass(frozen=True, kw_only=True)
class RecordSource:
    """Where a provider finds its records, and what their links say."""

    engine: Engine
    base_url: str
    is_readable: Callable[[Dataset | None], bool]
    """Whether the data of a record is served to `PRINCIPAL`; None is a record without data."""


class RecordProvider(BaseProvider):  # type: ignore[misc]  # pygeoapi ships no types
    """Records of PostGIS.

    Its definition's `data` is any holder whose `value` is a RecordSource. Errors of ours pass through the core.
    """

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        self._source: RecordSource = provider_def["data"].value
        self._fields = {name: dict(schema) for name, schema in QUERYABLES.items()}

    def get_fields(self) -> dict[str, dict[str, Any]]:
        """The queryables."""
        return dict(self._fields)

    def get_schema(self, schema_type: SchemaType = SchemaType.item) -> tuple[str, dict[str, Any]]:
        """The media type and schema of a record's properties."""
        del schema_type
        return "application/geo+json", {"type": "object", "properties": self.get_fields()}

    def query(
        self,
        *,
        offset: int = 0,
        limit: int = 10,
        resulttype: str = "results",
        bbox: list[float] | None = None,
        datetime_: str | None = None,
        properties: list[tuple[str, str]] | None = None,
        sortby: list[dict[str, str]] | None = None,
        q: str | None = None,
        **_ignored: object,
    ) -> dict[str, Any]:
        """A page of records as a FeatureCollection; `resulttype=hits` counts alone."""
        equal = dict(properties or ())
        condition = equal.pop(FILTER, None)
        box = equal.pop(BBOX, None) or ",".join(map(str, bbox or ()))
        asked = RecordQuery(
            q=q,
            bbox=parse_bbox(box) if box else None,
            datetime=datetime_,
            filter=orjson.loads(condition) if condition else None,
            equal=tuple(equal.items()),
            sortby=tuple((key["property"], key["order"] == "-") for key in sortby or ()),
            limit=0 if resulttype == "hits" else limit,
            offset=offset,
        )
        page = search.search(self._source.engine, asked)
        features = [self._feature(found) for found in page.records]
        return {
            "type": "FeatureCollection",
            "features": features,
            "numberMatched": page.matched,
            "numberReturned": len(features),
        }

    def get(self, identifier: str, **_ignored: object) -> dict[str, Any]:
        """One record; raises RecordNotFound."""
        found = search.get(self._source.engine, identifier)
        feature = self._feature(found, exports=True)
        current = [state(found.document, found.updated), modified(found).isoformat()]
        return {**feature, OWN_LINKS: feature["links"], CURRENT: current, "links": []}

    def _feature(self, found: search.Found, *, exports: bool = False) -> dict[str, Any]:
        feature: dict[str, Any] = guarded(
            served(
                found.document,
                LANGUAGE.get(),
                base_url=self._source.base_url,
                created=found.created,
                updated=found.updated,
                dataset=found.dataset,
                readable=self._source.is_readable(found.dataset),
                exports=exports,
            )
        )
        return feature


def modified(found: search.Found) -> datetime:
    """Since when a record is answered as it is: since it, or the data that it describes, was written."""
    return max(found.updated, found.dataset.updated) if found.dataset is not None else found.updated


def guarded(value: Any) -> Any:
    """A JSON value whose texts are safe from the core's escaping; `unguarded` undoes it."""
    if isinstance(value, str):
        return value.translate(_GUARDS)
    if isinstance(value, list):
        return [guarded(item) for item in value]
    if isinstance(value, dict):
        return {name: guarded(member) for name, member in value.items()}
    return value


def unguarded(body: bytes) -> bytes:
    """JSON text in UTF-8 with < and > back in their places."""
    return body.replace("\ufdd0".encode(), b"<").replace("\ufdd1".encode(), b">")
