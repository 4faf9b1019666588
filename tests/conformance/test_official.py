"""OGC's own suites, where their jars are: `ETS_HOME` names a folder with `lib/*.jar` and `ets-*-aio.jar` in it.

What cannot be run says why, and never counts as passed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import pytest

from tests.support.listening import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from tests.conformance.framework import Site
    from tests.conformance.table import Results

CHECK: Final = Path(__file__).with_name("official") / "OpenApiCheck.java"
PARSER: Final = "OpenAPI document, KaiZen openapi-parser"
SUITES: Final = {
    "ets-ogcapi-features10": "",
    "ets-ogcapi-tiles10": "",
    "ets-ogcapi-processes10": "",
    "ets-ogcapi-coverages10": "",
    "ets-ogcapi-edr10": "/edr",
    "ets-wmts10": "/wmts?service=WMTS&amp;request=GetCapabilities",
    "ets-wms13": "/wms?service=WMS&amp;request=GetCapabilities",
    "ets-wcs20": "/wcs?service=WCS&amp;request=GetCapabilities",
}
"""Address of the service under test by the name of a suite."""
PROPERTIES: Final = (
    '<?xml version="1.0"?><!DOCTYPE properties SYSTEM "http://java.sun.com/dtd/properties.dtd">'
    '<properties version="1.0"><entry key="iut">{iut}</entry><entry key="noofcollections">3</entry></properties>'
)


def not_run(results: Results, name: str, why: str) -> None:
    """Note that a suite was not run, and skip."""
    results.suites.append((name, f"NOT RUN: {why}"))
    pytest.skip(f"NOT RUN: {name}: {why}")


def home(results: Results, name: str) -> Path:
    """The folder of the jars, where Java can run them."""
    folder = os.environ.get("ETS_HOME", "")
    if not folder or not Path(folder).is_dir():
        not_run(results, name, "ETS_HOME names no folder of jars")
    if shutil.which("java") is None:
        not_run(results, name, "there is no Java")
    return Path(folder)


@pytest.mark.timeout(300)
def test_the_api_description_passes_the_parser_of_the_suites(site: Site, results: Results, tmp_path: Path) -> None:
    lib = home(results, PARSER) / "lib"
    if not list(lib.glob("*openapi-parser*.jar")):
        not_run(results, PARSER, "ETS_HOME/lib has no openapi-parser jar")
    right, wrong = tmp_path / "api.json", tmp_path / "wrong.json"
    text = site.get("/api").text
    right.write_text(text, "utf-8")
    wrong.write_text(text.replace('"type":"string"', '"type":"text"'), "utf-8")
    command = ["java", "-cp", f"{lib}/*", str(CHECK)]
    done = subprocess.run([*command, str(right)], capture_output=True, text=True, check=False, timeout=140)
    found = [line for line in done.stdout.splitlines() if line]
    results.suites.append((PARSER, "passed" if done.returncode == 0 else f"failed: {len(found)} messages"))
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    broken = subprocess.run([*command, str(wrong)], capture_output=True, text=True, check=False, timeout=140)
    assert broken.returncode != 0, "a document with a type that is none was taken for valid"


@pytest.fixture(scope="module")
def address(site_settings: Settings) -> Iterator[str]:
    """The base URL of the service behind a socket."""
    with listening(site_settings) as base:
        yield base


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SUITES)
def test_an_official_suite_passes(request: pytest.FixtureRequest, results: Results, tmp_path: Path, name: str) -> None:
    jars = sorted(home(results, name).glob(f"{name}*-aio.jar"))
    if not jars:
        not_run(results, name, f"ETS_HOME has no {name}-*-aio.jar")
    base: str = request.getfixturevalue("address")
    properties = tmp_path / "properties.xml"
    properties.write_text(PROPERTIES.format(iut=base + SUITES[name]), "utf-8")
    command = ["java", "-jar", str(jars[-1]), "-o", str(tmp_path), str(properties)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=840)
    found = next(iter(tmp_path.rglob("testng-results.xml")), None)
    assert found is not None, (done.stdout + done.stderr)[-2000:]
    counts = {key: int(value) for key, value in ET.parse(found).getroot().attrib.items() if value.isdigit()}
    outcome = f"{counts.get('passed', 0)} passed, {counts.get('failed', 0)} failed, {counts.get('skipped', 0)} skipped"
    results.suites.append((name, outcome))
    assert counts.get("passed"), f"nothing passed: {outcome}"
    assert not counts.get("failed"), outcome
