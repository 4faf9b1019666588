"""What people find on the page of a dataset, with and without scripts, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from services.portal.texts.explorer_words import EXPLORER_WORDS, MAP_WORDS
from services.portal.texts.labels import size_label, time_label
from services.web.documents.pictures import map_url
from tests.support.catalogues import reading
from tests.support.datasets import classified, dated
from tests.support.series import climatology, credited, long_series, with_levels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from config.messages import Messages
    from records.datasets.models import Dataset
    from records.datasets.repository import Repository
    from tests.support.database import Server


class Page(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.tags if t == tag and all(a.get(name) == value for name, value in wanted.items())]


def page(client: TestClient, dataset_id: str, **query: str) -> Page:
    answer = client.get(f"/collections/{dataset_id}", params={"f": "html", **query})
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over datasets of several kinds, which no test changes."""
    folder = tmp_path_factory.mktemp("store")
    with reading(server, folder, dated, climatology, with_levels, credited, classified) as client:
        yield client


def test_without_scripts_the_map_is_one_picture_of_the_chosen_time(reader: TestClient) -> None:
    (picture,) = page(reader, "sst", datetime="2006-05-16T12:00:00Z").all("img", **{"class": "preview"})
    answer = reader.get(picture["src"] or "")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["content-datetime"] == "2006-05-16T12:00:00Z"
    assert "3857" in answer.headers["content-crs"]


@pytest.mark.parametrize(
    ("bbox", "longer"),
    [
        ((-180, -90, 180, 90), "width"),
        ((100, 10, 140, 40), "width"),
        ((170, -20, -170, 5), "height"),
        ((10, 50, 10.01, 50.001), "width"),
        ((-180, 86, 180, 90), "width"),
    ],
)
def test_a_picture_holds_the_box_and_its_longer_edge_is_limited(
    dataset: Dataset, bbox: tuple[float, ...], longer: str
) -> None:
    made = map_url("", replace(dataset, bbox=bbox), dataset.variables[0], style="default", time=None, layer=None)
    query = dict(parse_qsl(urlsplit(made).query))
    assert query[longer] == "1000"
    assert ("crs" in query) == (bbox[1] < 85)
    if "bbox" in query:
        assert [float(v) for v in query["bbox"].split(",")] == [
            max(-85.05, min(85.05, v)) if n % 2 else v for n, v in enumerate(bbox)
        ]


def test_few_times_stand_in_a_list_with_steps_beside_it(reader: TestClient) -> None:
    found = page(reader, "sst", datetime="2006-05-16T12:00:00Z")
    assert [o["value"] for o in found.all("option") if (o["value"] or "").startswith("2006")] == [
        "2006-04-16T00:00:00Z",
        "2006-05-16T12:00:00Z",
        "2006-06-16T00:00:00Z",
    ]
    (earlier,) = found.all("a", id="earlier")
    step = page(reader, "sst", datetime="2006-04-16T00:00:00Z")
    assert "datetime=2006-04-16T00" in (earlier["href"] or "")
    assert step.all("a", id="earlier")[0].get("href") is None
    assert '"time": "20060416T000000Z"' in step.text


def test_ten_thousand_times_are_chosen_by_date_and_step_by_step(
    client: TestClient, repository: Repository, store: Path
) -> None:
    repository.publish(long_series(store, 10_000))
    found = page(client, "long", datetime="1990-03-04")
    (field,) = found.all("input", id="time")
    assert (field["type"], field["value"]) == ("date", "1990-03-04")
    assert (field["min"], field["max"]) == ("1980-01-01", "2007-05-18")
    assert len(found.text) < 40_000
    nearest = page(client, "long", datetime="2020-01-01")
    assert nearest.all("input", id="time")[0]["value"] == "2007-05-18"
    later = found.all("a", id="later")[0]["href"] or ""
    assert client.get(later).status_code == 200
    assert 'value="1990-03-05"' in client.get(later).text


