"""Sources at a URL: STAC catalogues are walked, pages followed, and what has no end comes to one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from records.harvest.fetch import bounds
from records.harvest.fetch.fetching import Limits
from records.harvest.registry import adapter_named, service_named
from records.harvest.run import harvest
from records.writing.record_store import RecordStore
from tests.support.harvest import served

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from records.harvest.report import Report
    from tests.support.harvest import Answer

LIMITS = Limits(allow_private=True, total_s=10)


def run(engine: Engine, url: str, name: str = "stac", limits: Limits = LIMITS, **options: Any) -> Report:
    store, service = RecordStore(engine), service_named(name)
    return harvest(url, store=store, adapter=adapter_named(name), limits=limits, service=service, **options)


def fates(report: Report) -> dict[str, str]:
    return {outcome.record_id or outcome.item: outcome.status for outcome in report.outcomes}


def answer(document: object) -> Answer:
    return 200, {}, json.dumps(document).encode()


def links(**hrefs: str | list[str]) -> list[dict[str, str]]:
    return [{"rel": r, "href": h} for r, given in hrefs.items() for h in ([given] if isinstance(given, str) else given)]


def catalogue(**hrefs: str | list[str]) -> Answer:
    return answer(
        {"type": "Catalog", "stac_version": "1.0.0", "id": "root", "description": "d", "links": links(**hrefs)}
    )


def collection(name: str, version: str = "1.1.0", **hrefs: str | list[str]) -> dict[str, Any]:
    interval = [["2001-01-01T00:00:00Z", None]]
    extent = {"spatial": {"bbox": [[170, -10, -170, 10]]}, "temporal": {"interval": interval}}
    members = {"title": name.title(), "description": "d", "license": "CC-BY-4.0", "extent": extent}
    return {"type": "Collection", "stac_version": version, "id": name, "links": links(**hrefs)} | members


def test_a_catalogue_is_walked_to_its_collections(engine: Engine) -> None:
    pages = {
        "/catalog.json": catalogue(self="x", child=["./a/catalog.json", "b.json"], root="catalog.json"),
        "/a/catalog.json": catalogue(parent="../catalog.json", child=["../c.json", "../catalog.json"]),
        "/b.json": answer(collection("rain", "1.0.0", item="items/1.json")),
        "/c.json": answer(collection("snow", parent="a/catalog.json", child="d.json")),
        "/d.json": answer(collection("ice")),
    }
    with served(pages) as (url, asked):
        report = run(engine, f"{url}/catalog.json")
        assert fates(report) == {"rain": "added", "snow": "added", "ice": "added"}
        assert len(asked) == len(set(asked)) == 5
        assert fates(run(engine, f"{url}/catalog.json")) == {
            "rain": "unchanged",
            "snow": "unchanged",
            "ice": "unchanged",
        }
    found = RecordStore(engine).document("rain")
    assert found["geometry"]["type"] == "MultiPolygon"  # its box crosses the antimeridian
    assert found["time"] == {"interval": ["2001-01-01T00:00:00Z", ".."]}


def test_of_a_stac_api_the_collections_are_read_page_by_page(engine: Engine) -> None:
    landing = {"type": "Catalog", "stac_version": "1.0.0", "id": "api", "description": "d", "conformsTo": ["x"]}
    pages = {
        "/": answer(landing | {"links": links(data="/collections", child="/collections/rain", search="/search")}),
        "/collections": answer({"collections": [collection("rain")], "links": links(next="/collections?page=2")}),
        "/collections?page=2": answer({"collections": [collection("snow")], "links": []}),
    }
    with served(pages) as (url, asked):
        assert fates(run(engine, f"{url}/")) == {"rain": "added", "snow": "added"}
    assert asked == ["/", "/collections", "/collections?page=2"]


def test_a_child_that_cannot_be_had_is_refused_and_nothing_is_withdrawn(engine: Engine) -> None:
    pages = {"/": catalogue(child=["a", "b"]), "/a": answer(collection("rain")), "/b": answer(collection("snow"))}
    with served(pages) as (url, _):
        assert fates(run(engine, f"{url}/")) == {"rain": "added", "snow": "added"}
        pages["/"] = catalogue(child=["a", "gone", "https://example.org/x"])
        report = run(engine, f"{url}/", remove_vanished=True)
    found = fates(report)
    assert (found["rain"], found["snow"]) == ("unchanged", "vanished")
    assert sorted(found.values()).count("refused") == 2
    assert any("another host" in o.reason for o in report.outcomes)
    assert "one of those that were refused" in next(o.reason for o in report.outcomes if o.record_id == "snow")


def endless(path: str) -> Answer:
    """A page of one new record, and another page behind it, for ever."""
    number = int(path.rpartition("=")[2]) if "=" in path else 0
    return answer({"collections": [collection(f"c{number}")], "links": links(next=f"/?page={number + 1}")})


def test_pages_that_never_end_are_left_at_a_bound(engine: Engine) -> None:
    with served(endless) as (url, asked):
        report = run(engine, f"{url}/", limits=Limits(allow_private=True, max_pages=5), remove_vanished=True)
    assert report.counts == {"added": 5, "refused": 1}
    assert "more than 5 pages" in report.broken
    assert "--max-pages" in report.broken
    assert len(asked) == 5


def test_pages_that_take_too_long_together_are_left(engine: Engine) -> None:
    with served(endless) as (url, _):
        report = run(engine, f"{url}/", limits=Limits(allow_private=True, whole_s=0.0))
    assert "not come to an end within" in report.broken


def same_again(path: str) -> Answer:
    number = int(path.rpartition("=")[2]) if "=" in path else 0
    return answer({"collections": [collection("rain")], "links": links(next=f"/?page={number + 1}")})


def oai_again(path: str) -> Answer:
    token = path.rpartition("=")[2] + "x"
    record = "<record><header><identifier>oai:1</identifier></header></record>"
    body = f"<ListRecords>{record}<resumptionToken>{token}</resumptionToken></ListRecords>"
    return 200, {}, f"<OAI-PMH>{body}</OAI-PMH>".encode()


@pytest.mark.parametrize(("pages", "name"), [(same_again, "stac"), (oai_again, "oai-pmh")])
def test_pages_that_bring_nothing_new_are_left(engine: Engine, pages: Any, name: str) -> None:
    with served(pages) as (url, asked):
        report = run(engine, f"{url}/?metadataPrefix=oai_dc" if name == "oai-pmh" else f"{url}/", name)
    assert "leads in a circle" in report.broken
    assert len(asked) <= bounds.MAX_IDLE + 3


def test_catalogues_within_one_another_without_end_are_left(engine: Engine) -> None:
    def deeper(path: str) -> Answer:
        return catalogue(child=path.rstrip("/") + "/x")

    with served(deeper) as (url, asked):
        assert run(engine, f"{url}/").outcomes == []
    assert len(asked) == 21


@pytest.mark.parametrize("name", ["stac", "auto"])
def test_a_catalogue_in_a_file_names_the_remedy(engine: Engine, tmp_path: Any, name: str) -> None:
    path = tmp_path / "catalog.json"
    path.write_bytes(catalogue(child="a.json")[2])
    (outcome,) = run(engine, str(path), name).outcomes
    assert outcome.status == "refused"
    assert "harvest its folder" in outcome.reason
