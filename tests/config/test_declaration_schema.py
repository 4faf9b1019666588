"""The published JSON Schema of declarations says what the program accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import config
import services.demo
from config.declarations.datasets import json_schema, parse_declaration
from config.errors import InvalidDeclaration

SHIPPED = Path(config.__file__).parent / "dataset.schema.json"
DEMOS = sorted(Path(services.demo.__file__).parent.glob("*.yaml"))


def test_the_shipped_schema_is_that_of_the_program() -> None:
    assert json.loads(SHIPPED.read_text(encoding="utf-8")) == json_schema(), (
        "run `graticule schema dataset > config/dataset.schema.json`"
    )
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.stem)
def test_every_demo_declaration_meets_the_schema(path: Path) -> None:
    document = json.loads(json.dumps(yaml.safe_load(path.read_text()), default=str))
    assert list(Draft202012Validator(json_schema()).iter_errors(document)) == []


@pytest.mark.parametrize(
    "document",
    [
        {"id": "A b"},
        {"variables": [{"untis": "K"}]},
        {"variables": [{"kind": "colour"}]},
        {"parts": "sheet"},
        {"bands": "levels"},
        {"time": {"period": "8 days"}},
        {"record": {"title": {}}},
    ],
    ids=str,
)
def test_what_the_program_refuses_by_form_the_schema_refuses(document: dict[str, Any]) -> None:
    assert not Draft202012Validator(json_schema()).is_valid(document)
    with pytest.raises(InvalidDeclaration):
        parse_declaration(document, name="test")


def test_every_field_is_described() -> None:
    schema = json_schema()
    nodes = [schema, *schema["$defs"].values()]
    bare = [f"{n.get('title')}.{k}" for n in nodes for k, v in n["properties"].items() if not v.get("description")]
    assert bare == []
