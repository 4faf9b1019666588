"""Calls of `zonal-statistics`: over HTTP, and in this process over a context."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.compute.staging import StagingArea
from services.processes.requests import outputs, validation
from services.processes.zonal.process import ZonalStatistics
from tests.support.jobs import ASYNC

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response

    from services.web.context import Context

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
    client: TestClient,
    collection_id: str,
    polygons: dict[str, Any],
    *,
    media_type: str = "application/json",
    **inputs: object,
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


@dataclass
class Here:
    """The environment of an execution in this process."""

    context: Context
    seen: list[float] = field(default_factory=list)

    @property
    def staging(self) -> StagingArea:
        """The staging area of a job."""
        return StagingArea(self.context.store, "job", "0")

    def report(self, percent: float, _message: str = "", /) -> None:
        """Keep the progress."""
        self.seen.append(percent)


def executed(context: Context, request: dict[str, Any], *, parts: int | None = None) -> tuple[bytes, str]:
    """The result of a request and its media type, executed as the cluster does, in that number of parts at least."""
    process, here = ZonalStatistics(), Here(context)
    checked = validation.check(request, process.description)
    process.require(checked, context)
    plan = pickle.loads(pickle.dumps(process.plan(checked, here)))
    assert len(plan.parts) >= (parts or 1)
    results = [process.part(part, here) for part in plan.parts]
    assert here.seen == sorted(here.seen) or len(plan.parts) > 1
    made = process.combine(checked, plan, results, here)
    return outputs.encode(made, checked, process.description["outputs"])


def answered(context: Context, collection_id: str, polygons: dict[str, Any], **inputs: object) -> Any:
    """The plain JSON answer."""
    return json.loads(executed(context, body(collection_id, polygons, **inputs))[0])
