"""The air-sea flux of CO2 against values computed with 50 digits, and against the map of Takahashi et al. 2009."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import netCDF4
import numpy as np
import pytest

from cog.grids.ellipsoid import cell_areas
from cog.science.carbon_flux import FluxInputs, FluxMethod, air_pco2, compute_flux
from cog.science.gas_transfer import TRANSFERS, transfer_velocity
from cog.science.seawater import (
    co2_solubility,
    co2_solubility_by_mass,
    fugacity_ratio,
    schmidt_number,
    water_vapour_pressure,
)
from config.errors import InvalidInput
from config.grids import CRS84, Grid
from tests.support.sources import DATA

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS = np.array(
    [
        (28, 35, 6.5, 50, 410, 395, 1, 0),
        (12, 33.5, 9, 90, 330, 400, 1.005, 0),
        (-1.5, 34, 11, 130, 350, 380, 0.98, 0.4),
        (29.5, 18, 4, 20, 220, 385, 0.995, 0),
        (10, 34.5, 7, 60, 370, 390, 1, 0),
    ]
)
"""Temperature, salinity, U, <U2>, pCO2 of the water, xCO2, pressure in atm, ice."""
SCHMIDT = [452.324544, 1019.842752, 2332.144786, 420.7465456, 1143.078]
SOLUBILITY = [0.02697121691, 0.0425345196, 0.06895828798, 0.02797695688, 0.04518171052]
VAPOUR = [0.0365845874, 0.01357733861, 0.005300299355, 0.04027743464, 0.01188059193]
AIR = [380.549088, 396.5690646, 370.3858862, 367.5681877, 385.3665691]
VELOCITY = {
    "W14": [15.1597003, 18.1727893, 17.3584638, 6.28731769, 11.4435035],
    "Ho06": [15.3180044, 18.3625573, 17.5397282, 6.35297254, 11.5630014],
    "N00": [15.277118, 17.6239131, 16.4963731, 6.89273637, 11.3391313],
    "Sw07": [16.3072474, 19.5484188, 18.6724511, 6.76325011, 12.3097448],
}
FLUX = {
    "W14": [2.890022, -12.3494274, -3.51390363, -6.22973918, -1.90682058],
    "Ho06": [2.92020084, -12.4783853, -3.5505973, -6.29479276, -1.92673242],
    "N00": [2.91240632, -11.9764352, -3.33938913, -6.8296135, -1.88942914],
    "Sw07": [3.1087886, -13.2842446, -3.77989633, -6.70131306, -2.05116158],
}


def inputs() -> FluxInputs:
    temperature, salinity, wind, square, sea, fraction, pressure, ice = POINTS.T
    return FluxInputs(
        temperature=temperature,
        salinity=salinity,
        wind=wind,
        wind_square=square,
        sea=sea,
        mole_fraction=fraction,
        pressure=pressure * 1013.25,
        ice=ice,
    )


def test_what_the_flux_is_made_of_has_the_published_values() -> None:
    temperature, salinity, _, _, _, fraction, pressure, _ = POINTS.T
    assert schmidt_number(temperature) == pytest.approx(SCHMIDT, rel=1e-9)
    assert co2_solubility(temperature, salinity) == pytest.approx(SOLUBILITY, rel=1e-9)
    assert water_vapour_pressure(temperature, salinity) == pytest.approx(VAPOUR, rel=1e-9)
    assert air_pco2(fraction, pressure * 1013.25, temperature, salinity) == pytest.approx(AIR, rel=1e-9)
    assert float(schmidt_number(np.float64(20.0))) == pytest.approx(668.344, abs=1e-9)
    assert float(schmidt_number(np.float64(20.0), "W92")) == pytest.approx(665.988, abs=1e-9)
    assert np.log(co2_solubility_by_mass(np.float64(25), np.float64(35))) == pytest.approx(-3.561652, abs=1e-6)
    temperatures = np.array([0.0, 10, 25, 30])
    ratios = fugacity_ratio(temperatures, np.ones(4))
    assert ratios == pytest.approx([0.995604, 0.996148, 0.996809, 0.996995], abs=5e-7)


@pytest.mark.parametrize("name", FLUX)
def test_five_points_have_the_flux_of_exact_arithmetic(name: str) -> None:
    temperature, _, wind, square, *_ = POINTS.T
    transfer = TRANSFERS[name]
    assert transfer_velocity(transfer, temperature, wind, square) == pytest.approx(VELOCITY[name], rel=5e-9)
    assert compute_flux(inputs(), FluxMethod(transfer=transfer)).flux == pytest.approx(FLUX[name], rel=1e-8)


def test_the_uncertainty_does_not_vanish_where_the_pressures_are_equal() -> None:
    even = FluxInputs(
        temperature=np.array([10.0]), salinity=np.array([34.5]), wind=np.array([7.0]), wind_square=np.array([60.0]),
        sea=np.array([390.0]), air=np.array([390.0]),
    )  # fmt: skip
    fields = compute_flux(even, FluxMethod(transfer=TRANSFERS["W14"]))
    assert fields.flux[0] == 0
    assert fields.uncertainty[0] == pytest.approx(0.24 * 11.4435035 * 0.04518171052 * np.hypot(35, 10), rel=1e-8)


def test_a_cool_skin_takes_up_more() -> None:
    transfer = TRANSFERS["W14"]
    plain = compute_flux(inputs(), FluxMethod(transfer=transfer, method="rapid")).flux
    cool = compute_flux(inputs(), FluxMethod(transfer=transfer, method="rapid", skin="offset")).flux
    windy = compute_flux(inputs(), FluxMethod(transfer=transfer, method="rapid", skin="donlon2002")).flux
    assert plain == pytest.approx(FLUX["W14"], rel=1e-8)
    assert (cool < plain).all()
    assert (windy < plain).all()


def test_a_second_moment_below_the_squared_mean_is_refused() -> None:
    wrong = FluxInputs(
        temperature=np.full(2, 10.0), salinity=np.full(2, 35.0), wind=np.array([5.0, 8.0]),
        wind_square=np.array([30.0, 60.0]), difference=np.zeros(2),
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="1 cells have a second moment below"):
        compute_flux(wrong, FluxMethod(transfer=TRANSFERS["W14"]))


JANUARY = "M2001001.1200.a7.all_products.BIN.01jan011200.v1.20132321105.data.nc"
JULY = "M2001182.1200.a7.all_products.BIN.01jul011200.v1.20132321234.data.nc"
needs_takahashi = pytest.mark.skipif(
    not (DATA / "carbon").is_dir(), reason="the climatology of Takahashi et al. is not beside the repository"
)


def nodes(name: str) -> dict[str, NDArray[Any]]:
    """The fields at the nodes of 4 x 5 degrees between which the maps of 1 degree were interpolated linearly."""
    rows = np.arange(2, 178, 4)
    with netCDF4.Dataset(str(DATA / "carbon" / name)) as file:
        maps = {
            each: np.ma.filled(file[each][0].astype("float64"), np.nan)
            for each in file.variables
            if "time" in file[each].dimensions and file[each].ndim == 3
        }
    return {each: (1.5 * cells[rows] - 0.5 * cells[rows + 1])[:, 3::5] for each, cells in maps.items()}


@needs_takahashi
@pytest.mark.parametrize("name", [JANUARY, JULY])
def test_takahashis_map_is_reproduced_at_ice_free_nodes(name: str) -> None:
    fields, transfer = nodes(name), TRANSFERS["T09"]
    with np.errstate(invalid="ignore"):
        free = np.isfinite(fields["CO2flux"]) & (fields["sea_ice_coverage"] == 0)
    temperature, salinity, wind = (fields[each][free] for each in ("SST_t", "salinity", "wind_t"))
    assert free.sum() > 1500
    velocity = transfer_velocity(transfer, temperature, wind, wind**2)
    assert np.abs(velocity - fields["kSW06"][free]).max() < 0.00501  # which is given to a hundredth of a cm/h
    solubility = co2_solubility(temperature, salinity, zero=transfer.zero)
    assert transfer.month_days is not None
    monthly = 0.24 * transfer.carbon * 1e-3 * transfer.month_days
    flux = monthly * fields["kSW06"][free] * solubility * fields["Dpco2"][free]
    error = flux - fields["CO2flux"][free]
    assert (np.abs(error) < np.maximum(0.0004, 1e-4 * np.abs(flux))).all()  # K0 was rounded to some 6e-5
    assert np.sqrt((error**2).mean()) < 1e-4
    theirs = monthly * fields["kSW06"][free] * fields["solubility"][free] * fields["Dpco2"][free]
    assert np.abs(theirs - fields["CO2flux"][free]).max() < 0.0004
    assert np.abs(solubility - fields["solubility"][free]).max() < 6e-6  # which is given to 1e-5


@needs_takahashi
@pytest.mark.parametrize(("name", "total"), [(JANUARY, -176.05), (JULY, -52.30)])
def test_the_integral_of_takahashis_map_is_the_published_one(name: str, total: float) -> None:
    grid = Grid(crs=CRS84, transform=(1.0, 0.0, -180.0, 0.0, -1.0, 90.0), width=360, height=180)
    with netCDF4.Dataset(str(DATA / "carbon" / name)) as file:
        flux = np.ma.filled(file["CO2flux"][0].astype("float64"), np.nan)
    assert np.nansum(flux * cell_areas(grid)[:, np.newaxis]) * 1e-12 == pytest.approx(total, abs=0.005)
