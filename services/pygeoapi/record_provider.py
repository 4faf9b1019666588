"""The records of a Graticule database as a provider of pygeoapi (type `record`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pygeoapi.provider.base import BaseProvider, SchemaType

from config.boxes import parse_bbox
from config.errors import InvalidParameter, UnsafeSetting
from config.vocabulary import GEOJSON
from records.documents.data_links import no_data_links
from records.documents.presentation import served
from records.documents.queryables import QUERYABLES, sortables
from records.search import search
from records.search.parameters import MAX_OFFSET, RecordQuery
from services.access.decision import decide
from services.access.principal import ANONYMOUS
from services.pygeoapi.engines import DATABASE_OPTIONS, plugin_settings, shared_engine
from services.pygeoapi.errors import as_provider_errors
from services.pygeoapi.filters import to_cql2_json
from services.pygeoapi.live_object import LiveObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from babel import Locale
    from sqlalchemy import Engine

    from config.boxes import Box
    from config.settings import Settings
    from records.documents.data_links import DataLinker

_EQUALITIES: Final = ("ids", *QUERYABLES)
_OPTIONS: Final = ("url", "serve_restricted", *DATABASE_OPTIONS)
_LINKS_OF_CORE: Final = frozenset({"self", "collection"})
"""Relations of links that pygeoapi's core adds to a single record."""


@dataclass(frozen=True, kw_only=True)
class RecordSource:
    """The database of the records, and what their links say.

    Attributes:
        engine: The database.
        base_url: Base URL of the Graticule that serves the data of the records; empty for no links to it.
        settings: The settings that decide on access.
        link_data: Links records to the services over their data; without it only to the collection.
    """

    engine: Engine
    base_url: str
    settings: Settings
    link_data: DataLinker = no_data_links


class RecordProvider(BaseProvider):  # type: ignore[misc]  # pygeoapi ships no types
    """Records of PostGIS: full text, place, time, properties and CQL2 filters, in the language of the request.

    A plugin that pygeoapi loads from its configuration (docs/pygeoapi.md): `data` is the URL of the database, and
    `options` may have `url`, the base URL of the Graticule that serves the data, and the bounds of the connections.
    Inside the application `data` is a RecordSource in a LiveObject.
    """

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        self._fields = {name: dict(schema) for name, schema in QUERYABLES.items()}
        if not isinstance(self.data, LiveObject):
            with as_provider_errors():
                self._settings = _settings(str(self.data), self.options or {})

    @property
    def source(self) -> RecordSource:
        """The source, whose database is connected to when it is first needed: pygeoapi starts without it."""
        if isinstance(self.data, LiveObject):
            source: RecordSource = self.data.value
            return source
        base_url = str((self.options or {}).get("url", "")).rstrip("/")
        return RecordSource(engine=shared_engine(self._settings.database), base_url=base_url, settings=self._settings)

    def get_fields(self) -> dict[str, dict[str, Any]]:
        """The queryables, as JSON Schemas by name."""
        return dict(self._fields)

    def get_schema(self, schema_type: SchemaType = SchemaType.item) -> tuple[str, dict[str, Any]]:
        """The media type and the schema of a record's properties."""
        del schema_type
        return GEOJSON, {"type": "object", "properties": self.get_fields()}

    def query(
        self,
        *,
        offset: int = 0,
        limit: int = 10,
        resulttype: str = "results",
        bbox: Sequence[float] = (),
        datetime_: str | None = None,
        properties: Sequence[tuple[str, str]] = (),
        sortby: Sequence[dict[str, str]] = (),
        select_properties: Sequence[str] = (),
        skip_geometry: bool = False,
        q: str | None = None,
        language: Locale | None = None,
        filterq: object = None,
        **_ignored: object,
    ) -> dict[str, Any]:
        """A page of records as a FeatureCollection; `resulttype=hits` counts alone.

        Args:
            offset: Records before the page.
            limit: Most records of the page.
            resulttype: `results` or `hits`.
            bbox: West, south, east, north in degrees, or the six numbers of a box with heights; empty for everywhere.
            datetime_: A time or an interval of OGC APIs.
            properties: Queryables and the values that they equal; also `ids`, a list of identifiers.
            sortby: Sortables, each with its `order`, `+` or `-`.
            select_properties: Properties that are answered; empty for all.
            skip_geometry: Whether geometries are left out.
            q: Words to search for.
            language: Language of the texts.
            filterq: A filter as pygeoapi has parsed it: a node of `pygeofilter.ast`; None for none.

        Raises:
            ProviderGenericError: A value cannot be used, or the database does not answer.
        """
        with as_provider_errors():
            query = RecordQuery(
                q=q,
                bbox=_box(bbox),
                datetime=datetime_,
                filter=to_cql2_json(filterq) if filterq is not None else None,
                equal=_equal(properties),
                sortby=_sort_keys(sortby),
                limit=0 if resulttype == "hits" else limit,
                offset=_offset(offset),
            )
            page = search.search(self.source.engine, query)
            tag = _language_tag(language)
            features = [self.feature(record, tag, readable=self._is_readable(record)) for record in page.records]
        for feature in features:
            _reduce(feature, select_properties, skip_geometry=skip_geometry)
        return {
            "type": "FeatureCollection",
            "features": features,
            "numberMatched": page.matched,
            "numberReturned": len(features),
        }

    def get(self, identifier: str, *, language: Locale | None = None, **_ignored: object) -> dict[str, Any]:
        """One record as a feature; raises ProviderGenericError, with the status 404 if there is none of that id."""
        with as_provider_errors():
            record = self.record(identifier)
            readable = self._is_readable(record)
            feature = self.feature(record, _language_tag(language), readable=readable, exports=True)
        feature["links"] = [link for link in feature["links"] if link.get("rel") not in _LINKS_OF_CORE]
        return feature

    def record(self, identifier: str) -> search.Found:
        """The stored record of an id; raises RecordNotFound."""
        return search.get(self.source.engine, identifier)

    def feature(
        self, record: search.Found, language: str, *, readable: bool, exports: bool = False, base_url: str | None = None
    ) -> dict[str, Any]:
        """A stored record as a GeoJSON feature of OGC API Records (20-004r1, 8.2).

        Args:
            record: The stored record.
            language: Language tag of its texts.
            readable: Whether its data is served to the client; if not, only its collection is linked.
            exports: Whether its other formats are linked, as they are from a record alone.
            base_url: Of the links; None for that of the provider.
        """
        base_url = self.source.base_url if base_url is None else base_url
        feature = served(
            record.document,
            language,
            base_url=base_url,
            created=record.created,
            updated=record.updated,
            dataset=record.dataset,
            readable=readable,
            link_data=self.source.link_data,
            exports=exports,
        )
        return feature if base_url else _without_server_links(feature)

    def _is_readable(self, record: search.Found) -> bool:
        """Whether the data of a record is served to everybody: pygeoapi knows no principals."""
        return decide(ANONYMOUS, record.dataset, "read", self.source.settings).allowed


