"""Values of a collection as numbers: at points, as time series, and the statistics of a box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.vocabulary import COVERAGE_JSON, JSON

if TYPE_CHECKING:
    from fastapi import APIRouter

    from records.datasets.models import Dataset


def routers() -> list[APIRouter]:
    """The routers of this package, with full paths."""
    from services.apis.values import position, statistics  # noqa: PLC0415 - as the other parts

    return [position.router, statistics.router]


def link_templates(dataset: Dataset, base_url: str) -> dict[str, Any]:
    """The member `linkTemplates` of a collection: position and statistics, as RFC 6570 has them (OGC 20-004r1, 8.4)."""
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