def test_several_times_a_day_are_chosen_by_the_minute(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(long_series(store, 100, step=timedelta(hours=6)))
    (field,) = page(client, "long", datetime="1980-01-05T12:00:00Z").all("input", id="time")
    assert (field["type"], field["value"]) == ("datetime-local", "1980-01-05T12:00")
    chosen = page(client, "long", datetime="1980-01-05T06:00")  # as the browser sends it
    assert '"time": "19800105T060000Z"' in chosen.text


@pytest.mark.parametrize(("language", "label"), [("en", "January mean"), ("zh", "1 月平均")])
def test_means_of_many_years_are_named_by_their_month(reader: TestClient, language: str, label: str) -> None:
    text = page(reader, "clim", lang=language).text
    assert f'<option value="2003-01">{label}</option>' in text
    assert label in reader.get("/collections/clim/granules", params={"f": "html", "lang": language}).text


def test_levels_are_chosen_and_shown(reader: TestClient) -> None:
    first = page(reader, "deep")
    assert first.all("select", name="level")
    assert '"tiles": "/xyz/deep/v/default/{time}/0/{z}/{x}/{y}.png"' in first.text
    assert '"tiles": "/xyz/deep/v/default/{time}/50/{z}/{x}/{y}.png"' in page(reader, "deep", level="50").text
    assert reader.get("/collections/deep?f=html&level=7").status_code == 400


def test_what_is_copied_from_a_page_of_levels_means_the_level_that_is_shown(reader: TestClient) -> None:
    found = page(reader, "deep", level="50")
    hrefs = [href for a in found.all("a") if "/coverage?properties" in (href := a.get("href") or "")]
    assert len(hrefs) == 2
    assert all("subset=level(50)" in href and reader.get(href).status_code == 200 for href in hrefs)
    assert found.text.count("subset=level(50)") >= 2 + 2 + 3  # followed, shown, and in the examples
    (picture,) = found.all("img", **{"class": "preview"})
    assert "level=50" in (picture["src"] or "")
    assert reader.get(picture["src"] or "").status_code == 200


def test_what_a_page_shows_does_not_change_the_document(reader: TestClient) -> None:
    assert (
        reader.get("/collections/sst?f=json&style=grey&datetime=2006-05").json()
        == reader.get("/collections/sst?f=json").json()
    )


def test_every_url_of_the_examples_answers(reader: TestClient) -> None:
    text = unescape(page(reader, "sst").text)
    urls = {re.sub(r"(},|[.])$", "", url) for url in re.findall(r"http://localhost:8080/[^\s\"'<>]+", text)}
    followed = [re.sub(r"{(z|x|y|level|col|row)}", "0", url) for url in urls if "{tile" not in url]
    assert len(followed) > 10
    for url in followed:
        assert reader.get(url).status_code == 200, url
    assert f"/vsicurl/{next(u for u in urls if '/assets/' in u)}" in text


def test_the_python_example_is_python(reader: TestClient) -> None:
    blocks = re.findall(r"<code data-copyable>(import .*?)</code>", page(reader, "sst").text, flags=re.DOTALL)
    compile(unescape(blocks[0]), "example", "exec")


def test_controls_have_labels_and_pictures_have_texts(reader: TestClient) -> None:
    found = page(reader, "sst")
    unlabelled = re.findall(
        r"<(?:select|input)(?![^>]*hidden)", re.sub(r"<label.*?</label>", "", found.text, flags=re.DOTALL)
    )
    assert unlabelled == []
    assert all(svg.get("role") == "img" or svg.get("aria-hidden") for svg in found.all("svg"))
    assert all("alt" in image for image in found.all("img"))
    assert all(a.get("aria-label") for a in found.all("a", **{"class": "step"}))


@pytest.mark.parametrize("path", ["/collections/cited", "/collections/records/items/cited"])
def test_licence_doi_and_cstr_are_links(reader: TestClient, path: str) -> None:
    text = reader.get(path, params={"f": "html"}).text
    for href in (
        "https://spdx.org/licenses/CC-BY-4.0.html",
        "https://doi.org/10.1234/abc.5",
        "https://cstr.cn/16666.11.example.42",
    ):
        assert f'href="{href}"' in text
    assert "© Ocean &lt;Data&gt; &amp; Centre" in text


def test_a_legend_of_classes_is_in_the_language_of_the_page(reader: TestClient) -> None:
    assert "森林" in page(reader, "cover", lang="zh").text
    assert "Forest" in page(reader, "cover", lang="en").text


@pytest.mark.parametrize(
    ("label", "language", "climate", "text"),
    [
        ("2006-05-16T12:00:00Z", "en", False, "2006-05-16 12:00 UTC"),
        ("2006-05-16T12:00:30Z", "zh", False, "2006-05-16 12:00:30 UTC"),
        ("2006-05", "en", False, "2006-05"),
        ("2003-07-16T00:00:00Z", "en", True, "July mean"),
        ("2003-07-04", "zh", True, "7 月 4 日平均"),
        ("2003", "en", True, "Annual mean"),
        ("-12000-02-30", "en", False, "-12000-02-30"),
        ("nonsense", "zh", True, "nonsense"),
    ],
)
def test_times_are_written_for_people(label: str, language: str, climate: bool, text: str) -> None:
    assert time_label(label, language, climatology=climate) == text


@pytest.mark.parametrize(("size", "text"), [(0, "0 bytes"), (1500, "1.5 kB"), (12_345_678, "12.3 MB"), (5e13, "50 TB")])
def test_sizes_are_written_for_people(size: int, text: str) -> None:
    assert size_label(int(size)) == text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ("1980-04-09T00:00:00Z", "1980-04-08T00:00:00Z", None)),
        ("?datetime=1980-01-03", ("1980-01-03T00:00:00Z", "1980-01-02T00:00:00Z", "1980-01-04T00:00:00Z")),
        ("?datetime=1950", ("1980-01-01T00:00:00Z", None, "1980-01-02T00:00:00Z")),
        ("?datetime=../1980-01-02", ("1980-01-02T00:00:00Z", "1980-01-01T00:00:00Z", "1980-01-03T00:00:00Z")),
        ("?datetime=1980-01-02T14:00:00Z", ("1980-01-03T00:00:00Z", "1980-01-02T00:00:00Z", "1980-01-04T00:00:00Z")),
    ],
)
def test_the_nearest_time_is_answered_with_its_neighbours(
    client: TestClient, repository: Repository, store: Path, query: str, found: tuple[str, str | None, str | None]
) -> None:
    repository.publish(long_series(store, 100))
    answer = client.get(f"/collections/long/times{query}").json()
    assert (answer["time"], answer.get("earlier"), answer.get("later")) == found
    assert (answer["count"], answer["first"]) == (100, "1980-01-01T00:00:00Z")
    assert json.dumps(answer["path"]).strip('"') == found[0].replace("-", "").replace(":", "")


