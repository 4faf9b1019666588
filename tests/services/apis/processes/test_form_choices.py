"""What the form of a process offers, and the examples that it is filled in with."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from services.apis.processes.forms.choices import Choices
from services.apis.processes.forms.examples import example_values
from services.apis.processes.forms.fields import fields, inputs
from services.apis.processes.job_list import datasets_of
from services.processes import registry
from services.processes.requests import validation

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

FIELD = '{"collection": "sst", "variable": "sst"}'
CHOICES = Choices(
    collections=(("sst", "Temperature"),),
    variables=(("Temperature", (("sst", "SST"),)),),
    fields=(("Temperature", ((FIELD, "SST (K)"),)),),
    facts={
        "sst": {"bbox": [170, -10, -170, 10], "times": {"first": "2001", "last": "2003", "count": 3}, "variables": {}}
    },
)


@pytest.mark.parametrize(
    "process", ["zonal-statistics", "trend", "time-series", "composite", "band-math", "plot", "echo"]
)
def test_an_example_is_a_valid_request(process: str) -> None:
    description = registry.process(process).description
    values = example_values(fields(description, CHOICES), description, CHOICES)
    document = {"inputs": inputs(description, values)}
    assert validation.check(document, description, responses=("raw", "document"))


def test_lists_and_shapes_are_controls_of_their_own() -> None:
    controls = {field.name: field for field in fields(registry.process("zonal-statistics").description, CHOICES)}
    assert controls["collection"].widget == "collection"
    assert controls["variable"].groups == CHOICES.variables
    assert controls["polygons"].widget == "polygons"
    assert controls["statistics"].widget == "ticks"
    assert {"mean", "max"} <= set(controls["statistics"].options)
    flux = {field.name: field for field in fields(registry.process("air-sea-co2-flux").description, CHOICES)}
    assert flux["wind"].takes_number
    description = registry.process("air-sea-co2-flux").description
    assert inputs(description, {"sst": FIELD, "wind.number": "7.5"}) == {"sst": json.loads(FIELD), "wind": 7.5}


def test_a_catalogue_too_large_for_lists_leaves_texts() -> None:
    controls = {field.name: field.widget for field in fields(registry.process("zonal-statistics").description)}
    assert (controls["collection"], controls["variable"]) == ("text", "text")


def test_the_form_is_filled_with_the_inputs_of_its_address(sst_client: TestClient) -> None:
    page = sst_client.get("/processes/zonal-statistics?f=html&collection=sst&lang=zh").text
    assert re.search(r'<option value="sst" selected>', page)
    assert "sst" in json.loads(unescape(re.search(r'id="process-data">(.*?)</script>', page, re.DOTALL)[1]))  # type: ignore[index]
    example = sst_client.get("/processes/zonal-statistics?f=html&example=1").text
    assert "FeatureCollection" in unescape(example)
    assert sst_client.get("/processes/zonal-statistics?collection=sst").status_code == 400


def test_the_datasets_of_a_job_are_those_that_its_request_names() -> None:
    request = json.dumps({"inputs": {"field": json.loads(FIELD), "fields": {"a": {"collection": "b"}}}}).encode()
    assert datasets_of(request) == ["sst", "b"]
    assert datasets_of(b"not json") == []


def test_the_list_of_jobs_shows_those_that_a_browser_remembers(sst_client: TestClient) -> None:
    page = sst_client.get("/jobs?f=html&lang=zh&ids=none,other")
    assert page.status_code == 200
    assert "尚无作业" in page.text
    assert sst_client.get("/jobs?ids=none").status_code == 400
