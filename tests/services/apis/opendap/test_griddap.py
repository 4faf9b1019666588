"""ERDDAP's griddap: ranges by value and by index, tables, NetCDF-3, descriptions and lists."""

from __future__ import annotations

import csv
import io
import struct
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree.ElementTree import fromstring

import netCDF4
import numpy as np
import pytest

from tests.support import gridded

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

ROW, COLUMN = 100, 113
SERIES = "flux[(2001-07-01):1:(last)][(14.875)][(128.4)]"
NCML = {"n": "https://www.unidata.ucar.edu/namespaces/netcdf/ncml-2.2"}


def _get(client: TestClient, extension: str, query: str = "", dataset: str = "daily") -> str:
    answer = client.get(f"/erddap/griddap/{dataset}.{extension}?{quote(query, safe=':,')}")
    assert answer.status_code == 200, answer.text
    return answer.text


def _numbers(text: str) -> np.ndarray:
    rows = list(csv.reader(io.StringIO(text)))
    return np.array([float(row[-1]) for row in rows])


def test_csv_names_units_and_leaves_missing_values_open(arrays_client: TestClient) -> None:
    lines = _get(arrays_client, "csv", SERIES).splitlines()
    assert lines[0] == "time,latitude,longitude,flux"
    assert lines[1] == "UTC,degrees_north,degrees_east,mm d-1"
    assert lines[2].startswith("2001-07-01T00:00:00Z,14.875,128.375,")
    values = _numbers("\n".join(lines[2:]))
    truth = gridded.physical_days()[:, ROW, COLUMN]
    np.testing.assert_allclose(values, truth, atol=1e-5, rtol=0, equal_nan=True)


def test_the_other_forms_of_csv(arrays_client: TestClient) -> None:
    assert _get(arrays_client, "csvp", SERIES).startswith(
        "time (UTC),latitude (degrees_north),longitude (degrees_east),flux (mm d-1)\n2001-07-01T"
    )
    assert _get(arrays_client, "csv0", SERIES).startswith("2001-07-01T")


def test_latitude_rises_whatever_the_files_have(arrays_client: TestClient) -> None:
    values = _numbers(_get(arrays_client, "csv0", "flux[4][0:3][5]"))
    truth = gridded.physical_days()[4, ::-1, 5][:4]
    np.testing.assert_allclose(values, truth, atol=1e-5, rtol=0, equal_nan=True)
    strided = _numbers(_get(arrays_client, "csv0", "flux[4][1:7:last][last-3]"))
    np.testing.assert_allclose(strided, gridded.physical_days()[4, ::-1, -4][1::7], atol=1e-5, rtol=0, equal_nan=True)


@pytest.mark.parametrize(
    ("bracket", "times"),
    [
        ("[(2001-07-02T00:00:00Z):(2001-07-03)]", ["2001-07-02", "2001-07-03"]),
        ("[(994032000)]", ["2001-07-02"]),
        ("[(last-86400):(last)]", ["2001-07-04", "2001-07-05"]),
        ("[last-1:last]", ["2001-07-04", "2001-07-05"]),
        ("[0:2:4]", ["2001-07-01", "2001-07-03", "2001-07-05"]),
        ("[(2001-07-05):(2001-07-04)]", ["2001-07-04", "2001-07-05"]),
        ("[]", list(gridded.DAYS)),
    ],
)
def test_ranges_are_by_value_or_by_index(arrays_client: TestClient, bracket: str, times: list[str]) -> None:
    lines = _get(arrays_client, "csv0", f"time{bracket}").splitlines()
    assert [line[:10] for line in lines] == times


def test_json_has_types_and_nulls(arrays_client: TestClient) -> None:
    answer = arrays_client.get(f"/erddap/griddap/daily.json?{quote(SERIES)}")
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    table = answer.json()["table"]
    assert table["columnTypes"] == ["String", "double", "double", "float"]
    assert table["columnUnits"] == ["UTC", "degrees_north", "degrees_east", "mm d-1"]
    assert table["rows"][gridded.GAP] == ["2001-07-03T00:00:00Z", 14.875, 128.375, None]


def test_nc_is_classic_and_holds_the_values(arrays_client: TestClient) -> None:
    answer = arrays_client.get(
        f"/erddap/griddap/daily.nc?{quote('flux[0:2:4][10:60:260][5:9],cover[0:2:4][10:60:260][5:9]')}"
    )
    assert answer.content[:4] == b"CDF\x02"
    with netCDF4.Dataset("daily.nc", memory=answer.content) as dataset:
        truth = gridded.physical_days()[0:5:2, ::-1, 5:10][:, 10:261:60]
        np.testing.assert_allclose(dataset["flux"][:].filled(np.nan), truth, atol=1e-5, rtol=0, equal_nan=True)
        classes = gridded.cover()[::-1, 5:10][10:261:60]
        assert np.array_equal(dataset["cover"][1].filled(0), classes)
        assert dataset["time"].units == "seconds since 1970-01-01T00:00:00Z"


