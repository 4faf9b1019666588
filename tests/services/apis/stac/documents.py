"""Checks of STAC documents by the schemas that pystac ships (STAC 1.1.0), and walks through pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema import Draft7Validator
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

_SCHEMAS = "https://schemas.stacspec.org/v1.1.0"
_OF = {"Feature": "item", "Collection": "collection", "Catalog": "catalog"}


def faults(document: dict[str, Any]) -> list[str]:
    """What the schema of its type says against a document."""
    name = _OF[document["type"]]
    schemas = get_local_schema_cache()
    registry: Registry[Any] = Registry().with_resources([(k, Resource.from_contents(v)) for k, v in schemas.items()])
    schema = schemas[f"{_SCHEMAS}/{name}-spec/json-schema/{name}.json"]
    return [error.message for error in Draft7Validator(schema, registry=registry).iter_errors(document)]


def link(document: dict[str, Any], rel: str) -> dict[str, Any]:
    """The one link of a relation."""
    (found,) = [each for each in document["links"] if each["rel"] == rel]
    return dict(found)


def follow(client: TestClient, found: dict[str, Any]) -> dict[str, Any]:
    """The page that a link leads to, by its own method."""
    method, body = found.get("method", "GET"), found.get("body")
    answer = client.request(method, found["href"], json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def pages(client: TestClient, first: dict[str, Any], rel: str = "next") -> Iterator[dict[str, Any]]:
    """A page and those after it."""
    page: dict[str, Any] | None = first
    while page is not None:
        yield page
        turning = [each for each in page["links"] if each["rel"] == rel]
        page = follow(client, turning[0]) if turning else None


def ids(page: dict[str, Any]) -> list[str]:
    """Ids of the items of a page."""
    return [feature["id"] for feature in page["features"]]
