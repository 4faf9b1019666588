"""The base URL of the links in an answer: `server.url`, else the host by which the client reached the server.

The Host header is a client's own word, so it counts only where it has the form of a host and is among `server.hosts`.
The scheme comes from a proxy in `server.proxies` (X-Forwarded-Proto), which passes Host on as it came;
X-Forwarded-Host is never read. Whatever is kept between requests and holds links is kept by base URL.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import Scope

    from config.settings import Settings

_HOST: Final = re.compile(
    r"(?P<name>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?", re.ASCII
)
_PORTS: Final = {"http": "80", "https": "443"}


def base_of(scope: Scope, settings: Settings) -> str:
    """The base URL of the links in the answer to a request, without a trailing slash."""
    if settings.server.url:
        return settings.base_url
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    match = _HOST.fullmatch(hosts[0].decode("latin-1").lower()) if len(hosts) == 1 else None
    if match is None or not _is_allowed(match[0], match["name"], settings.server.hosts):
        return settings.base_url
    scheme = scope.get("scheme", "http")
    if scheme not in _PORTS:
        return settings.base_url
    is_usual = match["port"] in (None, _PORTS[scheme])
    return f"{scheme}://{match['name'] if is_usual else match[0]}"


def _is_allowed(host: str, name: str, allowed: list[str]) -> bool:
    return "*" in allowed or host in allowed or name in allowed
