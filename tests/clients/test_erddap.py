"""ERDDAP's URLs as erddapy asks for them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import gridded

ROW, COLUMN = 100, 113


def test_erddapy_reads_a_series_as_a_table_and_as_an_array(arrays: str) -> None:
    erddapy = pytest.importorskip("erddapy")
    server = erddapy.ERDDAP(server=f"{arrays}/erddap", protocol="griddap")
    server.dataset_id = "daily"
    assert server.constraints["latitude>="] == "-27.375"
    server.constraints.update({"time>=": "2001-07-01T00:00:00Z", "latitude>=": 14.875, "latitude<=": 14.875})
    server.constraints.update({"longitude>=": 128.375, "longitude<=": 128.375})
    server.variables = ["flux"]
    truth = gridded.physical_days()[:, ROW, COLUMN]
    table = server.to_pandas()
    assert list(table.columns) == [
        "time (UTC)",
        "latitude (degrees_north)",
        "longitude (degrees_east)",
        "flux (mm d-1)",
    ]
    np.testing.assert_allclose(table["flux (mm d-1)"], truth, atol=1e-5, rtol=0, equal_nan=True)
    array = server.to_xarray()
    np.testing.assert_allclose(array.flux.values.ravel(), truth, atol=1e-5, rtol=0, equal_nan=True)
    assert [str(time)[:10] for time in array.time.values] == list(gridded.DAYS)


def test_erddapy_finds_a_dataset_and_its_variables(arrays: str) -> None:
    erddapy = pytest.importorskip("erddapy")
    pandas = pytest.importorskip("pandas")
    server = erddapy.ERDDAP(server=f"{arrays}/erddap", protocol="griddap")
    found = pandas.read_csv(server.get_search_url(search_for="daily", response="csv"))
    assert list(found["Dataset ID"]) == ["daily"]
    name = "water_evapotranspiration_flux"
    assert server.get_var_by_attr(dataset_id="daily", standard_name=name) == ["flux"]
