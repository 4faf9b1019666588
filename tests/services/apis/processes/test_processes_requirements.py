"""What the official suite of OGC API Processes 1.0 asserts of the echo process, by requirement (OGC 18-062r2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.processes import registry
from tests.support.jobs import ASYNC, EXECUTION, wait_for

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response

SUITE_INPUTS: dict[str, Any] = {
    "stringInput": "teststring",
    "bboxInput": {"crs": "urn:ogc:def:crs:EPSG:6.6:4326", "bbox": [345345345, 345345345, 345345345, 345345345]},
}
GITHUB = "https://raw.githubusercontent.com/opengeospatial/ets-ogcapi-processes10/master/testgeotiff.tiff"
FORBIDDEN = {"$ref", "$defs", "const", "examples", "enum"}


def execute(client: TestClient, *, headers: dict[str, str] | None = None, **members: object) -> Response:
    description = client.get("/processes/echo").json()
    outputs = {name: {"transmissionMode": "value"} for name in description["outputs"]}
    return client.post(EXECUTION, json={"inputs": SUITE_INPUTS, "outputs": outputs, **members}, headers=headers or {})


def test_req_core_process_list_limit(processing: TestClient) -> None:
    assert len(processing.get("/processes?limit=1").json()["processes"]) == 1


@pytest.mark.parametrize("process_id", registry.process_ids())
def test_req_ogc_process_description_schemas_are_closed_openapi_30(process_id: str) -> None:
    description = registry.process(process_id).description
    for part in (*description["inputs"].values(), *description["outputs"].values()):
        for schema in _schemas(part["schema"]):
            assert not FORBIDDEN & set(schema)
            assert isinstance(schema.get("type", ""), str)
            assert all("format" in member for member in schema.get("allOf", ()))


def _schemas(schema: dict[str, Any]) -> list[dict[str, Any]]:
    nested = [*schema.get("allOf", ()), *schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else ())]
    return [schema, *(inner for part in nested for inner in _schemas(part))]


def test_the_first_input_is_a_bare_string_with_an_output_of_its_name(processing: TestClient) -> None:
    description = processing.get("/processes/echo").json()
    first = next(iter(description["inputs"]))
    assert description["inputs"][first]["schema"] == {"type": "string"}
    assert first in description["outputs"]


def test_req_core_job_creation_sync_raw_value_one(processing: TestClient) -> None:
    answer = execute(processing, outputs={"stringInput": {"transmissionMode": "value"}}, response="raw")
    assert (answer.status_code, "teststring" in answer.text) == (200, True)


@pytest.mark.parametrize("response", ["raw", "document"])
def test_req_core_job_creation_sync_body_is_no_object_of_strings_alone(processing: TestClient, response: str) -> None:
    body = execute(processing, response=response).json()
    assert body["stringInput"] == "teststring"
    assert isinstance(body["length"], int)


@pytest.mark.parametrize(
    "extra",
    [
        {"arrayInput": [1, 2, 3]},
        {"imageInput": {"href": GITHUB, "type": "image/tiff"}},
        {"imageInput": {"value": "SUkqAA==", "format": {"mediaType": "image/tiff", "encoding": "base64"}}},
        {"bboxInput": {"bbox": [51.9, 7, 52, 7.1], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
    ],
    ids=["array", "binary by reference", "binary by value", "bounding box"],
)
def test_req_core_job_creation_inputs_of_every_kind(processing: TestClient, extra: dict[str, Any]) -> None:
    assert execute(processing, inputs=SUITE_INPUTS | extra).status_code == 200


def test_req_core_job_creation_input_validation_is_answered_as_plain_json(processing: TestClient) -> None:
    answer = execute(processing, inputs=SUITE_INPUTS | {"imageInput": {"type": "wrong/type_1"}})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    assert answer.json()["type"]


def test_req_core_job_results_exception_results_not_ready(processing: TestClient) -> None:
    answer = execute(processing, headers={**ASYNC, "Accept": "application/json"}, inputs={**SUITE_INPUTS, "pause": 5})
    path = answer.headers["location"].removeprefix("http://localhost:8080")
    processing.get(path)
    early = processing.get(path + "/results", headers={"Accept": "application/json"})
    assert early.status_code == 404
    assert early.json()["type"] == "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/result-not-ready"
    processing.delete(path)


def test_req_core_job_results_without_accept_are_json_with_the_value(processing: TestClient) -> None:
    path = execute(processing, headers=ASYNC).headers["location"].removeprefix("http://localhost:8080")
    wait_for(processing, path, "successful")
    answer = processing.get(path + "/results")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["stringInput"] == "teststring"