def _settings(url: str, options: dict[str, Any]) -> Settings:
    """The settings of a provider's definition; raises UnsafeSetting."""
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise UnsafeSetting(f"options.{unknown[0]}: there is no such option; there are {', '.join(_OPTIONS)}")
    return plugin_settings(url, {name: value for name, value in options.items() if name != "url"})


def _box(bbox: Sequence[float]) -> Box | None:
    return parse_bbox(",".join(map(repr, map(float, bbox)))) if bbox else None


def _equal(properties: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    for name, value in properties:
        if name not in _EQUALITIES:
            raise InvalidParameter(name, value, f"records are selected by {', '.join(_EQUALITIES)}")
    return tuple(properties)


def _sort_keys(sortby: Sequence[dict[str, str]]) -> tuple[tuple[str, bool], ...]:
    for key in sortby:
        if key["property"] not in sortables():
            raise InvalidParameter("sortby", key["property"], f"records sort by {', '.join(sortables())}")
    return tuple((key["property"], key["order"] == "-") for key in sortby)


def _offset(offset: int) -> int:
    if offset > MAX_OFFSET:
        raise InvalidParameter("offset", offset, f"at most {MAX_OFFSET} is possible; narrow the search")
    return offset


def _language_tag(language: Locale | None) -> str:
    return str(language.language) if language is not None else "en"


def _reduce(feature: dict[str, Any], names: Sequence[str], *, skip_geometry: bool) -> None:
    if names:
        feature["properties"] = {name: v for name, v in feature["properties"].items() if name in names}
    if skip_geometry:
        feature["geometry"] = None


def _without_server_links(feature: dict[str, Any]) -> dict[str, Any]:
    """A feature without the links that were made for the empty base URL: paths of no server."""
    links = [link for link in feature["links"] if not link.get("href", "").startswith("/")]
    templates = [t for t in feature.get("linkTemplates", ()) if not t.get("uriTemplate", "").startswith("/")]
    reduced = {name: member for name, member in feature.items() if name != "linkTemplates"}
    return reduced | {"links": links} | ({"linkTemplates": templates} if templates else {})
