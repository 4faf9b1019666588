"""Items are kept in step with granules, by publishing and by the migration that made the first of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from config.times import order_key
from records.datasets.items.places import item_id, nominal
from tests.support.levels import with_members
from tests.support.series import climatology, long_series, with_levels

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from records.datasets.repository import Repository

_ITEMS = 'select dataset_id, id, moment, start, "end", variables, ST_AsText(geometry), state from items order by 1, 2'


def stored(engine: Engine, query: str = _ITEMS) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_publishing_writes_what_changed_and_withdraws_what_went(
    repository: Repository, store: Path, engine: Engine
) -> None:
    given = long_series(store, 4)
    repository.publish(given)
    before = dict(stored(engine, "select id, updated from items"))
    first, second, third, _ = given.granules
    moved = replace(second, end_key=order_key(1980, 1, 5))
    repository.publish(replace(given, granules=(first, moved, third)))
    after = dict(stored(engine, "select id, updated from items"))
    ids = [f"long_1980010{n}T000000Z" for n in (1, 2, 3)]
    assert sorted(after) == ids
    assert [after[name] == before[name] for name in ids] == [True, False, True]
    repository.remove("long")
    assert stored(engine) == []


def test_data_without_time_are_when_their_record_says(repository: Repository, store: Path, engine: Engine) -> None:
    given = with_levels(store)
    dataset = repository.publish(given)
    moments = 'select distinct moment, start, "end" from items'
    assert stored(engine, moments) == [(dataset.created,) * 3]
    record = given.record | {"time": {"interval": ["2001-02-01", "2001-02-03"]}}
    repository.revise(dataset, repository.origin("deep"), record)
    first, last = datetime(2001, 2, 1, tzinfo=UTC), datetime(2001, 2, 3, 23, 59, 59, 999999, tzinfo=UTC)
    assert stored(engine, moments) == [(first, first, last)]


def test_the_migration_makes_the_items_that_publishing_makes(
    repository: Repository, store: Path, engine: Engine
) -> None:
    for given in (long_series(store, 3), climatology(store), with_levels(store)):
        repository.publish(given)
    before = stored(engine)
    with engine.begin() as connection:
        connection.execute(text("delete from items"))
        connection.execute(text("alter table granules rename column layer to level"))  # as it was then
        import_module("records.database.migrations.versions.r0008_items")._fill(connection)  # noqa: SLF001 - what it does once
        connection.execute(text("alter table granules rename column level to layer"))
    assert len(before) == 3 + 12 + 3
    assert stored(engine) == before


def test_the_migration_makes_members_of_those_that_stood_in_for_levels(
    repository: Repository, store: Path, engine: Engine
) -> None:
    repository.publish(with_members(long_series(store, 2), store, {"0": 0.0, "1": 1.0}))
    repository.publish(with_levels(store))
    queries = [
        text("select dataset_id, id, levels, members from variables order by 1, 2"),
        text("select dataset_id, time, layer from granules order by 1, 2, 3"),
        text("select dataset_id, id, level, member from items order by 1, 2"),
    ]
    migration = import_module("records.database.migrations.versions.r0020_members")
    with engine.connect() as connection:
        before = [connection.execute(query).all() for query in queries]
        with Operations.context(MigrationContext.configure(connection)):
            migration.downgrade()
            old = connection.execute(text("select id, level from items where dataset_id = 'long' order by id")).all()
            migration.upgrade()
        after = [connection.execute(query).all() for query in queries]
        connection.rollback()
    assert tuple(old[1]) == ("long_19800101T000000Z_level-1", "1")
    assert after == before


def test_the_migration_lists_the_times_that_publishing_lists(
    repository: Repository, store: Path, engine: Engine
) -> None:
    for given in (long_series(store, 3), climatology(store)):
        repository.publish(given)
    labels = text("select id, time -> 'labels' from datasets order by id")
    with engine.begin() as connection:
        before = connection.execute(labels).all()
        connection.execute(text("update datasets set time = time - 'labels'"))
        connection.execute(text(import_module("records.database.migrations.versions.r0015_listed_times").FILL))
        after = [(id_, listed or []) for id_, listed in connection.execute(labels)]
    assert after == [tuple(row) for row in before]
    assert sorted(len(listed) for _, listed in after) == [0, 12]


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ((None, None, None), "sea"),
        (("2006-05-16T12:00:00Z", None, None), "sea_20060516T120000Z"),
        (("-0500-01-01T00:00:00Z", None, None), "sea_-05000101T000000Z"),
        (("2006-05", "500", "n30e110"), "sea_2006-05_level-500_n30e110"),
        (("2006-05", "500@3", None), "sea_2006-05_level-500_member-3"),
        (("2006-05", "@3", "a"), "sea_2006-05_member-3_a"),
    ],
)
def test_an_id_names_what_tells_an_item_apart(place: tuple[str | None, str | None, str | None], found: str) -> None:
    assert item_id("sea", *place) == found


def test_places_that_look_alike_have_ids_of_their_own() -> None:
    places = [
        (None, None, "2006"),
        ("2006", None, None),
        (None, "5", None),
        (None, None, "level-5"),
        (None, "@5", None),
        (None, None, "member-5"),
        (None, "5@5", None),
        (None, None, "a b"),
    ]
    places += [
        (None, None, "a-b"),
        (None, None, "a_b"),
        (None, "a", "b"),
        (None, "x" * 70, None),
        (None, "x" * 60, None),
    ]
    assert len({item_id("sea", *place) for place in places}) == len(places)


@pytest.mark.parametrize(
    ("key", "moment"),
    [
        (order_key(2001, 2, 30, 6), datetime(2001, 2, 28, 6, tzinfo=UTC)),
        (order_key(2004, 2, 29), datetime(2004, 2, 29, tzinfo=UTC)),
        (order_key(-21000), datetime(1, 1, 1, tzinfo=UTC)),
        (order_key(12000), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_moment_of_another_calendar_has_a_nominal_one(key: int, moment: datetime) -> None:
    assert nominal(key) == moment
