"""OAI-PMH as a part of the service."""

from __future__ import annotations

from typing import Final

from config.messages import Messages
from services.apis.oai.router import MEDIA_TYPE, router
from services.web.links import Link, link
from services.web.part import Part

_TITLES: Final = Messages(
    {"capabilities": {"en": "Metadata catalogue as OAI-PMH 2.0", "zh": "元数据目录（OAI-PMH 2.0）"}}
)


def _links(base_url: str) -> list[Link]:
    """Link to the document with which OAI-PMH describes itself."""
    return [link("service-desc", f"{base_url}/oai?verb=Identify", MEDIA_TYPE, title=_TITLES.phrase("capabilities"))]


PART: Final = Part(name="OAI-PMH", routers=lambda: [router], catalogue_links=_links)
