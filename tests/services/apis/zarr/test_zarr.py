"""The store over HTTP, its chunks decoded by hand and by zarr-python."""

from __future__ import annotations

import struct
from base64 import standard_b64decode
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import zarr
import zstandard

from tests.support import gridded

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from config.settings import Settings

STORE = "/collections/{}/zarr"


def _document(client: TestClient, dataset: str, node: str = "") -> dict[str, Any]:
    answer = client.get(f"{STORE.format(dataset)}/{node}zarr.json")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def _chunk(client: TestClient, dataset: str, key: str) -> np.ndarray[Any, Any]:
    """A chunk, decoded with the metadata of its array."""
    array = _document(client, dataset, key.partition("/c/")[0] + "/")
    answer = client.get(f"{STORE.format(dataset)}/{key}")
    assert answer.status_code == 200, answer.text
    raw = zstandard.ZstdDecompressor().decompress(answer.content)
    shape = array["chunk_grid"]["configuration"]["chunk_shape"]
    return np.frombuffer(raw, np.dtype(array["data_type"]).newbyteorder("<")).reshape(shape)


def test_an_array_says_how_its_values_are_packed(arrays_client: TestClient) -> None:
    array = _document(arrays_client, "daily", "flux/")
    assert array["shape"] == [5, 270, 300]
    assert array["dimension_names"] == ["time", "lat", "lon"]
    assert array["chunk_grid"]["configuration"]["chunk_shape"] == [1, 256, 256]
    assert (array["data_type"], array["fill_value"]) == ("int16", -32768)
    attributes = array["attributes"]
    assert (attributes["scale_factor"], attributes["add_offset"], attributes["_FillValue"]) == (0.01, 0.0, -32768)
    assert attributes["grid_mapping"] == "crs"


def test_the_fill_value_of_floats_is_written_as_xarray_reads_it(arrays_client: TestClient) -> None:
    array = _document(arrays_client, "ocean", "v/")
    assert struct.unpack("<d", standard_b64decode(array["attributes"]["_FillValue"])) == (-9.0,)
    assert array["fill_value"] == -9.0
    plain = _document(arrays_client, "polar", "v/")
    assert plain["fill_value"] == "NaN"
    assert "_FillValue" not in plain["attributes"]


def test_the_group_has_the_metadata_of_everything_below(arrays_client: TestClient) -> None:
    inside = _document(arrays_client, "long")["consolidated_metadata"]
    assert (inside["kind"], inside["must_understand"]) == ("inline", False)
    assert {"v", "time", "lat", "lon", "crs", "maps", "maps/v", "maps/time"} <= set(inside["metadata"])
    assert inside["metadata"]["v"] == _document(arrays_client, "long", "v/")
    assert _document(arrays_client, "long", "maps/")["consolidated_metadata"]["metadata"].keys() >= {"v", "time"}


def test_a_chunk_at_the_edge_is_padded_with_fill(arrays_client: TestClient) -> None:
    chunk = _chunk(arrays_client, "daily", "flux/c/4/1/1")
    assert np.array_equal(chunk[0, :14, :44], gridded.packed_days()[4, 256:, 256:])
    assert (chunk[0, 14:] == -32768).all()
    assert (chunk[0, :, 44:] == -32768).all()


def test_a_long_series_is_there_in_two_chunkings(arrays_client: TestClient) -> None:
    series = _chunk(arrays_client, "long", "v/c/0/1/2")
    steps = gridded.long_steps()
    assert series.shape == (len(steps), 8, 8)
    for place in (0, 8, 9, 123, 298):
        assert np.array_equal(series[place, :4, :4], gridded.long_values(steps[place])[8:12, 16:20])
    assert (series[:, 4:] == -9.0).all()
    day = _chunk(arrays_client, "long", "maps/v/c/123/0/0")
    assert np.array_equal(day[0, :12, :20], gridded.long_values(gridded.long_steps()[123]))


def test_levels_have_chunks_of_their_own(arrays_client: TestClient) -> None:
    chunk = _chunk(arrays_client, "ocean", "v/c/1/2/0/0")
    assert chunk.shape == (1, 1, 256, 256)
    assert chunk[0, 0, 3, 4] == 3 * 10_000 + 4 + 1_000_000 + 200_000


