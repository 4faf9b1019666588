"""Publishing, reading and removing datasets."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from config.errors import CollectionNotFound, GranuleNotFound
from config.times import order_key, parse_datetime
from records.datasets.catalogue import Catalogue
from records.datasets.granule_selection import iterate_times, select_sheets
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from records.datasets.repository import Repository

GRID = global_grid(8, 4)
STEPS = {"2006-04-16T00:00:00Z": coded(GRID), "2006-05-16T12:00:00Z": coded(GRID) + 1}


def test_a_published_dataset_reads_back_whole(repository: Repository, store: Path) -> None:
    given = publication(store, "sst", STEPS, GRID, nodata=float("nan"), scale=0.5)
    dataset = repository.publish(given)
    assert dataset.version == 1
    assert dataset.variables[0].grid == GRID
    assert dataset.variables[0].nodata != dataset.variables[0].nodata  # NaN
    assert dataset.time is not None
    assert (dataset.time.first, dataset.time.last, dataset.time.count) == (*STEPS, 2)
    assert [g.time for g in repository.granules("sst")] == list(STEPS)


def test_publishing_again_replaces_the_granules_and_raises_the_version(repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "sst", STEPS, GRID))
    dataset = repository.publish(publication(store, "sst", {"2007-01-01": coded(GRID)}, GRID))
    assert dataset.version == 2
    assert [g.time for g in repository.granules("sst")] == ["2007-01-01"]


def test_removing_an_unknown_dataset_is_an_error(repository: Repository) -> None:
    with pytest.raises(CollectionNotFound):
        repository.remove("nothing")


@pytest.mark.parametrize(
    ("expression", "label"),
    [
        ("2006-05-16T12:00:00Z", "2006-05-16T12:00:00Z"),
        ("2006-05", "2006-05-16T12:00:00Z"),
        ("2006-04-01/2006-04-30", "2006-04-16T00:00:00Z"),
        ("../2006-04-30", "2006-04-16T00:00:00Z"),
        ("2006", "2006-05-16T12:00:00Z"),
        ("2006-04-16T00Z", "2006-04-16T00:00:00Z"),
        ("2006-04-15T24:00:00Z", "2006-04-16T00:00:00Z"),
        ("2006-04-01/..", "2006-05-16T12:00:00Z"),
        ("2006-01/2006-05-16T11Z", "2006-04-16T00:00:00Z"),
        ("2006-01/2006-05-16T12", "2006-05-16T12:00:00Z"),
    ],
)
def test_a_time_expression_selects_the_granule_it_means(
    repository: Repository, store: Path, engine: Engine, expression: str, label: str
) -> None:
    dataset = repository.publish(publication(store, "sst", STEPS, GRID))
    (granule,) = select_sheets(engine, dataset, dataset.variable(), when=parse_datetime(expression)).granules
    assert granule.time == label


def test_a_time_without_data_names_what_there_is(repository: Repository, store: Path, engine: Engine) -> None:
    dataset = repository.publish(publication(store, "sst", STEPS, GRID))
    with pytest.raises(GranuleNotFound, match="nearest: 2006-05-16T12:00:00Z"):
        select_sheets(engine, dataset, dataset.variable(), when=parse_datetime("2010"))


def test_a_time_in_the_bounds_of_several_is_not_guessed(repository: Repository, store: Path, engine: Engine) -> None:
    base = publication(store, "sst", STEPS, GRID)
    granules = (replace(granule, start_key=order_key(1991), end_key=order_key(2021)) for granule in base.granules)
    dataset = repository.publish(replace(base, granules=tuple(granules)))
    for expression in ("2000-04-16T00:00:00Z", "2000-04"):
        with pytest.raises(GranuleNotFound, match="such as 2006-04-16T00:00:00Z and 2006-05-16T12:00:00Z"):
            select_sheets(engine, dataset, dataset.variable(), when=parse_datetime(expression))
    found = select_sheets(engine, dataset, dataset.variable(), when=parse_datetime("2000/2001"))
    assert found.granules[0].time == "2006-05-16T12:00:00Z"


def test_data_without_times_match_every_time(repository: Repository, store: Path, engine: Engine) -> None:
    dataset = repository.publish(publication(store, "relief", {None: coded(GRID)}, GRID))
    for expression in ("2006", "2006-04-16T00:00:00Z", "../2006", "2006/..", "../.."):
        when = parse_datetime(expression)
        assert len(select_sheets(engine, dataset, dataset.variable(), when=when).granules) == 1
        assert len(list(iterate_times(engine, dataset, dataset.variable(), when, page=5))) == 1


def test_a_catalogue_forgets_what_another_process_changed(repository: Repository, store: Path, engine: Engine) -> None:
    repository.publish(publication(store, "sst", STEPS, GRID))
    catalogue = Catalogue(engine)
    catalogue.start()
    try:
        assert catalogue.dataset("sst").version == 1
        repository.publish(publication(store, "sst", STEPS, GRID))
        deadline = time.monotonic() + 1
        while catalogue.dataset("sst").version == 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert catalogue.dataset("sst").version == 2
    finally:
        catalogue.close()


def test_the_nearest_time_is_nearest_in_days_not_in_keys(repository: Repository, store: Path, engine: Engine) -> None:
    dataset = repository.publish(publication(store, "sst", STEPS, GRID))
    when = parse_datetime("2006-05-01T00:00:00Z")  # 15 days after the first step, 15.5 before the second
    (granule,) = select_sheets(engine, dataset, dataset.variable(), when=when, nearest=True).granules
    assert granule.time == "2006-04-16T00:00:00Z"


def test_the_parts_of_one_time_are_selected_together_or_by_name(
    repository: Repository, store: Path, engine: Engine
) -> None:
    base = publication(store, "sst", {"2006-04-16T00:00:00Z": coded(GRID)}, GRID)
    parts = tuple(replace(base.granules[0], part=name) for name in ("north", "south"))
    dataset = repository.publish(replace(base, granules=parts))
    assert [g.part for g in select_sheets(engine, dataset, dataset.variable()).granules] == ["north", "south"]
    assert [g.part for g in select_sheets(engine, dataset, dataset.variable(), part="south").granules] == ["south"]
