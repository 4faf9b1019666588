"""`crs`, `bbox-crs`, `subset-crs` and `resampling` over HTTP, against gdalwarp, rasterio and pyproj."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.enums import Resampling
from rasterio.warp import reproject

from config.grids import CRS84, Grid
from tests.support.catalogues import reading
from tests.support.coverages import Fetched, fetch_netcdf, fetch_tiff, get, publication, with_first
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.publication import Publication
    from records.datasets.repository import Repository
    from tests.support.database import Server

GRID = global_grid(width=720, height=360)
ALBERS = Grid(crs="EPSG:5070", transform=(5000.0, 0, -2_000_000.0, 0, -5000.0, 3_000_000.0), width=400, height=300)
EUROPE = "bbox=-10,35,30,70"
LAEA = "http://www.opengis.net/def/crs/EPSG/0/3035"


def smooth(grid: Grid = GRID) -> np.ndarray:
    """int16 waves with a hole of -9999."""
    rows, columns = np.indices((grid.height, grid.width))
    values = (2000 * np.sin(rows / 9) * np.cos(columns / 7)).astype("int16")
    values[60:80, 380:400] = -9999
    return values


def warped(path: Path, found: Fetched, resampling: Resampling, nodata: float) -> np.ndarray:
    """The file warped by rasterio to the grid of the answer."""
    expected = np.full(found.values.shape[1:], nodata, found.values.dtype)
    with rasterio.open(path) as source:
        reproject(
            rasterio.band(source, 1),
            expected,
            dst_transform=found.transform,
            dst_crs=found.crs,
            dst_nodata=nodata,
            resampling=resampling,
            tolerance=0,
            XSCALE="1",
            YSCALE="1",
        )
    return expected


def waves(store: Path) -> Publication:
    return publication(store, "waves", {None: smooth()}, GRID, nodata=-9999.0)


def packed(store: Path) -> Publication:
    return publication(store, "packed", {None: smooth()}, GRID, nodata=-9999.0, scale=0.01)


def codes(store: Path) -> Publication:
    return publication(store, "codes", {None: coded(GRID)}, GRID)


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `waves`, `packed` and `codes`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), waves, packed, codes) as client:
        yield client


@pytest.mark.parametrize("crs", ["EPSG:3035", "EPSG:3857", "EPSG:32633", "EPSG:4258"])
@pytest.mark.parametrize("kernel", ["nearest", "bilinear", "cubic"])
def test_any_crs_is_the_warp_of_the_stored_cells(reader: TestClient, store: Path, crs: str, kernel: str) -> None:
    packed(store)  # the same file as that of the application
    found = fetch_tiff(reader, "packed", f"{EUROPE}&crs={crs}&resampling={kernel}")
    assert found.crs == rasterio.CRS.from_string(crs)
    assert found.profile["scales"] == (0.01,)
    expected = warped(store / "packed/v/static.tif", found, Resampling[kernel], -9999)
    assert np.array_equal(found.values[0], expected)
    assert (expected == -9999).any()
    assert (expected != -9999).mean() > 0.5


@pytest.mark.skipif(shutil.which("gdalwarp") is None, reason="not run: there is no gdalwarp")
def test_the_grid_and_the_values_are_those_of_gdalwarp(reader: TestClient, store: Path, tmp_path: Path) -> None:
    packed(store)  # the same file as that of the application
    found = fetch_tiff(reader, "packed", f"{EUROPE}&crs=EPSG:3035&resampling=nearest")
    cut, out = tmp_path / "cut.tif", tmp_path / "out.tif"
    window = ["-projwin", "-10", "70", "30", "35", str(store / "packed/v/static.tif"), str(cut)]
    subprocess.run(["gdal_translate", "-q", *window], check=True)
    subprocess.run(["gdalwarp", "-q", "-et", "0", "-t_srs", "EPSG:3035", str(cut), str(out)], check=True)
    with rasterio.open(out) as dataset:
        expected = dataset.read(1)
        assert np.allclose(dataset.transform, found.transform)
    # gdalwarp saw the cut alone; the answer has the data of its corners too
    inside = expected != -9999
    assert inside.mean() > 0.5
    assert np.array_equal(found.values[0][inside], expected[inside])


def test_the_headers_tell_the_crs_and_its_axis_order(reader: TestClient) -> None:
    answer = get(reader, "waves", f"{EUROPE}&crs={LAEA}")
    assert answer.headers["content-crs"] == f"<{LAEA}>"
    found = fetch_tiff(reader, "waves", f"{EUROPE}&crs={LAEA}")
    height, width = found.values.shape[1:]
    west, north = found.transform @ (0, 0)
    east, south = found.transform @ (width, height)
    assert [float(v) for v in answer.headers["content-bbox"].split(",")] == pytest.approx([south, west, north, east])


def test_epsg_4326_is_the_same_cells_told_latitude_first(reader: TestClient) -> None:
    plain, other = (
        get(reader, "waves", EUROPE),
        get(reader, "waves", "bbox=35,-10,70,30&bbox-crs=EPSG:4326&crs=EPSG:4326"),
    )
    assert plain.headers["content-bbox"] == "-10.0,35.0,30.0,70.0"
    assert other.headers["content-bbox"] == "35.0,-10.0,70.0,30.0"
    assert other.headers["content-crs"] == "<http://www.opengis.net/def/crs/EPSG/0/4326>"
    assert plain.content == other.content


def test_classes_are_never_mixed_by_a_warp(client: TestClient, repository: Repository, store: Path) -> None:
    values = (np.indices((360, 720)).sum(axis=0) % 2 * 200).astype("uint8")
    repository.publish(with_first(publication(store, "land", {None: values}, GRID), kind="categorical", unit=None))
    found = fetch_tiff(client, "land", f"{EUROPE}&crs=EPSG:3035")
    assert set(np.unique(found.values)) <= {0, 200, -32768}
    assert (found.values.dtype, found.nodata) == (np.int16, -32768)


def test_a_box_in_the_crs_of_the_answer_is_its_extent(reader: TestClient) -> None:
    query = "bbox=3000000,4000000,3600000,4500000&bbox-crs=EPSG:3035&crs=EPSG:3035"
    answer = get(reader, "waves", query)
    assert answer.headers["content-bbox"] == "3000000.0,4000000.0,3600000.0,4500000.0"
    same = get(reader, "waves", "subset=E(4000000:4500000),N(3000000:3600000)&subset-crs=[EPSG:3035]&crs=[EPSG:3035]")
    assert same.content == answer.content


def test_a_box_in_another_crs_takes_the_cells_around_it(reader: TestClient) -> None:
    found = fetch_tiff(reader, "codes", "bbox=2000000,6000000,3000000,7000000&bbox-crs=EPSG:3857")
    (west, east), (south, north) = Transformer.from_crs("EPSG:3857", CRS84, always_xy=True).transform(
        [2e6, 3e6], [6e6, 7e6]
    )
    columns = slice(int((west + 180) * 2), int((east + 180) * 2) + 1)
    rows = slice(int((90 - north) * 2), int((90 - south) * 2) + 1)
    assert np.array_equal(found.values[0], coded(GRID)[rows, columns])


def test_a_box_in_a_pacific_crs_crosses_the_antimeridian(reader: TestClient) -> None:
    query = "bbox=2800000,-500000,4000000,500000&bbox-crs=EPSG:3832"
    west, south, east, north = map(float, get(reader, "codes", query).headers["content-bbox"].split(","))
    assert 174 < west < 176.5
    assert -175 < east - 360 < -173
    assert (south, north) == (-north, 5.0) or abs(south + north) < 0.6


def test_a_box_over_the_pole_takes_every_longitude(reader: TestClient) -> None:
    found = fetch_tiff(reader, "codes", "bbox=-1000000,-1000000,1000000,1000000&bbox-crs=EPSG:3995")
    assert found.values.shape[2] == 720
    assert np.array_equal(found.values[0], coded(GRID)[: found.values.shape[1]])


def test_the_whole_globe_in_mercator_ends_where_mercator_does(reader: TestClient) -> None:
    west, south, east, north = map(float, get(reader, "waves", "crs=EPSG:3857").headers["content-bbox"].split(","))
    assert (west, east) == pytest.approx((-20037508.34, 20037508.34), rel=1e-3)
    assert 19_900_000 < north < 20_700_000
    assert south == pytest.approx(-north, rel=2e-2)


def test_albers_comes_out_in_degrees_and_in_albers(client: TestClient, repository: Repository, store: Path) -> None:
    values = smooth(ALBERS)
    repository.publish(
        publication(store, "usa", {None: values}, ALBERS, nodata=-9999.0, bbox=(-120.0, 25.0, -70.0, 50.0))
    )
    plain = fetch_tiff(client, "usa")
    assert np.array_equal(plain.values[0], values)
    found = fetch_tiff(client, "usa", "crs=[OGC:CRS84]&resampling=nearest&bbox=-110,30,-90,45&bbox-crs=OGC:CRS84")
    assert np.array_equal(found.values[0], warped(store / "usa/v/static.tif", found, Resampling.nearest, -9999))
    assert found.crs == rasterio.CRS.from_epsg(4326)


@pytest.mark.parametrize("west", [-180.0, 0.0])
def test_the_antimeridian_leaves_no_trace_in_another_crs(
    client: TestClient, repository: Repository, store: Path, west: float
) -> None:
    grid = global_grid(720, 360, west=west)
    longitudes = np.radians(west + (np.arange(720) + 0.5) / 2)
    values = np.tile(np.sin(longitudes), (360, 1)).astype("float32")
    repository.publish(publication(store, "sea", {None: values}, grid))
    found = fetch_tiff(client, "sea", "bbox=170,-5,-170,5&crs=EPSG:3832")
    height, width = found.values.shape[1:]
    x, y = found.transform @ (np.arange(width) + 0.5, np.full(width, height // 2 + 0.5))
    longitude, _ = Transformer.from_crs("EPSG:3832", CRS84, always_xy=True).transform(x, y)
    assert np.abs(found.values[0, height // 2] - np.sin(np.radians(longitude))).max() < 2e-4


def test_a_netcdf_in_another_crs_has_its_grid_mapping(reader: TestClient) -> None:
    with fetch_netcdf(reader, "waves", f"{EUROPE}&crs=EPSG:3035") as dataset:
        assert dataset["crs"].attrs["grid_mapping_name"] == "lambert_azimuthal_equal_area"
        tiff = fetch_tiff(reader, "waves", f"{EUROPE}&crs=EPSG:3035").values[0].astype("float64")
        tiff[tiff == -9999] = np.nan
        assert np.array_equal(dataset["v"].values, tiff, equal_nan=True)


def test_sizes_and_resolutions_are_in_the_crs_of_the_answer(reader: TestClient) -> None:
    box = "bbox=3000000,4000000,3600000,4500000&bbox-crs=EPSG:3035&crs=EPSG:3035"
    assert fetch_tiff(reader, "waves", f"{box}&scale-size=E(50),N(60)").values.shape == (1, 60, 50)
    assert fetch_tiff(reader, "waves", f"{box}&width=25").values.shape[2] == 25
    assert fetch_tiff(reader, "waves", f"{box}&resolution=E(10000),N(20000)").values.shape == (1, 30, 50)
    refused = get(reader, "waves", f"{box}&resolution=Lat(0.1)")
    assert (refused.status_code, "E and N" in refused.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    "query",
    [
        "crs=EPSG:4978",
        "crs=EPSG:999999",
        "crs=",
        "crs=%00",
        "crs=[EPSG:3857",
        "crs=" + "x" * 1000,
        "crs=http://example.org/crs",
        "bbox=0,0,1,1&bbox-crs=nope",
        "bbox=0,0,1e12,1e12&bbox-crs=EPSG:3857",
        "subset=Lat(1:2)&subset-crs=EPSG:3857",
        "subset=E(1:2)&subset-crs=EPSG:4326",
        "resampling=lanczos",
        "bbox=0,10,1,1&bbox-crs=EPSG:3857",
    ],
)
def test_a_crs_that_is_none_is_400(reader: TestClient, query: str) -> None:
    assert get(reader, "waves", query).status_code == 400
