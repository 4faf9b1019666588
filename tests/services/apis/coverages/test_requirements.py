"""The assertions of the coverage suite and of the draft, named after their requirements, each shown able to fail.

An assertion is a function of (client, answer of the service to a path); a mutation spoils that answer.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.coverages import publication, steps, with_variable
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository

GRID = global_grid(72, 36)
LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z")
C = "/collections/sst"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"


class Answer:
    """An answer, or a mutant of one."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> Any:
        return json.loads(self.body)

    def changed(self, old: str, new: str) -> Answer:
        """The answer with a word replaced wherever it stands."""
        headers = {name: value.replace(old, new) for name, value in self.headers.items()}
        body = self.body.replace(old.encode(), new.encode())
        return Answer(404 if (headers, body) == (self.headers, self.body) else self.status, headers, body)


def rels(answer: Answer) -> set[str]:
    return {link["rel"] for link in answer.json()["links"]}


def ok(answer: Answer) -> None:
    assert answer.status == 200


def landing_data(answer: Answer) -> None:
    assert "data" in rels(answer)


def conformance_core(answer: Answer) -> None:
    assert "http://www.opengis.net/spec/ogcapi-coverages-1/1.0/conf/core" in answer.json()["conformsTo"]


def legacy_links(answer: Answer) -> None:
    assert {f"{REL}coverage", f"{REL}coverage-domainset", f"{REL}coverage-rangetype"} <= rels(answer)


def api_document(answer: Answer) -> None:
    assert answer.json()["openapi"].startswith("3.0")


def collection_description(answer: Answer) -> None:
    document = answer.json()
    assert {f"{REL}coverage", f"{REL}schema"} <= rels(answer)
    assert document["defaultFields"] == ["v"]
    assert [axis["cellsCount"] for axis in document["extent"]["spatial"]["grid"]] == [72, 36]
    assert document["extent"]["temporal"]["grid"]["cellsCount"] == len(LABELS)


def fields_schema(answer: Answer) -> None:
    assert answer.headers["content-type"] == "application/schema+json"
    fields = answer.json()["properties"]
    assert [fields[name]["x-ogc-propertySeq"] for name in ("v", "w")] == [1, 2]
    assert all(field["title"] and field["type"] in ("number", "integer") for field in fields.values())


def response_headers(answer: Answer) -> None:
    assert answer.status == 200
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    assert answer.headers["content-bbox"] == "0.0,0.0,10.0,10.0"
    assert answer.headers["content-datetime"] == LABELS[0]
    assert answer.headers["content-type"] == "image/tiff; application=geotiff"


def refused(answer: Answer) -> None:
    assert answer.status == 400
    assert answer.json()["status"] == 400


def outside(answer: Answer) -> None:
    assert answer.status in (204, 404)


def output_crs(answer: Answer) -> None:
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/EPSG/0/3857>"


def wrapped(answer: Answer) -> None:
    assert answer.headers["content-bbox"] == "170.0,0.0,190.0,10.0"


def coveragejson(answer: Answer) -> None:
    assert answer.headers["content-type"] == "application/vnd.cov+json"
    document = answer.json()
    assert (document["type"], document["domain"]["type"]) == ("Coverage", "Domain")
    assert set(document["ranges"]) == set(document["parameters"]) == {"w"}


