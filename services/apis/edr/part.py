"""OGC API EDR as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from services.apis.edr import queries, routes
from services.apis.edr.description import is_served
from services.apis.edr.titles import TITLES
from services.web.links import Link, link
from services.web.part import Part

if TYPE_CHECKING:
    from config.settings import Settings
    from records.datasets.models import Dataset


def _landing_links(base_url: str) -> list[Link]:
    return [link("service", f"{base_url}/edr", title=TITLES.phrase("edr"))]


def _data_links(dataset: Dataset, base_url: str) -> list[Link]:
    if not is_served(dataset):
        return []
    return [link("service", f"{base_url}/edr/collections/{dataset.id}", title=TITLES.phrase("collection"))]


def _record_data_links(dataset: Dataset, base_url: str, _language: str) -> list[Link]:
    return _data_links(dataset, base_url)


def _describe(document: dict[str, Any], _settings: Settings) -> None:
    """State the style of parameters, and that `bbox` is a list of numbers, as the standard's own description does."""
    for path, operations in document["paths"].items():
        if not path.startswith("/edr/"):
            continue
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["in"] != "query":
                continue
            if parameter["schema"].get("type") != "array":
                parameter |= {"style": "form", "explode": False}
            if parameter["name"] == "bbox":
                parameter["schema"] = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}


PART: Final = Part(
    name="OGC API EDR",
    routers=lambda: [queries.router, routes.router],
    landing_links=_landing_links,
    data_links=_data_links,
    record_data_links=_record_data_links,
    describe=_describe,
    uncrawled=("/edr/",),
)
