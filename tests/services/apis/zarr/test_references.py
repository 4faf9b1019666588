"""References to the blocks of the COGs, as fsspec and xarray follow them by ranges of the assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import imagecodecs.numcodecs
import numpy as np
import pytest
import xarray as xr

from services.apis.zarr import references
from tests.support import gridded

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


@pytest.fixture(scope="module", autouse=True)
def _predictors() -> None:
    """The codecs that undo the predictors of TIFF."""
    imagecodecs.numcodecs.register_codecs(verbose=False)


def _opened(base: str, dataset: str) -> xr.Dataset:
    url = f"{base}/collections/{dataset}/references.json"
    options = {"fo": url, "remote_protocol": "http", "remote_options": {"asynchronous": True}, "asynchronous": True}
    return xr.open_dataset("reference://", engine="zarr", consolidated=False, storage_options=options)


def test_packed_days_and_classes_are_read_from_the_files(arrays_url: str) -> None:
    with _opened(arrays_url, "daily") as dataset:
        np.testing.assert_allclose(dataset.flux.values, gridded.physical_days(), atol=1e-9, rtol=0, equal_nan=True)
        assert [str(time)[:10] for time in dataset.time.values] == list(gridded.DAYS)
        assert np.array_equal(dataset.cover.fillna(0).values[3], gridded.cover())
        np.testing.assert_allclose(dataset.lat.values[:2], [39.875, 39.625])


def test_levels_are_a_dimension(arrays_url: str) -> None:
    with _opened(arrays_url, "ocean") as dataset:
        assert float(dataset.v.sel(depth=20.5)[1, 3, 4]) == 3 * 10_000 + 4 + 1_000_000 + 200_000


def test_what_is_cut_into_sheets_is_left_out_and_named(arrays_url: str) -> None:
    with _opened(arrays_url, "polar") as dataset:
        assert "v" not in dataset
        assert dataset.attrs["comment"].endswith("referred to: v.")


def test_a_block_that_no_file_has_is_not_referred_to(arrays_client: TestClient) -> None:
    document: dict[str, Any] = arrays_client.get("/collections/daily/references.json").json()
    assert document["version"] == 1
    assert "flux/1.0.0" in document["refs"]
    assert f"flux/{gridded.GAP}.0.0" not in document["refs"]
    address, offset, length = document["refs"]["flux/1.1.1"]
    file = document["templates"]["a"] + address.removeprefix("{{a}}")
    answer = arrays_client.get(file, headers={"Range": f"bytes={offset}-{offset + length - 1}"})
    assert (answer.status_code, len(answer.content)) == (206, length)


def test_more_blocks_than_a_document_holds_are_refused(
    arrays_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "MOST_REFERENCES", 20)
    answer = arrays_client.get("/collections/daily/references.json")
    assert answer.status_code == 400
    assert "20 at most" in answer.json()["detail"]
    assert "Zarr store" in answer.json()["detail"]
