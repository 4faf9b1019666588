"""Statistics of a box over HTTP, against numpy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fastapi.testclient import TestClient

from cog.statistics import exact
from config.settings import LimitSettings
from records.datasets.models import ColorClass
from services.app import create_app
from tests.support.coverages import publication, steps, with_first
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from pathlib import Path

    from config.settings import Settings
    from records.datasets.repository import Repository

GRID = global_grid(720, 360)


def noise() -> np.ndarray:
    """int16 noise, a quarter of it without data."""
    random = np.random.default_rng(2)
    values = random.integers(-3000, 3000, (360, 720)).astype("int16")
    values[random.random(values.shape) < 0.25] = -9999
    return values


def test_the_statistics_are_exact_and_physical(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(
        publication(store, "sst", {None: noise()}, GRID, nodata=-9999.0, scale=0.01, offset=5.0, unit="K")
    )
    for query, rows, columns in (
        ("", slice(None), np.arange(720)),
        ("bbox=-10,-20,30,40", slice(100, 220), np.arange(340, 420)),
        ("bbox=170,-10,-170,10", slice(160, 200), np.arange(700, 740) % 720),
    ):
        (found,) = client.get(f"/collections/sst/statistics?{query}").json()["statistics"]
        stored = noise()[rows][:, columns]
        values = stored[stored != -9999] * 0.01 + 5
        assert (found["cells"], found["count"], found["unit"]) == (stored.size, values.size, "K")
        expected = (values.min(), values.max(), values.mean(), values.std(), values.sum())
        members = [found[name] for name in ("minimum", "maximum", "mean", "stddev", "sum")]
        assert members == pytest.approx(expected, rel=1e-12)
        assert found["median"] == pytest.approx(np.median(values), rel=1e-6)
        told = [found["percentiles"][name] for name in ("2", "25", "50", "75", "98")]
        assert told == pytest.approx(np.percentile(values, [2, 25, 50, 75, 98]), rel=1e-6)


def test_each_time_of_an_interval_has_its_own(client: TestClient, repository: Repository, store: Path) -> None:
    labels = ("2006-04", "2006-05", "2006-06")
    repository.publish(publication(store, "sst", steps(GRID, labels), GRID))
    found = client.get("/collections/sst/statistics?datetime=2006-05/..&bbox=0,0,10,10").json()["statistics"]
    assert [entry["time"] for entry in found] == ["2006-05", "2006-06"]
    assert found[1]["mean"] - found[0]["mean"] == pytest.approx(1000)


def test_classes_are_counted(client: TestClient, repository: Repository, store: Path) -> None:
    values = (np.arange(360 * 720).reshape(360, 720) % 4 == 0).astype("uint8")
    classes = tuple(ColorClass(value=n, color=(n, n, n, 255)) for n in range(2))
    repository.publish(
        with_first(publication(store, "land", {None: values}, GRID), kind="categorical", classes=classes, unit=None)
    )
    (found,) = client.get("/collections/land/statistics").json()["statistics"]
    assert [(c["value"], c["fraction"]) for c in found["classes"]] == [(0, 0.75), (1, 0.25)]
    assert not {"mean", "stddev", "sum", "minimum", "median"} & found.keys()  # codes are no quantities


def test_no_data_at_all_is_null(client: TestClient, repository: Repository, store: Path) -> None:
    values = np.full((360, 720), np.nan, "float32")
    repository.publish(replace(publication(store, "void", {None: values}, GRID, value_range=(0, 1)), id="void"))
    (found,) = client.get("/collections/void/statistics").json()["statistics"]
    assert (found["count"], found["mean"], found["minimum"]) == (0, None, None)


def test_too_many_cells_are_413_and_bad_boxes_400(settings: Settings, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "sst", {None: coded(GRID)}, GRID))
    limited = settings.model_copy(update={"limit": LimitSettings(coverage_cells=1000)})
    with TestClient(create_app(limited)) as client:
        assert client.get("/collections/sst/statistics").status_code == 413
        assert client.get("/collections/sst/statistics?bbox=0,0,10,10").status_code == 200
        for query in ("bbox=nan,0,1,1", "bbox=0,10,1,1", "bbox=0,0,1,1&bbox-crs=x", "f=csv", "bogus=1", "level=2"):
            assert client.get(f"/collections/sst/statistics?{query}").status_code == 400, query


def test_percentiles_of_too_many_values_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "MOST_KEPT", 10)
    statistics = exact.RegionStatistics()
    for _ in range(3):
        statistics.add(np.arange(4.0), np.ones(4, dtype=bool))
    assert (statistics.count, statistics.percentiles([50])) == (12, None)


def test_a_collection_links_to_its_values(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "sst", {None: coded(GRID)}, GRID))
    templates = [entry["uriTemplate"] for entry in client.get("/collections/sst").json()["linkTemplates"]]
    queries = {"{?coords,properties}": "?coords=POINT(1 1)", "{?bbox,properties}": "?bbox=0,0,1,1"}
    assert len(templates) == len(queries)
    for template, (variables, query) in zip(templates, queries.items(), strict=True):
        assert client.get(template.replace(variables, query)).status_code == 200
