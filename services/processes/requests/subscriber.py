"""The `subscriber` of an execute request (OGC 18-062r2, 7.11.2.2): addresses that want to hear of the job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.errors import InvalidInput, InvalidParameter, SourceRefused
from records.harvest.fetch.addresses import checked_url, judged_addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.settings import JobsSettings
    from records.jobs.callbacks import Event

_MEMBERS: Final[dict[str, Event]] = {"inProgressUri": "inProgress", "successUri": "success", "failedUri": "failed"}
_LONGEST: Final = 2000
REMEDY: Final = "name a public address, or ask the operator for GRATICULE_JOBS_CALLBACKS_PRIVATE"


def subscriber_of(value: Any) -> dict[Event, str]:
    """The addresses by event; raises InvalidInput or InvalidParameter. Resolves no names."""
    if value is None:
        return {}
    if not isinstance(value, dict) or "successUri" not in value:
        raise InvalidInput('subscriber: give an object with "successUri", and perhaps "inProgressUri" and "failedUri"')
    urls: dict[Event, str] = {}
    for name, url in value.items():
        if name not in _MEMBERS:
            raise InvalidParameter(f"subscriber.{name}", url, f"a subscriber has {', '.join(sorted(_MEMBERS))}")
        if url is None:
            continue
        if not isinstance(url, str) or len(url) > _LONGEST:
            raise InvalidParameter(f"subscriber.{name}", url, f"give a URL of at most {_LONGEST} letters")
        try:
            checked_url(url)
        except SourceRefused as error:
            raise InvalidParameter(f"subscriber.{name}", error.path, f"{error.cause}; {error.remedy}") from error
        urls[_MEMBERS[name]] = url
    return urls


def require_callable(urls: Mapping[Event, str], settings: JobsSettings) -> None:
    """Refuse addresses that are not called; raises InvalidParameter, or InvalidInput where none is. Resolves names."""
    if urls and not settings.callbacks:
        raise InvalidInput("subscriber: this server calls no one back; ask /jobs for the status")
    names = {event: name for name, event in _MEMBERS.items()}
    for event, url in urls.items():
        parts = checked_url(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            judged_addresses(parts.hostname or "", port, allow_private=settings.callbacks_private, remedy=REMEDY)
        except SourceRefused as error:
            raise InvalidParameter(f"subscriber.{names[event]}", url, f"{error.cause}; {error.remedy}") from error
