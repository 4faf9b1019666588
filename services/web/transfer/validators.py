"""Entity tags and cache lifetimes of answers made of one version of a dataset (RFC 9110, 8.8 and 13; RFC 9111)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

if TYPE_CHECKING:
    from fastapi import Request

    from records.datasets.models import Dataset

_LIFETIME_S: Final = 60
"""Seconds for which a cache need not ask again: for so long a new version may stay unseen."""


def version_headers(
    dataset: Dataset, *identity: str, audience: str, cacheable: bool, versioned: bool = True
) -> dict[str, str]:
    """ETag and Cache-Control of an answer that the version of a dataset determines.

    Args:
        dataset: The dataset.
        identity: All else that the bytes of the answer depend on.
        audience: Who may see it; part of the tag.
        cacheable: Whether shared caches may store it.
        versioned: Whether the version itself is part of the tag; else the identity says all that the bytes depend on.
    """
    version = str(dataset.version) if versioned else ""
    text = "\n".join((dataset.id, version, audience, *identity))
    lifetime = f"public, max-age={_LIFETIME_S}" if cacheable else "private, no-store"
    return {"ETag": f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"', "Cache-Control": lifetime}


def not_modified(request: Request, headers: dict[str, str]) -> Response | None:
    """The answer 304 if the client holds the entity, compared weakly (RFC 9110, 13.1.2); else None."""
    named = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in named.split(",")}
    return Response(status_code=304, headers=headers) if tags & {"*", headers["ETag"]} else None