def test_dods_is_dap2(arrays_client: TestClient) -> None:
    answer = arrays_client.get("/erddap/griddap/daily.dods?" + quote("time[1:2]"))
    assert struct.unpack(">II2d", answer.content.partition(b"Data:\n")[2]) == (2, 2, 994032000.0, 994118400.0)
    assert "Grid" in _get(arrays_client, "dds")
    assert 'String units "seconds since 1970-01-01T00:00:00Z";' in _get(arrays_client, "das")


def test_ncml_has_what_erddapy_reads(arrays_client: TestClient) -> None:
    root = fromstring(_get(arrays_client, "ncml"))
    assert [d.get("name") for d in root.findall("n:dimension", NCML)] == ["time", "latitude", "longitude"]
    extent = root.find("n:variable[@name='latitude']/n:attribute[@name='actual_range']", NCML)
    assert extent is not None
    assert extent.get("value") == "-27.375 39.875"


def test_levels_are_depths(arrays_client: TestClient) -> None:
    text = _get(arrays_client, "csv", "v[last][(20.5)][(46.5)][(104.5)]", "ocean").splitlines()
    assert text[0] == "time,depth,latitude,longitude,v"
    *place, value = text[2].split(",")
    assert (place, float(value)) == (["2006-05-16T12:00:00Z", "20.5", "46.5", "104.5"], 1_230_004.0)


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ("nix", 404, "time, latitude, longitude"),
        ("flux[0]", 400, "3 axes"),
        ("flux[(1999-01-01)][0][0]", 404, "2001-07-01T00:00:00Z to 2001-07-05T00:00:00Z"),
        ("flux[9][0][0]", 404, "0 to 4"),
        ("flux[0][(91)][0]", 404, "latitude runs from"),
        ("flux[0:0:1][0][0]", 400, "stride"),
        ("flux[(noon)][0][0]", 400, "noon"),
        ("flux[0][(x)][0]", 400, "no number"),
        ("flux[0][0][0],time", 400, "axes or for variables"),
        ("flux[0][0][0],cover[1][0][0]", 400, "same ranges"),
        ("flux[0][0][0]&time>3", 400, "selections"),
        ("flux[0][0][0", 400, "axis"),
    ],
)
def test_a_wrong_query_is_an_error_of_erddap(arrays_client: TestClient, query: str, status: int, named: str) -> None:
    answer = arrays_client.get(f"/erddap/griddap/daily.csv?{quote(query, safe='&')}")
    assert answer.status_code == status, answer.text
    assert answer.text.startswith(f"Error {{\n    code = {status};")
    assert named in answer.text


@pytest.mark.parametrize("extension", ["mat", "csvx", "nc4", ""])
def test_an_unknown_extension_reads_nothing(arrays_client: TestClient, extension: str) -> None:
    assert arrays_client.get(f"/erddap/griddap/daily.{extension}").status_code == 404


def test_what_epoch_seconds_cannot_state_is_left_out(arrays_client: TestClient) -> None:
    answer = arrays_client.get("/erddap/griddap/year360.das")
    assert answer.status_code == 404
    assert "360_day" in answer.text
    assert "/dap/year360" in answer.text
    assert "year360" not in arrays_client.get("/erddap/info/index.csv").text


def test_info_lists_axes_variables_and_attributes(arrays_client: TestClient) -> None:
    rows = list(csv.reader(io.StringIO(arrays_client.get("/erddap/info/daily/index.csv").text)))
    assert rows[0] == ["Row Type", "Variable Name", "Attribute Name", "Data Type", "Value"]
    assert ["variable", "flux", "", "float", "time, latitude, longitude"] in rows
    assert ["dimension", "time", "", "double", "nValues=5, evenlySpaced=true, averageSpacing=86400"] in rows
    names = [row[2] for row in rows if row[1] == "NC_GLOBAL"]
    assert names == sorted(names, key=str.casefold)
    assert arrays_client.head("/erddap/info/daily/index.html").status_code == 200
    assert arrays_client.get("/erddap/info/daily/index.json").json()["table"]["columnNames"][0] == "Row Type"


def test_datasets_are_listed_and_found(arrays_client: TestClient) -> None:
    listed = list(csv.DictReader(io.StringIO(arrays_client.get("/erddap/griddap/index.csv").text)))
    assert {row["Dataset ID"] for row in listed} == {"daily", "ocean", "polar", "long"}
    search = "/erddap/search/advanced.csv?searchFor=dai&minLon=(ANY)&standard_name=water_evapotranspiration_flux"
    found = list(csv.DictReader(io.StringIO(arrays_client.get(search).text)))
    assert [row["griddap"] for row in found] == ["http://localhost:8080/erddap/griddap/daily"]
    assert arrays_client.get("/erddap/search/index.csv?searchFor=nothing-like-it").status_code == 404
    assert arrays_client.get("/erddap/tabledap/index.json").json()["table"]["rows"] == []
    assert arrays_client.get("/erddap/version").text == "ERDDAP_version=2.23\n"


def test_too_many_values_are_refused(arrays_client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.apis.opendap.griddap import routes

    monkeypatch.setattr(routes, "MOST_TEXT_VALUES", 1000)
    answer = arrays_client.get("/erddap/griddap/daily.csv?flux")
    assert answer.status_code == 413
    assert "the limit is 1000" in answer.text
