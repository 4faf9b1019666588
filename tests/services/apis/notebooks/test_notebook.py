"""The notebook of a dataset: valid, the same each time, in two languages, and its code is Python."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def notebook(client: TestClient, **query: str) -> dict[str, Any]:
    answer = client.get("/collections/sst/notebook", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ipynb+json"
    assert answer.headers["content-disposition"] == 'attachment; filename="sst.ipynb"'
    return dict(answer.json())


def test_its_cells_are_those_of_the_format(sst_client: TestClient) -> None:
    made = notebook(sst_client)
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    for cell in made["cells"]:
        wanted = {"id", "cell_type", "metadata", "source"}
        assert set(cell) == wanted | ({"execution_count", "outputs"} if cell["cell_type"] == "code" else set())
        if cell["cell_type"] == "code":
            ast.parse(cell["source"])


def test_it_is_the_same_each_time(sst_client: TestClient) -> None:
    assert notebook(sst_client) == notebook(sst_client)


@pytest.mark.parametrize(("language", "heading"), [("en", "## Open"), ("zh", "## 打开")])
def test_it_is_written_in_the_language_that_is_asked_for(sst_client: TestClient, language: str, heading: str) -> None:
    assert any(cell["source"].startswith(heading) for cell in notebook(sst_client, lang=language)["cells"])


def test_the_collection_links_it(sst_client: TestClient) -> None:
    links = sst_client.get("/collections/sst?f=json").json()["links"]
    assert any(link["href"].endswith("/collections/sst/notebook") for link in links)
