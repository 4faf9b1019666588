"""`band-math` and `regrid`: maps against numpy, on unlike grids, over several times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cog.grids.ellipsoid import cell_areas
from config.errors import InvalidInput
from tests.support.processes import answer_here, cells_of, context_of
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.web.context import Context
    from tests.support.database import Server

FINE, COARSE = global_grid(72, 36), global_grid(36, 18)
DAYS = ("2020-01-01", "2020-01-02")


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Two days of a fine grid, one of them missing a corner, and a coarse grid without times."""
    with context_of(server, tmp_path_factory.mktemp("maths")) as context:
        holed = coded(FINE)
        holed[:2, :2] = np.nan
        steps: dict[str | None, Any] = {DAYS[0]: coded(FINE), DAYS[1]: holed}
        publish = context.catalogue.repository.publish
        publish(publication(context.store, "fine", steps, FINE, nodata=np.nan, unit="K"))
        publish(publication(context.store, "coarse", {None: coded(COARSE)}, COARSE, unit="K"))
        yield context


FINE_FIELD, COARSE_FIELD = {"collection": "fine"}, {"collection": "coarse"}


def test_a_formula_is_evaluated_at_every_time_of_its_first_field(context: Context) -> None:
    answer = answer_here(context, "band-math", {
        "formula": "log10(a + 1) * k", "fields": {"a": FINE_FIELD, "k": 2}, "datetime": "2020-01", "unit": "1",
    }, parts=2)  # fmt: skip
    links = answer["result"]["maps"]
    assert [link["time"] for link in links] == list(DAYS)
    first, second = (cells_of(context, link) for link in links)
    np.testing.assert_allclose(first, 2 * np.log10(coded(FINE) + 1), rtol=1e-6)
    assert np.isnan(second[:2, :2]).all()
    assert np.isfinite(second).sum() == second.size - 4


def test_the_leading_field_has_the_grid_and_others_are_resampled(context: Context) -> None:
    request = {"formula": "b - a", "fields": {"b": FINE_FIELD, "a": COARSE_FIELD}, "datetime": DAYS[0]}
    with pytest.raises(InvalidInput, match="a: its grid"):
        answer_here(context, "band-math", request)
    answer = answer_here(context, "band-math", request | {"resample": "nearest", "bbox": {"bbox": [170, 0, -170, 10]}})
    cells = cells_of(context, answer["result"]["maps"][0])
    fine = np.concatenate([coded(FINE)[16:18, 70:], coded(FINE)[16:18, :2]], axis=1)
    coarse = np.concatenate([coded(COARSE)[8:9, 35:].repeat(2, 1), coded(COARSE)[8:9, :1].repeat(2, 1)], axis=1)
    np.testing.assert_array_equal(cells, fine - coarse.repeat(2, 0))
    assert answer["result"]["grid"]["transform"][2] == 170


def test_a_formula_over_a_globe_is_published_across_the_antimeridian(context: Context) -> None:
    answer = answer_here(context, "band-math", {
        "formula": "a / 2", "fields": {"a": FINE_FIELD}, "variable": "half", "datetime": DAYS[0],
        "bbox": {"bbox": [170, 0, -170, 10]}, "publish": {"id": "halves", "title": "Halves"},
    })  # fmt: skip
    dataset = context.catalogue.repository.dataset("halves")
    assert (dataset.bbox, dataset.variables[0].id) == ((170, 0, -170, 10), "half")
    assert cells_of(context, answer["result"]["maps"][0])[0, 0] == coded(FINE)[16, 70] / 2


@pytest.mark.parametrize(
    "changes",
    [
        {"formula": "a + c"},
        {"fields": {"a": FINE_FIELD, "b": 1, "c": 1}},
        {"fields": {"a": {"variable": "v"}}, "formula": "a"},
        {"fields": {"a": True}, "formula": "a"},
        {"fields": {"a": 1}, "formula": "a"},
        {"formula": "a.real + b"},
    ],
)
def test_formulae_and_fields_that_do_not_fit_are_refused(context: Context, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        answer_here(context, "band-math", {"formula": "a + b", "fields": {"a": FINE_FIELD, "b": 1}} | changes)


def test_means_by_area_keep_the_integral(context: Context) -> None:
    answer = answer_here(context, "regrid", {"field": FINE_FIELD, "like": COARSE_FIELD, "datetime": DAYS[0]})
    cells = cells_of(context, answer["regridded"]["maps"][0])
    assert cells.shape == (18, 36)
    total = (cells * cell_areas(COARSE)[:, np.newaxis]).sum()
    assert total == pytest.approx((coded(FINE) * cell_areas(FINE)[:, np.newaxis]).sum(), rel=1e-6)
    assert (answer["regridded"]["unit"], answer["regridded"]["variable"]) == ("K", "v")


def test_a_grid_of_a_cell_size_in_another_crs(context: Context) -> None:
    answer = answer_here(context, "regrid", {
        "field": FINE_FIELD, "cell": [500_000, 500_000], "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "extent": [0, 0, 1_000_000, 500_000], "method": "nearest", "datetime": DAYS[0],
    })  # fmt: skip
    link, grid = answer["regridded"]["maps"][0], answer["regridded"]["grid"]
    assert grid["shape"] == [1, 2]
    assert cells_of(context, link)[0].tolist() == [170_036.0, 170_037.0]


@pytest.mark.parametrize(
    "inputs", [{}, {"like": COARSE_FIELD, "cell": [1, 1]}, {"cell": [1, 1]}, {"cell": [1, 1], "extent": [5, 5, 5, 5]},
               {"cell": [1, 1], "extent": [0, 0, 5, 5], "crs": "EPSG:nope"}],
)  # fmt: skip
def test_a_grid_that_is_none_is_refused(context: Context, inputs: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        answer_here(context, "regrid", {"field": FINE_FIELD} | inputs)
