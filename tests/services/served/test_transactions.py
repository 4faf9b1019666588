"""Transactions on a server of two workers, by OWSLib and a token of the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

records = pytest.importorskip("owslib.ogcapi.records")

from tests.support.records import document  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.serving import Serving

pytestmark = pytest.mark.served

ITEM = "/collections/records/items/by-owslib"


def answers(base: str) -> set[tuple[str, str]]:
    """(ETag, title) of a record over many connections, which the workers share."""
    found = set()
    for _ in range(12):
        with urllib.request.urlopen(base + ITEM, timeout=10) as answer:
            found.add((answer.headers["ETag"], json.load(answer)["properties"]["title"]))
    return found


def test_owslib_creates_replaces_and_deletes_and_every_worker_shows_it_at_once(
    running: tuple[Serving, str], tmp_path: Path
) -> None:
    server, database_url = running
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRATICULE_")}
    environment = kept | {"GRATICULE_DATABASE_URL": database_url, "GRATICULE_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "services.cli", "tokens", "create", "owslib"]
    token = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    assert len(server.workers()) == 2
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/geo+json"}
    client = records.Records(server.base + "/", headers=headers)
    try:
        assert client.collection_item_create("records", document("by-owslib", "First"))
        assert {title for _, title in answers(server.base)} == {"First"}
        assert client.collection_item_update("records", "by-owslib", document("by-owslib", "Second"))
        seen = answers(server.base)
        assert ({title for _, title in seen}, len(seen)) == ({"Second"}, 1)
        assert client.collection_item("records", "by-owslib")["properties"]["title"] == "Second"
        assert client.collection_item_delete("records", "by-owslib")
        assert server.status(ITEM) == 404
    finally:
        for name in headers:
            client.headers.pop(name, None)  # OWSLib shares them among all clients of a process
    assert token.split("_", 2)[2] not in "".join(server.log)
