"""Parts of series by time: built of published COGs, tied to their checksums, and never a wrong value."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from cog.grids.lattice import CellBox
from cog.series import layout
from config.settings import DatabaseSettings, Settings
from records.datasets.catalogue import Catalogue
from records.datasets.series.series_parts import SeriesParts
from services.gridded.reading import read, read_cells, whole
from services.gridded.store import array_dataset
from services.ingest.series import building, planning
from services.ingest.series.building import build_series, drop_series, series_states
from services.ingest.series.verifying import verify_series
from services.ingest.store.garbage import collect
from services.selection.opening import step_readers
from services.selection.opening.series import Series, open_series
from services.selection.selection import SelectionRequest, resolve
from services.serving.background.compaction import compact
from services.web.context import Context
from tests.support.days import TIERS, add_days, day_publication, label, values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from records.datasets.models import Dataset
    from records.datasets.repository import Repository
    from services.ingest.workers import Workers

BOX = CellBox(top=3, bottom=37, left=5, right=70)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiers of few times, whose parts are read whatever they cost."""
    for module in (layout, planning):
        monkeypatch.setattr(module, "TIERS", TIERS)
    monkeypatch.setattr(planning, "LEAST_STEPS", 9)
    monkeypatch.setattr(step_readers, "_CHUNK_S", {32: 1e-9, 8: 1e-9, 4: 1e-9})


class Days:
    """A dataset of days, and what its series should hold."""

    def __init__(self, repository: Repository, store: Path, workers: Workers) -> None:
        self.repository, self.store, self.workers = repository, store, workers
        self.truth: dict[int, NDArray[np.float32]] = {}

    def publish(self, *days: int, version: int = 0) -> Dataset:
        """Add days, or correct them."""
        fresh = {day: values(day, version) for day in days}
        self.truth |= fresh
        add_days(self.repository, self.store, fresh, version)
        return self.dataset

    def granules(self) -> list[Any]:
        return list(self.repository.granules("et"))

    @property
    def dataset(self) -> Dataset:
        return self.repository.dataset("et")

    def build(self) -> int:
        return build_series(self.repository, self.store, self.dataset, workers=self.workers)

    def parts(self) -> list[int]:
        """The lengths of the parts in the order of their times."""
        parts = SeriesParts(self.repository.engine).of("et")
        return [len(part) for part in sorted(parts, key=lambda part: part.keys.item(0))]

    def check(self, series: Series) -> None:
        """Every value that is read is that of the source, and the same where parts are not used."""
        truth = np.stack([self.truth[day] for day in sorted(self.truth)])
        random = np.random.default_rng(1)
        rows, columns = random.integers(0, 40, 30), random.integers(0, 80, 30)
        read = series.points(rows, columns)
        assert np.array_equal(read.stored, truth[:, rows, columns], equal_nan=True)
        assert np.array_equal(read.valid, np.isfinite(truth[:, rows, columns]))
        assert np.array_equal(series.cube(BOX)[0], truth[:, *BOX.slices], equal_nan=True)
        assert np.array_equal(series.cube(BOX, slice(1, None, 3))[0], truth[1::3, *BOX.slices], equal_nan=True)
        weights = random.random((BOX.rows, BOX.columns))
        cells = truth[:, *BOX.slices].astype("float64")
        expected = np.nansum(cells * weights, axis=(1, 2)) / (np.isfinite(cells) * weights).sum(axis=(1, 2))
        assert np.allclose(series.means(BOX, weights).means, expected, rtol=1e-12)


@pytest.fixture
def days(repository: Repository, store: Path, pool: Workers) -> Days:
    return Days(repository, store, pool)


@pytest.fixture
def context(repository: Repository, store: Path, database_url: str) -> Iterator[Context]:
    catalogue = Catalogue(repository.engine)
    settings = Settings(data_dir=store, store=str(store), database=DatabaseSettings(url=SecretStr(database_url)))
    yield Context(settings=settings, catalogue=catalogue, store=store)
    catalogue.close()


def opened(context: Context) -> Series:
    dataset = context.catalogue.dataset("et")
    return open_series(context, resolve(dataset, SelectionRequest(), default_times="all"))


