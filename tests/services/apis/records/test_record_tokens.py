"""Tokens: who may write, what the refusals say, and that secrets are kept nowhere."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from config.errors import InvalidParameter
from records.access.tokens import HISTORY, WRITE, TokenStore
from services.cli.catalogue.tokens import parse_expiry
from tests.support.commands import environment, graticule
from tests.support.records import document

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from tests.services.apis.records.conftest import Writing

ITEMS = "/collections/records/items"


def post(client: TestClient, record_id: str, token: str | None, **more: Any) -> Any:
    headers = {"Content-Type": "application/geo+json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return client.post(ITEMS, content=json.dumps(document(record_id)), headers=headers, **more)


def test_without_any_token_nobody_writes_and_the_refusal_says_how(client: TestClient) -> None:
    for token in (None, "graticule_0123456789ab_" + "x" * 43):
        answer = post(client, "a", token)
        assert answer.status_code == 403
        assert "graticule tokens create NAME --scope records:write" in answer.json()["detail"]
    assert client.put(f"{ITEMS}/a", content=b"{}").status_code == 403
    assert client.get(f"{ITEMS}/a/versions").status_code == 403


def test_a_token_that_is_missing_wrong_revoked_or_lacks_the_scope_is_refused(writing: Writing) -> None:
    store = TokenStore(writing.engine)
    _, reader = store.create("reader", [HISTORY])
    _, gone = store.create("gone", [WRITE])
    assert store.revoke("gone")
    _, past = store.create("past", [WRITE])
    with writing.engine.begin() as connection:
        connection.execute(text("update tokens set expires = now() - interval '1 second' where name = 'past'"))
    missing = post(writing.client, "t", None)
    assert (missing.status_code, missing.headers["www-authenticate"]) == (
        401,
        'Bearer realm="graticule", scope="records:write"',
    )
    wrong = writing.bearer["Authorization"].removeprefix("Bearer ")[:-1] + "#"
    almost = writing.bearer["Authorization"].removeprefix("Bearer ")[:-4] + "AAAA"
    for token in (wrong, almost, "x", gone, past):
        answer = post(writing.client, "t", token)
        assert answer.status_code == 401, token
        assert answer.headers["www-authenticate"].startswith('Bearer realm="graticule", error="invalid_token"')
        assert token not in answer.text
    assert "revoked" in post(writing.client, "t", gone).json()["detail"]
    assert "expired" in post(writing.client, "t", past).json()["detail"]
    lacking = post(writing.client, "t", reader)
    assert (lacking.status_code, "records:write" in lacking.json()["detail"]) == (403, True)
    assert writing.client.get(f"{ITEMS}/t").status_code == 404


def test_a_token_counts_in_its_header_alone(writing: Writing) -> None:
    token = writing.bearer["Authorization"].removeprefix("Bearer ")
    assert post(writing.client, "c", None, params={"access_token": token}).status_code == 401
    writing.client.cookies.set("Authorization", f"Bearer {token}")
    try:
        assert post(writing.client, "c", None).status_code == 401
    finally:
        writing.client.cookies.clear()
    basic = {"Content-Type": "application/geo+json", "Authorization": f"Basic {token}"}
    assert writing.client.post(ITEMS, content=b"{}", headers=basic).status_code == 401


def test_the_secret_stands_neither_in_the_database_nor_in_the_log(
    writing: Writing, caplog: pytest.LogCaptureFixture
) -> None:
    token = writing.bearer["Authorization"].removeprefix("Bearer ")
    with caplog.at_level(logging.DEBUG):
        assert post(writing.client, "logged", token).status_code == 201
    secret = token.split("_", 2)[2]
    assert secret not in caplog.text
    with writing.engine.connect() as connection:
        rows = connection.execute(text("select t::text, encode(digest, 'escape'), last_used from tokens t")).all()
    assert rows
    assert secret not in str(rows)
    used = next(t for t in TokenStore(writing.engine).list() if t.name == "editor").last_used
    assert used is not None


def test_the_commands_make_list_and_revoke_tokens(
    writing: Writing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = writing.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with environment(url, tmp_path):
        assert graticule("tokens", "create", "clerk", "--expires", "90d", "--json") == 0
        made = json.loads(capsys.readouterr().out)
        assert (made["scopes"], made["state"]) == (["records:write"], "valid")
        assert post(writing.client, "by-clerk", made["token"]).status_code == 201
        assert graticule("tokens", "create", "clerk") == 1
        assert graticule("tokens", "create", "other", "--scope", "everything") == 2
        assert graticule("tokens", "create", "other", "--expires", "2001-01-01") == 2
        assert graticule("tokens", "list") == 0
        listed = capsys.readouterr().out
        assert "clerk\tvalid\trecords:write" in listed
        assert made["token"] not in listed
        assert graticule("tokens", "revoke", "clerk") == 0
        assert graticule("tokens", "revoke", "nobody") == 2
    assert post(writing.client, "after", made["token"]).status_code == 401


def test_the_commands_tell_the_history_and_restore(
    writing: Writing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = writing.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    assert post(writing.client, "told", writing.bearer["Authorization"].removeprefix("Bearer ")).status_code == 201
    with environment(url, tmp_path):
        assert graticule("records", "remove", "told") == 0
        assert graticule("records", "history", "told") == 0
        lines = [line.split("\t") for line in capsys.readouterr().out.splitlines() if "\t" in line]
        assert [(line[0], line[2]) for line in lines if len(line) == 4] == [("2", "removed"), ("1", "created")]
        assert lines[-1][3] == "token editor"
        assert graticule("records", "restore", "told", 2) == 2
        assert graticule("records", "restore", "told", 1) == 0
        assert graticule("records", "history", "told", "--json") == 0
        assert '"action": "restored"' in capsys.readouterr().out
        assert graticule("records", "prune", "--keep", 1, "--grace", "0") == 0
        capsys.readouterr()
        assert graticule("records", "history", "told") == 0
        assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == ["3"]
    assert writing.client.get(f"{ITEMS}/told").status_code == 200


@pytest.mark.parametrize(("said", "days"), [("12h", 0.5), ("90d", 90), ("4w", 28)])
def test_a_token_ends_after_a_span(said: str, days: float) -> None:
    before = datetime.now(UTC)
    assert before <= parse_expiry(said) - timedelta(days=days) <= datetime.now(UTC)


def test_a_token_ends_at_a_date_or_a_moment() -> None:
    assert parse_expiry("2030-01-31") == datetime(2030, 1, 31, tzinfo=UTC)
    assert parse_expiry("2030-01-31T12:00:00+08:00") == datetime(2030, 1, 31, 4, tzinfo=UTC)


@pytest.mark.parametrize("said", ["", "soon", "999999w", "3x", "2030-13-01"])
def test_an_end_that_is_none_is_refused_with_the_remedy(said: str) -> None:
    with pytest.raises(InvalidParameter, match="such as 90d"):
        parse_expiry(said)
