"""`graticule series`: what an operator sees of the parts of series."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from pathlib import Path

    from records.datasets.repository import Repository
    from tests.services.cli.conftest import Run

DAYS = 20


@pytest.fixture
def published(run: Run, repository: Repository, tmp_path: Path) -> Path:
    """The store with a dataset of 20 days."""
    store = tmp_path / "var" / "store"
    values = {f"1990-01-{day:02d}": np.full((20, 40), day / 4, "float32") for day in range(1, DAYS + 1)}
    repository.publish(publication(store, "et", dict(values), global_grid(40, 20)))
    return store


def test_parts_are_built_shown_verified_and_dropped(run: Run, published: Path) -> None:
    code, out, _ = run("series", "status", "--json")
    (state,) = (json.loads(line) for line in out.splitlines())
    assert (code, state["choice"], state["steps"], state["parts"], state["unbuilt"]) == (0, "auto", DAYS, 0, 0)
    assert run("series", "build", "et")[:2] == (0, "et\tbuilt 1 parts\n")
    assert run("series", "build", "et")[1] == "et\tbuilt 0 parts\n"
    columns = run("series", "status", "et")[1].rstrip("\n").split("\t")
    assert columns[:7] == ["et", "v", "-", "20 times", "16 in parts", "1 parts", "0 to be built"]
    code, out, _ = run("series", "verify", "et", "--values")
    assert (code, out.split("\t")[0]) == (0, "right")
    assert run("series", "drop", "et")[1] == "et\tdropped 1 parts\n"
    assert json.loads(run("series", "status", "--json")[1])["choice"] == "off"
    _, out, _ = run("store", "gc", "--grace", "0")
    assert out.split("\t")[1] == "unused"
    assert not list(published.glob("et/v/series/*"))


def test_a_part_that_is_damaged_is_named(run: Run, published: Path) -> None:
    run("series", "build", "et")
    (part,) = published.glob("et/v/series/*")
    (part / "c/0/0/0").write_bytes(b"")
    code, out, err = run("series", "verify", "et")
    assert (code, out.split("\t")[0]) == (2, "wrong")
    assert part.name in out
    assert "1 parts are wrong" in err


def test_an_unknown_dataset_is_an_error(run: Run) -> None:
    for command in ("build", "drop", "verify", "status"):
        code, _, err = run("series", command, "nothing")
        assert (code, "nothing" in err) == (2, True)
