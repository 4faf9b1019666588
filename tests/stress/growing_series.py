"""`python -m tests.stress.growing_series URL STORE DAY`: adds, corrects and compacts days until it is killed."""

from __future__ import annotations

import random
import sys
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine

from cog.series import layout
from records.database.engine import driver_url
from records.datasets.repository import Repository
from records.datasets.series.series_parts import SeriesParts
from services.ingest.series import planning
from services.ingest.series.building import build_series
from services.ingest.workers import Workers
from tests.support.days import TIERS, add_days, values


def main() -> None:
    url, store, first = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    layout.TIERS = planning.TIERS = TIERS  # type: ignore[misc]  # parts of few times
    repository, chance = Repository(create_engine(driver_url(url))), random.Random(first)
    with Workers(1) as workers:
        for day in count(first):
            add_days(repository, store, {day: values(day)})
            if day and chance.random() < 0.3:
                old, version = chance.randrange(day), chance.randrange(1, 1_000_000)
                add_days(repository, store, {old: values(old, version)}, version)
            if repository.dataset("et").series != "on":
                SeriesParts(repository.engine).choose("et", "on")
            build_series(repository, store, repository.dataset("et"), workers=workers)
            print(day, flush=True)


if __name__ == "__main__":
    main()
