"""Who makes a job: the bearer of a token, or an address."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from services.access.principal import principal_of

if TYPE_CHECKING:
    from starlette.types import Scope

    from services.access.principal import Principal

_PREFIX: Final = 64
"""Bits of an IPv6 address that name a client: whoever has one address has all of its network."""


def bearer(principal: Principal) -> str | None:
    """The maker whose jobs the sender of a request may list, or None: an address is not enough. Blocking."""
    token = principal.token
    return f"token {token.id}" if token is not None and token.fault is None else None


def maker_of(scope: Scope) -> str:
    """Who makes the jobs of a request, by which they are counted. Blocking."""
    return bearer(principal_of(scope)) or f"address {_network(scope['client'][0] if scope['client'] else '')}"


def _network(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host[:80]
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _PREFIX), strict=False))
