"""The process that docs/processes.md shows how to write computes what it says."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from records.datasets.catalogue import Catalogue
from services.processes.requests import validation
from services.web.context import Context
from tests.support.paths import DOCS
from tests.support.rasters import coded, global_grid, publication
from tests.support.zones import Here

if TYPE_CHECKING:
    from config.settings import Settings
    from records.datasets.repository import Repository

GRID = global_grid(8, 4)


def documented_process() -> Any:
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / "processes.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (text,) = (block for block in blocks if "class Mean:" in block)
    names: dict[str, Any] = {"__name__": __name__}
    exec(text, names)
    return names["Mean"]()


def test_the_documented_process_computes_a_mean(settings: Settings, repository: Repository) -> None:
    steps: dict[str | None, Any] = {"2020-01-01": coded(GRID), "2020-01-02": coded(GRID) + 1}
    repository.publish(publication(settings.store_dir, "codes", steps, GRID))
    process = documented_process()
    with closing(Catalogue(repository.engine)) as catalogue:
        here = Here(Context(settings=settings, catalogue=catalogue, store=settings.store_dir))
        request = validation.check({"inputs": {"collection": "codes"}}, process.description)
        process.require(request, here.context)
        plan = process.plan(request, here)
        outputs = process.combine(request, plan, [process.part(part, here) for part in plan.parts], here)
    assert outputs == {"mean": np.mean(coded(GRID), dtype="float64") + 0.5}
