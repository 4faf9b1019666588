"""Kills at many random moments of every stage: of the worker, of the ingest, of PostgreSQL."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support.stops import VICTIMS, Ground, Victim, ground

MOMENTS = 20


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground")) as found:
        yield found


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("victim", VICTIMS)
def test_kills_in_every_stage(place: Ground, victim: Victim, capsys: pytest.CaptureFixture[str]) -> None:
    for stage, (start, end) in place.normal.stages.items():
        chance = random.Random(f"{stage} {victim}")
        seen = Counter(place.stop(stage, victim, chance) for _ in range(MOMENTS))
        with capsys.disabled():
            print(f"\n{victim} killed in {stage} ({end - start:.3f} s): {dict(seen)}")
