"""`python -m tests.benchmarks.first_map URL`: what a first visit to a dataset's page loads, and when its map is there.

    python -m tests.benchmarks.first_map http://localhost:8080/collections/et --visits 5 --timeline

Each visit has a browser profile of its own, so nothing is kept from the one before. Times are milliseconds since the
address was entered: the server's answer, the picture that needs no script, the map that moves (the mark `first map`),
and all times on the slider. `--timeline` lists the requests of the last visit. The server has to run.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from statistics import median
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import FLAGS, eventually

_ENTRIES: Final = """() => {
    const [page] = performance.getEntriesByType('navigation');
    const kept = (e) => ({
        name: e.name.replace(location.origin, ''), bytes: e.transferSize,
        begin: e.startTime, sent: e.requestStart, first: e.responseStart, end: e.responseEnd,
    });
    return {
        requests: [kept(page), ...performance.getEntriesByType('resource').map(kept)],
        marks: Object.fromEntries(performance.getEntriesByType('mark').map((e) => [e.name, e.startTime])),
    };
}"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.first_map", description=__doc__)
    parser.add_argument("url", help="page of a dataset")
    parser.add_argument("--visits", type=int, default=5, help="number of visits")
    parser.add_argument("--timeline", action="store_true", help="list the requests of the last visit")
    arguments = parser.parse_args()
    program = shutil.which("chromium")
    if program is None:
        sys.exit("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        seen = [visit(browser, arguments.url) for _ in range(arguments.visits)]
        browser.close()
    report(seen)
    if arguments.timeline:
        timeline(seen[-1])


def visit(browser: Browser, url: str) -> dict[str, Any]:
    """Requests and marks of a first visit: what `_ENTRIES` says."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(url)
    eventually(page, "performance.getEntriesByName('first map').length")
    page.wait_for_timeout(1500)
    entries: dict[str, Any] = page.evaluate(_ENTRIES)
    context.close()
    return entries


def report(seen: list[dict[str, Any]]) -> None:
    """Print medians and extremes of the visits, and the weight of the last."""
    for name, times in {
        "page answered": [one["requests"][0]["first"] for one in seen],
        "picture loaded": [r["end"] for one in seen for r in one["requests"] if "/map?variable=" in r["name"]],
        **{mark: [one["marks"][mark] for one in seen if mark in one["marks"]] for mark in seen[-1]["marks"]},
    }.items():
        print(f"{name:<24}{median(times):>8.0f} ms  ({min(times):.0f} to {max(times):.0f}, {len(times)} visits)")
    requests = seen[-1]["requests"]
    print(f"{len(requests)} requests, {sum(one['bytes'] for one in requests) / 1e6:.2f} MB")


def timeline(entries: dict[str, Any]) -> None:
    """Print each request: when it began, was sent, got its first byte and ended, and its bytes."""
    print(f"{'begin':>7}{'sent':>7}{'first':>7}{'end':>7}{'bytes':>9}")
    for one in sorted(entries["requests"], key=lambda entry: entry["begin"]):
        times = "".join(f"{one[name]:>7.0f}" for name in ("begin", "sent", "first", "end"))
        print(f"{times}{one['bytes']:>9}  {one['name'][:90]}")


if __name__ == "__main__":
    main()
