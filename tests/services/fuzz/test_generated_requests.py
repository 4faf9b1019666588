"""Requests that schemathesis generates from /api, for every GET and POST: never a server error, and soon an answer.

`make test` sends one to every POST and some GETs (`test_nasty_values` asks all of those), `make fuzz` many to each.
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

from tests.services.fuzz.conftest import COLLECTIONS, SHARES, THOROUGH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis.core.result import Result
    from schemathesis.schemas import APIOperation


pytestmark = pytest.mark.fuzzed

EXAMPLES = int(os.environ.get("GRATICULE_TEST_FUZZ", "1"))
"""Requests an operation and mode."""
SAMPLES = {GenerationMode.POSITIVE: (0, 2), GenerationMode.NEGATIVE: (1, 6)}
"""The GETs that `make test` asks in a mode: from the first number on, each after the second."""
ALLOWED = frozenset({200, 201, 204, 303, 304, 400, 401, 403, 404, 405, 406, 409, 410, 413, 415})
NO_CLUSTER = 503
MOST_SECONDS = 20.0
REAL = {
    "styleId": "default", "style": "default", "variable": "v",
    "tileMatrixSetId": "WebMercatorQuad", "tileMatrix": 0, "tileRow": 0, "tileCol": 0, "z": 0, "x": 0, "y": 0,
    "lon": 1.5, "lat": 2.5, "processId": "zonal-statistics", "recordId": "sea",
}  # fmt: skip
"""Path parameters that lead somewhere."""


def fault(client: TestClient, case: schemathesis.Case, *, collection: str | None) -> str | None:
    """What is wrong with the answer to a generated request, of a collection or of what was generated, or None."""
    if collection is not None:
        real = REAL | {"collectionId": collection}
        case.path_parameters = {n: real.get(n, v) for n, v in (case.path_parameters or {}).items()}
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
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=mode), collection=st.sampled_from([*COLLECTIONS, None])
    )
    def run(case: schemathesis.Case, collection: str | None) -> None:
        wrong = fault(client, case, collection=collection)
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


def _chosen(
    asked: list[APIOperation[Any, Any, Any]], mode: GenerationMode, share: int
) -> list[APIOperation[Any, Any, Any]]:
    """The operations of a share; in `make test` every POST and a sample of the GETs."""
    if THOROUGH:
        return asked[share::SHARES]
    first, each = SAMPLES[mode]
    gets = [operation for operation in asked if operation.method.lower() == "get"]
    posts = [operation for operation in asked if operation.method.lower() == "post"]
    return posts + gets[first::each]


@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_no_generated_request_breaks_the_service(fuzzed: TestClient, mode: GenerationMode, share: int) -> None:
    document = fuzzed.get("/api?f=json").json()
    asked = list(operations(document))
    assert len(asked) > 40
    wrong = [text for operation in _chosen(asked, mode, share) for text in faults(fuzzed, operation, mode)]
    assert not wrong, "\n".join(wrong)
