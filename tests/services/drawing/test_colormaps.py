"""The named colour maps are rio-tiler's, name by name and colour by colour."""

from __future__ import annotations

import subprocess
import sys

import pytest
from rio_tiler.colormap import cmap

from config.errors import InvalidParameter
from services.drawing import colormaps


def test_names_and_colours_are_those_of_rio_tiler() -> None:
    assert list(colormaps.names()) == sorted(cmap.list())
    for name in colormaps.names():
        assert colormaps.table(name) == cmap.get(name), name


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="styles list"):
        colormaps.table("no-such-map")


def test_an_ingest_starts_without_the_libraries_of_drawing() -> None:
    code = (
        "import sys, services.cli.data.ingest; print([n for n in ('rio_tiler', 'xarray', 'dask') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
