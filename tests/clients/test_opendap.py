"""OPeNDAP as the programs of the field read it: the values of one cell over time, whose third day is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import netCDF4
import numpy as np
import pytest
import xarray as xr

from tests.clients.conftest import output
from tests.support import gridded

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ROW, COLUMN = 100, 113
LONGITUDE, LATITUDE = 128.375, 14.875
HUNDREDTH = {"rtol": 0.0, "atol": 1e-5, "equal_nan": True}


def _cell() -> NDArray[np.float64]:
    return gridded.physical_days()[:, ROW, COLUMN]


def _numbers(text: str) -> list[float]:
    """The numbers of a text; what means missing in each program is NaN."""
    words = re.findall(r"-?[0-9][0-9.]*(?:e[+-][0-9]+)?|NaN|NA|_", text)
    values = [float("nan") if word in ("NaN", "NA", "_") else float(word) for word in words]
    return [float("nan") if abs(value) > 1e8 else value for value in values]


def test_xarray_reads_dap2(arrays: str) -> None:
    with xr.open_dataset(f"{arrays}/dap/daily", engine="netcdf4") as dataset:
        np.testing.assert_allclose(dataset.flux.values, gridded.physical_days(), **HUNDREDTH)
        series = dataset.flux.sel(lon=LONGITUDE, lat=LATITUDE, method="nearest").values
        np.testing.assert_allclose(series, _cell(), **HUNDREDTH)
        assert [str(time)[:10] for time in dataset.time.values] == list(gridded.DAYS)


def test_netcdf4_reads_random_slabs(arrays: str) -> None:
    random = np.random.default_rng(11)
    truth = gridded.physical_days()
    with netCDF4.Dataset(f"{arrays}/dap/daily") as dataset:
        for _ in range(40):
            slab = tuple(
                slice(
                    start := int(random.integers(0, size)),
                    int(random.integers(start, size)) + 1,
                    int(random.integers(1, 9)),
                )
                for size in truth.shape
            )
            np.testing.assert_allclose(dataset["flux"][slab].filled(np.nan), truth[slab], **HUNDREDTH)


def test_pydap_reads_dap2(arrays: str) -> None:
    client = pytest.importorskip("pydap.client")
    values = client.open_url(f"{arrays}/dap/daily", protocol="dap2")["flux"].array[:, ROW, COLUMN].data.ravel()
    np.testing.assert_allclose(np.where(values > 1e30, np.nan, values), _cell(), **HUNDREDTH)


def test_pydap_reads_dap4(arrays: str) -> None:
    client = pytest.importorskip("pydap.client")
    flux = client.open_url(f"{arrays}/dap/daily", protocol="dap4")["flux"]
    stored = np.asarray(flux[:, ROW, COLUMN].data).ravel()
    assert stored.dtype == np.dtype("int16")
    values = np.where(stored == flux.attributes["_FillValue"], np.nan, stored * flux.attributes["scale_factor"])
    np.testing.assert_allclose(values, _cell(), **HUNDREDTH)


def test_ncdump_reads_a_constraint(arrays: str) -> None:
    text = output("ncdump", "-v", "flux", f"{arrays}/dap/daily?flux[0:1:4][{ROW}][{COLUMN}]")
    np.testing.assert_allclose(_numbers(text.partition(" flux =")[2].rpartition("}")[0]), _cell(), **HUNDREDTH)


def test_nco_reads_a_stride(arrays: str, tmp_path: Path) -> None:
    cut = ["-d", "time,0,4,2", "-d", f"lat,{ROW}", "-d", f"lon,{COLUMN}", "-v", "flux"]
    output("ncks", "-O", *cut, f"{arrays}/dap/daily", "cut.nc", folder=tmp_path)
    with netCDF4.Dataset(tmp_path / "cut.nc") as dataset:
        np.testing.assert_allclose(dataset["flux"][:, 0, 0].filled(np.nan), _cell()[::2], **HUNDREDTH)


def test_cdo_reads_the_nearest_cell(arrays: str) -> None:
    near = f"-remapnn,lon={LONGITUDE}_lat={LATITUDE}"
    text = output("cdo", "-s", "outputtab,value,nohead", near, "-selname,flux", f"{arrays}/dap/daily")
    np.testing.assert_allclose(_numbers(text), _cell(), **HUNDREDTH)


def test_octave_reads_a_series(arrays: str) -> None:
    code = (
        f"pkg load netcdf; x=ncread('{arrays}/dap/daily','flux',[{COLUMN + 1} {ROW + 1} 1],[1 1 5]); disp(squeeze(x)')"
    )
    text = output("octave", "--no-gui", "--quiet", "--eval", code)
    np.testing.assert_allclose(_numbers(text), _cell(), **HUNDREDTH)


def test_r_reads_a_series(arrays: str) -> None:
    read = f"ncvar_get(n, 'flux', c({COLUMN + 1}, {ROW + 1}, 1), c(1, 1, 5))"
    code = f"library(ncdf4); n <- nc_open('{arrays}/dap/daily'); cat({read})"
    np.testing.assert_allclose(_numbers(output("Rscript", "-e", code)), _cell(), **HUNDREDTH)


def test_grads_reads_a_series(arrays: str, tmp_path: Path) -> None:
    commands = [
        f"sdfopen {arrays}/dap/daily",
        f"set lon {LONGITUDE}",
        f"set lat {LATITUDE}",
        "set t 1 5",
        "set gxout print",
        "d flux",
    ]
    script = "".join(f"'{command}'\n" for command in commands) + "say result\n'quit'\n"
    (tmp_path / "series.gs").write_text(script)
    text = output("grads", "-blc", "run series.gs", folder=tmp_path)
    line = text.partition("Printing Grid")[2].splitlines()[1]
    np.testing.assert_allclose(_numbers(line), _cell(), **HUNDREDTH)


def test_ferret_reads_a_series(arrays: str, tmp_path: Path) -> None:
    commands = f'use "{arrays}/dap/daily"\nlist/nohead/format=(f12.4)/x={LONGITUDE}/y={LATITUDE}/l=1:5 flux\nquit\n'
    # Debian's pyferret is a module of its own Python, which must come first on PATH
    text = output("pyferret", "-nodisplay", "-nojnl", folder=tmp_path, typed=commands, PATH="/usr/bin:/bin")
    numbers = _numbers(text.replace("*" * 12, "NaN"))[-len(gridded.DAYS) :]  # after its version and the date
    np.testing.assert_allclose(numbers, _cell(), **HUNDREDTH)