def test_a_series_is_read_across_parts_and_tail(days: Days, context: Context) -> None:
    days.publish(*range(46))
    days.check(opened(context))
    assert days.build() == 3
    assert days.parts() == [32, 8, 4]
    series = opened(context)
    assert (series.index.part_numbers >= 0).sum() == 44
    days.check(series)
    assert days.build() == 0


def test_hyperslabs_of_arrays_cross_parts_tail_and_a_corrected_day(days: Days, context: Context) -> None:
    days.publish(*range(46))
    days.build()
    days.publish(7, 41, version=1)
    truth = np.stack([days.truth[day] for day in sorted(days.truth)])
    arrays = array_dataset(context, context.catalogue.dataset("et"))
    field = arrays.fields["v"]
    slab = (range(45, 0, -7), range(38, 2, -3), range(5, 70, 11))
    assert np.array_equal(read(context, arrays, field, whole(field.shape)), truth, equal_nan=True)
    assert np.array_equal(read(context, arrays, field, slab), truth[np.ix_(*slab)], equal_nan=True)
    rows, columns = np.array([3, 39, 12]), np.array([79, 0, 40])
    cells = read_cells(context, arrays, field, range(1, 46, 4), 0, rows, columns)
    assert np.array_equal(cells, truth[1::4][:, rows, columns], equal_nan=True)


def test_a_corrected_day_is_read_from_its_cog_until_its_part_is_built_again(days: Days, context: Context) -> None:
    days.publish(*range(46))
    days.build()
    days.publish(7, 41, version=1)
    series = opened(context)
    assert (series.index.part_numbers < 0).sum() == 4
    days.check(series)
    assert days.build() == 2
    assert days.parts() == [32, 8, 4]
    series = opened(context)
    assert (series.index.part_numbers >= 0).sum() == 44
    days.check(series)


def test_added_days_make_short_parts_and_these_longer_ones(days: Days, context: Context) -> None:
    days.publish(*range(33))
    days.build()
    lengths = []
    for day in range(33, 65):
        days.publish(day)
        days.build()
        lengths.append(days.parts())
    assert lengths[0] == [32]
    assert lengths[2] == [32, 4]
    assert lengths[6] == [32, 8]
    assert lengths[-3] == [32, 8, 8, 8, 4]
    assert lengths[-2] == [32, 32]
    days.check(opened(context))


def test_a_day_that_was_missing_leaves_the_later_long_parts(days: Days, context: Context) -> None:
    days.publish(*(day for day in range(70) if day != 5))
    days.build()
    before = SeriesParts(days.repository.engine).of("et")
    days.publish(5)
    days.check(opened(context))
    days.build()
    after = {part.href for part in SeriesParts(days.repository.engine).of("et")}
    assert len(after & {part.href for part in before if len(part) == 32}) == 1
    days.check(opened(context))


def test_withdrawn_days_are_gone(days: Days, context: Context) -> None:
    days.publish(*range(46))
    days.build()
    granules = [g for g in days.granules() if g.time not in (label(3), label(44))]
    days.truth = {day: v for day, v in days.truth.items() if day not in (3, 44)}
    made = day_publication(days.store, {0: values(0)})
    days.repository.publish(replace(made, granules=tuple(granules)))
    days.check(opened(context))
    days.build()
    days.check(opened(context))


def test_levels_have_series_of_their_own_and_pictures_none(days: Days, context: Context) -> None:
    dataset = days.publish(*range(12))
    states = series_states(days.repository, dataset)
    assert [(s.variable, s.layer, s.steps, s.in_parts, s.unbuilt) for s in states] == [("v", None, 12, 0, 2)]
    days.build()
    (state,) = series_states(days.repository, days.dataset)
    assert (state.in_parts, state.parts, state.unbuilt) == (12, 2, 0)
    assert state.size > 0


def test_short_series_get_parts_where_that_is_chosen(days: Days) -> None:
    days.publish(*range(8))
    assert days.build() == 0
    SeriesParts(days.repository.engine).choose("et", "on")
    assert days.build() == 1
    SeriesParts(days.repository.engine).choose("et", "off")
    assert drop_series(days.repository, days.dataset) == 1
    assert (days.build(), days.parts()) == (0, [])


