"""Levels and members of an ensemble, where more than the map of one dataset is made of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import eventually, with_map
from tests.support.catalogues import catalogue_of
from tests.support.datasets import dated
from tests.support.levels import with_levels, with_members
from tests.support.listening import listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from records.datasets.publication import Publication
    from tests.support.database import Server

ASKED = "performance.getEntriesByType('resource').some(e => decodeURIComponent(e.name).includes('{}'))"


def _ensemble(store: Path) -> Publication:
    deep = with_levels(dated(store, "ensemble"), store, {"10": 0.0, "50": 100.0}, name="depth")
    return with_members(deep, store, {"0": 0.0, "3": 1.0})


def _surface(store: Path) -> Publication:
    return dated(store, "surface")


@pytest.fixture(scope="module")
def demo(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of an application over an ensemble with levels and a dataset with neither."""
    store = tmp_path_factory.mktemp("ensemble")
    with catalogue_of(server, store, _ensemble, _surface) as settings, listening(settings) as base:
        yield base


def test_a_member_is_compared_with_another_of_the_same_time(visit: Callable[..., Page]) -> None:
    page = with_map(visit("/collections/ensemble?f=html"))
    page.get_by_role("button", name="Compare").click()
    page.locator("#tool-compare select").first.select_option("ensemble")
    page.locator("#tool-compare select[name=member]").select_option("3")
    assert eventually(page, ASKED.format("/10@3/"))
    assert eventually(page, "/@3/.test(decodeURIComponent(location.hash))")
    assert "Member 3" in eventually(page, "document.querySelector('.compared-name.left').textContent")
    assert "Member 0" in page.locator(".compared-name.right").inner_text()


def test_the_difference_of_two_members_is_kept_by_the_link(visit: Callable[..., Page]) -> None:
    page = with_map(visit("/collections/ensemble?f=html#compare=ensemble/sst/10@3//&mode=difference"))
    assert eventually(page, "document.querySelector('.difference-legend') !== null")
    assert page.locator("#tool-compare select[name=member]").input_value() == "3"


def test_layers_of_the_map_take_level_and_member_from_lists_and_keep_them(visit: Callable[..., Page]) -> None:
    page = visit("/map?f=html#layers=surface~~~~~1;ensemble~~~50@3~~0.5")
    eventually(page, "document.querySelectorAll('.layer').length === 2")
    assert eventually(page, ASKED.format("/50@3/"))
    assert page.locator(".layer").first.locator("select").count() == 0
    row = page.locator(".layer").last
    row.locator("select[name=member]").select_option("0")
    assert eventually(page, ASKED.format("/50@0/"))
    row.locator("select[name=level]").select_option("10")
    assert eventually(page, ASKED.format("/10@0/"))
    assert eventually(page, "decodeURIComponent(location.hash).includes('~10@0~')")


def test_the_form_of_a_process_lists_what_the_variable_has(visit: Callable[..., Page]) -> None:
    page = visit("/processes/zonal-statistics?f=html&collection=ensemble")
    page.locator(".options summary").click()
    assert page.locator("select[name=member] option").all_inner_texts() == ["", "0", "3"]
    assert page.locator("select[name=level] option").all_inner_texts() == ["", "10", "50"]
    page.locator("select[name=collection]").select_option("surface")
    assert not page.locator("[name=member]").is_visible()
    page.locator("select[name=collection]").select_option("ensemble")
    page.locator("select[name=member]").select_option("3")
    assert page.locator("select[name=member]").is_visible()


def test_a_field_of_a_process_has_a_level_and_a_member(visit: Callable[..., Page]) -> None:
    page = visit("/processes/trend?f=html")
    field = page.locator("[data-widget=field] > select").first
    field.select_option(index=1)  # of the first dataset, by its id
    row = page.locator("[data-widget=field] > .row").first
    row.get_by_label("Level").select_option("50")
    row.get_by_label("Member").select_option("3")
    chosen = json.loads(field.input_value())
    assert (chosen["collection"], chosen["level"], chosen["member"]) == ("ensemble", "50", "3")
