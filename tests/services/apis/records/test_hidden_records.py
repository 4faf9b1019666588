"""What is hidden is in no answer: neither the record, nor a word of it, nor a count."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from records.exports.registry import EXPORTS
from records.writing.record_store import RecordStore
from tests.services.apis.records.test_harvested_records import other_forms
from tests.support.harvest import harvested
from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient
    from sqlalchemy import Engine

    from records.datasets.repository import Repository

ITEMS = "/collections/records/items"
WORDS = ("Zyxwtitle", "zyxwkeyword", "Zyxworganization", "zyxwformat", "zyxwtheme", "zyxwlicence")


def hidden_record(engine: Engine, repository: Repository, store: Path) -> None:
    """Publish a record of unheard words with its data, and hide it."""
    document = {
        "id": "zyxwid",
        "type": "Feature",
        "geometry": None,
        "time": None,
        "properties": {
            "type": "dataset",
            "title": {"en": "Zyxwtitle"},
            "keywords": {"en": ["zyxwkeyword"], "zh": ["囗囗键词"]},
            "contacts": [{"organization": "Zyxworganization", "roles": ["creator"]}],
            "formats": [{"name": "zyxwformat"}],
            "themes": [{"scheme": "zyxw", "concepts": [{"id": "zyxwtheme"}]}],
            "license": "zyxwlicence",
        },
        "links": [],
    }
    RecordStore(engine).put(harvested(document), source="s", item="i")
    grid = global_grid(8, 4)
    stored = RecordStore(engine).document("zyxwid")
    made = publication(store, "zyxwid", {None: np.zeros((4, 8), "float32")}, grid)
    repository.publish(replace(made, record=stored))
    repository.hide("zyxwid", hidden=True)


def test_a_hidden_record_is_in_no_answer(
    client: TestClient, engine: Engine, repository: Repository, store: Path
) -> None:
    hidden_record(engine, repository, store)
    queries = ["zyxw", *WORDS]
    told = [*other_forms([]), "/collections", "/stac", "/stac/collections", "/stac/search", "/", ITEMS]
    told += [f"/collections/records/suggest?q={word}" for word in ("zyx", "键", "囗", *WORDS)]
    told += [f"{ITEMS}?q={word}" for word in queries]
    for url in told:
        text = client.get(url).text
        assert not [w for w in (*WORDS, "zyxwid", "囗囗键词") if w in text and w not in url], url
    for path in (ITEMS, "/collections", "/stac/collections"):
        assert client.get(f"{path}/zyxwid").status_code == 404
    for form in (*EXPORTS, "html", "stored"):
        assert client.get(f"{ITEMS}/zyxwid?f={form}").status_code == 404
