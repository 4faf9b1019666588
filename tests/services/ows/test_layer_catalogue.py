"""The layers of a catalogue by theme, and an index of the themes where there are too many layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import pytest
from lxml import etree

from config.settings import LimitSettings
from tests.support.catalogues import catalogue_of, client_of
from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from config.settings import Settings
    from records.datasets.publication import Publication
    from tests.support.database import Server

WMS = "{http://www.opengis.net/wms}"
WMTS = "{http://www.opengis.net/wmts/1.0}"
OWS = "{http://www.opengis.net/ows/1.1}"


def themed(store: Path, dataset_id: str, theme: str | None) -> Publication:
    """A dataset without time whose record has a theme."""
    made = publication(store, dataset_id, {None: np.zeros((4, 8), "float32")}, global_grid(8, 4))
    themes = [{"concepts": [{"id": theme, "title": theme}], "scheme": "https://example.org"}] if theme else []
    return replace(made, record=made.record | {"properties": made.record["properties"] | {"themes": themes}})


@pytest.fixture(scope="module")
def settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of an application over two datasets of the ocean, one of the land and one of neither."""
    makers = [
        lambda store, name=name, theme=theme: themed(store, name, theme)
        for name, theme in (("a", "Ocean & ice"), ("b", "Land"), ("c", None), ("d", "Ocean & ice"))
    ]
    with catalogue_of(server, tmp_path_factory.mktemp("themes"), *makers) as found:
        yield found


@pytest.fixture(scope="module")
def whole(settings: Settings) -> Iterator[TestClient]:
    with client_of(settings) as client:
        yield client


@pytest.fixture(scope="module")
def limited(settings: Settings) -> Iterator[TestClient]:
    """A client of an application that lists two layers in one document."""
    with client_of(settings.model_copy(update={"limit": LimitSettings(map_layers=2)})) as client:
        yield client


def document(client: TestClient, url: str) -> Any:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.content)


def test_wms_groups_its_layers_by_theme(whole: TestClient) -> None:
    root = document(whole, "/wms?service=WMS&request=GetCapabilities").find(f"{WMS}Capability/{WMS}Layer")
    groups = {
        group.findtext(WMS + "Title"): [layer.findtext(WMS + "Name") for layer in group.findall(WMS + "Layer")]
        for group in root.findall(WMS + "Layer")
    }
    assert groups == {"Land": ["b.v"], "Ocean & ice": ["a.v", "d.v"], "Other": ["c.v"]}


def test_too_many_layers_become_an_index_of_documents(limited: TestClient) -> None:
    root = document(limited, "/wmts?service=WMTS&request=GetCapabilities")
    assert root.find(f"{WMTS}Contents/{WMTS}Layer") is None
    themes = {theme.findtext(OWS + "Title"): theme.findtext(OWS + "Abstract") for theme in root.iter(WMTS + "Theme")}
    assert set(themes) == {"Land", "Ocean & ice", "Other"}
    ocean = document(limited, themes["Ocean & ice"])
    assert [layer.findtext(OWS + "Identifier") for layer in ocean.iter(WMTS + "Layer")] == ["a.v", "d.v"]
    other = document(limited, themes["Other"])
    assert [layer.findtext(OWS + "Identifier") for layer in other.iter(WMTS + "Layer")] == ["c.v"]
    groups = document(limited, "/wms?service=WMS&request=GetCapabilities").findall(f"{WMS}Capability/{WMS}Layer/*")
    urls = [group.findtext(WMS + "Abstract") for group in groups if group.tag == WMS + "Layer"]
    assert [unquote(url).rpartition("theme=")[2] for url in urls] == ["Land", "Ocean & ice", ""]
    assert "a.v" in limited.get(urls[1]).text
    coverages = limited.get("/wcs?service=WCS&request=GetCapabilities").text
    assert "CoverageSummary" not in coverages
    assert "theme=Land" in coverages


def test_a_document_is_304_to_a_client_that_has_it(whole: TestClient) -> None:
    url = "/wms?service=WMS&request=GetCapabilities"
    first = whole.get(url)
    assert whole.get(url, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert whole.get(url + "&lang=zh").headers["etag"] != first.headers["etag"]
