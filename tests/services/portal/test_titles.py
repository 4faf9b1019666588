"""Pages in Chinese have no English titles of links."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from tests.support.series import credited

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository

_ENTRY = re.compile(r"<li><a [^>]*>([^<]*)</a>")
_ROW = re.compile(r'<tr>\s*<td>(?:<a href="[^"]*">)?([^<]+)', re.DOTALL)
_NAMES = re.compile(r"(JSON|CC-BY-4.0|DOI:.*|CSTR:.*|http\S+)")
"""What is written the same in every language."""


@pytest.mark.parametrize(
    "path",
    [
        "/collections/cited",
        "/collections/records",
        "/collections/records/items/cited",
        "/collections/cited/styles/default",
        "/collections/cited/map/tiles",
        "/processes/echo",
    ],
)
def test_titles_of_links_on_chinese_pages_are_chinese(
    client: TestClient, repository: Repository, store: Path, path: str
) -> None:
    repository.publish(credited(store))
    text = client.get(path, params={"f": "html", "lang": "zh"}).text
    menu = re.search(r'<details class="menu">.*?</details>', text, re.DOTALL)
    links = menu[0] if menu else text[text.rindex('class="links"') :]
    titles = [unescape(title).strip() for title in (_ENTRY if menu else _ROW).findall(links)]
    assert titles
    english = [t for t in titles if not re.search(r"[\u4e00-\u9fff]", t) and not _NAMES.fullmatch(t)]
    assert english == []


def test_the_document_has_its_titles_in_its_language(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(credited(store))
    links = client.get("/collections/cited?lang=zh").json()["links"]
    assert "数据粒及其文件" in [link.get("title") for link in links]
    assert any(link.get("title") == "v 的最新文件（2006-05）" for link in links)


def test_the_titles_of_every_document_are_in_its_language(
    client: TestClient, repository: Repository, store: Path
) -> None:
    repository.publish(credited(store))
    for path in (
        "/",
        "/conformance",
        "/collections/cited/map/tiles/WebMercatorQuad",
        "/processes/echo",
        "/collections/cited/granules",
    ):
        titles = [link["title"] for link in client.get(path, params={"lang": "zh"}).json()["links"] if "title" in link]
        assert any(re.search(r"[\u4e00-\u9fff]", title) for title in titles), path


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/collections/records", "目录"),
        ("/tileMatrixSets/WebMercatorQuad", "瓦片矩阵集"),
        ("/processes", "处理"),
        ("/", "以 OGC 服务发布的地球科学数据集"),
        ("/collections/records/queryables", "目录"),
    ],
)
def test_headings_and_trails_of_generic_pages_are_chinese(empty_client: TestClient, path: str, words: str) -> None:
    text = empty_client.get(path, params={"f": "html", "lang": "zh"}).text
    assert words in text[text.index("<main") :]


@pytest.mark.parametrize(
    ("path", "words"),
    [("/collections?limit=none", "参数 limit 的取值不可用"), ("/collections?strange=1", "请求无法执行")],
)
def test_errors_have_a_heading_in_chinese(empty_client: TestClient, path: str, words: str) -> None:
    answer = empty_client.get(path + "&f=html&lang=zh")
    assert answer.status_code == 400
    assert words in answer.text
