"""Addresses that others name: which of them may be connected to. Harvests and callbacks of jobs ask here.

Whoever connects must connect to an address that was judged, and not resolve the name again.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from config.errors import SourceRefused

_GLOBAL: Final = ipaddress.ip_network("2000::/3")
_ISATAP: Final = 0x00005EFE
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def checked_url(url: str, location: str = "") -> SplitResult:
    """The parts of a URL, or of where it redirects to; raises SourceRefused for one that is not fetched."""
    try:
        url = urljoin(url, location)
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SourceRefused(url, f"it is no URL: {error}", "check the address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceRefused(url, "only http and https addresses are fetched", "check the address")
    if parts.username is not None or parts.password is not None:
        raise SourceRefused(parts.hostname, "its address holds a user name or password", "leave them out")
    if port == 0 or any(c in url for c in "\r\n\t ") or not url.isascii():
        raise SourceRefused(url, "it is no URL as it is sent", "write it percent-encoded")
    return parts


def judged_addresses(
    host: str, port: int, *, allow_private: bool, remedy: str = "--allow-private permits it"
) -> list[str]:
    """The addresses of a host; raises SourceRefused if any of them is private, naming the remedy."""
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceRefused(host, f"its name cannot be resolved: {error}", "check the address") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
    private = next((a for a in addresses if not is_public(ipaddress.ip_address(a.partition("%")[0]))), None)
    if private is not None and not allow_private:
        raise SourceRefused(host, f"{private} is an address of a private network", remedy)
    return addresses


def is_public(address: Address) -> bool:
    """Whether an address is of the public internet, and so is every address of IPv4 that it carries.

    Of IPv6 only what IANA has assigned for global unicast is public (2000::/3), and what translators make of a public
    address of IPv4 (64:ff9b::/96, RFC 6052). Everything else is not: ::127.0.0.1 (IPv4-compatible, RFC 4291, 2.5.5.1),
    ::ffff:0:127.0.0.1 (translated, RFC 2765), 64:ff9b:1::/48 (translators of one's own, RFC 8215).
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64:
        return is_public(last)
    carried = [address.sixtofour, *(address.teredo or ()), *([last] if _is_isatap(address) else [])]
    return address in _GLOBAL and address.is_global and all(is_public(each) for each in carried if each is not None)


def _is_isatap(address: ipaddress.IPv6Address) -> bool:
    """Whether the last 32 bits are an address of IPv4 (ISATAP, RFC 5214, 6.1)."""
    return (int(address) >> 32) & 0xFDFFFFFF == _ISATAP
