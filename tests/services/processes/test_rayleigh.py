"""`rayleigh-table` writes tables that radiative transfer agrees with, and `rayleigh-correct` takes them off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import netCDF4
import numpy as np
import pytest

from cog.science.radiative import Atmosphere, solve_sun
from config.errors import InvalidInput, InvalidParameter, TooLarge
from config.grids import CRS84, Grid
from records.writing.record_store import RecordStore
from tests.support.processes import BASE, answer_here, cells_of, context_of
from tests.support.rasters import publication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 5.0), width=6, height=5)
SUN = np.linspace(30.0, 40.0, 30, dtype="float32").reshape(5, 6)
BANDS = [{"name": "412", "tau": 0.3185}, {"name": "865", "tau": 0.0155}]
INPUTS: dict[str, Any] = {
    "bands": BANDS, "sun_zenith": [30, 32, 34, 36, 38, 40], "view_zenith": [10, 20, 30], "azimuth": [0, 90, 120, 180],
    "pressure_hpa": [950, 1013.25], "streams": 16,
}  # fmt: skip


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A band and its sun zenith angles."""
    with context_of(server, tmp_path_factory.mktemp("rayleigh")) as context:
        for name, unit, cells in (("band", "1", np.full((5, 6), 0.2, "float32")), ("angles", "degrees", SUN)):
            made = publication(context.store, name, {"2020-01-01": cells}, GRID, nodata=np.nan, unit=unit)
            context.catalogue.repository.publish(made)
        yield context


@pytest.fixture(scope="module")
def table(context: Context) -> str:
    href: str = answer_here(context, "rayleigh-table", INPUTS)["table"]["href"]
    return href


def test_a_table_holds_the_solutions_of_radiative_transfer(context: Context, table: str) -> None:
    path = context.store / ".staging" / table.removeprefix(f"{BASE}/jobs/").replace("/files/", "/")
    with netCDF4.Dataset(path) as file:
        assert file["reflectance"].dimensions == ("band", "pressure", "sun_zenith", "view_zenith", "azimuth", "stokes")
        stored = file["reflectance"][:, 0, 2, 1, 2]
        atmosphere = Atmosphere(
            taus=(0.3185 * 950 / 1013.25, 0.0155 * 950 / 1013.25), depolarization=0.0279, streams=16
        )
        solution = solve_sun(atmosphere, 34.0, [20.0], [120.0])
        assert stored.tolist() == pytest.approx(solution.reflectance[:, 0, 0], rel=1e-10)
        assert file["spherical_albedo"][:, 0].tolist() == pytest.approx(solution.spherical_albedo, rel=1e-6)
        assert file["transmittance"][:, 0, 1].tolist() == pytest.approx(solution.transmittance[:, 0], rel=1e-6)
        assert "sasktran2" in file.source


def test_a_band_is_corrected_by_the_table(context: Context, table: str) -> None:
    inputs = {
        "table": {"href": table}, "band": "412", "reflectance": {"collection": "band"},
        "sun_zenith": {"collection": "angles"}, "view_zenith": 20, "relative_azimuth": -60, "azimuth_zero": "backward",
        "pressure": 980,
    }  # fmt: skip
    answer = answer_here(context, "rayleigh-correct", inputs)
    rayleigh = cells_of(context, answer["rayleigh"]["maps"][0])
    direct = [
        solve_sun(
            Atmosphere(taus=(0.3185 * 980 / 1013.25,), depolarization=0.0279, streams=16), float(sun), [20.0], [120.0]
        ).reflectance[0, 0, 0, 0]
        for sun in SUN.ravel()[::7]
    ]
    assert rayleigh.ravel()[::7] == pytest.approx(direct, rel=1e-3)
    assert cells_of(context, answer["corrected"]["maps"][0]) == pytest.approx(0.2 - rayleigh, abs=1e-7)
    with pytest.raises(InvalidInput, match="no band '555' in the table; there are: 412, 865"):
        answer_here(context, "rayleigh-correct", inputs | {"band": "555"})
    with pytest.raises(InvalidParameter, match="of a table"):
        answer_here(context, "rayleigh-correct", inputs | {"table": {"href": f"{BASE}/assets/x"}})


def test_a_published_table_outlives_its_job(context: Context, table: str) -> None:
    publish = {"id": "rayleigh-tables", "title": {"en": "Tables"}}
    wish = {"publication": {}}
    answer = answer_here(context, "rayleigh-table", INPUTS | {"publish": publish}, outputs_=wish)
    [file] = answer["files"]
    assert file["href"].startswith(f"{BASE}/tables/rayleigh-tables/rayleigh-")
    record = RecordStore(context.catalogue.repository.engine).document("rayleigh-tables")
    assert "Computed by the process rayleigh-table" in record["properties"]["lineage"]["en"]
    inputs = {
        "band": "412", "azimuth_zero": "forward", "reflectance": {"collection": "band"},
        "sun_zenith": {"collection": "angles"}, "view_zenith": 20, "relative_azimuth": 120,
    }  # fmt: skip
    one, two = (
        cells_of(
            context,
            answer_here(context, "rayleigh-correct", inputs | {"table": {"href": href}})["corrected"]["maps"][0],
        )
        for href in (table, file["href"])
    )
    np.testing.assert_array_equal(one, two)
    gone = {"table": {"href": f"{BASE}/tables/rayleigh-tables/rayleigh-000000000000.nc"}}
    with pytest.raises(InvalidParameter, match="there is no such table"):
        answer_here(context, "rayleigh-correct", inputs | gone)


@pytest.mark.parametrize(
    ("inputs", "error", "words"),
    [
        ({}, InvalidInput, "wavelengths_nm, or bands"),
        ({"bands": BANDS, "streams": 5}, InvalidParameter, "even"),
        ({"bands": BANDS, "layers": [{"rayleigh": 0.5}]}, InvalidInput, "add up to 1"),
        ({"bands": BANDS, "view_zenith": [20, 10]}, InvalidInput, "view_zenith: give values that rise"),
        (
            {
                "wavelengths_nm": list(range(400, 500)),
                "streams": 80,
                "azimuth_order": 80,
                "pressure_hpa": [900, 1000],
                "layers": [{"rayleigh": 0.25}] * 4,
            },
            TooLarge,
            "about .* seconds",
        ),
    ],
)
def test_what_makes_no_table_is_refused(
    context: Context, inputs: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        answer_here(context, "rayleigh-table", inputs)
