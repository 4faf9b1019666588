"""The code of the guides that needs programs of its own."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray

from services.portal.pages.guides import WRITTEN_BASE
from tests.clients.conftest import output
from tests.support.guides import code

PYTHON = [block for block in code("science", "python") if "odc.stac" not in block]


def _for(base: str, block: str) -> str:
    return block.replace(WRITTEN_BASE, base)


@pytest.mark.parametrize("block", PYTHON, ids=range(len(PYTHON)))
def test_python_of_a_guide_runs(demo: str, block: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(_for(demo, block), "guide", "exec"), {})
    shown = capsys.readouterr().out
    assert re.search(r"\d", shown)
    assert "nan" not in shown.lower()


@pytest.mark.filterwarnings("ignore:The .shapely.ops:DeprecationWarning")  # odc-geo calls it
def test_odc_stac_loads_what_the_guide_says(demo: str) -> None:
    pytest.importorskip("odc.stac", reason="not run: odc-stac is not installed")
    block = next(block for block in code("science", "python") if "odc.stac" in block)
    names: dict[str, object] = {}
    exec(compile(_for(demo, block), "guide", "exec"), names)
    assert 1 < float(names["values"].max()) < 13  # type: ignore[attr-defined]


def _series(printed: str) -> list[float]:
    return [float(word) for word in printed.replace("[1]", " ").split() if word.replace(".", "").isdigit()]


@pytest.fixture(scope="module")
def beijing(demo: str) -> list[float]:
    """The series of a cell, as the Zarr store has it."""
    data = xarray.open_zarr(f"{demo}/collections/linke-turbidity/zarr")
    values: list[float] = data.linke_turbidity.sel(lon=116.4, lat=39.9, method="nearest").values.tolist()
    return values


def test_r_reads_the_series_that_xarray_reads(demo: str, beijing: list[float]) -> None:
    printed = output("Rscript", "-e", _for(demo, code("science", "r")[0]))
    np.testing.assert_allclose(_series(printed), beijing, atol=0.01)


def test_octave_reads_the_series_that_xarray_reads(demo: str, beijing: list[float]) -> None:
    block = "pkg load netcdf; " + _for(demo, code("science", "matlab")[0])
    printed = output("octave", "--no-gui", "--quiet", "--eval", block)
    np.testing.assert_allclose(_series(printed), beijing, atol=0.01)
