"""DAP 4: its chunks and checksums by hand, and as pydap and netCDF-C read them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import netCDF4
import numpy as np
import pytest

from services.apis.opendap import dap4
from tests.support import gridded

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

NS = {"d": "http://xml.opendap.org/ns/DAP/4.0#"}


def _chunks(content: bytes) -> list[tuple[int, bytes]]:
    """(flags, content) of each chunk."""
    chunks, place = [], 0
    while place < len(content):
        head = int.from_bytes(content[place : place + 4], "big")
        length = head & 0xFFFFFF
        chunks.append((head >> 24, content[place + 4 : place + 4 + length]))
        place += 4 + length
    return chunks


def test_values_are_packed_and_followed_by_their_checksum(arrays_client: TestClient) -> None:
    answer = arrays_client.get("/dap/daily.dap?dap4.ce=/flux[0:3][100][113:114];/crs")
    (_, description), *rest = _chunks(answer.content)
    body = b"".join(content for _, content in rest)
    stored = gridded.packed_days()[0:4, 100, 113:115].copy()
    stored[gridded.GAP] = -32768
    values = stored.astype("<i2").tobytes()
    crs = bytes(4)
    expected = b"".join(part + zlib.crc32(part).to_bytes(4, "little") for part in (crs, values))
    assert body == expected
    assert rest[-1][0] == 5
    root = fromstring(description.strip())
    (flux,) = root.findall("d:Int16", NS)
    assert [dim.get("size") for dim in flux.findall("d:Dim", NS)] == ["4", "1", "2"]
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_checksums_can_be_left_out(arrays_client: TestClient) -> None:
    plain = arrays_client.get("/dap/year360.dap?dap4.ce=/lat&dap4.checksum=false")
    assert b"".join(content for _, content in _chunks(plain.content)[1:]) == np.array([45.0, -45.0], "<f8").tobytes()
    assert int(plain.headers["content-length"]) == len(plain.content)


def test_the_description_shares_dimensions_and_maps(arrays_client: TestClient) -> None:
    root = fromstring(arrays_client.get("/dap/daily.dmr.xml").content)
    assert {d.get("name"): d.get("size") for d in root.findall("d:Dimension", NS)} == {
        "time": "5",
        "bnds": "2",
        "lat": "270",
        "lon": "300",
    }
    (flux,) = root.findall("d:Int16[@name='flux']", NS)
    assert [m.get("name") for m in flux.findall("d:Map", NS)] == ["/time", "/lat", "/lon"]
    attributes = {a.get("name"): a.findtext("d:Value", namespaces=NS) for a in flux.findall("d:Attribute", NS)}
    assert attributes["scale_factor"] == "0.01"
    assert attributes["_FillValue"] == "-32768"


def test_netcdf_reads_a_slice(arrays_url: str) -> None:
    with netCDF4.Dataset(f"{arrays_url}/dap/daily#dap4") as dataset:
        assert dataset["flux"][0, 100, 113] == pytest.approx(gridded.physical_days()[0, 100, 113], abs=1e-9)


def test_a_whole_variable_beyond_the_limit_is_refused(
    arrays_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dap4, "MOST_VALUES", 1000)
    answer = arrays_client.get("/dap/daily.dap?dap4.ce=/flux")
    assert answer.status_code == 413
    root = fromstring(answer.content)
    assert root.get("httpcode") == "413"
    message = root.findtext("d:Message", namespaces=NS)
    assert message is not None
    assert "dap4.ce=/flux[0][0][0]" in message
    assert "/dap/daily" in message


@pytest.mark.parametrize(
    "query", ["dap4.ce=/nix", "dap4.ce=/lat[9]", "other=1", "dap4.checksum=perhaps", "dap4.ce=/lat[0"]
)
def test_a_wrong_constraint_is_an_error_of_dap4(arrays_client: TestClient, query: str) -> None:
    answer = arrays_client.get(f"/dap/year360.dap?{query}")
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "application/vnd.opendap.dap4.error+xml"
    assert fromstring(answer.content).findtext("d:Message", namespaces=NS)
