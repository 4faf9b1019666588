"""Values of a collection as numbers: at points, as time series, and the statistics of a box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.vocabulary import COVERAGE_JSON, JSON, REL

if TYPE_CHECKING:
    from fastapi import APIRouter

    from records.models import Dataset


def routers() -> list[APIRouter]:
    """The routers of this package, with full paths."""
    from services.values import position, statistics  # noqa: PLC0415 - as the other parts

    return [position.router, statistics.router]


def value_links(dataset: Dataset, base_url: str) -> list[dict[str, Any]]:
    """Links of a collection to its values at a point, by template, and to the statistics of a box."""
    here = f"{base_url}/collections/{dataset.id}"
    return [
        {
            "rel": f"{REL}position",
            "href": f"{here}/position?coords=POINT({{longitude}}%20{{latitude}})",
            "type": COVERAGE_JSON,
            "title": "Values at a point",
            "templated": True,
        },
        {"rel": f"{REL}statistics", "href": f"{here}/statistics", "type": JSON, "title": "Statistics of a box"},
    ]
