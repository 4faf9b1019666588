"""Harvesting sources into the catalogue: incremental, idempotent, resumable; each record's fate is reported."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from config.errors import Conflict, InvalidParameter, RecordNotFound
from records.datasets.models import Access
from records.harvest.fetch.fetching import Limits
from records.harvest.registry import adapter_named, names
from records.harvest.report import Outcome, Report
from records.harvest.run import harvest
from records.search import search
from records.writing.record_store import RecordStore
from tests.support.harvest import SECRETS, harvested, ncdc_entry, served
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from records.datasets.repository import Repository


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two records, a file of another kind and one that no one looks into."""
    found = tmp_path / "metadata"
    (found / "more").mkdir(parents=True)
    put(found / "a.json", "a")
    put(found / "more/b.json", "b")
    (found / "other.json").write_text('{"hello": 1}')
    (found / "readme.txt").write_text("no metadata")
    return found


def put(path: Path, record_id: str, **changes: object) -> None:
    path.write_text(json.dumps(ncdc_entry(id=record_id, doi_value=f"10.5072/{record_id}", cstr="", **changes)))


def run(engine: Engine, source: object, name: str = "ncdc", **options: Any) -> Report:
    limits = Limits(allow_private=True, total_s=10)
    return harvest(str(source), store=RecordStore(engine), adapter=adapter_named(name), limits=limits, **options)


def fates(report: Report) -> dict[str, str]:
    return {outcome.record_id or outcome.item: outcome.status for outcome in report.outcomes}


def test_a_second_harvest_changes_nothing(engine: Engine, folder: Path) -> None:
    assert fates(run(engine, folder)) == {"a": "added", "b": "added", "other.json": "skipped"}
    before = {i: search.get(engine, i).updated for i in ("a", "b")}
    report = run(engine, folder)
    assert fates(report) == {"a": "unchanged", "b": "unchanged", "other.json": "skipped"}
    assert {i: search.get(engine, i).updated for i in ("a", "b")} == before
    assert not report.refused


def test_only_what_changed_is_written(engine: Engine, folder: Path) -> None:
    run(engine, folder)
    put(folder / "a.json", "a", title_en="New", i18n={})
    put(folder / "more/b.json", "b", quality_level=1)  # kept for operators alone
    put(folder / "c.json", "c")
    assert fates(run(engine, folder)) == {"a": "changed", "b": "changed", "c": "added", "other.json": "skipped"}
    assert search.get(engine, "a").document["properties"]["title"]["en"] == "New"


def test_what_vanished_is_reported_and_withdrawn_only_when_told(engine: Engine, folder: Path) -> None:
    run(engine, folder)
    (folder / "a.json").unlink()
    assert fates(run(engine, folder))["a"] == "vanished"
    assert search.get(engine, "a")
    assert fates(run(engine, folder, remove_vanished=True))["a"] == "removed"
    with pytest.raises(RecordNotFound):
        search.get(engine, "a")
    assert "a" not in fates(run(engine, folder))


def test_a_broken_file_is_refused_and_its_record_has_not_vanished(engine: Engine, folder: Path) -> None:
    run(engine, folder)
    (folder / "a.json").write_text('{"id":')
    report = run(engine, folder, remove_vanished=True)
    assert fates(report) == {"a.json": "refused", "b": "unchanged", "other.json": "skipped"}
    assert report.refused
    assert search.get(engine, "a")


