"""Values as a part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.vocabulary import COVERAGE_JSON, JSON
from services.apis.values import position, statistics
from services.web.part import Part

if TYPE_CHECKING:
    from records.datasets.models import Dataset


def _link_templates(dataset: Dataset, base_url: str) -> dict[str, Any]:
    """Return the member `linkTemplates`: position and statistics, as RFC 6570 has them (OGC 20-004r1, 8.4)."""
    here = f"{base_url}/collections/{dataset.id}"
    time = ",datetime" if dataset.time else ""
    return {
        "linkTemplates": [
            {
                "rel": "data",
                "type": COVERAGE_JSON,
                "title": "Values at points, coords=POINT(longitude latitude)",
                "uriTemplate": f"{here}/position{{?coords{time},properties}}",
            },
            {
                "rel": "data",
                "type": JSON,
                "title": "Statistics of a box, bbox=west,south,east,north",
                "uriTemplate": f"{here}/statistics{{?bbox{time},properties}}",
            },
        ]
    }


PART: Final = Part(
    name="Values",
    routers=lambda: [position.router, statistics.router],
    data_members=_link_templates,
)
