"""The requests that the documents of processes show are valid; every process has one."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from services.processes import registry
from services.processes.chinese import in_chinese
from services.processes.requests import validation
from tests.support.paths import DOCS, ROOT

TEXT = "\n".join((DOCS / name).read_text("utf-8") for name in ("ocean-processes.md", "plots.md", "spatial-join.md"))
EXAMPLES = re.findall(r"-d '(\{.*?\})' http://localhost:8080/processes/([a-z0-9-]+)/execution", TEXT, re.DOTALL)
ELSEWHERE = {"echo", "zonal-statistics"}


@pytest.mark.parametrize(("body", "process_id"), EXAMPLES, ids=[process_id for _, process_id in EXAMPLES])
def test_a_documented_request_is_valid(body: str, process_id: str) -> None:
    request = validation.check(validation.parse(body.encode()), registry.process(process_id).description)
    assert request.inputs


def test_every_process_is_documented_with_a_request() -> None:
    assert {process_id for _, process_id in EXAMPLES} == set(registry.process_ids()) - ELSEWHERE


@pytest.mark.parametrize("process_id", registry.process_ids())
def test_every_text_of_a_description_is_in_chinese_too(process_id: str) -> None:
    texts = registry.texts(process_id)
    chinese = in_chinese(texts)
    for group in ("inputs", "outputs"):
        for name, member in texts.english[group].items():
            assert chinese[group][name]["title"] != member["title"], (group, name)
            assert chinese[group][name]["schema"] == member["schema"]


@pytest.mark.parametrize("process_id", registry.process_ids())
def test_a_process_says_of_itself_what_its_texts_say(process_id: str) -> None:
    process, texts = registry.process(process_id), registry.texts(process_id)
    assert (process.description, process.chinese) == (texts.english, texts.chinese)


def test_descriptions_are_read_without_the_libraries_of_executions() -> None:
    code = (
        "import sys\n"
        "from cog.tiles.imports import import_readers\n"
        "import_readers()\n"  # as web workers do
        "from services.processes import registry\n"
        "[registry.texts(name) for name in registry.process_ids()]\n"
        "print([name for name in ('numba', 'pandas', 'pyarrow', 'pyogrio', 'xarray') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"
