"""An ingest that is killed publishes nothing or all, and the next one ends as if nothing had happened.

One random moment of each stage and victim; `make stress` tries twenty.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

import pytest

from tests.support.stops import VICTIMS, Ground, Victim, ground

pytestmark = pytest.mark.served

STAGES = ("starting", "inspecting", "converting", "publishing")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground")) as found:
        yield found


def test_every_stage_of_an_undisturbed_ingest_is_announced(place: Ground) -> None:
    assert set(STAGES) <= set(place.normal.stages)


@pytest.mark.parametrize(
    ("stage", "victim"), [*product(STAGES[2:], VICTIMS), ("starting", "ingest"), ("inspecting", "worker")]
)
def test_a_killed_ingest_leaves_nothing_half_done(place: Ground, stage: str, victim: Victim) -> None:
    place.stop(stage, victim, random.Random(f"{stage} {victim}"))
