from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from records.datasets.models import ColorClass, Style
from services.portal.pages.legend import page_legend
from services.portal.pages.outline import MAX_CARDS, outline
from services.portal.static import FOLDER
from services.portal.texts.words import WORDS

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from records.datasets.models import Dataset

PAGES = ["/", "/collections", "/collections/sst", "/collections/secret", "/conformance", "/api", "/collections/records"]


class _Loads(HTMLParser):
    """Collects what a page loads, where its forms go, and its inline scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.inline: list[str] = []
        self._script: dict[str, str | None] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.inline += [name for name in values if name.startswith("on") or name == "style"]
        for name in ("src", "action", "poster", "data", "srcset"):
            self.urls += [value for value in [values.get(name)] if value]
        if tag == "link" and values.get("rel") not in ("alternate", "canonical"):
            self.urls.append(values.get("href") or "")
        if tag == "style" or (tag == "script" and "src" not in values and values.get("type") != "application/json"):
            self.inline.append(tag)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", [*PAGES, "/nothing"])
def test_a_page_loads_nothing_from_another_host(secret_client: TestClient, path: str, language: str) -> None:
    answer = secret_client.get(path, params={"lang": language}, headers={"Accept": "text/html"})
    loads = _Loads(answer.text)
    assert loads.urls
    assert [url for url in loads.urls if not url.startswith("/") or url.startswith("//")] == []
    assert loads.inline == []


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_loads_is_there(secret_client: TestClient, path: str) -> None:
    for url in _Loads(secret_client.get(path, headers={"Accept": "text/html"}).text).urls:
        assert secret_client.get(url).status_code == 200, url


def test_style_sheets_and_scripts_name_no_other_host() -> None:
    own = [p for p in FOLDER.rglob("*") if p.suffix in (".css", ".js", ".svg") and "vendor" not in p.parts]
    assert len(own) >= 4
    sheets = [FOLDER / "vendor/maplibre-gl/maplibre-gl.css"]
    for path in own + sheets:
        urls = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"')]*", path.read_text(encoding="utf-8"))
        assert set(urls) <= {"http://www.w3.org/2000/svg", "//www.w3.org/2000/svg"}, path


def test_the_map_library_carries_its_licence() -> None:
    assert "Redistribution and use" in (FOLDER / "vendor/maplibre-gl/LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", ["graticule.css", "explorer/main.js", "vendor/maplibre-gl/maplibre-gl.mjs"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_static_files_are_kept_for_long_and_answer_head(client: TestClient, file: str, encoding: str) -> None:
    sheet = next(url for url in _Loads(client.get("/?f=html").text).urls if url.endswith("graticule.css"))
    url = sheet.replace("graticule.css", file)
    get = client.get(url, headers={"Accept-Encoding": encoding})
    head = client.head(url, headers={"Accept-Encoding": encoding})
    assert "immutable" in get.headers["cache-control"]
    assert head.headers == get.headers
    assert head.content == b""
    assert get.content == (FOLDER / file).read_bytes()
    again = client.get(url, headers={"If-None-Match": get.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["../templates.py", "%2e%2e/templates.py", "..%2f..%2fapp.py", "nothing.css", "vendor"]
)
def test_nothing_but_static_files_is_static(client: TestClient, path: str) -> None:
    assert client.get(f"/static/x/{path}").status_code == 404


def test_another_releases_files_are_not_kept(client: TestClient) -> None:
    assert client.get("/static/old/graticule.css").headers["cache-control"] == "no-cache"


def test_the_map_gets_its_urls_time_and_extent(sst_client: TestClient) -> None:
    page = sst_client.get("/collections/sst?f=html").text
    assert '"tiles": "/xyz/sst/v/default/{time}/{z}/{x}/{y}.png"' in page
    assert '"time": "20060616T120000Z"' in page
    assert "http://localhost:8080/xyz/sst/v/{z}/{x}/{y}.png" in page


def test_the_page_of_restricted_data_says_so_and_offers_none(secret_client: TestClient) -> None:
    page = secret_client.get("/collections/secret?f=html").text
    assert "under embargo until 2999-01-01" in page
    assert "explorer/main.js" not in page
    assert "/xyz/" not in page


def test_an_unknown_variable_or_style_is_not_found(sst_client: TestClient) -> None:
    assert sst_client.get("/collections/sst?f=html&variable=w").status_code == 404
    assert sst_client.get("/collections/sst?f=html&style=none").status_code == 404


def test_texts_of_a_catalogue_are_escaped(sst_client: TestClient) -> None:
    page = sst_client.get("/collections", params={"q": "</script><img src=x>", "f": "html"}).text
    assert "<img src=x>" not in page


def test_paging_works_without_scripts(many_client: TestClient) -> None:
    page = many_client.get("/collections?f=html&limit=2&lang=zh").text
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    second = many_client.get(following[1].replace("&amp;", "&")).text
    assert ">many-1<" in second
    assert '<html lang="zh-CN">' in second


def test_a_documents_page_is_made_of_its_json(client: TestClient) -> None:
    page = client.get("/collections/records?f=html").text
    assert "Metadata catalogue" in page
    assert "/collections/records/items" in page


def test_a_gradient_legend_spans_the_range(dataset: Dataset) -> None:
    variable = replace(dataset.variables[0], unit="degC")
    made = page_legend(variable, Style(id="s", colormap="viridis", range=(-2.0, 2.0)), language="en")
    assert made.ticks == (
        (0, "−2", "start"),
        (25, "−1", "middle"),
        (50, "0", "middle"),
        (75, "1", "middle"),
        (100, "2", "end"),
    )
    assert made.stops[0] == (0.0, "#440154", 1.0)
    assert made.stops[-1] == (100.0, "#fde724", 1.0)
    assert (made.ends, made.unit) == (("−2", "2"), "degC")


def test_a_logarithmic_legend_has_its_decades_at_equal_distances(dataset: Dataset) -> None:
    style = Style(id="s", colormap="algae", range=(0.01, 10.0), scale="log")
    made = page_legend(dataset.variables[0], style, language="en")
    places = {number: round(at, 1) for at, number, _ in made.ticks}
    assert [places[decade] for decade in ("0.01", "0.1", "1", "10")] == [0, 33.3, 66.7, 100]


def test_a_legend_of_classes_names_them(dataset: Dataset) -> None:
    water = ColorClass(value=1, color=(0, 0, 255, 255), title={"en": "Water", "zh": "水"})
    variable = replace(dataset.variables[0], kind="categorical", classes=(water,))
    made = page_legend(variable, Style(id="default"), language="zh")
    assert made.classes == (("#0000ff", 1.0, "水"),)


def test_every_word_is_in_every_language() -> None:
    assert {key: set(texts) for key, texts in WORDS.texts.items() if set(texts) != {"en", "zh"}} == {}


def test_an_outline_bounds_what_a_page_shows() -> None:
    made = outline({"features": [{"id": str(n)} for n in range(MAX_CARDS + 5)], "numberMatched": 9999})
    assert (len(made.cards), made.hidden, made.total) == (MAX_CARDS, 5, 9999)


@pytest.mark.parametrize(
    "document", [None, [], 3, "x", {}, {"links": 3}, {"features": [1, None]}, {"title": {"en": 1}}]
)
def test_any_json_has_an_outline(document: object) -> None:
    assert outline(document) is not None


def test_the_outline_of_a_record_shows_its_properties() -> None:
    record = {
        "id": "a",
        "type": "Feature",
        "geometry": None,
        "time": {"interval": ["2001-01-01", "2002-01-01"]},
        "properties": {"type": "dataset", "title": "Turbidity", "description": "Means.", "license": "MIT"},
        "links": [{"rel": "next", "href": "/b"}, {"rel": "self", "href": "/a"}],
    }
    made = outline(record)
    assert (made.title, made.text) == ("Turbidity", "Means.")
    assert list(made.rest) == ["license", "id", "time"]
    assert made.paging == {"next": "/b"}
    assert [link["rel"] for link in made.links] == ["self"]
