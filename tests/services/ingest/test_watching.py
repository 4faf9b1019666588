"""Watched folders: what comes, changes and goes is published; what is not whole waits; a bad file stops nothing."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from config.errors import CollectionNotFound, InvalidDeclaration, InvalidParameter
from config.setting_groups.ingest import WatchSettings
from config.settings import Settings
from records.datasets.repository import Repository
from services.ingest.models import IngestReport
from services.ingest.watching.following import follow, pause_s
from services.ingest.watching.scanning import FileState, is_temporary, scan
from services.ingest.watching.settling import Settling
from services.ingest.watching.watch import FolderWatch, WatchOrder
from services.ingest.workers import Workers
from services.serving.background.watches import LateWatch, orders
from tests.support.sources import cells, write_geotiff

DECLARATION = """
id: sst
variables: [{id: sst, unit: K}]
time: {pattern: '_(?P<year>....)(?P<month>..)'}
"""


def state(size: int, mtime: int = 0) -> FileState:
    return FileState(size, mtime, 1)


@pytest.mark.parametrize(
    ("name", "temporary"),
    [
        (".sst.nc.x7Gh2k", True),
        ("sst.nc.part", True),
        ("sst.nc.tmp", True),
        ("sst.tmp.nc", True),
        ("sst.nc~", True),
        ("~$sst.nc", True),
        ("sst.nc.crdownload", True),
        ("sst.nc", False),
        ("tmp_sst.nc", False),
        ("part_1.tif", False),
        ("template.nc", False),
    ],
)
def test_temporary_names_are_left_out(name: str, *, temporary: bool) -> None:
    assert is_temporary(name) is temporary


def test_a_scan_shows_the_files_below_a_folder_and_none_of_a_folder_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "2006").mkdir()
    (tmp_path / "2006" / "a.nc").write_bytes(b"abc")
    (tmp_path / "2006" / "b.nc.part").write_bytes(b"abc")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "c.nc").write_bytes(b"abc")
    os.mkfifo(tmp_path / "pipe.nc")
    (tmp_path / "link.nc").symlink_to(tmp_path / "nowhere")
    seen = scan(tmp_path)
    assert seen is not None
    assert {path: one.size for path, one in seen.items()} == {str(tmp_path / "2006" / "a.nc"): 3}
    assert scan(tmp_path / "away") is None


def test_a_file_is_taken_when_it_has_stayed_as_it_is() -> None:
    settling = Settling(2.0)
    assert settling.changes({}, {"a": state(1)}, now=0).waiting == 1
    assert settling.changes({}, {"a": state(5)}, now=1.9).present == ()
    assert settling.changes({}, {"a": state(5)}, now=3.8).present == ()
    assert settling.changes({}, {"a": state(5)}, now=3.9).present == ("a",)
    assert settling.changes({"a": state(5)}, {"a": state(5, 7)}, now=4).present == ()
    assert settling.changes({"a": state(5)}, {"a": state(5, 7)}, now=6).present == ("a",)


def test_a_file_that_is_away_for_a_moment_is_not_gone() -> None:
    settling, known = Settling(2.0), {"a": state(1)}
    assert settling.changes(known, {}, now=0).gone == ()
    assert settling.changes(known, {"a": state(1)}, now=1).gone == ()
    assert settling.changes(known, {}, now=2).gone == ()
    assert settling.changes(known, {}, now=4).gone == ("a",)


def test_a_folder_that_takes_long_is_looked_at_more_seldom() -> None:
    assert pause_s(0.001, 1.0) == 1.0
    assert pause_s(0.5, 1.0) == 10.0
    assert pause_s(100.0, 1.0) == 60.0
    assert pause_s(100.0, 600.0) == 600.0


class Watched:
    """A folder and the watch over it, whose clock the test turns."""

    def __init__(self, repository: Repository, tmp_path: Path, pool: Workers) -> None:
        self.folder, self.declaration = tmp_path / "in", tmp_path / "sst.yaml"
        self.folder.mkdir()
        self.declaration.write_text(DECLARATION)
        self.repository, self.store, self.pool = repository, tmp_path / "store", pool
        self.sayings: list[str] = []
        self.now = 0.0
        self.restart()

    def restart(self, *, keep_removed: bool = False) -> None:
        order = WatchOrder(folder=self.folder, declaration=self.declaration, keep_removed=keep_removed)
        self.watch = FolderWatch(
            order, repository=self.repository, store=self.store, workers=self.pool, say=self.sayings.append
        )

    def month(self, label: str, value: float = 0) -> Path:
        return write_geotiff(self.folder / f"sst_{label}.tif", cells() + np.float32(value))

    def settled(self) -> list[str]:
        """What is reported when everything has been waited for: status and name of each file."""
        lines = []
        for _ in range(2):
            lines += [line for report in self.watch.look(now=self.now) for line in _told(report)]
            self.now += 3
        return lines

    @property
    def times(self) -> list[str | None]:
        return [granule.time for granule in self.repository.granules("sst")]


def _told(report: IngestReport) -> list[str]:
    return [f"{outcome.status} {outcome.path.name}" for outcome in report.outcomes]


@pytest.fixture
def watched(repository: Repository, tmp_path: Path, pool: Workers) -> Watched:
    return Watched(repository, tmp_path, pool)


def test_files_become_granules_as_they_come_change_and_go(watched: Watched) -> None:
    watched.month("200605")
    assert watched.settled() == ["published sst_200605.tif"]
    watched.month("200606", 1)
    watched.month("200605", 100)
    assert watched.settled() == ["replaced sst_200605.tif", "published sst_200606.tif"]
    statistics = watched.repository.dataset("sst").variables[0].statistics
    assert statistics is not None
    assert (statistics.minimum, statistics.maximum) == (1, 157)
    (watched.folder / "sst_200605.tif").unlink()
    assert watched.settled() == ["withdrawn sst_200605.tif"]
    dataset = watched.repository.dataset("sst")
    assert (watched.times, dataset.time.count if dataset.time else 0) == (["2006-06"], 1)
    assert dataset.variables[0].statistics is not None
    assert dataset.variables[0].statistics.maximum == 58
    assert watched.settled() == []


def test_a_rename_moves_a_granule_in_one_commit(watched: Watched) -> None:
    first = watched.month("200605")
    watched.month("200606")
    watched.settled()
    version = watched.repository.dataset("sst").version
    first.rename(watched.folder / "sst_200607.tif")
    assert watched.settled() == ["published sst_200607.tif", "withdrawn sst_200605.tif"]
    assert watched.times == ["2006-06", "2006-07"]
    assert watched.repository.dataset("sst").version == version + 1


def test_a_bad_file_is_reported_once_and_stops_nothing(watched: Watched) -> None:
    (watched.folder / "sst_200604.tif").write_bytes(b"II*\0 half a file")
    watched.month("200605")
    assert watched.settled() == ["refused sst_200604.tif", "published sst_200605.tif"]
    assert watched.settled() == []
    watched.month("200604")
    assert watched.settled() == ["published sst_200604.tif"]
    assert watched.times == ["2006-04", "2006-05"]


def test_what_a_file_gave_stays_while_another_content_is_broken(watched: Watched) -> None:
    path = watched.month("200605")
    watched.settled()
    path.write_bytes(path.read_bytes()[:200])
    assert watched.settled() == ["refused sst_200605.tif"]
    assert watched.times == ["2006-05"]


def test_bad_files_before_the_first_good_one_are_reported_by_themselves(watched: Watched) -> None:
    for label in ("200604", "200605"):
        (watched.folder / f"sst_{label}.tif").write_bytes(b"PK\x03\x04")
    assert watched.settled() == ["refused sst_200604.tif", "refused sst_200605.tif"]
    (watched.folder / "sst_200604.tif").unlink()
    assert watched.settled() == []
    with pytest.raises(CollectionNotFound):
        watched.repository.dataset("sst")


def test_a_restart_goes_on_where_the_last_watch_ended(watched: Watched) -> None:
    watched.month("200605")
    gone = watched.month("200606")
    (watched.folder / "sst_200603.tif").write_bytes(b"PK\x03\x04")
    watched.settled()
    gone.unlink()
    watched.month("200607")
    watched.restart()
    assert watched.settled() == ["published sst_200607.tif", "withdrawn sst_200606.tif"]


def test_a_folder_that_is_empty_or_away_withdraws_nothing(watched: Watched) -> None:
    path = watched.month("200605")
    watched.settled()
    content = path.read_bytes()
    path.unlink()
    assert watched.settled() == []
    watched.folder.rmdir()
    assert watched.settled() == []
    assert watched.times == ["2006-05"]
    assert len(watched.sayings) == 1
    watched.folder.mkdir()
    path.write_bytes(content)
    assert watched.settled() == ["unchanged sst_200605.tif"]


def test_the_last_good_file_is_not_withdrawn_beside_bad_ones(watched: Watched) -> None:
    path = watched.month("200605")
    (watched.folder / "sst_200604.tif").write_bytes(b"PK\x03\x04")
    watched.settled()
    path.unlink()
    assert watched.settled() == ["refused sst_200605.tif"]
    assert watched.settled() == []
    assert watched.times == ["2006-05"]
    watched.month("200607")
    assert watched.settled() == ["published sst_200607.tif", "withdrawn sst_200605.tif"]


def test_granules_of_removed_files_can_be_kept(watched: Watched) -> None:
    gone = watched.month("200605")
    watched.month("200606")
    watched.restart(keep_removed=True)
    watched.settled()
    gone.unlink()
    assert watched.settled() == []
    assert watched.times == ["2006-05", "2006-06"]


def test_files_that_are_no_sources_are_passed_over(watched: Watched) -> None:
    (watched.folder / "README.txt").write_text("hello")
    watched.month("200605")
    assert watched.settled() == ["published sst_200605.tif"]
    (watched.folder / "README.txt").unlink()
    assert watched.settled() == []


def test_a_declaration_that_changes_is_followed_and_a_wrong_one_is_not(watched: Watched) -> None:
    watched.month("200605")
    watched.settled()
    watched.declaration.write_text(DECLARATION + "nonsense: 1\n")
    assert watched.settled() == []
    assert "nonsense" in watched.sayings[0]
    watched.declaration.write_text(DECLARATION + "record: {title: {en: Sea}}\n")
    assert watched.settled() == ["unchanged sst_200605.tif"]
    assert watched.repository.dataset("sst").title == {"en": "Sea"}


def test_following_ends_once_nothing_is_waited_for(watched: Watched) -> None:
    watched.month("200605")
    watched.watch = FolderWatch(
        WatchOrder(folder=watched.folder, declaration=watched.declaration, settle_s=0.05),
        repository=watched.repository,
        store=watched.store,
        workers=watched.pool,
        say=watched.sayings.append,
    )
    reports: list[IngestReport] = []
    follow([watched.watch], report=reports.append, say=watched.sayings.append, poll_s=0.1, once=True)
    assert [line for report in reports for line in _told(report)] == ["published sst_200605.tif"]


class _Slow:
    """A watch whose every look takes a second; files are taken at the first one."""

    waiting = 0

    def __init__(self) -> None:
        self.now = 0.0
        self.looks = 0

    def look(self, *, now: float) -> list[IngestReport]:
        del now
        self.now += 1.0
        self.looks += 1
        return [IngestReport(dataset="sst", outcomes=())] if self.looks == 1 else []


def test_a_look_at_which_files_were_taken_is_followed_by_the_next_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, pauses = _Slow(), list[float]()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("services.ingest.watching.following.time.sleep", pause)
    monkeypatch.setattr("services.ingest.watching.following.time.monotonic", lambda: watch.now)
    with pytest.raises(KeyboardInterrupt):
        follow([watch], report=lambda _: None, say=lambda _: None, poll_s=1.0)
    assert pauses == [1.0, 20.0]


def test_original_files_are_kept_where_that_is_asked_for(watched: Watched) -> None:
    watched.month("200605")
    watched.watch = FolderWatch(
        WatchOrder(folder=watched.folder, declaration=watched.declaration, settle_s=0.05, keep_source=True),
        repository=watched.repository,
        store=watched.store,
        workers=watched.pool,
        say=watched.sayings.append,
    )
    follow([watched.watch], report=lambda _: None, say=watched.sayings.append, poll_s=0.1, once=True)
    (granule,) = watched.repository.granules("sst")
    assert granule.source is not None
    assert (watched.store / granule.source.href).is_file()


def test_a_removed_dataset_is_taken_again_by_the_next_watch(watched: Watched) -> None:
    watched.month("200605")
    watched.settled()
    watched.repository.remove("sst")
    watched.restart()
    assert watched.settled() == ["published sst_200605.tif"]


def test_wrong_folders_and_declarations_are_told_at_once(watched: Watched) -> None:
    watched.declaration.write_text("variables: []\n")
    with pytest.raises(InvalidDeclaration, match="id"):
        watched.restart()
    watched.folder.rmdir()
    with pytest.raises(InvalidParameter, match="no such folder"):
        watched.restart()


def test_the_settings_name_folders_and_their_declarations() -> None:
    settings = Settings(watch=WatchSettings(folders=["/data/a=b=/etc/a.yaml"], settle_s=5))
    (order,) = orders(settings)
    assert (str(order.folder), str(order.declaration), order.settle_s) == ("/data/a=b", "/etc/a.yaml", 5)
    with pytest.raises(ValueError, match="two absolute paths"):
        WatchSettings(folders=["data=a.yaml"])


def test_a_watch_that_cannot_begin_is_tried_again(watched: Watched) -> None:
    watched.month("200605")
    away = WatchOrder(folder=watched.folder.with_name("away"), declaration=watched.declaration, settle_s=0)

    def begin(order: WatchOrder) -> FolderWatch:
        return FolderWatch(
            order, repository=watched.repository, store=watched.store, workers=watched.pool, say=watched.sayings.append
        )

    late = LateWatch(away, begin)
    assert late.look(now=0) == []
    watched.folder.rename(away.folder)
    assert late.look(now=1) == []
    assert [line for report in late.look(now=31) for line in _told(report)] == ["published sst_200605.tif"]
