"""DAP 2 as netCDF-C reads it, and its bytes by hand."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import cftime
import netCDF4
import numpy as np
import pytest

from tests.support import gridded

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

HUNDREDTH = {"rtol": 0.0, "atol": 1e-5, "equal_nan": True}
"""Hundredths in float32 lie within it."""


def test_netcdf_reads_unpacked_values_with_their_gap(arrays_url: str) -> None:
    with netCDF4.Dataset(f"{arrays_url}/dap/daily") as dataset:
        flux = dataset["flux"]
        assert (flux.dtype, flux.dimensions) == (np.dtype("float32"), ("time", "lat", "lon"))
        assert not {"scale_factor", "add_offset"} & set(flux.ncattrs())
        np.testing.assert_allclose(flux[:].filled(np.nan), gridded.physical_days(), **HUNDREDTH)
        assert np.array_equal(dataset["cover"][4].filled(0), gridded.cover())
        assert dataset.title == "Dataset daily"
        assert flux.long_name == 'Flux of "water"'


def test_netcdf_reads_strides(arrays_url: str) -> None:
    with netCDF4.Dataset(f"{arrays_url}/dap/daily") as dataset:
        values = dataset["flux"][0:5:3, 10:250:120, 7:300:97].filled(np.nan)
    np.testing.assert_allclose(values, gridded.physical_days()[0:5:3, 10:250:120, 7:300:97], **HUNDREDTH)


def test_levels_are_a_dimension_with_a_coordinate(arrays_url: str) -> None:
    with netCDF4.Dataset(f"{arrays_url}/dap/ocean") as dataset:
        assert dataset["v"].dimensions == ("time", "depth", "lat", "lon")
        assert list(dataset["depth"][:]) == [0.0, 10.0, 20.5]
        assert dataset["depth"].positive == "down"
        assert dataset["v"][1, 2, 3, 4] == 3 * 10_000 + 4 + 1_000_000 + 200_000


def test_sheets_are_one_array_and_cells_of_no_sheet_are_missing(arrays_url: str) -> None:
    with netCDF4.Dataset(f"{arrays_url}/dap/polar") as dataset:
        values = dataset["v"][:].filled(np.nan) if np.ma.isMA(dataset["v"][:]) else dataset["v"][:]
        assert values[39, 29] == 39 * 10_000 + 29
        assert np.isnan(values[39, 30])
        assert np.isnan(values[5, 5])
        assert dataset["crs"].grid_mapping_name == "polar_stereographic"


def test_a_model_calendar_is_kept(arrays_url: str) -> None:
    with netCDF4.Dataset(f"{arrays_url}/dap/year360") as dataset:
        time = dataset["time"]
        (first, last) = netCDF4.num2date(dataset["time_bnds"][0], time.units, time.calendar)
    assert first == cftime.datetime(2001, 2, 1, calendar="360_day")
    assert last == cftime.datetime(2001, 2, 30, calendar="360_day")


def test_members_come_in_the_order_of_the_constraint(arrays_client: TestClient) -> None:
    """netCDF-C takes the values in that order, whatever the descriptor says."""
    answer = arrays_client.get("/dap/year360.dods?lat,v.v[0][1][2:3],time")
    head, _, body = answer.content.partition(b"Data:\n")
    assert [line.split()[1].split("[")[0] for line in head.decode().splitlines() if line.endswith("];")] == [
        "lat",
        "v",
        "time",
    ]
    assert struct.unpack(">II2dII2fIId", body) == (2, 2, 45.0, -45.0, 2, 2, 6.0, 7.0, 1, 1, 11190.0)


def test_a_whole_grid_carries_its_maps(arrays_client: TestClient) -> None:
    body = arrays_client.get("/dap/year360.dods?v[0][0][0]").content.partition(b"Data:\n")[2]
    assert struct.unpack(">IIf" + "IId" * 3, body) == (1, 1, 0.0, 1, 1, 11190.0, 1, 1, 45.0, 1, 1, -135.0)


def test_bytes_are_padded_to_four(arrays_client: TestClient) -> None:
    body = arrays_client.get("/dap/daily.dods?cover.cover[0][0][148:152]").content.partition(b"Data:\n")[2]
    assert body == struct.pack(">II", 5, 5) + bytes([1, 1, 2, 2, 2, 0, 0, 0])


@pytest.mark.parametrize(
    "constraint",
    [
        "v.v%5b0%5d%5b1%5d%5b0:3%5d",
        "v.v[0][1][0:3]",
        "v.v%5B0:1:0%5D%5B1:1:1%5D%5B0:1:3%5D",
        "v.v[0:1:0][1:1:1][0:1:3]",
    ],
)
def test_brackets_may_be_encoded_or_raw(arrays_client: TestClient, constraint: str) -> None:
    body = arrays_client.get(f"/dap/year360.dods?{constraint}").content.partition(b"Data:\n")[2]
    assert struct.unpack(">4f", body[8:]) == (4.0, 5.0, 6.0, 7.0)


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("/dap/year360.dods?nix", 404, "time, time_bnds"),
        ("/dap/year360.dods?v.nix", 404, "v, time, lat, lon"),
        ("/dap/year360.dods?v[0][0]", 400, "time, lat, lon"),
        ("/dap/year360.dods?v[0][0][4]", 400, "from 0 to 3"),
        ("/dap/year360.dods?v[0][1:0][0]", 400, "behind"),
        ("/dap/year360.dods?v[0][0:0:1][0]", 400, "stride"),
        ("/dap/year360.dods?v[x][0][0]", 400, "first:stride:last"),
        ("/dap/year360.dods?v&time>0", 400, "selections"),
        ("/dap/year360.dods?geogrid(v,1,2)", 400, "projection"),
        ("/dap/nowhere.dds", 404, "nowhere"),
    ],
)
def test_a_wrong_constraint_is_an_error_of_dap(arrays_client: TestClient, path: str, status: int, named: str) -> None:
    answer = arrays_client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-description"] == "dods-error"
    assert answer.text.startswith(f"Error {{\n    code = {status};\n    message = ")
    assert named in answer.text


@pytest.mark.parametrize("extension", ["dodz", "nc", "dods.gz", "csv", "everything"])
def test_an_unknown_extension_reads_nothing(arrays_client: TestClient, extension: str) -> None:
    answer = arrays_client.get(f"/dap/daily.{extension}")
    assert answer.status_code == 404
    assert len(answer.content) < 1000


def test_too_many_values_are_refused_before_anything_is_read(arrays_client: TestClient) -> None:
    everything = ",".join(["flux.flux"] * 900)
    answer = arrays_client.get(f"/dap/daily.ascii?{everything}")
    assert answer.status_code == 413
    assert "the limit is 5000000" in answer.text


def test_the_length_is_known_and_head_equals_get(arrays_client: TestClient) -> None:
    path = "/dap/daily.dods?flux[0:2][0:9][0:9],cover.cover[0][0:2][0],crs"
    got, head = arrays_client.get(path), arrays_client.head(path)
    assert int(got.headers["content-length"]) == len(got.content)
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.content == b""


def test_a_known_answer_is_not_sent_again(arrays_client: TestClient) -> None:
    answer = arrays_client.get("/dap/daily.das")
    again = arrays_client.get("/dap/daily.das", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert arrays_client.get("/dap/daily.dds").headers["etag"] != answer.headers["etag"]


def test_text_has_a_line_for_each_row(arrays_client: TestClient) -> None:
    text = arrays_client.get("/dap/year360.ascii?v.v,lat").text
    assert "[0][0], 0.0, 1.0, 2.0, 3.0\n[0][1], 4.0, 5.0, 6.0, 7.0\n" in text
    assert text.endswith("lat[2]\n45.0, -45.0\n\n")
    assert arrays_client.get("/dap/year360.asc?v.v,lat").text == text


def test_the_form_lists_the_arrays(arrays_client: TestClient) -> None:
    document = arrays_client.get("/dap/daily").json()
    (flux,) = [variable for variable in document["variables"] if variable["name"] == "flux"]
    assert flux["dimensions"] == [
        {"name": "time", "size": 5},
        {"name": "lat", "size": 270},
        {"name": "lon", "size": 300},
    ]
    page = arrays_client.get("/dap/daily.html").text
    assert 'value="0:1:269"' in page
    assert "OPeNDAP" in page
    assert (
        arrays_client.get("/dap/daily", headers={"Accept": "text/html"}).headers["content-type"].startswith("text/html")
    )


def test_a_collection_links_to_its_address(arrays_client: TestClient) -> None:
    hrefs = [link["href"] for link in arrays_client.get("/collections/daily").json()["links"]]
    assert "http://localhost:8080/dap/daily" in hrefs