def test_a_harvest_that_was_stopped_goes_on(engine: Engine, folder: Path) -> None:
    def stop(_: Outcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(engine, folder, listener=stop)
    assert fates(run(engine, folder)) == {"a": "unchanged", "b": "added", "other.json": "skipped"}


def test_two_records_of_one_id_are_one_and_a_refusal_each_time(engine: Engine, folder: Path) -> None:
    put(folder / "z.json", "a", title_en="Another")
    for first in ("added", "unchanged"):
        outcomes = [o for o in run(engine, folder).outcomes if o.record_id == "a"]
        assert [o.status for o in outcomes] == [first, "refused"]
        assert "a.json" in outcomes[1].reason


def stac(path: Path, title: str) -> Path:
    """A collection without any identifier but its own."""
    path.parent.mkdir(exist_ok=True)
    document = {"stac_version": "1.1.0", "type": "Collection", "id": "rain", "title": title, "extent": {}, "links": []}
    path.write_text(json.dumps(document))
    return path


def test_an_id_that_belongs_to_another_record_is_refused(engine: Engine, tmp_path: Path) -> None:
    mine, other = stac(tmp_path / "a" / "c.json", "Rain"), stac(tmp_path / "b" / "c.json", "Rain of elsewhere")
    assert fates(run(engine, mine, "stac")) == {"rain": "added"}
    for _ in range(2):
        report = run(engine, other, "stac")
        assert fates(report) == {"rain": "refused"}
        assert "graticule records remove rain" in report.outcomes[0].reason
    assert search.get(engine, "rain").document["properties"]["title"] == {"und": "Rain"}


def test_a_source_that_moved_is_the_same(engine: Engine, tmp_path: Path) -> None:
    run(engine, stac(tmp_path / "a" / "c.json", "Rain"), "stac")
    moved = stac(tmp_path / "b" / "c.json", "Rain")
    assert fates(run(engine, moved, "stac")) == {"rain": "unchanged"}
    stac(moved, "Rain and snow")
    assert fates(run(engine, moved.parent, "stac")) == {"rain": "refused"}  # the folder is another source than the file
    assert fates(run(engine, moved, "stac")) == {"rain": "changed"}


def test_a_slug_of_another_identifier_is_refused(engine: Engine, folder: Path) -> None:
    run(engine, folder)
    path = folder.parent / "x.json"
    path.write_text(json.dumps(ncdc_entry(id="a!", doi_value="10.5072/other", cstr="")))
    assert fates(run(engine, path)) == {"a": "refused"}


@pytest.mark.parametrize("name", ["missing.json", "missing"])
def test_a_source_that_is_not_there_is_refused(engine: Engine, tmp_path: Path, name: str) -> None:
    report = run(engine, tmp_path / name)
    assert [o.status for o in report.outcomes] == ["refused"]


def test_a_single_file_of_another_format_is_refused(engine: Engine, folder: Path) -> None:
    assert fates(run(engine, folder / "a.json", "iso")) == {str(folder / "a.json"): "refused"}
    assert fates(run(engine, folder / "other.json", "auto")) == {str(folder / "other.json"): "refused"}
    assert fates(run(engine, folder / "a.json", "auto")) == {"a": "added"}


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(InvalidParameter, match="datacite, dc, dcat, iso, ncdc"):
        adapter_named("marc")
    assert names()[0] == "auto"


def page(record_id: str, following: str | None) -> tuple[int, dict[str, str], bytes]:
    feature = {
        "id": record_id,
        "type": "Feature",
        "geometry": None,
        "time": None,
        "properties": {"type": "dataset", "title": record_id},
        "links": [],
    }
    links = [{"rel": "next", "href": following}] if following else []
    return 200, {}, json.dumps({"type": "FeatureCollection", "features": [feature], "links": links}).encode()


def test_pages_of_a_url_are_followed_to_the_end(engine: Engine) -> None:
    pages = {"/items": page("a", "items?offset=1"), "/items?offset=1": page("b", "/items?offset=2")}
    pages["/items?offset=2"] = page("c", "/items")  # back to the start: no endless walk
    with served(pages) as (url, asked):
        assert fates(run(engine, f"{url}/items", "ogc-records")) == dict.fromkeys("abc", "added")
        assert fates(run(engine, f"{url}/items", "ogc-records")) == dict.fromkeys("abc", "unchanged")
    assert asked == ["/items", "/items?offset=1", "/items?offset=2"] * 2


def test_a_page_that_fails_is_refused_and_nothing_counts_as_vanished(engine: Engine) -> None:
    with served({"/items": page("a", "/more"), "/more": page("b", None)}) as (url, _):
        run(engine, f"{url}/items", "ogc-records")
        source = url
    port = int(source.rpartition(":")[2])
    assert port
    with served({"/items": page("a", "https://example.org/more")}) as (url, _):
        report = run(engine, f"{url}/items", "ogc-records", remove_vanished=True)
    assert [o.status for o in report.outcomes] == ["unchanged", "refused"]
    assert "another host" in report.outcomes[1].reason
    assert search.get(engine, "b")


def test_private_members_stand_apart_from_the_record(engine: Engine, folder: Path) -> None:
    run(engine, folder)
    origin = RecordStore(engine).origin("a")
    assert origin is not None
    assert (origin.item, origin.format, origin.source_id) == ("a.json", "ncdc", "a")
    assert origin.private["fields"] == {"quality_level": 3}
    assert SECRETS[0] in json.dumps(origin.private)
    assert SECRETS[0] not in json.dumps(RecordStore(engine).document("a"))


def published(store: Path, dataset_id: str, **record: Any) -> Any:
    grid = global_grid(8, 4)
    made = publication(store, dataset_id, {"2001-02-03T00:00:00Z": coded(grid)}, grid)
    properties = made.record["properties"] | record
    time = {"interval": ["2001-02-03", "2001-02-03"]}
    return replace(made, record=made.record | {"properties": properties, "time": time}, access=Access(policy="open"))


def test_data_that_comes_later_joins_its_record(
    engine: Engine, folder: Path, repository: Repository, store: Path
) -> None:
    run(engine, folder)
    repository.publish(published(store, "a"))
    found = search.get(engine, "a")
    assert found.dataset is not None
    assert [c.by for c in RecordStore(engine).candidates("a", [])] == ["id"]
    with pytest.raises(Conflict, match="published dataset a"):
        RecordStore(engine).remove("a")


def test_a_record_that_comes_later_joins_its_data(
    engine: Engine, folder: Path, repository: Repository, store: Path
) -> None:
    before = repository.publish(published(store, "a", lineage={"en": "Ingest: rolled by 4 columns."}))
    where = search.get(engine, "a").document
    assert fates(run(engine, folder))["a"] == "changed"
    found = search.get(engine, "a")
    assert found.document["geometry"] == where["geometry"]
    assert found.document["time"] == where["time"]
    assert found.document["properties"]["lineage"]["en"].endswith("Ingest: rolled by 4 columns.")
    assert found.dataset is not None
    assert found.dataset.title == found.document["properties"]["title"]
    assert found.dataset.version == before.version + 1
    assert fates(run(engine, folder))["a"] == "unchanged"
    assert fates(run(engine, folder, remove_vanished=True))["a"] == "unchanged"


def test_a_record_joins_the_one_dataset_of_its_doi(
    engine: Engine, folder: Path, repository: Repository, store: Path
) -> None:
    doi = [{"scheme": "doi", "value": "10.5072/A"}]
    repository.publish(published(store, "snow", externalIds=doi))
    report = run(engine, folder / "a.json")
    assert fates(report) == {"snow": "changed"}
    assert "joined the dataset snow" in report.outcomes[0].reason
    assert search.get(engine, "snow").document["properties"]["title"]["zh"] == "青藏高原积雪深度"
    repository.publish(published(store, "snow2", externalIds=doi))
    again = run(engine, folder / "a.json")
    assert fates(again) == {"a": "refused"}
    assert "snow, snow2" in again.outcomes[0].reason


def test_identifiers_that_mean_something_only_at_home_join_nothing(engine: Engine) -> None:
    store = RecordStore(engine)
    store.put(harvested(ncdc_entry(id="a")), source="s", item="i")
    assert store.candidates("b", [{"scheme": "local", "value": "a"}, {"value": "a"}]) == []
    found = store.candidates("b", [{"scheme": "cstr", "value": ncdc_entry()["cstr"].lower()}])
    assert [(c.record_id, c.by) for c in found] == [("a", "externalIds")]


@pytest.mark.parametrize(("sharing", "told"), [("open-access", False), ("apply-access", True)])
def test_a_record_that_disagrees_with_its_data_on_access_is_reported(
    engine: Engine, tmp_path: Path, repository: Repository, store: Path, sharing: str, *, told: bool
) -> None:
    repository.publish(published(store, "a"))
    put(tmp_path / "a.json", "a", ds_share_type=sharing)
    for _ in range(2):
        assert ("the data are served as open" in run(engine, tmp_path / "a.json").outcomes[0].reason) is told
    assert repository.dataset("a").access == Access(policy="open")
