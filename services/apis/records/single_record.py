"""One record in each of its representations: GeoJSON, the stored form, and the formats of `records.exports`.

Each is tagged with the state of the record and its form, and answered with 304 to a client that has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import orjson
from fastapi import Request, Response

from config.vocabulary import CRS84_URI, GEOJSON
from records.documents.crs import in_crs
from records.documents.presentation import PROFILE
from records.search import search
from records.writing.history import state
from services.access.decision import decide
from services.access.principal import principal_of
from services.apis.records.exports import export_response
from services.apis.records.profiles import profile_header
from services.web.middleware.compression import accepts_gzip
from services.web.negotiation import VARY
from services.web.transfer.preconditions import STORED, http_date, is_known, served_form, tag

if TYPE_CHECKING:
    from datetime import datetime

    from records.exports.protocol import Export
    from services.pygeoapi.record_provider import RecordProvider
    from services.web.context import Context
    from services.web.documents.answers import Answer

_HEADERS_OF_304 = ("etag", "last-modified", "vary", "content-language", "content-crs", "link")


@dataclass(frozen=True, kw_only=True)
class RecordForm:
    """The form of an answer with a record: format and language, the media type of JSON, and the CRS of its geometry."""

    answer: Answer
    media_type: str
    crs: str


def geojson_response(
    request: Request, context: Context, provider: RecordProvider, record_id: str, form: RecordForm
) -> Response:
    """A record as GeoJSON or as a page, in the language of the answer or the nearest it has; raises RecordNotFound."""
    answer, media_type = form.answer, form.media_type
    record = provider.record(record_id)
    readable = decide(principal_of(request.scope), record.dataset, "read", context.settings).allowed
    base = context.settings.base_url
    feature = provider.feature(record, answer.language, readable=readable, exports=True, base_url=base)
    feature["geometry"] = in_crs(feature["geometry"], form.crs)
    suffix = f"?{urlencode({'crs': form.crs})}" if form.crs != CRS84_URI else ""
    feature["links"] = [
        {**entry, "type": media_type, "href": entry["href"] + suffix} if entry.get("rel") == "self" else entry
        for entry in feature["links"]
    ]
    headers = {"Content-Language": feature["properties"]["language"]["code"], **profile_header(PROFILE)}
    headers["Content-Crs"] = f"<{form.crs}>"
    response = answer(feature, "record", media_type=media_type, headers=headers)
    return response if answer.is_page else _tagged_by_form(request, response, record)


def stored_response(request: Request, context: Context, record_id: str) -> Response:
    """A record in the form that is edited: words by language tag, and nothing that the server adds."""
    record = search.get(context.catalogue.repository.engine, record_id)
    languages = ", ".join(sorted(record.document["properties"]["title"]))
    headers = {"Vary": VARY, "Content-Language": languages}
    response = Response(orjson.dumps(record.document), media_type=GEOJSON, headers=headers)
    return _tagged(request, response, record, STORED)


def exported_response(request: Request, context: Context, record_id: str, export: Export) -> Response:
    """A record in another format; raises RecordNotFound and InvalidParameter."""
    response, record = export_response(request, context, record_id, export)
    return _tagged_by_form(request, response, record)


def _tagged_by_form(request: Request, response: Response, record: search.Found) -> Response:
    """A response with the tag of its record's state in the form of its body."""
    return _tagged(request, response, record, served_form(bytes(response.body), response.media_type or ""))


def _tagged(request: Request, response: Response, record: search.Found, form: str) -> Response:
    """A response with the tag of its record's state in a form, or 304 to a client that has it."""
    since = _last_change(record)
    is_gzip = accepts_gzip(request.headers.get("accept-encoding", ""))
    response.headers["ETag"] = tag(state(record.document, record.updated), form, gzip=is_gzip)
    response.headers["Last-Modified"] = http_date(since)
    if not is_known(request.headers, response.headers["ETag"], since):
        return response
    headers = {name: value for name, value in response.headers.items() if name in _HEADERS_OF_304}
    return Response(status_code=304, headers={**headers, "vary": f"{response.headers['vary']}, Accept-Encoding"})


def _last_change(record: search.Found) -> datetime:
    """When the record, or the data that it describes, was last written."""
    return max(record.updated, record.dataset.updated) if record.dataset is not None else record.updated
