"""Executing processes over HTTP on a real cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.jobs import echo, start_echo, wait_for

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def test_a_synchronous_execution_answers_every_output(processing: TestClient) -> None:
    answer = echo(processing, text="größer <b>", mixedInput=2.5)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"stringInput": "größer <b>", "length": 10, "mixedOutput": 2.5}


def test_an_asynchronous_execution_becomes_a_job_with_a_result(processing: TestClient) -> None:
    path = start_echo(processing)
    status = wait_for(processing, path, "successful")
    assert status["progress"] == 100
    assert processing.get(path + "/results").json()["stringInput"] == "teststring"
