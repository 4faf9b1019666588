"""Forms of answers beyond one JSON document, pages of processes, and the methods that a path has."""

from __future__ import annotations

import email
import json
from email.policy import HTTP
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.jobs import EXECUTION

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def test_several_raw_outputs_are_multipart_for_who_accepts_it(processing: TestClient) -> None:
    body = {"inputs": {"stringInput": "größer --", "mixedInput": 2.5}, "response": "raw"}
    answer = processing.post(EXECUTION, json=body, headers={"Accept": "multipart/related"})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "multipart/related")
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    parts: list[Any] = list(email.message_from_bytes(head + answer.content, policy=HTTP).iter_parts())
    found = {part["Content-ID"].strip("<>"): json.loads(part.get_payload(decode=True)) for part in parts}
    assert found == {"stringInput": "größer --", "length": 9, "mixedOutput": 2.5}
    assert {part.get_content_type() for part in parts} == {"application/json"}


@pytest.mark.parametrize("response", ["raw", "document"])
def test_several_outputs_are_a_json_object_for_everybody_else(processing: TestClient, response: str) -> None:
    answer = processing.post(EXECUTION, json={"inputs": {"stringInput": "a"}, "response": response})
    assert answer.json() == {"stringInput": "a", "length": 1, "mixedOutput": False}


def test_multipart_is_no_response_of_the_standard(processing: TestClient) -> None:
    answer = processing.post(EXECUTION, json={"inputs": {"stringInput": "a"}, "response": "multipart"})
    assert answer.status_code == 400


def test_the_processes_are_paged(processing: TestClient) -> None:
    everything = processing.get("/processes").json()
    second = processing.get("/processes", params={"limit": 1, "offset": 1}).json()
    assert [process["id"] for process in second["processes"]] == [everything["processes"][1]["id"]]
    assert {link["rel"] for link in processing.get("/processes?limit=1").json()["links"]} >= {"self", "next"}
    assert "next" not in {link["rel"] for link in everything["links"]}
    assert processing.get("/processes?offset=-1").status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/jobs/00000000-0000-0000-0000-000000000000", "DELETE, GET, HEAD"),
        ("POST", "/jobs", "GET, HEAD"),
        ("GET", EXECUTION, "POST"),
    ],
)
def test_a_wrong_method_is_told_every_right_one(processing: TestClient, method: str, path: str, allowed: str) -> None:
    answer = processing.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert allowed in answer.json()["detail"]


@pytest.mark.parametrize("format_", [{"mediaType": "image/png"}, "image/png", 5])
def test_an_unknown_form_of_an_output_is_refused(processing: TestClient, format_: object) -> None:
    asked = {"inputs": {"stringInput": "a"}, "outputs": {"length": {"format": format_}}}
    assert processing.post(EXECUTION, json=asked).status_code == 400
