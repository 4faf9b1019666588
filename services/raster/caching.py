"""Entity tags and cache lifetimes of images (RFC 9110, 13; RFC 9111)."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from starlette.responses import Response

from services.policy import restriction

if TYPE_CHECKING:
    from fastapi import Request

    from services.raster.choice import Choice

_LATEST_S = 60
_DATED_S = 3600


def headers(request: Request, choice: Choice, media_type: str) -> dict[str, str]:
    """ETag, Cache-Control and Vary of an image; the tag changes with collection, granule, parameters and software."""
    parts = (
        _software(),
        choice.dataset.id,
        str(choice.dataset.version),
        choice.granule.asset.sha256,
        request.url.path,
        "&".join(sorted(f"{name}={value}" for name, value in request.query_params.multi_items())),
        media_type,
    )
    tag = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
    if restriction(choice.dataset):
        lifetime = "private, no-store"
    else:
        lifetime = f"public, max-age={_LATEST_S if choice.is_latest else _DATED_S}"
    return {"ETag": f'"{tag}"', "Cache-Control": lifetime, "Vary": "Accept"}


def not_modified(request: Request, fresh: dict[str, str]) -> Response | None:
    """The 304 answer if the client holds the same entity, compared weakly; else None."""
    given = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return Response(status_code=304, headers=fresh) if tags & {"*", fresh["ETag"]} else None


@cache
def _software() -> str:
    try:
        return version("graticule")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return ""
