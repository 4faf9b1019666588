"""Named regions as a part of the service."""

from __future__ import annotations

from typing import Final

from services.apis.regions import routes
from services.apis.regions.titles import TITLES
from services.web.links import Link, link
from services.web.part import Part


def _landing_links(base_url: str) -> list[Link]:
    return [link("related", f"{base_url}/regions", title=TITLES.phrase("regions"))]


PART: Final = Part(name="Regions", routers=lambda: [routes.router], landing_links=_landing_links)
