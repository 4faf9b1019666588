"""One record in another format than JSON or HTML: which one a client wants, and its answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from config.vocabulary import GEOJSON, HTML, JSON
from records.exports.making import export_record
from records.exports.registry import EXPORTS
from records.search import search
from services.access.decision import decide
from services.access.principal import principal_of
from services.web.negotiation import VARY, asked_language, preferences, quality

if TYPE_CHECKING:
    from fastapi import Request

    from records.exports.protocol import Export
    from services.access.principal import Principal
    from services.web.context import Context

NAMES: Final = tuple(EXPORTS)
"""What `f` may say beside `json`, `geojson` and `html`."""

_PROFILE: Final = re.compile(r'([^,;\s]+)\s*;[^,]*?profile\s*=\s*"?([^",;]+)"?', re.IGNORECASE)


def responses() -> dict[str, Any]:
    """The media types of the exports, for OpenAPI."""
    types = dict.fromkeys(export.media_type for export in EXPORTS.values())
    return {media_type: {"schema": {"type": "string"}} for media_type in types}


def asked_export(request: Request) -> Export | None:
    """The export that `f` names or, without `f`, that Accept wants more than JSON and HTML; None for those."""
    named = next((value for value in request.query_params.getlist("f") if value), None)
    if named is not None:
        return EXPORTS.get(named.strip().lower())
    accept = request.headers.get("accept", "")
    others = max(quality(accept, media_type) for media_type in (GEOJSON, JSON, HTML))
    wanted = dict(reversed(preferences(accept)))  # only types that are named, never by a range
    weights = [
        (max((wanted.get(t, 0.0) for t in (export.media_type, *export.media_types)), default=0.0), export)
        for export in _with_profile_first(accept)
    ]
    best = max(weights, key=lambda pair: pair[0])
    return best[1] if best[0] > others else None


def _with_profile_first(accept: str) -> list[Export]:
    """The exports, those whose profile an Accept header names before others of their type."""
    named = {uri.rstrip("/ ") for _, uri in _PROFILE.findall(accept[:2000])}
    return sorted(EXPORTS.values(), key=lambda export: export.profile.rstrip("/") not in named or not export.profile)


async def exported(request: Request, context: Context, record_id: str, export: Export) -> tuple[Response, search.Found]:
    """A record in a format, and the record itself; raises RecordNotFound and InvalidParameter."""
    language = asked_language(request.query_params.getlist("lang"), request.headers.get("accept-language", ""))
    body, tag, found = await run_in_threadpool(
        _encoded, context, principal_of(request.scope), record_id, export, language
    )
    profile = export.profile if export.media_type == "application/ld+json" else ""
    headers = {
        "Vary": VARY,
        "Content-Language": tag,
        "Content-Disposition": f'inline; filename="{record_id_as_name(record_id)}{export.suffix}"',
    }
    if export.profile:
        headers["Link"] = f'<{export.profile}>; rel="profile"'
    media_type = f'{export.media_type}; profile="{profile}"' if profile else export.media_type
    return Response(body, media_type=media_type, headers=headers), found


def record_id_as_name(record_id: str) -> str:
    """A record's id as the name of a file."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", record_id)


def _encoded(
    context: Context, principal: Principal, record_id: str, export: Export, language: str
) -> tuple[bytes, str, search.Found]:
    found = search.get(context.catalogue.repository.engine, record_id)
    readable = decide(principal, found.dataset, "read", context.settings).allowed
    record = export_record(found, base_url=context.settings.base_url, language=language, readable=readable)
    return export.encode(record), record.language, found
