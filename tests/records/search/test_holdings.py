from __future__ import annotations

from typing import TYPE_CHECKING

from records.search.holdings import holdings, newest
from tests.support.datasets import dated
from tests.support.series import long_series, with_levels

if TYPE_CHECKING:
    from pathlib import Path

    from records.datasets.repository import Repository


def test_holdings_count_what_is_public_and_follow_changes(repository: Repository, store: Path) -> None:
    assert holdings(repository.engine).datasets == 0
    published = [repository.publish(made) for made in (dated(store), long_series(store, 3))]
    files = {g.asset.href: g.asset.size for d in published for g in repository.granules(d.id)}
    held = holdings(repository.engine)
    assert (held.datasets, held.variables) == (2, sum(len(d.variables) for d in published))
    assert (held.files, held.size) == (len(files), sum(files.values()))
    assert held.first == min(d.time.first for d in published if d.time)
    repository.publish(with_levels(store))
    assert holdings(repository.engine).datasets == 3
    repository.hide(published[0].id, hidden=True)
    assert holdings(repository.engine).datasets == 2


def test_the_newest_dataset_is_the_one_changed_last(repository: Repository, store: Path) -> None:
    first = repository.publish(dated(store))
    second = repository.publish(long_series(store, 3))
    assert [d.id for d in newest(repository.engine, limit=2)] == [second.id, first.id]
    repository.hide(second.id, hidden=True)
    assert [d.id for d in newest(repository.engine, limit=2)] == [first.id]
