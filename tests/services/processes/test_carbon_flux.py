"""`air-sea-co2-flux`: maps against the formula, units, grids, publication, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cog.grids.ellipsoid import cell_areas
from config.declarations.datasets import parse_declaration
from config.errors import Conflict, GranuleNotFound, GraticuleError, InvalidInput, TooLarge
from config.grids import CRS84, Grid
from services.ingest.pipeline import ingest
from tests.cog.science.test_carbon_flux import FLUX, JANUARY, POINTS, needs_takahashi
from tests.support.processes import answer_here, cells_of, context_of
from tests.support.rasters import global_grid, publication
from tests.support.sources import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 10.0), width=5, height=2)
MONTHS = ("2020-01", "2020-02")
NAMES = ("sst", "salinity", "wind", "moment", "sea", "xco2", "pressure", "ice")
UNITS = ("K", "psu", "m s-1", "m2 s-2", "uatm", "ppm", "atm", "%")


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A catalogue of the five points of the formula, one a column, in the units that data come in."""
    with context_of(server, tmp_path_factory.mktemp("flux")) as context:
        for number, (name, unit) in enumerate(zip(NAMES, UNITS, strict=True)):
            values = np.tile(POINTS[:, number], (2, 1)).astype("float64")
            values = values + 273.15 if unit == "K" else 100 * values if unit == "%" else values
            if name == "sea":
                values[1, 4] = np.nan
            steps: dict[str | None, Any] = {None: values} if name == "pressure" else dict.fromkeys(MONTHS, values)
            made = publication(context.store, name, steps, GRID, nodata=np.nan, unit=unit)
            context.catalogue.repository.publish(made)
        coarse = global_grid(36, 18)
        made = publication(context.store, "coarse", {None: np.full((18, 36), 1013.25)}, coarse, unit="hPa")
        context.catalogue.repository.publish(made)
        yield context


def inputs(**changes: Any) -> dict[str, Any]:
    ours = {
        "sst": {"collection": "sst"}, "salinity": {"collection": "salinity"}, "wind": {"collection": "wind"},
        "wind_moment2": {"collection": "moment"}, "pco2_sea": {"collection": "sea"}, "xco2": {"collection": "xco2"},
        "pressure": {"collection": "pressure"}, "ice": {"collection": "ice"}, "datetime": "2020-01",
    } | changes  # fmt: skip
    return {name: value for name, value in ours.items() if value is not None}


@pytest.mark.parametrize("transfer", FLUX)
def test_maps_hold_the_five_points_whatever_the_units_of_the_data(context: Context, transfer: str) -> None:
    answer = answer_here(context, "air-sea-co2-flux", inputs(transfer=transfer))
    [link] = answer["flux"]["maps"]
    flux = cells_of(context, link)
    assert flux[0] == pytest.approx(FLUX[transfer], rel=1e-6)  # single precision
    assert np.isnan(flux[1, 4])
    assert link["statistics"]["valid"] == 9
    assert "sst was converted from K to degC" in " ".join(answer["flux"]["lineage"]).replace("Sst", "sst")
    assert "ice was converted from % to 1" in " ".join(answer["flux"]["lineage"]).replace("Ice", "ice")


def test_the_summary_has_totals_by_area_and_days(context: Context) -> None:
    answer = answer_here(context, "air-sea-co2-flux", inputs(datetime="2020-01/2020-02"), parts=2)
    rows = answer["summary"]["times"]
    assert [row["time"] for row in rows] == list(MONTHS)
    areas = cell_areas(GRID)
    flux = np.array(FLUX["W14"])
    daily = areas[0] * flux.sum() + areas[1] * flux[:4].sum()
    assert rows[0]["total_TgC"] == pytest.approx(daily * 31 * 12.011e-15, rel=1e-6)
    assert rows[1]["total_TgC"] == pytest.approx(daily * 29 * 12.011e-15, rel=1e-6)
    assert (rows[0]["cells"], rows[0]["area_m2"]) == (9, pytest.approx(5 * areas[0] + 4 * areas[1]))
    assert rows[0]["mean"] == pytest.approx(daily / rows[0]["area_m2"], rel=1e-6)
    assert 0.2 * abs(rows[0]["total_TgC"]) < rows[0]["total_uncertainty_TgC"]


