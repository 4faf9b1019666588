"""CoverageJSON, CSV, COG and PNG over HTTP, against the stored arrays."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from rasterio.io import MemoryFile
from rio_cogeo.cogeo import cog_validate

from config.grids import CRS84, Grid
from config.settings import LimitSettings
from services.app import create_app
from tests.support.coverages import get, publication, steps, with_first, with_variable
from tests.support.levels import with_levels
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from pathlib import Path

    from config.settings import Settings
    from records.datasets.repository import Repository

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 50.0), width=6, height=4)
LABELS = ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z")


def packed() -> np.ndarray:
    """int16 values 0, 1, 2, ... with one cell without data."""
    values = np.arange(24).reshape(4, 6).astype("int16")
    values[1, 2] = -1
    return values


def values_of(document: dict[str, Any], name: str) -> np.ndarray:
    """A range as an array, NaN for null."""
    found = document["ranges"][name]
    return np.array([np.nan if v is None else v for v in found["values"]]).reshape(found["shape"])


def test_coverage_json_holds_physical_values_and_null(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(
        publication(store, "cj", {LABELS[0]: packed()}, GRID, nodata=-1.0, scale=0.1, offset=2.0, unit="K")
    )
    answer = get(client, "cj", "f=covjson")
    assert answer.headers["content-type"] == "application/vnd.cov+json"
    document = answer.json()
    expected = np.where(packed() == -1, np.nan, packed() * 0.1 + 2)[np.newaxis]
    assert np.allclose(values_of(document, "v"), expected, equal_nan=True, rtol=1e-11)
    assert document["ranges"]["v"]["axisNames"] == ["t", "y", "x"]
    assert document["parameters"]["v"]["unit"] == {"symbol": "K"}
    axes = document["domain"]["axes"]
    assert axes["x"] == {"start": 100.5, "stop": 105.5, "num": 6}
    assert axes["y"] == {"start": 49.5, "stop": 46.5, "num": 4}
    assert axes["t"] == {"values": [LABELS[0]]}


def test_coverage_json_has_every_time_level_and_variable(
    client: TestClient, repository: Repository, store: Path
) -> None:
    base = with_variable(publication(store, "cj", steps(GRID, LABELS), GRID), store, "w", coded(GRID) + 0.5)
    repository.publish(with_levels(base, store, {"0": 0.0, "10": 100_000.0}))
    document = get(client, "cj", "f=covjson&properties=w,v&subset=level(*)").json()
    found = values_of(document, "v")
    assert found.shape == (2, 2, 4, 6)
    assert np.array_equal(found[1, 1], steps(GRID, LABELS)[LABELS[1]] + 100_000)
    assert document["domain"]["axes"]["z"] == {"values": [0.0, 10.0]}
    assert list(document["ranges"]) == ["w", "v"]


def test_csv_is_a_line_a_cell_with_units_in_its_header(client: TestClient, repository: Repository, store: Path) -> None:
    base = publication(
        store, "cells", {LABELS[0]: packed(), LABELS[1]: packed()}, GRID, nodata=-1.0, scale=0.5, unit="K"
    )
    repository.publish(base)
    answer = get(client, "cells", "f=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    header, *lines = csv.reader(io.StringIO(answer.text))
    assert header == ["time", "longitude [degrees_east]", "latitude [degrees_north]", "v [K]"]
    assert len(lines) == 2 * 24
    assert lines[0] == [LABELS[0], "100.5", "49.5", "0"]
    assert lines[24 + 6 + 2] == [LABELS[1], "102.5", "48.5", ""]
    found = [float(line[3]) if line[3] else np.nan for line in lines[:24]]
    assert np.array_equal(found, np.where(packed() == -1, np.nan, packed() * 0.5).ravel(), equal_nan=True)


def test_floats_have_the_digits_of_their_own_type(client: TestClient, repository: Repository, store: Path) -> None:
    values = np.full((4, 6), 0.1, "float32")
    values[0, 1] = np.inf
    repository.publish(publication(store, "tenth", {None: values}, GRID, value_range=(0, 1)))
    lines = get(client, "tenth", "f=csv").text.splitlines()
    assert (lines[1].rpartition(",")[2], lines[2].rpartition(",")[2]) == ("0.1", "")


def test_a_cog_is_a_valid_one_with_the_stored_values(client: TestClient, repository: Repository, store: Path) -> None:
    grid = global_grid(1024, 600)
    repository.publish(publication(store, "world", {None: coded(grid)}, grid))
    answer = get(client, "world", "f=cog")
    assert answer.headers["content-type"] == "image/tiff; application=geotiff; profile=cloud-optimized"
    with MemoryFile(answer.content) as memory, memory.open() as source:
        assert np.array_equal(source.read(1), coded(grid))
        assert source.overviews(1)
        assert cog_validate(memory.name, quiet=True)[0]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_picture_is_small_and_transparent_where_there_are_no_data(
    client: TestClient, repository: Repository, store: Path
) -> None:
    grid = global_grid(2048, 1024)
    values = coded(grid)
    values[:, :1024] = -1
    repository.publish(publication(store, "world", {None: values}, grid, nodata=-1.0, value_range=(0, 1e7)))
    answer = get(client, "world", "f=png")
    with MemoryFile(answer.content) as memory, memory.open() as source:
        assert (source.width, source.height, source.count) == (1024, 512, 4)
        alpha = source.read(4)
    assert (alpha[:, :512].max(), alpha[:, 512:].min()) == (0, 255)


@pytest.mark.parametrize(("format_", "status"), [("csv", 413), ("covjson", 413), ("netcdf", 200)])
def test_text_may_have_a_tenth_of_the_cells(
    settings: Settings, repository: Repository, store: Path, format_: str, status: int
) -> None:
    repository.publish(publication(store, "cells", {None: coded(GRID)}, GRID))
    limited = settings.model_copy(update={"limit": LimitSettings(coverage_cells=200)})
    with TestClient(create_app(limited)) as client:
        answer = get(client, "cells", f"f={format_}")
    assert answer.status_code == status
    if status == 413:
        assert "scale-factor=2" in answer.json()["detail"]


def test_classes_are_categories_and_their_codes(client: TestClient, repository: Repository, store: Path) -> None:
    from records.datasets.models import ColorClass

    values = (np.arange(24).reshape(4, 6) % 2).astype("uint8")
    classes = tuple(ColorClass(value=n, color=(n, n, n, 255), title={"en": f"Class {n}"}) for n in range(2))
    base = with_first(publication(store, "land", {None: values}, GRID), kind="categorical", classes=classes, unit=None)
    repository.publish(replace(base, id="land"))
    document = get(client, "land", "f=covjson").json()
    assert document["parameters"]["v"]["categoryEncoding"] == {"class-0": 0, "class-1": 1}
    assert document["ranges"]["v"]["dataType"] == "integer"
    assert np.array_equal(values_of(document, "v"), values)
