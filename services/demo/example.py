"""The computation that the demo shows: monthly means over the Niño 3.4 region, by `zonal-statistics`."""

from __future__ import annotations

import json
from typing import Any

REGION = [[-170, -5], [-120, -5], [-120, 5], [-170, 5], [-170, -5]]
REQUEST: dict[str, Any] = {
    "inputs": {
        "collection": "sea-surface-temperature",
        "datetime": "2006-04/2006-06",
        "weights": "area",
        "statistics": ["mean", "min", "max"],
        "polygons": {
            "type": "Feature",
            "properties": {"name": "Nino 3.4"},
            "geometry": {"type": "Polygon", "coordinates": [REGION]},
        },
    },
    "outputs": {"statistics": {"format": {"mediaType": "text/csv"}}},
}
MONTHS = 3


def execution_url(base: str) -> str:
    """The URL that the request is posted to."""
    return f"{base}/processes/zonal-statistics/execution"


def curl_line(base: str) -> str:
    """The request as a command."""
    return f"curl -H 'Content-Type: application/json' -d '{json.dumps(REQUEST)}' {execution_url(base)}"
