"""The page of a dataset beside its map, and that of its record: credit, citation, formats for programs."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

PATHS = ["/collections/linke-turbidity", "/collections/records/items/linke-turbidity"]


@pytest.mark.parametrize("path", PATHS)
def test_every_format_for_programs_is_in_one_menu_opened_by_key(
    visit: Callable[..., Page], demo: str, path: str
) -> None:
    page = visit(path + "?f=html", java_script_enabled=False)
    page.locator(".menu summary").focus()
    page.keyboard.press("Enter")
    links = page.locator(".menu a")
    assert links.first.is_visible()
    hrefs = [link.get_attribute("href") or "" for link in links.all()]
    assert {"iso19139", "dcat", "schemaorg"} <= {href.rsplit("f=", 1)[-1] for href in hrefs}
    for href in hrefs[:4]:
        with urllib.request.urlopen(demo + href) as answer:
            assert answer.status == 200
    assert page.locator("#citation").is_visible()
    assert "GB/T 7714" in (page.locator("main").text_content() or "")


def test_a_dataset_opens_in_desktops_and_in_a_notebook(visit: Callable[..., Page], demo: str) -> None:
    page = visit(PATHS[0] + "?f=html&lang=zh", java_script_enabled=False)
    hrefs = {
        link.text_content(): demo + (link.get_attribute("href") or "") for link in page.locator(".actions a").all()
    }
    assert b"<qlr>" in urllib.request.urlopen(hrefs["在 QGIS 中打开"]).read()
    assert json.load(urllib.request.urlopen(hrefs["在 ArcGIS 中打开"]))["operationalLayers"]
    assert json.load(urllib.request.urlopen(hrefs["Jupyter 笔记本"]))["nbformat"] == 4
    facts = page.locator(".facts-list").first.text_content() or ""
    assert "12 个文件" in facts
    assert "分发者" in facts
