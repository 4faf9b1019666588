"""Styles that are saved over HTTP: who may, what is refused, and that they are drawn at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from records.access.tokens import STYLE, TokenStore
from services.ingest.store.locking import ingest_lock
from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient
    from sqlalchemy import Engine

    from records.datasets.repository import Repository

HAZY = "/collections/sst/styles/hazy"
GOOD: dict[str, Any] = {"title": {"en": "Hazy", "zh": "浑浊"}, "colormap": "magma", "range": [0.1, 8], "scale": "log"}


@pytest.fixture
def writer(own_client: TestClient, repository: Repository, engine: Engine, store: Path) -> TestClient:
    """A client over a dataset `sst`, with a token that may save styles."""
    repository.publish(publication(store, "sst", {None: np.ones((4, 8), "float32")}, global_grid(8, 4)))
    _, secret = TokenStore(engine).create("painter", [STYLE])
    own_client.headers["Authorization"] = f"Bearer {secret}"
    return own_client


def styles(client: TestClient) -> dict[str, Any]:
    return {style["id"]: style for style in client.get("/collections/sst/styles?lang=zh").json()["styles"]}


def test_a_style_is_saved_drawn_replaced_and_deleted(writer: TestClient) -> None:
    saved = writer.put(HAZY, json=GOOD)
    assert saved.status_code == 201, saved.text
    assert saved.headers["location"].endswith(HAZY)
    shown = styles(writer)["hazy"]
    assert (shown["title"], shown["colormap"], shown["range"], shown["scale"]) == ("浑浊", "magma", [0.1, 8.0], "log")
    assert writer.get(f"{HAZY}/map?width=16").status_code == 200
    assert writer.put(HAZY, json=GOOD | {"range": [1, 2], "scale": "linear"}).status_code == 204
    assert styles(writer)["hazy"]["range"] == [1.0, 2.0]
    assert writer.delete(HAZY).status_code == 204
    assert "hazy" not in styles(writer)
    assert writer.delete(HAZY).status_code == 404


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"range": [2, 1]}, "below the second"),
        ({"range": [0, 1]}, "positive"),
        ({"colormap": "virids"}, "viridis"),
        ({"title": {"en": "x" * 201}}, "200"),
        ({"speed": 1}, "speed"),
    ],
)
def test_what_cannot_be_drawn_is_refused(writer: TestClient, change: dict[str, Any], word: str) -> None:
    refused = writer.put(HAZY, json=GOOD | change)
    assert refused.status_code == 400
    assert word in refused.json()["detail"]


def test_a_style_is_small_and_default_stays(writer: TestClient) -> None:
    assert writer.put(HAZY, content=json.dumps(GOOD) + " " * 10_000).status_code == 413
    assert writer.put(HAZY, content="{").status_code == 400
    assert writer.delete("/collections/sst/styles/default").status_code == 400


def test_nobody_saves_without_the_scope_or_while_an_ingest_runs(writer: TestClient, engine: Engine) -> None:
    with ingest_lock(engine, "sst", waiting=lambda: None):
        assert writer.put(HAZY, json=GOOD).status_code == 409
    _, secret = TokenStore(engine).create("clerk", ["records:write"])
    refused = writer.put(HAZY, json=GOOD, headers={"Authorization": f"Bearer {secret}"})
    assert refused.status_code == 403
    assert "datasets:style" in refused.json()["detail"]