CASES: dict[str, tuple[str, Callable[[Answer], None], tuple[str, str] | int]] = {
    "ets/landing-page": ("/", landing_data, ('"data"', '"datum"')),
    "ets/conformance": ("/conformance", conformance_core, ("coverages-1/1.0/conf/core", "coverages-1/1.0/conf/c")),
    "ets/api-application-json": ("/api?f=application/json", api_document, ('"3.0.3"', '"2.0"')),
    "ets/api-json": ("/api?f=json", api_document, ('"3.0.3"', '"2.0"')),
    "ets/domainset-link": (C, legacy_links, ("coverage-domainset", "coverage-domain")),
    "ets/domainset": (f"{C}/coverage/domainset", ok, 404),
    "ets/rangetype": (f"{C}/coverage/rangetype", ok, 404),
    "core/collection-description": (C, collection_description, ('"cellsCount":36', '"cellsCount":35')),
    "core/coverage-fields-schema": (f"{C}/schema", fields_schema, ("x-ogc-propertySeq", "x-ogc-seq")),
    "core/response-headers": (f"{C}/coverage?bbox=0,0,10,10&datetime=2006-04", response_headers, ("10.0", "11.0")),
    "core/response-headers-time": (
        f"{C}/coverage?bbox=0,0,10,10&datetime=2006-04",
        response_headers,
        (LABELS[0], LABELS[1]),
    ),
    "subsetting-spatial/subset-invalid-axis": (f"{C}/coverage?subset=Foo(1:2)", refused, 200),
    "subsetting-spatial/subset-bbox-exclusivity": (f"{C}/coverage?subset=Lat(0:1)&bbox=0,0,1,1", refused, 200),
    "subsetting-spatial/out-of-bounds": (f"{C}/coverage?subset=Lat(95:96)", outside, 200),
    "subsetting-spatial/wrap-around": (f"{C}/coverage?subset=Lon(170:-170),Lat(0:10)", wrapped, ("190.0", "-170.0")),
    "subsetting-spatial/multiple-subset": (
        f"{C}/coverage?subset=Lon(170:-170)&subset=Lat(0:10)",
        wrapped,
        ("0.0", "5."),
    ),
    "subsetting-spatial/subset-scaling-exclusivity": (f"{C}/coverage?subset=Lat(5)&scale-size=Lat(3)", refused, 200),
    "subsetting-spatial/bbox-crs": (
        f"{C}/coverage?bbox=0,170,10,-170&bbox-crs=[EPSG:4326]",
        wrapped,
        ("170.0", "0.0"),
    ),
    "subsetting-spatial/subset-crs": (f"{C}/coverage?subset=E(0:1)&subset-crs=[OGC:CRS84]", refused, 200),
    "subsetting-temporal/out-of-bounds": (f'{C}/coverage?subset=time("1999")', outside, 200),
    "subsetting-temporal/subset-datetime-exclusivity": (
        f'{C}/coverage?subset=time("2006-04")&datetime=2006-04',
        refused,
        200,
    ),
    "scaling-spatial/resolution-invalid-axis": (f"{C}/coverage?crs=[EPSG:3857]&resolution=Lat(1)", refused, 200),
    "scaling-spatial/native-resolution": (f"{C}/coverage?resolution=Lat(),Lon()", ok, 400),
    "scaling-spatial/width-and-height": (f"{C}/coverage?width=0", refused, 200),
    "field-selection/properties": (f"{C}/coverage?f=covjson&properties=w", coveragejson, ('"w"', '"v"')),
    "field-selection/properties-unknown": (f"{C}/coverage?properties=nope", refused, 200),
    "field-selection/exclude-properties": (
        f"{C}/coverage?f=covjson&exclude-properties=v",
        coveragejson,
        ("Domain", "D"),
    ),
    "field-selection/exclude-and-properties": (f"{C}/coverage?properties=v&exclude-properties=w", refused, 200),
    "crs/crs-definition": (
        f"{C}/coverage?crs=http://www.opengis.net/def/crs/EPSG/0/3857",
        output_crs,
        ("3857", "3395"),
    ),
    "crs/crs-definition-curie": (f"{C}/coverage?crs=[EPSG:3857]", output_crs, ("3857", "3395")),
    "crs/crs-definition-invalid": (f"{C}/coverage?crs=[EPSG:1]", refused, 200),
    "coveragejson/coverage": (f"{C}/coverage?f=covjson&properties=w", coveragejson, ("vnd.cov+json", "json")),
}


@pytest.fixture
def sst(repository: Repository, store: Path) -> None:
    base = publication(store, "sst", steps(GRID, LABELS), GRID)
    repository.publish(with_variable(base, store, "w", coded(GRID)))


@pytest.mark.usefixtures("sst")
def test_the_service_keeps_each_requirement_and_each_check_can_fail(client: TestClient) -> None:
    """In one test: the dataset is published once. A failure names the requirement."""
    broken, blind = [], []
    for name, (path, assertion, mutation) in CASES.items():
        found = client.get(path)
        answer = Answer(found.status_code, dict(found.headers), found.content)
        if not holds(assertion, answer):
            broken.append(f"{name}: {found.status_code} {found.text[:300]}")
        mutant = answer.changed(*mutation) if isinstance(mutation, tuple) else Answer(mutation, answer.headers, b"{}")
        if holds(assertion, mutant):
            blind.append(name)
    assert not broken
    assert not blind


def holds(assertion: Callable[[Answer], None], answer: Answer) -> bool:
    """Whether an assertion is kept."""
    try:
        assertion(answer)
    except (AssertionError, KeyError, ValueError, TypeError):
        return False
    return True