def test_a_monthly_flux_has_the_days_of_its_month(context: Context) -> None:
    outputs = {"flux": {}}
    answer = answer_here(
        context, "air-sea-co2-flux", inputs(datetime="2020-02", units="g C m-2 month-1"), outputs_=outputs
    )
    assert answer["unit"] == "g C m-2 month-1"
    assert cells_of(context, answer["maps"][0])[0] == pytest.approx(np.array(FLUX["W14"]) * 12.011e-3 * 29, rel=1e-6)


def test_numbers_stand_for_fields_and_outputs_are_chosen(context: Context) -> None:
    answer = answer_here(
        context, "air-sea-co2-flux", inputs(pressure=1013.25, ice=0), outputs_={"pco2_air": {}, "dpco2": {}}
    )
    assert set(answer) == {"pco2_air", "dpco2"}
    assert cells_of(context, answer["pco2_air"]["maps"][0])[0, 0] == pytest.approx(380.549088, rel=1e-6)


def test_each_theme_has_its_uncertainty_which_may_be_a_field(context: Context) -> None:
    themes = ("pco2_sea_uncertainty", "pco2_air_uncertainty", "dpco2_uncertainty", "flux_uncertainty", "flux")
    request = inputs(
        uncertainty={"k": 0, "k0": 0.1, "pco2_sea": 3}, pco2_air_uncertainty={"collection": "ice", "unit": "uatm"}
    )
    answer = answer_here(context, "air-sea-co2-flux", request, outputs_={name: {} for name in themes})
    sea, air, both, total, flux = (cells_of(context, answer[name]["maps"][0])[0] for name in themes)
    assert sea == pytest.approx(3)
    assert air[2] == pytest.approx(40)  # 40 % of ice stand in for 40 uatm
    assert both == pytest.approx(np.hypot(sea, air))
    dry = answer_here(context, "air-sea-co2-flux", inputs(), outputs_={"dpco2": {}})
    sensitivity = flux / cells_of(context, dry["maps"][0])[0]
    assert total == pytest.approx(np.hypot(0.1 * flux, sensitivity * both), rel=1e-4)
    assert answer["dpco2_uncertainty"]["unit"] == "uatm"


def test_published_maps_are_a_collection_with_lineage_and_style(context: Context) -> None:
    publish = {"id": "flux-of-five", "title": {"en": "Five", "zh": "五点"}}
    request = inputs(publish=publish, datetime="2020-01/2020-02")
    answer = answer_here(context, "air-sea-co2-flux", request, outputs_={"flux": {}, "dpco2": {}})
    assert answer["flux"]["collection"] == "http://localhost:8080/collections/flux-of-five"
    dataset = context.catalogue.repository.dataset("flux-of-five")
    assert [variable.id for variable in dataset.variables] == ["flux", "dpco2"]
    assert dataset.title["zh"] == "五点"
    assert dataset.time is not None
    assert (dataset.time.count, dataset.time.end[:10]) == (2, "2020-03-01")
    style = dataset.variable("flux").style()
    assert style.range is not None
    assert style.range[0] == -style.range[1]
    granule, _ = context.catalogue.repository.granules("flux-of-five", "flux")
    assert granule.provenance["process"]["id"] == "air-sea-co2-flux"
    assert any(text.startswith("pco2_sea: sea (version 1)") for text in granule.provenance["inputs"])
    record = context.catalogue.repository.record("flux-of-five")
    assert "Computed by the process air-sea-co2-flux" in record["properties"]["lineage"]["en"]
    assert cells_of(context, answer["flux"]["maps"][0])[0] == pytest.approx(FLUX["W14"], rel=1e-6)
    with pytest.raises(Conflict, match="there is a collection flux-of-five already"):
        answer_here(context, "air-sea-co2-flux", request)


