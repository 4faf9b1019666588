"""The queries of EDR: which cells they mean, and their values against the source."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import netCDF4
import numpy as np
import pytest
from covjson_pydantic.coverage import Coverage, CoverageCollection
from pyproj import Geod
from pyproj.crs import CRS
from pyproj.transformer import Transformer

from cog.grids.ellipsoid import cell_areas
from tests.support import gridded

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

ROW, COLUMN = 100, 113
POINT = "POINT(128.4 14.9)"
FLUX = {"parameter-name": "flux"}


def _get(client: TestClient, path: str, **parameters: str) -> Any:
    query = {name.replace("_", "-"): value for name, value in parameters.items()}
    answer = client.get(f"/edr/collections/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer


def _coverage(client: TestClient, path: str, **parameters: str) -> dict[str, Any]:
    """A coverage that the models of CoverageJSON accept."""
    answer = _get(client, path, **parameters)
    document: dict[str, Any] = answer.json()
    (CoverageCollection if document["type"] == "CoverageCollection" else Coverage).model_validate_json(answer.content)
    return document


def _rows(client: TestClient, path: str, **parameters: str) -> list[dict[str, str]]:
    text = _get(client, path, f="csv", **parameters).text
    return list(csv.DictReader(io.StringIO(text)))


def _values(document: dict[str, Any], name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    array = document["ranges"][name]
    return np.array(array["values"], dtype="float64").reshape(array["shape"])


def _close(first: Any, second: Any, *, atol: float = 1e-6) -> None:
    np.testing.assert_allclose(np.array(first, "float64"), second, rtol=0, atol=atol, equal_nan=True)


def test_a_position_is_a_series_with_its_gap(arrays_client: TestClient) -> None:
    document = _coverage(arrays_client, "daily/position", coords=POINT, parameter_name="flux")
    assert document["domain"]["domainType"] == "PointSeries"
    assert document["domain"]["axes"]["t"]["values"] == [f"{day}T00:00:00Z" for day in gridded.DAYS]
    _close(_values(document, "flux"), gridded.physical_days()[:, ROW, COLUMN])
    assert "23.99," in _get(arrays_client, "daily/position", coords=POINT, parameter_name="flux").text


def test_without_names_every_parameter_is_answered(arrays_client: TestClient) -> None:
    document = _coverage(arrays_client, "daily/position", coords=POINT, datetime="2001-07-04")
    assert set(document["ranges"]) == {"flux", "cover"}
    assert _values(document, "cover") == [gridded.cover()[ROW, COLUMN]]


def test_levels_are_coverages_of_their_own(arrays_client: TestClient) -> None:
    document = _coverage(arrays_client, "ocean/position", coords="POINT(104.5 46.5)")
    assert [c["domain"]["axes"]["z"]["values"] for c in document["coverages"]] == [[0.0], [10.0], [20.5]]
    _close(_values(document["coverages"][2], "v"), [230_004, 1_230_004])
    one = _coverage(arrays_client, "ocean/position", coords="POINT(104.5 46.5)", z="10")
    _close(_values(one, "v"), [130_004, 1_130_004])


@pytest.mark.parametrize(
    ("z", "levels"),
    [("0,20.5", ["0", "20.5"]), ("5/15", ["10"]), ("R2/0/10", ["0", "10"]), ("30/0", ["0", "10", "20.5"])],
)
def test_levels_are_chosen_by_list_interval_and_repetition(
    arrays_client: TestClient, z: str, levels: list[str]
) -> None:
    rows = _rows(arrays_client, "ocean/position", coords="POINT(104.5 46.5)", z=z, datetime="2006-04")
    assert [row["depth [m]"] for row in rows] == levels


def test_several_points_share_one_time_axis(arrays_client: TestClient) -> None:
    coords = "MULTIPOINT((128.4 14.9),(0 0),(101 39))"
    document = _coverage(arrays_client, "daily/position", coords=coords, parameter_name="flux")
    assert document["domain"]["domainType"] == "MultiPointSeries"
    values = _values(document, "flux")
    _close(values[:, 0], gridded.physical_days()[:, ROW, COLUMN])
    assert np.isnan(values[:, 1:]).all()  # outside, and without data


def test_points_of_another_crs_are_x_before_y(arrays_client: TestClient) -> None:
    x, y = Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True).transform(128.4, 14.9)
    rows = _rows(arrays_client, "daily/position", coords=f"POINT({x} {y})", crs="EPSG:3857", parameter_name="flux")
    truth = gridded.physical_days()[:, ROW, COLUMN]
    _close([row["flux [mm d-1]"] or np.nan for row in rows], truth)
    same = _rows(arrays_client, "daily/position", coords=POINT, crs="EPSG:4326", parameter_name="flux")
    assert [row["flux [mm d-1]"] for row in same] == [row["flux [mm d-1]"] for row in rows]


def test_a_radius_holds_the_cells_whose_centre_is_near(arrays_client: TestClient) -> None:
    rows = _rows(
        arrays_client, "daily/radius", coords=POINT, within="60", within_units="km", datetime="2001-07-01", **_flux()
    )
    lon, lat = np.meshgrid(100.125 + 0.25 * np.arange(300), 39.875 - 0.25 * np.arange(270))
    distance = Geod(ellps="WGS84").inv(np.full(lon.size, 128.4), np.full(lon.size, 14.9), lon.ravel(), lat.ravel())[2]
    near = distance.reshape(lon.shape) <= 60_000
    assert len(rows) == near.sum() > 10
    _close(sorted(float(row["flux [mm d-1]"]) for row in rows), np.sort(gridded.physical_days()[0][near]))


def _flux() -> dict[str, str]:
    return {"parameter_name": "flux"}


def test_a_cube_has_every_cell_that_the_box_meets(arrays_client: TestClient) -> None:
    document = _coverage(
        arrays_client, "daily/cube", bbox="110.1,20.1,110.6,20.4", datetime="2001-07-01/2001-07-04", **_flux()
    )
    values = _values(document, "flux")
    axes = document["domain"]["axes"]
    assert document["ranges"]["flux"]["axisNames"] == ["t", "y", "x"]
    assert axes["x"]["values"] == [110.125, 110.375, 110.625]
    assert axes["y"]["values"] == [20.375, 20.125]
    _close(values, gridded.physical_days()[0:4, 78:80, 40:43])


def test_a_cube_of_levels_has_a_vertical_axis(arrays_client: TestClient) -> None:
    document = _coverage(arrays_client, "ocean/cube", bbox="104,46,0,106,47.9,15", datetime="2006-05")
    assert document["ranges"]["v"]["axisNames"] == ["t", "z", "y", "x"]
    assert document["domain"]["axes"]["z"]["values"] == [0.0, 10.0]
    assert _values(document, "v").shape == (1, 2, 2, 2)


def test_an_area_is_a_grid_with_null_outside(arrays_client: TestClient) -> None:
    polygon = "POLYGON((110 20,111 20,111 21,110 20))"
    document = _coverage(arrays_client, "daily/area", coords=polygon, datetime="2001-07-01", **_flux())
    values = _values(document, "flux")[0]
    truth = gridded.physical_days()[0, 76:80, 40:44]
    for row in range(4):
        for column in range(4):
            inside = column >= 3 - row  # at least a corner of the cell lies below the diagonal
            assert np.isnan(values[row, column]) != inside
            assert not inside or values[row, column] == pytest.approx(truth[row, column], abs=1e-5)


def test_the_mean_of_an_area_weights_cells_by_covered_area(arrays_client: TestClient) -> None:
    """The box covers half of its first column, and a quarter of its last row."""
    polygon = "POLYGON((110.125 20.1875,110.75 20.1875,110.75 21,110.125 21,110.125 20.1875))"
    rows = _rows(arrays_client, "daily/area", coords=polygon, statistics="mean,min,max,count,std", **_flux())
    truth = gridded.physical_days()[:, 76:80, 40:43]
    fractions = np.outer([1, 1, 1, 0.25], [0.5, 1, 1])
    weights = fractions * cell_areas(gridded.GRID)[76:80, np.newaxis]
    for day, row in enumerate(rows):
        if day == gridded.GAP:
            assert (row["flux_mean [mm d-1]"], row["flux_count [1]"]) == ("", "0")
            continue
        mean = (truth[day] * weights).sum() / weights.sum()
        assert float(row["flux_mean [mm d-1]"]) == pytest.approx(mean, rel=1e-8)
        std = np.sqrt(((truth[day] - mean) ** 2 * weights).sum() / weights.sum())
        assert float(row["flux_std [mm d-1]"]) == pytest.approx(std, rel=1e-7)
        assert float(row["flux_min [mm d-1]"]) == pytest.approx(truth[day].min())
        assert float(row["flux_max [mm d-1]"]) == pytest.approx(truth[day].max())
        assert row["flux_count [1]"] == "12"


def test_an_area_series_is_a_polygon_series(arrays_client: TestClient) -> None:
    polygon = "POLYGON((110 20,111 20,111 21,110 20))"
    document = _coverage(arrays_client, "daily/area", coords=polygon, statistics="mean", **_flux())
    assert document["domain"]["domainType"] == "PolygonSeries"
    assert len(_values(document, "flux")) == 5


def test_statistics_over_time_answer_one_number_a_place(arrays_client: TestClient) -> None:
    document = _coverage(arrays_client, "daily/position", coords=POINT, statistics="mean,max,count", **_flux())
    truth = gridded.physical_days()[:, ROW, COLUMN]
    ranges = {name: array["values"] for name, array in document["ranges"].items()}
    _close(ranges["flux_mean"], [np.nanmean(truth)])
    _close(ranges["flux_max"], [np.nanmax(truth)])
    assert ranges["flux_count"] == [4.0]
    cube = _coverage(arrays_client, "daily/cube", bbox="110.1,20.1,110.6,20.4", statistics="std", **_flux())
    _close(_values(cube, "flux_std"), np.nanstd(gridded.physical_days()[:, 78:80, 40:43], axis=0))


def test_the_series_of_an_area_has_statistics_over_time(arrays_client: TestClient) -> None:
    polygon = "POLYGON((110 20,111 20,111 21,110 20))"
    series = _values(_coverage(arrays_client, "daily/area", coords=polygon, statistics="mean", **_flux()), "flux")
    rows = _rows(arrays_client, "daily/locations/south-china", statistics="max", statistics_over="time", **_flux())
    assert len(rows) == 1
    assert np.isfinite(series[[0, 1, 3, 4]]).all()


def test_a_line_without_moments_is_a_series_of_each_cell(arrays_client: TestClient) -> None:
    document = _coverage(arrays_client, "daily/trajectory", coords="LINESTRING(110.1 20.1,111.1 20.1)", **_flux())
    assert document["domain"]["domainType"] == "MultiPointSeries"
    _close(_values(document, "flux"), gridded.physical_days()[:, 79, 40:45])


def test_a_line_with_moments_takes_each_cell_at_its_time(arrays_client: TestClient) -> None:
    first = 993_945_600  # 2001-07-01T00:00:00Z
    coords = f"LINESTRINGM(110.1 20.1 {first},110.4 20.1 {first + 3 * 86_400 + 100},110.6 20.1 {first + 4 * 86_400})"
    document = _coverage(arrays_client, "daily/trajectory", coords=coords, **_flux())
    assert document["domain"]["domainType"] == "Trajectory"
    tuples = document["domain"]["axes"]["composite"]["values"]
    truth = gridded.physical_days()
    days = [int(moment[8:10]) - 1 for moment, _, _ in tuples]
    columns = [int((x - 100) / 0.25) for _, x, _ in tuples]
    _close(_values(document, "flux"), [truth[d, 79, c] for d, c in zip(days, columns, strict=True)])
    assert (days[0], columns) == (0, [40, 41, 42])
    text = _get(arrays_client, "daily/trajectory", coords=coords, f="csv", **_flux()).text
    assert text.splitlines()[1].startswith("2001-07-01T00:00:00Z,110.1,20.1,")


def test_a_corridor_holds_the_cells_beside_the_line(arrays_client: TestClient) -> None:
    line = {"coords": "LINESTRING(110.125 20.125,110.625 20.125)", "width_units": "km"}
    narrow = _rows(arrays_client, "daily/corridor", corridor_width="0", datetime="2001-07-01", **line, **_flux())
    wide = _rows(arrays_client, "daily/corridor", corridor_width="60", datetime="2001-07-01", **line, **_flux())
    assert {row["latitude [degrees_north]"] for row in narrow} == {"20.125"}
    assert len(narrow) == 3
    assert {row["latitude [degrees_north]"] for row in wide} == {"19.875", "20.125", "20.375"}


def test_a_named_region_answers_its_mean(arrays_client: TestClient) -> None:
    regions = _get(arrays_client, "daily/locations").json()
    assert {"south-china", "bohai", "mediterranean"} <= {feature["id"] for feature in regions["features"]}
    document = _coverage(arrays_client, "daily/locations/south-china", **_flux())
    assert document["domain"]["domainType"] == "PolygonSeries"
    values = _values(document, "flux")
    assert 13 < values[0] < 17  # of uniform random numbers below 30
    assert np.isnan(values[gridded.GAP])


def test_a_projected_grid_is_asked_in_degrees_and_answered_in_its_crs(arrays_client: TestClient) -> None:
    x, y = -1_000_000 + 50_000 * 10.5, 1_000_000 - 50_000 * 7.5
    lon, lat = Transformer.from_crs("EPSG:3995", "OGC:CRS84", always_xy=True).transform(x, y)
    document = _coverage(arrays_client, "polar/position", coords=f"POINT({lon} {lat})")
    assert document["domain"]["domainType"] == "Point"
    assert document["ranges"]["v"]["values"] == [70_010.0]
    cube = _coverage(arrays_client, "polar/cube", bbox=f"{x},{y},{x + 1},{y + 1}", crs="EPSG:3995")
    assert cube["domain"]["axes"]["x"]["values"] == [x]
    assert CRS.from_user_input(cube["domain"]["referencing"][0]["system"]["id"]).to_epsg() == 3995


def test_netcdf_holds_a_cube(arrays_client: TestClient) -> None:
    content = _get(arrays_client, "daily/cube", bbox="110.1,20.1,110.6,20.4", f="NetCDF", **_flux()).content
    with netCDF4.Dataset("cube.nc", memory=content) as dataset:
        assert dataset["flux"].dimensions == ("time", "lat", "lon")
        _close(dataset["flux"][:].filled(np.nan), gridded.physical_days()[:, 78:80, 40:43])
        assert dataset["flux"].grid_mapping == "crs"


def test_netcdf_holds_series_of_places_and_regions(arrays_client: TestClient) -> None:
    coords = "MULTIPOINT((128.4 14.9),(110.1 20.1))"
    content = _get(arrays_client, "daily/position", coords=coords, f="NetCDF", **_flux()).content
    with netCDF4.Dataset("points.nc", memory=content) as dataset:
        assert dataset.featureType == "timeSeries"
        truth = gridded.physical_days()[:, [ROW, 79], [COLUMN, 40]]
        _close(dataset["flux"][:].filled(np.nan), truth)
    content = _get(arrays_client, "daily/locations/south-china", f="NetCDF", **_flux()).content
    with netCDF4.Dataset("regions.nc", memory=content) as dataset:
        assert dataset["location"].location_ids == "south-china"
        assert dataset["flux"].shape == (5, 1)


def test_geojson_has_the_members_of_edr(arrays_client: TestClient) -> None:
    answer = _get(arrays_client, "daily/position", coords=POINT, f="GeoJSON", datetime="2001-07-01", **_flux())
    assert answer.headers["content-type"] == "application/geo+json"
    (feature,) = answer.json()["features"]
    assert {"datetime", "label", "parameter-name", "edrqueryendpoint"} <= feature["properties"].keys()
    assert feature["properties"]["flux"] == 23.99
    assert feature["geometry"] == {"type": "Point", "coordinates": [128.4, 14.9]}


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("daily/position?coords=POINT(0 0)", 404, "no point lies on the data"),
        ("daily/position?coords=POINT(x y)", 400, "coords"),
        ("daily/position?coords=LINESTRING(0 0,1 1)", 400, "POINT or MULTIPOINT"),
        ("daily/position?coords=POINT(128 15)&parameter-name=nix", 400, "flux, cover"),
        ("daily/position?coords=POINT(128 15)&datetime=1999", 400, "2001-07-01 to 2001-07-05"),
        ("daily/position?coords=POINT(128 15)&z=3", 400, "no levels"),
        ("ocean/position?coords=POINT(104 46)&z=11", 404, "0, 10, 20.5"),
        ("daily/position?coords=POINT(128 15)&crs=EPSG:1", 400, "crs"),
        ("daily/position?coords=POINT(128 15)&f=xml", 400, "csv"),
        ("daily/position?coords=POINT(128 15)&statistics=median", 400, "mean, min, max"),
        ("daily/position?coords=POINT(128 15)&statistics=mean&statistics-over=area", 400, "no area"),
        ("daily/radius?coords=POINT(128 15)&within=9&within-units=parsec", 400, "km"),
        ("daily/radius?coords=POINT(128 15)&within=-1&within-units=m", 400, "within"),
        ("daily/area?coords=POLYGON((0 0,1 0,1 1,0 0))", 404, "does not meet"),
        ("daily/area?coords=POLYGON((0 0,1 1,1 0,0 1,0 0))", 400, "valid"),
        ("daily/cube?bbox=1,2,3", 400, "west,south,east,north"),
        ("daily/trajectory?coords=LINESTRINGM(110 20 0,111 20 9)", 400, "1970-01-01"),
        ("daily/locations/atlantis", 404, "south-china"),
        ("daily/position", 400, "coords"),
        ("daily/area", 400, "coords"),
        ("daily/trajectory", 400, "coords"),
        ("daily/cube", 400, "bbox"),
    ],
)
def test_a_wrong_query_names_the_remedy(arrays_client: TestClient, path: str, status: int, named: str) -> None:
    answer = arrays_client.get(f"/edr/collections/{path}")
    assert answer.status_code == status, answer.text
    assert named in answer.json()["detail"]


def test_too_many_values_are_refused_with_the_formats_that_hold_them(arrays_client: TestClient) -> None:
    answer = arrays_client.get("/edr/collections/daily/cube?bbox=100,-25,175,40&f=GeoJSON&parameter-name=flux")
    assert answer.status_code == 413
    assert "the limit of GeoJSON is 100000" in answer.json()["detail"]
    assert "f=CoverageJSON" in answer.json()["detail"]


def test_a_known_answer_is_not_sent_again(arrays_client: TestClient) -> None:
    first = _get(arrays_client, "daily/position", coords=POINT)
    tag = {"If-None-Match": first.headers["etag"]}
    again = arrays_client.get("/edr/collections/daily/position", params={"coords": POINT}, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
