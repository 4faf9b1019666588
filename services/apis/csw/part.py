"""CSW as a part of the service."""

from __future__ import annotations

from typing import Final

from config.messages import Messages
from config.vocabulary import XML
from services.apis.csw.router import router
from services.web.links import Link, link
from services.web.part import Part

_TITLES: Final = Messages({"capabilities": {"en": "Metadata catalogue as CSW 2.0.2", "zh": "元数据目录（CSW 2.0.2）"}})


def _links(base_url: str) -> list[Link]:
    """Link to the document with which CSW describes itself."""
    href = f"{base_url}/csw?service=CSW&version=2.0.2&request=GetCapabilities"
    return [link("service-desc", href, XML, title=_TITLES.phrase("capabilities"))]


PART: Final = Part(name="CSW", routers=lambda: [router], catalogue_links=_links)
