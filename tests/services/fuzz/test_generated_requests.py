"""Requests that schemathesis generates from /api, for every GET and POST: never a server error, and soon an answer.

`make fuzz` generates many more of them.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import httpx2
import hypothesis
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from services.app import create_app
from tests.support.coverages import publication, steps
from tests.support.levels import with_levels
from tests.support.rasters import global_grid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemathesis.core.result import Result
    from schemathesis.schemas import APIOperation

    from config.settings import Settings
    from records.datasets.repository import Repository

pytestmark = pytest.mark.fuzzed

EXAMPLES = int(os.environ.get("GRATICULE_TEST_FUZZ", "1"))
"""Requests an operation and mode."""
ALLOWED = frozenset({200, 201, 204, 303, 304, 400, 401, 403, 404, 405, 406, 409, 410, 413, 415})
NO_CLUSTER = 503
MOST_SECONDS = 20.0
LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z")
REAL = {
    "collectionId": "sea", "styleId": "default", "style": "default", "variable": "v",
    "tileMatrixSetId": "WebMercatorQuad", "tileMatrix": 0, "tileRow": 0, "tileCol": 0, "z": 0, "x": 0, "y": 0,
    "lon": 1.5, "lat": 2.5, "processId": "zonal-statistics", "recordId": "sea",
}  # fmt: skip
"""Path parameters that lead somewhere."""


@pytest.fixture
def fuzzed(settings: Settings, repository: Repository, store: Path) -> Iterator[TestClient]:
    """A client over one small dataset with times and levels, which raises what the service does not answer."""
    grid = global_grid(72, 36)
    repository.publish(with_levels(publication(store, "sea", steps(grid, LABELS), grid), store, {"0": 0.0, "10": 1.0}))
    with TestClient(create_app(settings), base_url="http://localhost:8080", raise_server_exceptions=False) as client:
        yield client


def fault(client: TestClient, case: schemathesis.Case, *, real: bool) -> str | None:
    """What is wrong with the answer to a generated request, or None."""
    if real:
        case.path_parameters = {n: REAL.get(n, v) for n, v in (case.path_parameters or {}).items()}
    asked: dict[str, Any] = case.as_transport_kwargs(base_url="http://localhost:8080")
    asked = {name: asked[name] for name in ("method", "url", "params", "json", "data", "headers") if name in asked}
    if isinstance(asked.get("data"), bytes | str):
        asked["content"] = asked.pop("data")
    started = time.perf_counter()
    try:
        answer = client.request(**asked, follow_redirects=False)
    except (ValueError, TypeError, httpx2.InvalidURL):
        return None  # no request that a client can write
    seconds = time.perf_counter() - started
    if answer.status_code == NO_CLUSTER and "/processes/" in case.path:
        return None
    if answer.status_code not in ALLOWED:
        return f"{answer.status_code} {asked!r:.600} {answer.text[:300]}"
    return f"{seconds:.1f} s {asked!r:.600}" if seconds > MOST_SECONDS else None


def faults(client: TestClient, operation: APIOperation[Any, Any, Any], mode: GenerationMode) -> list[str]:
    """The faults of an operation."""
    found: list[str] = []

    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=EXAMPLES < 10,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode), real=st.sampled_from([True, True, False]))
    def run(case: schemathesis.Case, real: bool) -> None:
        wrong = fault(client, case, real=real)
        if wrong is not None:
            found.append(wrong)

    try:
        run()
    except hypothesis.errors.Unsatisfiable:  # an operation without parameters has no wrong requests
        return found
    return found


def operations(document: dict[str, Any]) -> Iterator[APIOperation[Any, Any, Any]]:
    """Every GET and POST of a document."""
    result: Result[Any, Any]
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = result.ok()
        if operation.method.lower() in ("get", "post"):
            yield operation


@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_no_generated_request_breaks_the_service(fuzzed: TestClient, mode: GenerationMode) -> None:
    document = fuzzed.get("/api?f=json").json()
    asked = list(operations(document))
    assert len(asked) > 40
    wrong = [text for operation in asked for text in faults(fuzzed, operation, mode)]
    assert not wrong, "\n".join(wrong)
