"""Coverages as GeoTIFF, over HTTP, against arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from config.grids import CRS84, Grid
from tests.support.coverages import fetch_tiff, get, publication, steps, with_first, with_variable, wrapped
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository

GRID = global_grid(width=72, height=36)
STRADDLING = Grid(
    crs=CRS84, transform=(360 / 432, 0.0, -180.41666666666666, 0.0, -360 / 432, 7.5), width=432, height=18
)
LAEA = Grid(crs="EPSG:3035", transform=(1000.0, 0.0, 4_000_000.0, 0.0, -1000.0, 3_500_000.0), width=40, height=30)


def test_the_whole_grid_is_a_classic_tiled_geotiff(client: TestClient, repository: Repository, store: Path) -> None:
    values = coded(GRID)
    repository.publish(publication(store, "whole", {None: values}, GRID, nodata=-1.0))
    found = fetch_tiff(client, "whole")
    assert np.array_equal(found.values[0], values)
    assert found.crs == rasterio.CRS.from_epsg(4326)
    assert found.transform == rasterio.Affine(*GRID.transform)
    assert (found.nodata, found.profile["tiled"], found.profile["compress"]) == (-1.0, True, "deflate")
    assert found.profile["magic"] == b"II*\0"  # 42: classic; 43 would be BigTIFF


def test_random_boxes_hold_the_stored_values(client: TestClient, repository: Repository, store: Path) -> None:
    values = coded(GRID)
    repository.publish(publication(store, "boxes", {None: values}, GRID))
    random = np.random.default_rng(20)
    for number in range(20):
        first = int(random.integers(0, 72)) if number else 70
        width, row = int(random.integers(1, 40)) if number else 5, int(random.integers(0, 30))
        height = int(random.integers(1, 36 - row))
        west = -180 + 5 * first
        east = (west + 5 * width + 180) % 360 - 180
        found = fetch_tiff(client, "boxes", f"bbox={west},{90 - 5 * (row + height)},{east},{90 - 5 * row}")
        assert np.array_equal(found.values[0], wrapped(values, slice(row, row + height), first, width))
        assert (found.transform.c, found.transform.f) == (west, 90 - 5 * row)


@pytest.mark.parametrize("query", ["bbox=170,-5,-170,5", "subset=Lon(170:190),Lat(-5:5)", "subset=lon(170:-170)"])
def test_a_box_across_the_seam_is_contiguous(
    client: TestClient, repository: Repository, store: Path, query: str
) -> None:
    values = coded(STRADDLING)
    repository.publish(publication(store, "seam", {None: values}, STRADDLING))
    found = fetch_tiff(client, "seam", query)
    assert found.values.shape[2] == 25  # 24 cells of 5/6 degree, and the halves at both ends
    rows = slice(0, 18) if "Lat" not in query and "bbox" not in query else slice(3, 15)
    assert np.array_equal(found.values[0], wrapped(values, rows, 420, 25))
    assert found.transform.c == pytest.approx(-180.41666666666666 + 420 * 360 / 432)


def test_packed_values_stay_packed_and_say_how_to_unpack(
    client: TestClient, repository: Repository, store: Path
) -> None:
    values = np.arange(72 * 36, dtype="int16").reshape(36, 72) - 1000
    values[3, 4] = -32768
    repository.publish(
        publication(store, "packed", {None: values}, GRID, nodata=-32768, scale=0.01, offset=273.15, unit="K")
    )
    found = fetch_tiff(client, "packed", "bbox=-180,60,-150,90")
    assert found.values.dtype == np.int16
    assert np.array_equal(found.values[0], values[:6, :6])
    assert found.nodata == -32768
    assert (found.profile["scales"], found.profile["offsets"], found.profile["units"]) == ((0.01,), (273.15,), ("K",))
    assert found.profile["descriptions"] == ("v",)


def test_one_time_is_answered_the_latest_by_default(client: TestClient, repository: Repository, store: Path) -> None:
    series = steps(GRID, ("2006-04-16T12:00:00Z", "2006-05-16T12:00:00Z"))
    repository.publish(publication(store, "times", series, GRID))
    latest, first = fetch_tiff(client, "times"), fetch_tiff(client, "times", "datetime=2006-04")
    assert (latest.values[0, 0, 0], first.values[0, 0, 0]) == (1000, 0)
    assert (latest.tags["TIME"], first.tags["TIME"]) == ("2006-05-16T12:00:00Z", "2006-04-16T12:00:00Z")
    assert fetch_tiff(client, "times", 'subset=time("2006-04-16T12:00:00Z")').values[0, 0, 1] == 1


def test_several_times_are_refused_with_the_way_out(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "many", steps(GRID, ("2006-04-16", "2006-05-16")), GRID))
    for query in ("f=geotiff&datetime=2006", "f=cog&datetime=2006-04/2006-05", 'f=png&subset=time("2006-04":*)'):
        answer = get(client, "many", query)
        assert answer.status_code == 406
        assert "f=netcdf" in answer.json()["detail"]
        assert "datetime=2006-05-16" in answer.json()["detail"]
    assert get(client, "many", "f=geotiff&datetime=2006-04-01/2006-04-30").status_code == 200


def test_an_interval_without_a_format_is_a_netcdf(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "many", steps(GRID, ("2006-04-16", "2006-05-16")), GRID))
    for query, accept, status, media_type in (
        ("datetime=2006", "*/*", 200, "application/netcdf"),
        ("datetime=2006-04/2006-05", "*/*", 200, "application/netcdf"),
        ('subset=time("2006-04":"2006-04")', "application/json", 200, "application/netcdf"),
        ("datetime=2006-04", "*/*", 200, "image/tiff; application=geotiff"),
        ("", "*/*", 200, "image/tiff; application=geotiff"),
        ("datetime=2006", "image/tiff", 406, "application/json"),
    ):
        answer = client.get(f"/collections/many/coverage?{query}", headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (status, media_type), query
    assert "2006-04-16" in client.get("/collections/many/coverage?datetime=2006").headers["content-disposition"]


def test_properties_of_one_type_become_bands(client: TestClient, repository: Repository, store: Path) -> None:
    values = coded(GRID)
    base = publication(store, "bands", {None: values}, GRID, nodata=-1.0)
    repository.publish(with_variable(base, store, "w", values + 1))
    found = fetch_tiff(client, "bands", "properties=w,v&bbox=0,0,10,10")
    assert found.profile["descriptions"] == ("w", "v")
    assert np.array_equal(found.values, np.stack([values + 1, values])[:, 16:18, 36:38])
    assert fetch_tiff(client, "bands").profile["descriptions"] == ("v",)


def test_properties_of_different_types_name_netcdf(client: TestClient, repository: Repository, store: Path) -> None:
    base = publication(store, "mixed", {None: coded(GRID)}, GRID, nodata=-1.0)
    repository.publish(with_variable(base, store, "w", coded(GRID).astype("int32")))
    answer = get(client, "mixed", "properties=v,w")
    assert answer.status_code == 400
    assert "f=netcdf" in answer.json()["detail"]


def test_native_axes_of_a_projected_grid(client: TestClient, repository: Repository, store: Path) -> None:
    values = coded(LAEA)
    repository.publish(publication(store, "laea", {None: values}, LAEA, bbox=(9.0, 54.0, 10.0, 55.0)))
    for query in (
        "subset=E(4010000:4012000),N(3480000:3490000)",
        "subset=x(4010000:4012000)&subset=Y(3480000:3490000)",
    ):
        found = fetch_tiff(client, "laea", query)
        assert np.array_equal(found.values[0], values[10:20, 10:12])
        assert found.crs.to_epsg() == 3035
    headers = get(client, "laea", "subset=E(4010000:4012000),N(3480000:3490000)").headers
    assert headers["content-crs"] == "<http://www.opengis.net/def/crs/EPSG/0/3035>"
    assert headers["content-bbox"] == "3480000.0,4010000.0,3490000.0,4012000.0"  # northing first, as the CRS has it


def test_headers_tell_the_type_the_name_and_the_extent(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "headers", steps(GRID, ("2006-05-16T12:00:00Z",)), GRID))
    answer = get(client, "headers", "bbox=1,1,9,9")
    assert answer.headers["content-type"] == "image/tiff; application=geotiff"
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    assert answer.headers["content-bbox"] == "0.0,0.0,10.0,10.0"
    assert 'filename="headers_v_20060516T120000Z.tif"' in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_equal_requests_have_equal_bytes(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "same", {None: coded(GRID)}, GRID))
    for format_ in ("geotiff", "netcdf"):
        assert get(client, "same", f"f={format_}").content == get(client, "same", f"f={format_}").content


def test_a_picture_has_its_bands(client: TestClient, repository: Repository, store: Path) -> None:
    bands = np.stack([coded(GRID) % 251, coded(GRID) % 241, coded(GRID) % 239]).astype("uint8")
    base = publication(store, "picture", {None: bands}, GRID)
    repository.publish(with_first(base, kind="rgb", band_count=3, styles=()))
    found = fetch_tiff(client, "picture", "bbox=170,0,-170,10")
    assert np.array_equal(found.values, bands[:, 16:18][:, :, [70, 71, 0, 1]])