def test_an_unlike_grid_is_refused_by_name_unless_told_how(context: Context) -> None:
    request = inputs(pressure={"collection": "coarse"})
    with pytest.raises(InvalidInput, match=r"pressure: its grid \(36 x 18 cells of 10 x 10"):
        answer_here(context, "air-sea-co2-flux", request)
    for kernel in ("nearest", "bilinear", "area"):
        answer = answer_here(context, "air-sea-co2-flux", request | {"resample": kernel})
        assert cells_of(context, answer["flux"]["maps"][0])[0, 0] == pytest.approx(FLUX["W14"][0], rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"xco2": None}, InvalidInput, "give one of pco2_air, xco2 and dpco2"),
        ({"pressure": None}, InvalidInput, "xco2 needs pressure"),
        ({"wind_moment2": None}, InvalidInput, "say with wind_is"),
        ({"wind_is": "mean"}, InvalidInput, "not both"),
        ({"skin": "donlon2002"}, InvalidInput, "skin counts with method rapid"),
        ({"sst": {"collection": "wind"}}, InvalidInput, "sst: its unit 'm s-1' cannot be converted to 'degC'"),
        ({"pco2_sea": {"collection": "sea", "unit": "furlong"}}, InvalidInput, "'furlong' is not known"),
        ({"grid": "pressure", "pressure": 1013.25}, InvalidInput, "grid: pressure is no field"),
        ({"datetime": "1999"}, GranuleNotFound, "no data|1999"),
        ({"bbox": {"bbox": [0, 10, 10, 0]}}, InvalidInput, "south is above north"),
        ({"publish": {"id": "sst", "title": "x"}}, Conflict, "there is a collection sst already"),
        ({"publish": {"id": "records", "title": "x"}}, InvalidInput, "reserved"),
    ],
)
def test_what_is_wrong_is_refused_before_a_job_is_made(
    context: Context, changes: dict[str, Any], error: type[GraticuleError], words: str
) -> None:
    with pytest.raises(error, match=words):
        answer_here(context, "air-sea-co2-flux", inputs(**changes))


def test_too_many_cells_are_refused_with_their_number(context: Context) -> None:
    limit = context.settings.limit.model_copy(update={"process_cells": 50})
    tight = replace(context, settings=context.settings.model_copy(update={"limit": limit}))
    with pytest.raises(TooLarge, match="about 80 cells would be computed"):
        answer_here(tight, "air-sea-co2-flux", inputs())


@needs_takahashi
def test_takahashis_january_takes_up_what_its_inputs_say(context: Context) -> None:
    names = {"SST_t": "degC", "salinity": "psu", "wind_t": "m s-1", "Dpco2": "uatm", "sea_ice_coverage": "%"}
    declaration = {
        "id": "takahashi",
        "variables": [{"source": name, "unit": unit} for name, unit in names.items()],
        "grid": {"origin": [-180, 90], "cell": [1, -1]},
    }
    report = ingest(
        [DATA / "carbon" / JANUARY], parse_declaration(declaration, name="test"),
        repository=context.catalogue.repository, store=context.store, workers=1,
    )  # fmt: skip
    assert not report.refused, report
    field = {name: {"collection": "takahashi", "variable": name} for name in names}
    answer = answer_here(context, "air-sea-co2-flux", {
        "sst": field["SST_t"], "salinity": field["salinity"], "wind": field["wind_t"], "wind_is": "rms",
        "dpco2": field["Dpco2"], "ice": field["sea_ice_coverage"], "transfer": "T09", "units": "g C m-2 month-1",
    })  # fmt: skip
    [row] = answer["summary"]["times"]
    assert row["total_TgC"] == pytest.approx(-174.262, abs=0.001)  # -174.321 with 273.15 K at 0 degrees Celsius
    assert row["area_m2"] == pytest.approx(333.96e12, rel=1e-3)


def test_the_plot_of_maps_is_drawn_before_they_are_published(context: Context) -> None:
    request = inputs(datetime=list(MONTHS), publish={"id": "drawn-flux", "title": "Flux"})
    answer = answer_here(context, "air-sea-co2-flux", request, outputs_={"flux": {}, "plot": {}})
    assert answer["plot"]["mediaType"] == "image/svg+xml"
    assert answer["plot"]["value"].count("<image") >= len(MONTHS)
    assert context.catalogue.repository.dataset("drawn-flux").variables[0].id == "flux"
