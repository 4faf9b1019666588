"""Whose jobs they are: how many a client may have, and who may list them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from pydantic import SecretStr

from config.settings import DatabaseSettings, LimitSettings, Settings
from records.access.tokens import WRITE, TokenStore
from records.jobs.job_store import Jobs
from services.access.maker import maker_of
from services.web.context import Context
from tests.support.catalogues import client_of

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI
    from fastapi.testclient import TestClient


@pytest.fixture
def private(database_url: str, tmp_path: Path) -> Iterator[TestClient]:
    """A client of an application of which each client may have two jobs, and lists its own."""
    limit = LimitSettings(jobs_per_client=2)
    settings = Settings(data_dir=tmp_path, database=DatabaseSettings(url=SecretStr(database_url)), limit=limit)
    with client_of(settings) as client:
        yield client


def _jobs(client: TestClient) -> Jobs:
    context = cast("Context", cast("FastAPI", client.app).state.context)
    return Jobs(context.catalogue.repository.engine)


def _token(client: TestClient, name: str) -> tuple[str, dict[str, str]]:
    """The maker that a new token stands for, and the header that carries it."""
    token, text = TokenStore(_jobs(client).engine).create(name, [WRITE])
    return f"token {token.id}", {"Authorization": f"Bearer {text}"}


def test_bearer_of_a_token_lists_the_jobs_made_with_it(private: TestClient) -> None:
    maker, header = _token(private, "ours")
    _, other_header = _token(private, "theirs")
    mine = _jobs(private).create("echo", b"{}", most_alive=10, client=maker)
    _jobs(private).create("echo", b"{}", most_alive=10, client="address 192.0.2.1")
    assert [job["jobID"] for job in private.get("/jobs", headers=header).json()["jobs"]] == [mine]
    assert private.get("/jobs", headers=other_header).json()["numberMatched"] == 0
    assert private.get("/jobs").json()["jobs"] == []
    assert private.get("/jobs", headers={"Authorization": "Bearer nonsense"}).json()["jobs"] == []


def test_whoever_knows_the_id_of_a_job_may_see_and_dismiss_it(private: TestClient) -> None:
    job = _jobs(private).create("echo", b"{}", most_alive=10, client="address 192.0.2.1")
    assert private.get(f"/jobs/{job}").json()["status"] == "accepted"
    assert private.delete(f"/jobs/{job}").json()["status"] == "dismissed"
    assert private.get("/jobs/00000000-0000-0000-0000-000000000000").status_code == 404


def test_client_with_too_many_jobs_is_asked_to_wait(private: TestClient) -> None:
    for _ in range(2):
        _jobs(private).create("echo", b"{}", most_alive=10, client="address testclient")
    body, headers = {"inputs": {"stringInput": "a"}}, {"Prefer": "respond-async"}
    answer = private.post("/processes/echo/execution", json=body, headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert "2 of your jobs wait or run, the limit is 2" in answer.json()["detail"]
    _, header = _token(private, "another")
    assert private.post("/processes/echo/execution", json=body, headers=headers | header).status_code == 503  # no Dask


@pytest.mark.parametrize(
    ("host", "maker"),
    [
        ("192.0.2.1", "address 192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "address 2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "address 192.0.2.1"),
        ("", "address "),
    ],
)
def test_address_of_a_client_is_its_maker(host: str, maker: str) -> None:
    assert maker_of({"headers": [], "client": (host, 0) if host else None}) == maker
