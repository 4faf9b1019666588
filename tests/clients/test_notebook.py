"""The code of a notebook runs as Jupyter would run it."""

from __future__ import annotations

import json
import urllib.request

import pytest

DATASETS = ["linke-turbidity", "air-temperature-a1b", "toa-brightness-temperature"]


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_code_of_a_notebook_runs(demo: str, dataset: str) -> None:
    pytest.importorskip("matplotlib", reason="not run: matplotlib is not installed").use("Agg")
    with urllib.request.urlopen(f"{demo}/collections/{dataset}/notebook") as answer:
        cells = json.load(answer)["cells"]
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile(cell["source"], cell["id"], "exec"), names)
    assert len(names["series"]) >= 1  # type: ignore[arg-type]
