"""The files themselves: each COG by its URL, and the list of a collection's granules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.apis.files import assets, granules

if TYPE_CHECKING:
    from fastapi import APIRouter


def routers() -> list[APIRouter]:
    """The routes of this part."""
    return [assets.router, granules.router]
