"""One record in another format than JSON or HTML: the choice of the format, and the response."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from config.vocabulary import GEOJSON, HTML, JSON
from records.exports.making import export_record
from records.exports.registry import EXPORTS
from records.search import search
from services.access.decision import decide
from services.access.principal import principal_of
from services.web.negotiation import VARY, Offer, accept_of, asked_language, choose, offers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import Request

    from records.exports.protocol import Export
    from services.web.context import Context

NAMES: Final = tuple(EXPORTS)
"""Values of `f` beside `json`, `geojson` and `html`."""

_PROFILE: Final = re.compile(r'([^,;\s]+)\s*;[^,]*?profile\s*=\s*"?([^",;]+)"?', re.IGNORECASE)


def responses() -> dict[str, Any]:
    """The media types of the exports, for the OpenAPI document."""
    types = dict.fromkeys(export.media_type for export in EXPORTS.values())
    return {media_type: {"schema": {"type": "string"}} for media_type in types}


def preferred_export(request: Request, other_names: Iterable[str]) -> Export | None:
    """The export that `f` names or, without `f`, that Accept prefers to JSON and HTML; None for those two.

    Args:
        request: The request.
        other_names: What `f` may say beside the names of the exports.

    Raises:
        InvalidParameter: `f` says something else.
    """
    accept = accept_of(request.headers)
    exports = [
        Offer(media_type=media_type, format=export, by_range=False)
        for export in _with_profile_first(accept)
        for media_type in (export.media_type, *export.media_types)
    ]
    others = offers(dict.fromkeys((GEOJSON, JSON, HTML), None))
    names = dict.fromkeys(other_names) | EXPORTS
    return choose(request.query_params.getlist("f"), accept, names=names, offers=[*others, *exports], default=None)


def _with_profile_first(accept: str) -> list[Export]:
    """The exports, with those whose profile an Accept header names before the others of their type."""
    profiles = {uri.rstrip("/ ") for _, uri in _PROFILE.findall(accept[:2000])}
    return sorted(EXPORTS.values(), key=lambda export: export.profile.rstrip("/") not in profiles or not export.profile)


def export_response(
    request: Request, context: Context, record_id: str, export: Export
) -> tuple[Response, search.Found]:
    """A record in a format, and the stored record; raises RecordNotFound and InvalidParameter."""
    language = asked_language(request.query_params.getlist("lang"), request.headers.get("accept-language", ""))
    stored = search.get(context.catalogue.repository.engine, record_id)
    readable = decide(principal_of(request.scope), stored.dataset, "read", context.settings).allowed
    record = export_record(
        stored,
        base_url=context.settings.base_url,
        language=language,
        readable=readable,
        link_data=context.link_data,
    )
    headers = {
        "Vary": VARY,
        "Content-Language": record.language,
        "Content-Disposition": f'inline; filename="{record_id_as_name(record_id)}{export.suffix}"',
    }
    if export.profile:
        headers["Link"] = f'<{export.profile}>; rel="profile"'
    has_profile = export.profile and export.media_type == "application/ld+json"
    media_type = f'{export.media_type}; profile="{export.profile}"' if has_profile else export.media_type
    return Response(export.encode(record), media_type=media_type, headers=headers), stored


def record_id_as_name(record_id: str) -> str:
    """The name of a file for the record of an id."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", record_id)
