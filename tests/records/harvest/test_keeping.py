"""Harvests that are remembered: what is the same is not read again, what vanished and came back is right."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import text

from config.errors import Conflict, NotFound, RecordNotFound
from records.harvest import keeping, memory
from records.harvest import ledger as ledgers
from records.harvest.fetch.sources import identity
from records.harvest.keeping import harvest_kept
from records.harvest.ledger import Ledger, Options, Source
from records.harvest.report import Report
from records.search import search
from records.writing.record_store import RecordStore
from tests.records.harvest.test_run import fates, put
from tests.support.harvest import ncdc_entry, served

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.support.harvest import Answer

LOCAL = Options(allow_private=True, timeout_s=10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two records and a file of another kind."""
    found = tmp_path / "metadata"
    found.mkdir()
    put(found / "a.json", "a")
    put(found / "b.json", "b")
    (found / "other.json").write_text('{"hello": 1}')
    return found


def run(engine: Engine, source: object, name: str = "ncdc", *, anew: bool = False, **options: Any) -> Report:
    ledger = Ledger(engine)
    given = Options(**vars(LOCAL) | options)
    entered = ledger.enter(Source(source=identity(str(source)), format=name, options=given))
    return harvest_kept(ledger, entered, anew=anew)


def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The items that are read from now on, rather than known to be the same."""
    found: list[str] = []
    original = RecordStore.put

    def noted(self: RecordStore, *arguments: Any, **options: Any) -> Any:
        found.append(options["item"])
        return original(self, *arguments, **options)

    monkeypatch.setattr(RecordStore, "put", noted)
    return found


def test_what_is_the_same_is_not_read_again(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fates(run(engine, folder)) == {"a": "added", "b": "added", "other.json": "skipped"}
    items = read(monkeypatch)
    assert fates(run(engine, folder)) == {"a": "unchanged", "b": "unchanged", "other.json": "skipped"}
    assert items == []
    put(folder / "b.json", "b", title_en="New", i18n={})
    assert fates(run(engine, folder))["b"] == "changed"
    assert items == ["b.json"]
    assert run(engine, folder, anew=True).counts == {"unchanged": 2, "skipped": 1}
    assert items == ["b.json", "a.json", "b.json"]


def test_a_record_that_was_changed_or_withdrawn_by_hand_is_read_again(engine: Engine, folder: Path) -> None:
    run(engine, folder)
    with engine.begin() as connection:
        connection.execute(text("update records set document = document, updated = now() where id = 'a'"))
        connection.execute(text("delete from records where id = 'b'"))
    assert fates(run(engine, folder)) == {"a": "unchanged", "b": "added", "other.json": "skipped"}


def test_another_version_reads_everything_again(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(engine, folder)
    items = read(monkeypatch)
    monkeypatch.setattr(keeping, "reader", lambda name: f"99:{name}")
    run(engine, folder)
    assert items == ["a.json", "b.json"]


def test_a_refused_item_is_told_each_time(engine: Engine, folder: Path) -> None:
    (folder / "a.json").write_text('{"id":')
    for _ in range(2):
        assert fates(run(engine, folder))["a.json"] == "refused"


def test_a_record_that_vanished_and_comes_back_is_there_again(engine: Engine, folder: Path) -> None:
    run(engine, folder)
    before = (folder / "a.json").read_bytes()
    for remove, fate in ((False, "vanished"), (True, "removed")):
        (folder / "a.json").unlink()
        assert fates(run(engine, folder, remove_vanished=remove))["a"] == fate
        (folder / "a.json").write_bytes(before)
        expected = "added" if remove else "unchanged"
        assert fates(run(engine, folder, remove_vanished=remove))["a"] == expected
        assert search.get(engine, "a").document["properties"]["title"]["zh"] == "青藏高原积雪深度"


def test_a_source_that_is_empty_at_once_loses_nothing(engine: Engine, folder: Path) -> None:
    run(engine, folder)
    for path in folder.iterdir():
        path.unlink()
    report = run(engine, folder, remove_vanished=True)
    assert fates(report) == {"a": "vanished", "b": "vanished"}
    assert "no record at all" in report.outcomes[0].reason
    assert search.get(engine, "a")


def test_what_a_url_has_not_changed_is_not_sent_again(engine: Engine) -> None:
    bodies = {name: json.dumps(ncdc_entry(id=name, doi_value="", cstr="")).encode() for name in ("a", "b")}
    statuses: list[int] = []

    def page(path: str, headers: dict[str, str]) -> Answer:
        body = bodies[path[1:]]
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        date = "Fri, 01 Jan 2021 00:00:00 GMT"
        known = headers.get("If-None-Match") == tag if path == "/a" else headers.get("If-Modified-Since") == date
        statuses.append(304 if known else 200)
        sent = {"ETag": tag} if path == "/a" else {"Last-Modified": date}
        return (304, sent, b"") if known else (200, sent, body)

    with served(page) as (url, _):
        for name in ("a", "b"):
            assert fates(run(engine, f"{url}/{name}")) == {name: "added"}
            assert fates(run(engine, f"{url}/{name}")) == {name: "unchanged"}
        assert statuses == [200, 304, 200, 304]
        bodies["a"] = json.dumps(ncdc_entry(id="a", title_en="New", i18n={}, doi_value="", cstr="")).encode()
        assert fates(run(engine, f"{url}/a")) == {"a": "changed"}
        RecordStore(engine).remove("a")
        assert fates(run(engine, f"{url}/a")) == {"a": "added"}  # what is missing here is asked for whole


def test_pages_behind_one_that_is_the_same_are_followed(engine: Engine) -> None:
    titles = {"a": "A", "b": "B"}

    def page(path: str, headers: dict[str, str]) -> Answer:
        name = "b" if path.endswith("2") else "a"
        properties = {"type": "dataset", "title": titles[name]}
        feature = {"id": name, "type": "Feature", "geometry": None, "time": None, "properties": properties, "links": []}
        links = [{"rel": "next", "href": "/items?page=2"}] if name == "a" else []
        body = json.dumps({"type": "FeatureCollection", "features": [feature], "links": links}).encode()
        tag = f'"{titles[name]}"'
        return (304, {}, b"") if headers.get("If-None-Match") == tag else (200, {"ETag": tag}, body)

    with served(page) as (url, asked):
        assert fates(run(engine, f"{url}/items", "ogc-records")) == {"a": "added", "b": "added"}
        titles["b"] = "New"
        assert fates(run(engine, f"{url}/items", "ogc-records")) == {"a": "unchanged", "b": "changed"}
    assert asked == ["/items", "/items?page=2"] * 2


class Archive:
    """An OAI-PMH archive that answers `from` and keeps track of what was deleted."""

    def __init__(self) -> None:
        self.records = {f"oai:x:{n}": (f"Snow {n}", "2026-01-01T00:00:00Z") for n in range(3)}
        self.deleted: dict[str, str] = {}
        self.now = "2026-02-01T00:00:00Z"
        self.asked: list[dict[str, str]] = []

    def __call__(self, path: str) -> Answer:
        asked = dict(parse_qsl(urlsplit(path).query))
        self.asked.append(asked)
        verb = asked["verb"]
        if verb == "Identify":
            body = "<Identify><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
        elif verb == "ListMetadataFormats":
            body = "<metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat>"
            body = f"<ListMetadataFormats>{body}</ListMetadataFormats>"
        else:
            since = asked.get("from", "")
            found = [self._record(i, title) for i, (title, when) in self.records.items() if when >= since]
            found += [self._header(i, ' status="deleted"') for i, when in self.deleted.items() if when >= since]
            listed = "".join(f"<record>{record}</record>" for record in found)
            body = f"<ListRecords>{listed}</ListRecords>" if found else '<error code="noRecordsMatch">none</error>'
        return 200, {}, f"<OAI-PMH><responseDate>{self.now}</responseDate>{body}</OAI-PMH>".encode()

    def _record(self, identifier: str, title: str) -> str:
        dc = f'<dc:title xml:lang="en">{title}</dc:title>'
        spaces = 'xmlns:d="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        return f"{self._header(identifier)}<metadata><d:dc {spaces}>{dc}</d:dc></metadata>"

    @staticmethod
    def _header(identifier: str, status: str = "") -> str:
        return f"<header{status}><identifier>{identifier}</identifier></header>"


def test_of_an_archive_only_what_changed_is_asked_for(engine: Engine) -> None:
    archive = Archive()
    with served(archive) as (url, _):
        source = f"{url}/oai?set=snow"
        assert run(engine, source, "oai-pmh").counts == {"added": 3}
        assert "from" not in archive.asked[-1]
        assert [a.get("set") for a in archive.asked] == [None, None, "snow"]
        assert run(engine, source, "oai-pmh").outcomes == []
        assert archive.asked[-1]["from"] == "2026-02-01T00:00:00Z"
        archive.records["oai:x:1"] = ("Snow and ice", "2026-02-03T00:00:00Z")
        archive.deleted["oai:x:2"] = "2026-02-03T00:00:00Z"
        del archive.records["oai:x:2"]
        report = run(engine, source, "oai-pmh")
        assert fates(report) == {"oai-x-1": "changed", "oai-x-2": "vanished"}
        assert not report.whole
        assert fates(run(engine, source, "oai-pmh", remove_vanished=True))["oai-x-2"] == "removed"
        archive.deleted.clear()
        archive.records["oai:x:2"] = ("Snow again", "2026-02-04T00:00:00Z")
        assert fates(run(engine, source, "oai-pmh"))["oai-x-2"] == "added"
        assert run(engine, source, "oai-pmh", anew=True).counts == {"unchanged": 3}
        assert "from" not in archive.asked[-1]


def test_an_archive_that_forgets_its_deletions_is_read_whole_now_and_then(engine: Engine) -> None:
    archive = Archive()
    with served(archive) as (url, _):
        run(engine, f"{url}/oai", "oai-pmh")
        del archive.records["oai:x:0"]
        assert run(engine, f"{url}/oai", "oai-pmh").outcomes == []
        with engine.begin() as connection:
            connection.execute(text("update harvest_sources set read_whole = now() - interval '31 days'"))
        assert fates(run(engine, f"{url}/oai", "oai-pmh"))["oai-x-0"] == "vanished"


def csw(dates: dict[str, str], asked: list[dict[str, str]], *, filters: bool) -> Any:
    from tests.records.harvest.test_services import iso

    def page(path: str) -> Answer:
        query = dict(parse_qsl(urlsplit(path).query))
        asked.append(query)
        constraint = query.get("constraint", "")
        if constraint and not filters:
            return 200, {}, b"<ExceptionReport><ExceptionText>no constraints here</ExceptionText></ExceptionReport>"
        since = constraint.removeprefix("dct:modified >= ").strip("'")
        found = [iso(int(number)) for number, modified in dates.items() if modified >= since]
        results = (
            f'<SearchResults numberOfRecordsMatched="{len(found)}" nextRecord="0">{"".join(found)}</SearchResults>'
        )
        return 200, {}, f"<GetRecordsResponse>{results}</GetRecordsResponse>".encode()

    return page


@pytest.mark.parametrize("filters", [True, False])
def test_of_a_csw_only_what_was_modified_is_asked_for_if_it_can_tell(engine: Engine, *, filters: bool) -> None:
    dates, asked = {"1": "2001-01-01", "2": "9999-01-01"}, list[dict[str, str]]()
    with served(csw(dates, asked, filters=filters)) as (url, _):
        assert run(engine, f"{url}/csw", "csw").counts == {"added": 2}
        report = run(engine, f"{url}/csw", "csw")
    assert fates(report) == ({"ice-2": "unchanged"} if filters else {"ice-1": "unchanged", "ice-2": "unchanged"})
    assert report.whole is not filters
    assert len(asked) == (2 if filters else 3)
    assert asked[1]["constraintLanguage"] == "CQL_TEXT"


def test_every_harvest_leaves_a_report(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "KEPT_RUNS", 2)
    ledger, source = Ledger(engine), identity(str(folder))
    run(engine, folder)
    (folder / "a.json").write_text("{")
    (folder / "b.json").unlink()
    run(engine, folder)
    last, first = ledger.runs(source)
    assert (first.status, first.counts, first.reason) == ("whole", {"added": 2, "skipped": 1}, None)
    assert last.counts == {"refused": 1, "vanished": 1, "skipped": 1}
    assert {(o["status"], o["item"], o["id"]) for o in last.outcomes} == {
        ("refused", "a.json", None),
        ("vanished", "b.json", "b"),
    }
    assert "no JSON" in next(o["reason"] for o in last.outcomes if o["status"] == "refused")
    run(engine, folder)
    assert [r.id for r in ledger.runs(source)][1] == last.id
    assert len(ledger.runs(source)) == 2


def test_a_source_is_harvested_by_one_process_at_a_time(engine: Engine, folder: Path) -> None:
    with Ledger(engine).held(identity(str(folder))), pytest.raises(Conflict, match="by another process"):
        run(engine, folder)
    assert run(engine, folder).counts == {"added": 2, "skipped": 1}


def test_a_source_that_fails_is_tried_again_ever_later_and_then_as_scheduled(engine: Engine, tmp_path: Path) -> None:
    ledger, path = Ledger(engine), tmp_path / "a.json"
    entered = ledger.enter(Source(source=str(path), format="ncdc", every=timedelta(hours=6)))
    waits = []
    for _ in range(4):
        ledger.begin(entered.source)  # and its process dies
        waits.append(round(ledger.seconds_until_due() or 0, -1))
    assert waits == [60, 120, 240, 480]
    assert [r.status for r in ledger.runs(entered.source)] == ["running", *["interrupted"] * 3]
    put(path, "a")
    assert harvest_kept(ledger, entered).counts == {"added": 1}
    found = ledger.source(entered.source)
    assert (found.failures, round((ledger.seconds_until_due() or 0) / 3600)) == (0, 6)
    assert ledger.next_due() is None


def test_a_harvest_by_hand_keeps_the_schedule_and_its_options(engine: Engine, folder: Path) -> None:
    ledger, source = Ledger(engine), identity(str(folder))
    assert ledger.seconds_until_due() is None
    scheduled = Source(source=source, format="ncdc", options=Options(remove_vanished=True), every=timedelta(days=1))
    ledger.enter(scheduled)
    found = ledger.next_due()
    assert found is not None
    assert found.options.remove_vanished
    run(engine, folder)
    kept = ledger.source(source)
    assert (kept.every, kept.options.remove_vanished) == (timedelta(days=1), True)
    ledger.remove(source)
    with pytest.raises(NotFound):
        ledger.source(source)
    assert search.get(engine, "a")  # the records stay


def test_a_source_of_another_format_than_before_is_read_anew(engine: Engine, folder: Path) -> None:
    run(engine, folder)
    assert run(engine, folder, "auto").counts == {"unchanged": 2, "skipped": 1}
    assert [s.format for s in Ledger(engine).sources()] == ["auto"]


HARVEST = """
import sys
from sqlalchemy import create_engine
from records.database.engine import driver_url
from records.harvest.keeping import harvest_kept
from records.harvest.ledger import Ledger, Options, Source
ledger = Ledger(create_engine(driver_url(sys.argv[1])))
options = Options(allow_private=True)
harvest_kept(ledger, ledger.enter(Source(source=sys.argv[2], format="ogc-records", options=options)))
"""


def test_a_harvest_that_is_killed_in_the_middle_is_finished_by_the_next(engine: Engine, database_url: str) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def page(path: str) -> Answer:
        number = int(path.rpartition("=")[2]) if "=" in path else 0
        if number == 2 and not go_on.is_set():
            reached.set()
            go_on.wait(30)
        features = [
            {"id": f"r{number}-{n}", "type": "Feature", "geometry": None, "time": None, "links": []}
            | {"properties": {"type": "dataset", "title": f"Record {number}-{n}"}}
            for n in range(5)
        ]
        links = [{"rel": "next", "href": f"/items?page={number + 1}"}] if number < 3 else []
        return 200, {}, json.dumps({"type": "FeatureCollection", "features": features, "links": links}).encode()

    with served(page) as (url, _):
        process = subprocess.Popen([sys.executable, "-c", HARVEST, database_url, f"{url}/items"])
        assert reached.wait(60)
        process.kill()
        process.wait()
        go_on.set()
        (run_before,) = Ledger(engine).runs(f"{url}/items")
        assert run_before.status == "running"
        report = run(engine, f"{url}/items", "ogc-records", remove_vanished=True)
        assert report.counts == {"unchanged": 10, "added": 10}
        assert [r.status for r in Ledger(engine).runs(f"{url}/items")] == ["whole", "interrupted"]
        assert run(engine, f"{url}/items", "ogc-records").counts == {"unchanged": 20}
    with pytest.raises(RecordNotFound):
        search.get(engine, "r4-0")


def test_what_is_remembered_is_written_in_batches_and_at_the_end(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_BATCH", 1)
    run(engine, folder)
    with engine.connect() as connection:
        assert connection.scalar(text("select count(*) from harvest_items")) == 3
    (folder / "a.json").unlink()
    run(engine, folder)
    with engine.connect() as connection:
        assert set(connection.scalars(text("select item from harvest_items"))) == {"b.json", "other.json"}
