"""The page of a record without data here: people's words for what it says, and the way to who has the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from records.search.concepts import concept_titles
from services.portal.pages.records.data_centre import DataCentre, data_centre
from services.portal.texts.labels import measure_label
from tests.support.datasets import dated
from tests.support.records import add, document

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository

ITEMS = "/collections/records/items"
GEOGRAPHY = {"scheme": "GB/T 13745-2009", "concepts": [{"id": "170.45", "title": {"zh": "地理学"}}, {"id": "170.99"}]}


def elsewhere(**properties: Any) -> dict[str, Any]:
    return document(
        "elsewhere",
        "Land cover",
        zh="土地覆盖",
        themes=[GEOGRAPHY],
        access={"policy": "login"},
        externalIds=[{"scheme": "doi", "value": "10.1/x"}],
        contacts=[{"organization": {"en": "Data Centre", "zh": "数据中心"}, "roles": ["publisher"]}],
        size=2684053,
        fileCount=1200,
        spatialResolution={"unit": "m", "value": 1000.0},
        referenceSystems=["Albers"],
        issued="2020-04-03T15:44:27+08:00",
        modified="2021-05-06",
        **properties,
    ) | {"time": {"interval": ["2001-01-01", "2005-12-31"], "resolution": "P1D"}}


@pytest.fixture
def catalogue(client: TestClient, repository: Repository, store: Path) -> TestClient:
    repository.publish(dated(store))
    add(repository.engine, elsewhere())
    return client


WORDS = {
    "en": (
        "Get it at: Data Centre",
        "after signing in there",
        "Entered in this catalogue",
        "Reference systems",
        "1 day<",
    ),
    "zh": ("获取数据：数据中心", "在数据中心登录后获取", "收入本目录", "坐标参考系", "1 天<"),
}


@pytest.mark.parametrize("language", WORDS)
def test_the_page_speaks_of_the_record_in_words(catalogue: TestClient, language: str) -> None:
    text = catalogue.get(f"{ITEMS}/elsewhere", params={"f": "html", "lang": language}).text
    words = WORDS[language]
    assert [word for word in (*words, "1 km", "2.68 MB", "地理学") if word not in text] == []
    assert 'rel="related" href="https://doi.org/10.1/x"' in text
    assert not {"fileCount", "spatialResolution", "referenceSystems"} & set(text.replace("<", ">").split(">"))
    assert text.index("2020-04-03") < text.index("2021-05-06") < text.index(words[2])


def test_themes_are_counted_by_their_titles(catalogue: TestClient) -> None:
    for path in (ITEMS, "/"):
        text = catalogue.get(path, params={"f": "html"}).text
        assert "themes=170.45" in text
        assert "地理学" in text
        assert ">170.45" not in text
        assert ">170.99" in text  # nobody names it


def test_the_titles_of_themes_are_known_once_a_record_has_them(repository: Repository) -> None:
    engine = repository.engine
    assert concept_titles(engine, ["170.45", "x"], "en") == {}
    add(engine, elsewhere())
    assert concept_titles(engine, ["170.45", "170.99", "x"], "en") == {"170.45": "地理学"}
    named = {"scheme": "S", "concepts": [{"id": "x", "title": {"en": "Other", "zh": "其他"}}]}
    add(engine, document("named", themes=[named]))
    assert concept_titles(engine, ["x", "170.45"], "zh-CN") == {"x": "其他", "170.45": "地理学"}


def test_a_badge_of_a_record_without_data_names_the_data_centre(catalogue: TestClient) -> None:
    text = catalogue.get(ITEMS, params={"f": "html", "ids": "elsewhere"}).text
    assert '<span class="badge" lang="en">At its data centre, after signing in there</span>' in text


@pytest.mark.parametrize(("record_id", "offered"), [("elsewhere", True), ("nowhere", False)])
def test_a_collection_that_is_only_a_record_offers_it(catalogue: TestClient, record_id: str, offered: bool) -> None:
    answer = catalogue.get(f"/collections/{record_id}")
    assert answer.status_code == 404
    assert (f"{ITEMS}/{record_id}" in answer.json()["detail"]) is offered
    page = catalogue.get(f"/collections/{record_id}", params={"f": "html"})
    assert page.status_code == 404
    assert (f'href="{ITEMS}/{record_id}?f=html"' in page.text) is offered
    if offered:
        assert catalogue.get(f"{ITEMS}/{record_id}").status_code == 200


def test_the_way_to_the_data_is_a_page_of_it_before_an_identifier_and_that_before_its_holder() -> None:
    holder = {"name": "Li", "organization": "NCDC", "roles": ["distributor"], "links": [{"href": "https://ncdc.test"}]}
    properties: dict[str, Any] = {"contacts": [holder]}
    assert data_centre(properties, []) == DataCentre(name="NCDC", href="https://ncdc.test")
    properties["externalIds"] = [{"scheme": "CSTR", "value": "1.2"}]
    assert data_centre(properties, []) == DataCentre(name="NCDC", href="https://cstr.cn/1.2")
    properties["contacts"] = [{"organization": "University", "roles": ["custodian"]}]  # made the data, has no copy
    assert data_centre(properties, []) == DataCentre(name="CSTR:1.2", href="https://cstr.cn/1.2")
    properties["contacts"] = [holder]
    links = [{"rel": "about", "href": "https://a.test/d"}]
    assert data_centre(properties, links) == DataCentre(name="NCDC", href="https://a.test/d")
    assert data_centre({}, links) == DataCentre(name="a.test", href="https://a.test/d")
    assert data_centre({}, [{"rel": "via", "href": "http://[x"}]) == DataCentre(name="http://[x", href="http://[x")
    assert data_centre({"contacts": 3}, [{"rel": "about", "href": "javascript:x"}]) is None


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("P1D", "1 day", "1 天"),
        ("P8D", "8 days", "8 天"),
        ("PT3H", "3 hours", "3 小时"),
        ("P1M", "1 month", "1 个月"),
        ("P1Y2M", "P1Y2M", "P1Y2M"),
        ("1000 m", "1 km", "1 km"),
        ("30 m", "30 m", "30 m"),
        ("0.25 deg", "0.25°", "0.25°"),
        ("fine", "fine", "fine"),
    ],
)
def test_resolutions_are_written_for_people(text: str, en: str, zh: str) -> None:
    assert (measure_label(text, "en"), measure_label(text, "zh")) == (en, zh)
