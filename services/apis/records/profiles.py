"""The header for profiles: what a document conforms to beside its media type (RFC 6906; OGC 20-004r1, 10)."""

from __future__ import annotations


def profile_header(uri: str) -> dict[str, str]:
    """The header that names the profile of an answer in any format (20-004r1, /rec/json/header-profile-link)."""
    return {"Link": f'<{uri}>; rel="profile"'}
