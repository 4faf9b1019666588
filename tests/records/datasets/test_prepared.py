"""The prepared statements of first requests say what the ORM says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from config.errors import InvalidInput, Overloaded
from config.times import parse_datetime
from records.database.engine import direct_connection
from records.database.orm import DatasetRow
from records.datasets import catalogue as catalogue_module
from records.datasets import prepared, rows
from records.datasets.models import ColorClass, LayerAxis, Style
from tests.support.rasters import coded, global_grid, publication
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from records.datasets.publication import Publication
    from records.datasets.repository import Repository

GRID = global_grid(8, 4)
STEPS = {"2006-04-16T00:00:00Z": coded(GRID), "2006-05-16T12:00:00Z": coded(GRID) + 1}


def _rich(store: Path) -> Publication:
    """Two variables, one with classes and levels, each with two styles, in the order in which they are given."""
    given = publication(store, "sst", STEPS, GRID, nodata=-1.0, scale=2.0, value_range=(0.0, 3.0))
    (first,) = given.variables
    classes = (ColorClass(value=1, color=(1, 2, 3, 255), title={"en": "Ice", "zh": "冰"}),)
    levels = LayerAxis(name="depth", unit="m", positive="down", labels=("0", "10"), bounds=(("0", "5"), ("5", "15")))
    plain = Style(id="a", title={"en": "First by name"}, range=(1.0, 2.5), scale="log", colormap="gray")
    second = replace(first, id="a", classes=classes, kind="categorical", levels=levels, scale=1.0, offset=0.25)
    return replace(given, variables=(replace(first, styles=(*first.styles, plain)), second))


def test_a_dataset_is_the_same_as_by_the_orm(repository: Repository, engine: Engine, store: Path) -> None:
    repository.publish(_rich(store))
    with Session(engine) as session:
        row = session.get(DatasetRow, "sst")
        assert row is not None
        by_orm = rows.dataset(row)
    holding = prepared.read_holding(engine, "sst")
    assert holding is not None
    by_statement = holding.dataset
    assert by_statement == by_orm
    assert repr(by_statement) == repr(by_orm)  # numbers are of the same types
    assert [style.id for style in by_orm.variables[0].styles] == ["default", "a"]
    assert prepared.read_holding(engine, "nothing") is None


@pytest.mark.parametrize(
    ("when", "labels"),
    [
        (None, ["2006-05-16T12:00:00Z", "2006-04-16T00:00:00Z"]),
        ("2006-04-16T00:00:00Z", ["2006-04-16T00:00:00Z"]),
        ("../2006-05", ["2006-05-16T12:00:00Z", "2006-04-16T00:00:00Z"]),
        ("2007/..", []),
    ],
)
def test_the_last_granules_are_those_of_the_catalogue(
    repository: Repository, engine: Engine, store: Path, when: str | None, labels: list[str]
) -> None:
    repository.publish(publication(store, "sst", STEPS, GRID))
    matches = prepared.last_granules(engine, "sst", "v", None if when is None else parse_datetime(when))
    assert [granule.time for granule in matches] == labels
    assert all(granule in list(repository.granules("sst")) for granule in matches)
    assert prepared.last_granules(engine, "sst", "v", None, part="other") == []


@pytest.mark.parametrize("when", [None, "2006-04-16T00:00:00Z", "../2006-05", "2007/..", "2006-05/.."])
@pytest.mark.parametrize("part", [None, "other"])
def test_few_granules_are_read_with_their_dataset_and_found_as_by_the_catalogue(
    repository: Repository, engine: Engine, store: Path, when: str | None, part: str | None
) -> None:
    repository.publish(publication(store, "sst", STEPS, GRID))
    holding = prepared.read_holding(engine, "sst")
    assert holding is not None
    times = None if when is None else parse_datetime(when)
    by_catalogue = prepared.last_granules(engine, "sst", "v", times, part=part)
    by_holding = holding.last_granules("v", times, layer=None, part=part)
    assert by_holding == by_catalogue
    assert repr(by_holding) == repr(by_catalogue)


def test_many_granules_are_left_to_the_catalogue(repository: Repository, engine: Engine, store: Path) -> None:
    repository.publish(publication(store, "sst", STEPS | {"2007-01-01": coded(GRID)}, GRID))
    holding = prepared.read_holding(engine, "sst")
    assert holding is not None
    assert holding.last_granules("v", None, layer=None, part=None) is None


def test_the_catalogue_of_a_process_keeps_so_many_bytes_of_datasets(
    repository: Repository, engine: Engine, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["a", "b", "c"]
    for name in names:
        repository.publish(publication(store, name, STEPS, GRID))
    size = catalogue_module.memory_of(repository.holding("a"))
    monkeypatch.setattr(catalogue_module, "MAX_BYTES", 2 * size)
    catalogue = catalogue_module.Catalogue(engine)
    catalogue.start()
    try:
        eventually(lambda: (catalogue.dataset("c"), catalogue.cached("c"))[1], bool)
        for name in names:
            assert catalogue.dataset(name).id == name
        assert [catalogue.cached(name) is not None for name in names] == [False, True, True]
    finally:
        catalogue.close()


def test_errors_are_ours_and_the_pool_goes_on(engine: Engine) -> None:
    with pytest.raises(InvalidInput), direct_connection(engine) as connection:
        connection.execute("select 1 / 0")
    with pytest.raises(Overloaded), direct_connection(engine) as connection:
        connection.execute("set statement_timeout = 1; select pg_sleep(1)")
    with engine.connect() as connection:
        assert connection.scalar(text("select 1")) == 1


def test_a_transaction_of_the_pool_is_one_again_after_a_direct_statement(engine: Engine) -> None:
    with direct_connection(engine) as connection:
        connection.execute("select 1")
    with engine.connect() as link:
        link.execute(text("create temporary table kept (a int)"))
        link.rollback()
        assert link.scalar(text("select to_regclass('kept')")) is None