def test_a_dataset_without_times_has_none(reader: TestClient) -> None:
    assert reader.get("/collections/cover/times").status_code == 404


def test_the_download_form_answers_without_scripts(reader: TestClient) -> None:
    shown = page(reader, "sst")
    (form,) = shown.all("form", id="download-form")
    inputs = {a["name"] or "": a["value"] or "" for a in shown.all("input") if a.get("name") in ("properties", "bbox")}
    answer = reader.get(form["action"] or "", params={**inputs, "datetime": "2006-05-16T12:00:00Z", "f": "csv"})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/csv")


@pytest.mark.parametrize("messages", [EXPLORER_WORDS, MAP_WORDS])
def test_the_scripts_speak_both_languages(messages: Messages) -> None:
    assert all({"en", "zh"} <= set(texts) for texts in messages.texts.values())


def test_the_scripts_know_the_view_and_the_limit_of_a_download(reader: TestClient) -> None:
    text = page(reader, "sst").text
    data = json.loads(re.search(r'id="map-data">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]
    assert data["download"]["limit"] == 50_000_000
    assert set(data["download"]["bytes"].values()) <= {1, 2, 4, 8}
    assert data["gregorian"] is True
    assert data["look"]["range"] is not None


def test_a_page_for_frames_of_other_sites_has_the_map_alone(sst_client: TestClient) -> None:
    framed = sst_client.get("/collections/sst?f=html&embed=true")
    assert framed.headers["content-type"].startswith("text/html")
    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert 'id="map-data"' in framed.text
    assert "download-form" not in framed.text
    whole = sst_client.get("/collections/sst?f=html")
    assert "frame-ancestors 'self'" in whole.headers["content-security-policy"]
    assert 'rel="modulepreload"' in whole.text


def test_the_map_of_layers_is_a_page_and_says_how_its_address_is_made(sst_client: TestClient) -> None:
    page = sst_client.get("/map?f=html&lang=zh")
    assert page.headers["content-type"].startswith("text/html")
    assert "多图层地图" in page.text
    assert any("#layers=" in link["href"] for link in sst_client.get("/map").json()["links"])