@pytest.mark.parametrize(
    "key",
    [
        "flux/c/2/0/0",  # the missing day
        "flux/c/5/0/0",
        "flux/c/0/2/0",
        "flux/c/0/0",
        "flux/c/0/0/0/0",
        "flux/c/00/0/0",
        "flux/c",
        "nix/c/0/0/0",
        "nix/zarr.json",
        "maps/zarr.json",
        "flux",
        ".zmetadata",
        ".zgroup",
    ],
)
def test_what_is_not_there_is_404(arrays_client: TestClient, key: str) -> None:
    status = arrays_client.get(f"{STORE.format('daily')}/{key}").status_code
    assert status == (200 if key == "flux" else 404)


def test_a_failed_read_is_503_and_never_404(arrays_settings: Settings, arrays_client: TestClient) -> None:
    files = sorted((arrays_settings.store_dir / "polar").rglob("*.tif"))
    assert files
    hidden = [(file, file.rename(file.with_suffix(".gone"))) for file in files]
    try:
        answer = arrays_client.get(f"{STORE.format('polar')}/v/c/0/0")
    finally:
        for file, moved in hidden:
            moved.rename(file)
    assert answer.status_code == 503
    assert arrays_client.get(f"{STORE.format('polar')}/v/c/0/0").status_code == 200


def test_head_has_the_exact_length_and_ranges_are_cut(arrays_client: TestClient) -> None:
    url = f"{STORE.format('daily')}/flux/c/0/0/0"
    whole = arrays_client.get(url)
    head = arrays_client.head(url)
    assert int(head.headers["content-length"]) == len(whole.content)
    assert head.headers["accept-ranges"] == "bytes"
    first = arrays_client.get(url, headers={"Range": "bytes=0-9"})
    assert (first.status_code, first.content) == (206, whole.content[:10])
    last = arrays_client.get(url, headers={"Range": "bytes=-7"})
    assert (last.status_code, last.content) == (206, whole.content[-7:])
    assert last.headers["content-range"].endswith(f"/{len(whole.content)}")
    assert arrays_client.get(url, headers={"Range": "bytes=99999999-"}).status_code == 416


def test_chunks_are_not_compressed_again_and_have_a_tag(arrays_client: TestClient) -> None:
    url = f"{STORE.format('daily')}/flux/c/0/0/0"
    answer = arrays_client.get(url, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    again = arrays_client.get(url, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert arrays_client.get(url.replace("/0/0/0", "/1/0/0")).headers["etag"] != answer.headers["etag"]


def test_a_page_links_to_the_members(arrays_client: TestClient) -> None:
    page = arrays_client.get(f"{STORE.format('long')}/").text
    for member in ("zarr.json", "v/", "time/", "maps/"):
        assert f'href="http://localhost:8080/collections/long/zarr/{member}"' in page


@pytest.fixture
def store(arrays_client: TestClient) -> dict[str, Any]:
    """The objects of `daily` that zarr-python needs, in memory."""
    keys = ["zarr.json", "flux/zarr.json", "cover/zarr.json", "time/zarr.json", "time/c/0"]
    keys += [f"{name}/c/{t}/{y}/{x}" for name in ("flux", "cover") for t in range(5) for y in (0, 1) for x in (0, 1)]
    answers = {key: arrays_client.get(f"{STORE.format('daily')}/{key}") for key in keys}
    return {
        key: zarr.core.buffer.default_buffer_prototype().buffer.from_bytes(answer.content)
        for key, answer in answers.items()
        if answer.status_code == 200
    }


def test_zarr_reads_every_value(store: dict[str, Any]) -> None:
    group = zarr.open_group(zarr.storage.MemoryStore(store), mode="r")
    stored = gridded.packed_days()
    stored[gridded.GAP] = -32768
    assert np.array_equal(group["flux"][:], stored)
    assert np.array_equal(group["cover"][1], gridded.cover())
    assert group["time"].attrs["units"] == "days since 1970-01-01 00:00:00"


def test_a_collection_links_to_its_store(arrays_client: TestClient) -> None:
    links = arrays_client.get("/collections/daily").json()["links"]
    assert "http://localhost:8080/collections/daily/zarr" in [link["href"] for link in links]
