"""Pages of a running demo in headless Chromium, as a person uses them."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.running_demo import running_demo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FLAGS = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
PATIENCE_S = 60


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a running demo."""
    with running_demo(tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; skips without it."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("not run: chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, demo: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Opens a page by its path; the test fails if a script fails, or asks another host for anything.

    With GRATICULE_TEST_SCREENSHOTS, the last page of each test is kept in that folder as a picture.
    """
    contexts, faults, pages = [], [], []
    host = urlsplit(demo).netloc

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda asked: faults.extend(_foreign(asked.url, host)))
        page.goto(demo + path)
        return page

    yield opened
    folder = os.environ.get("GRATICULE_TEST_SCREENSHOTS")
    if folder and pages:
        pages[-1].screenshot(path=str(Path(folder) / f"{request.node.name}.png"))
    for context in contexts:
        context.close()
    assert faults == []


def _foreign(url: str, host: str) -> list[str]:
    return [] if url.startswith(("blob:", "data:")) or urlsplit(url).netloc == host else [f"asks {url}"]


def eventually(page: Page, script: str) -> Any:
    """The value of a script once it is true; the policy of the pages forbids Playwright's own way of waiting."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        value = page.evaluate(script)
        if value:
            return value
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {script}")


def with_map(page: Page) -> Page:
    """The page once its map is drawn."""
    eventually(page, "!document.querySelector('.preview') && document.querySelector('.tools') !== null")
    return page
