from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from openapi_spec_validator import validate

from services.front.description.openapi import build
from services.front.description.openapi30 import to_30
from services.front.description.translation import TAGS, TEXTS, texts
from tests.services.front.openapi_rules import faults

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "", OPENAPI),
        ("", "*/*", OPENAPI),
        ("", OPENAPI, OPENAPI),
        ("", "application/json", "application/json"),
        ("", "application/json, application/javascript, text/javascript, text/json", "application/json"),
        ("?f=json", "", OPENAPI),
        ("?f=application/json", "", "application/json"),
        ("?f=json&f=json", "text/html", OPENAPI),
        ("?f=html", "", "text/html; charset=utf-8"),
        ("", "text/html,*/*;q=0.8", "text/html; charset=utf-8"),
        (".html", "", "text/html; charset=utf-8"),
    ],
)
def test_the_document_is_labelled_as_asked(client: TestClient, query: str, accept: str, media_type: str) -> None:
    answer = client.get("/api" + query, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type


def test_the_document_is_valid_openapi_3_0(client: TestClient) -> None:
    document = client.get("/api").json()
    assert document["openapi"] == "3.0.3"
    validate(document)


def test_the_document_keeps_the_stricter_rules(client: TestClient) -> None:
    assert faults(client.get("/api").json()) == []


def test_the_document_holds_every_public_operation_and_no_422(client: TestClient) -> None:
    document = client.get("/api").json()
    assert {"/", "/conformance", "/api", "/collections", "/collections/{collectionId}"} <= document["paths"].keys()
    assert "/static/{release}/{file}" not in document["paths"]
    statuses = {s for item in document["paths"].values() for op in item.values() for s in op["responses"]}
    assert "422" not in statuses
    assert "default" in statuses


def test_the_largest_limit_is_stated_as_it_is_kept(client: TestClient) -> None:
    parameters = client.get("/api").json()["paths"]["/collections"]["get"]["parameters"]
    limit = next(p for p in parameters if p["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000}


def test_the_page_names_every_operation(client: TestClient) -> None:
    page = client.get("/api?f=html").text
    for item in client.get("/api").json()["paths"].values():
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in page


def test_every_operation_and_parameter_says_what_it_is(client: TestClient) -> None:
    for path, item in client.get("/api").json()["paths"].items():
        for method, operation in item.items():
            assert operation["summary"], (method, path)
            assert operation.get("description", operation["summary"]), (method, path)
            assert [p["name"] for p in operation["parameters"] if not p.get("description")] == [], (method, path)


def test_every_text_of_a_route_has_a_translation_and_no_other_has(client: TestClient) -> None:
    application = cast("FastAPI", client.app)
    document = build(application, application.state.parts, application.state.context.settings)
    said = {*texts(document["info"]), *texts(document["paths"])}
    assert said - set(TEXTS) == set()
    assert set(TEXTS) - said == set()
    assert {tag["name"] for tag in document["tags"]} == set(TAGS)


@pytest.mark.parametrize(("query", "header"), [("?lang=zh", ""), ("", "zh-CN,en;q=0.5"), ("?f=json&lang=zh", "en")])
def test_the_document_is_chinese_as_asked(client: TestClient, query: str, header: str) -> None:
    answer = client.get("/api" + query, headers={"Accept-Language": header})
    assert answer.headers["content-language"] == "zh"
    assert {"Accept", "Accept-Language"} <= set(answer.headers["vary"].split(", "))
    document = answer.json()
    landing = document["paths"]["/"]["get"]
    assert landing["summary"] == "首页"
    assert landing["tags"] == ["服务说明"]
    assert {"name": "服务说明"} in document["tags"]
    assert faults(document) == []
    english = client.get("/api").json()
    assert english["paths"]["/"]["get"]["summary"] == "The landing page"
    assert _shape(english) == _shape(document)


def test_the_chinese_page_is_made_of_the_chinese_document(client: TestClient) -> None:
    page = client.get("/api?f=html&lang=zh").text
    assert "数据集的标识符。" in page
    assert "Identifier of a collection." not in page


def _shape(node: Any) -> Any:
    """A document without its texts."""
    if isinstance(node, list):
        return [_shape(member) for member in node]
    if not isinstance(node, dict):
        return node
    return {key: _shape(value) for key, value in node.items() if key not in {"summary", "description", "tags"}}


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string", "nullable": True}),
        ({"type": ["integer", "null"]}, {"type": "integer", "nullable": True}),
        ({"type": ["integer", "string"]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0, "exclusiveMinimum": True}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
        ({"in": "query", "examples": {"a": {"value": 1}, "b": {}}}, {"in": "query", "examples": {"a": {"value": 1}}}),
        ({"$ref": "#/a", "description": "d"}, {"allOf": [{"$ref": "#/a"}], "description": "d"}),
        ({"anyOf": [{"$ref": "#/a"}, {"type": "null"}]}, {"allOf": [{"$ref": "#/a"}], "nullable": True}),
        ({"type": "array", "prefixItems": [{"type": "string"}]}, {"type": "array", "items": {}}),
        ({"type": "string", "contentMediaType": "image/png"}, {"type": "string", "format": "binary"}),
        ({"properties": {"const": {"type": "string"}}}, {"properties": {"const": {"type": "string"}}}),
        ({"default": {"const": 1}}, {"default": {"const": 1}}),
    ],
)
def test_newer_schemas_are_written_in_the_words_of_3_0(newer: dict[str, Any], older: dict[str, Any]) -> None:
    assert to_30(newer) == older


def test_the_rules_find_faults() -> None:
    operation = {
        "operationId": "a",
        "parameters": [{"name": "x", "in": "path", "schema": {"type": ["string", "null"]}}],
        "responses": {"200": {}},
    }
    paths = {"/{y}": {"get": operation, "post": operation}}
    found = " ".join(faults({"openapi": "3.1.0", "info": {"contact": {"email": "nobody"}}, "paths": paths}))
    for word in ("used twice", "path parameters", "not required", "type [", "no description", "3.1.0", "nobody"):
        assert word in found
