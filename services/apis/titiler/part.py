"""titiler's own API as a part of the service, for clients that know titiler."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from services.apis.titiler.factory import make_factory
from services.apis.titiler.titles import TITLES
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from fastapi import APIRouter

    from records.datasets.models import Dataset


@cache
def _routers() -> tuple[APIRouter, ...]:
    """Return the router, which holds no settings, so that all applications of a process share it."""
    return (make_factory().router,)


def _data_links(dataset: Dataset, base_url: str) -> list[Link]:
    return [link("service-meta", f"{base_url}/titiler/{dataset.id}/info", title=TITLES.phrase("info"))]


PART: Final = Part(name="titiler", routers=_routers, data_links=_data_links, uncrawled=("/titiler/",))
