"""The requests that the documents of processes show are valid; every process has one."""

from __future__ import annotations

import re

import pytest

from services.processes import registry
from services.processes.chinese import in_chinese
from services.processes.requests import validation
from tests.support.paths import DOCS

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
    process = registry.process(process_id)
    chinese = in_chinese(process)
    for group in ("inputs", "outputs"):
        for name, member in process.description[group].items():
            assert chinese[group][name]["title"] != member["title"], (group, name)
            assert chinese[group][name]["schema"] == member["schema"]
