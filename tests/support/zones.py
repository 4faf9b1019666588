"""Calls of `zonal-statistics` over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.jobs import ASYNC

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response

EXECUTION = "/processes/zonal-statistics/execution"


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle as a GeoJSON Polygon."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry: dict[str, Any] | None, **properties: object) -> dict[str, Any]:
    """A GeoJSON Feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: dict[str, Any], **members: object) -> dict[str, Any]:
    """A GeoJSON FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(features), **members}


def ask(
    client: TestClient, collection_id: str, polygons: dict[str, Any], *, media_type: str = "application/json", **inputs: object
) -> Response:
    """The answer to a synchronous execution."""
    return client.post(EXECUTION, json=body(collection_id, polygons, media_type=media_type, **inputs))


def start(client: TestClient, collection_id: str, polygons: dict[str, Any], **inputs: object) -> str:
    """Start an asynchronous execution; returns the job's path."""
    answer = client.post(EXECUTION, json=body(collection_id, polygons, **inputs), headers=ASYNC)
    assert answer.status_code == 201, answer.text
    return f"/jobs/{answer.json()['jobID']}"


def body(
    collection_id: str, polygons: dict[str, Any], *, media_type: str = "application/json", **inputs: object
) -> dict[str, Any]:
    """An execute request."""
    return {
        "inputs": {"collection": collection_id, "polygons": polygons, **inputs},
        "outputs": {"statistics": {"format": {"mediaType": media_type}}},
    }