def test_a_process_learns_of_parts_by_the_revision(days: Days, context: Context) -> None:
    days.publish(*range(12))
    before = days.dataset
    days.build()
    after = days.dataset
    assert (after.version, after.series_revision) == (before.version, before.series_revision + 1)
    assert opened(context).index.parts != ()


def test_verification_finds_damage_and_wrong_values(days: Days) -> None:
    days.publish(*range(46))
    days.build()
    assert [check.fault for check in checked(days, values=True)] == ["", "", ""]
    days.publish(7, version=1)
    assert [check.fault for check in checked(days, values=True)] == ["", "", ""]
    part = SeriesParts(days.repository.engine).of("et")[0]
    path = days.store / part.href / "c/0/0/0"
    content = path.read_bytes()
    path.write_bytes(b"\xff" + content[1:])
    assert "SHA-256" in checked(days, values=False)[0].fault


def checked(days: Days, *, values: bool) -> list[Any]:
    return list(verify_series(days.repository, days.store, days.dataset, values=values))


@pytest.mark.parametrize("damage", ["gone", "broken"])
def test_a_part_that_cannot_be_read_costs_no_answer(days: Days, context: Context, damage: str) -> None:
    days.publish(*range(46))
    days.build()
    part = SeriesParts(days.repository.engine).of("et")[0]
    path = days.store / part.href / "c/0/0/0"
    if damage == "gone":
        shutil.rmtree(days.store / part.href)
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    days.check(opened(context))


def test_garbage_is_what_no_longer_counts_and_what_was_never_known(days: Days) -> None:
    days.publish(*range(46))
    days.build()
    days.publish(7, version=1)
    days.build()
    stray = days.store / "et/v/series/19800101-32-0123456789ab"
    stray.mkdir()
    (stray / "zarr.json").write_text("{}")
    os.utime(stray, (time.time() - 1e6,) * 2)
    (days.store / building.UNFINISHED / "et").mkdir(parents=True)
    assert series_removals(days, timedelta(days=7)) == ["stray", "temporary"]
    counting = {part.href for part in SeriesParts(days.repository.engine).of("et")}
    assert series_removals(days, timedelta(0)) == ["unused"]
    folders = {f"et/v/series/{path.name}" for path in (days.store / "et/v/series").iterdir()}
    assert folders == counting
    days.repository.remove("et")
    assert series_removals(days, timedelta(0)).count("unused") == 3
    assert not (days.store / "et").exists()


def series_removals(days: Days, grace: timedelta) -> list[str]:
    outcomes = list(collect(days.repository, days.store, grace=grace))
    return sorted(getattr(o, "kind", "busy") for o in outcomes if "series" in getattr(o, "path", "series"))


def test_a_build_that_was_stopped_goes_on_and_leaves_nothing(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    days.publish(*range(46))
    monkeypatch.setattr(building, "sync_folder", lambda _: (_ for _ in ()).throw(OSError("stopped")))
    with pytest.raises(OSError, match="stopped"):
        days.build()
    assert days.parts() == []
    monkeypatch.undo()
    for module in (layout, planning):
        monkeypatch.setattr(module, "TIERS", TIERS)
    monkeypatch.setattr(planning, "LEAST_STEPS", 9)
    assert days.build() == 3
    assert not (days.store / building.UNFINISHED / "et").exists()


def test_the_background_builds_what_is_missing_and_tries_again_what_fails(
    days: Days, caplog: pytest.LogCaptureFixture
) -> None:
    days.publish(*range(12))
    granule = days.granules()[3]
    path = days.store / granule.asset.href
    content = path.read_bytes()
    path.unlink()
    assert not compact(days.repository, days.store, "et", workers=days.workers)
    path.write_bytes(content)
    assert compact(days.repository, days.store, "et", workers=days.workers)
    assert days.parts() == [8, 4]
    assert compact(days.repository, days.store, "gone")


def test_a_dropped_table_row_is_gone_with_its_dataset(days: Days) -> None:
    days.publish(*range(12))
    days.build()
    days.repository.remove("et")
    with days.repository.engine.connect() as link:
        assert link.execute(text("select count(*) from series_parts")).scalar() == 2
    assert len(SeriesParts(days.repository.engine).unused(before=datetime.now(UTC))) == 2
