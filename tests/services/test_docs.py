"""What the pages for programs and operators show works as shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from fastapi.testclient import TestClient

from config.declarations.datasets import parse_declaration
from services.app import create_app
from tests.support.paths import DOCS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings


def _blocks(language: str) -> list[str]:
    return [
        block
        for page in sorted(DOCS.glob("*.md"))
        for block in re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    ]


def _requests() -> list[str]:
    return [line.removeprefix("GET ") for block in _blocks("http") for line in block.splitlines() if line]


@pytest.fixture(scope="module")
def reader(demo_catalogue: Settings) -> Iterator[TestClient]:
    """A client of the application over the demo datasets."""
    with TestClient(create_app(demo_catalogue), base_url="http://localhost:8080") as client:
        yield client


@pytest.mark.parametrize("path", _requests())
def test_a_documented_request_succeeds(reader: TestClient, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.content


def test_documented_searches_find_something(reader: TestClient) -> None:
    searches = [path for path in _requests() if "/records/items?" in path]
    assert len(searches) > 5
    for path in searches:
        assert reader.get(path).json()["numberMatched"] > 0, path


def test_the_documented_declaration_is_valid() -> None:
    declarations = [found for block in _blocks("yaml") if "variables" in (found := yaml.safe_load(block))]
    assert declarations
    for declaration in declarations:
        assert parse_declaration(declaration, name="docs").record is not None


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    for page in DOCS.glob("*.md"):
        assert f"docs/{page.name}" in readme, page.name
