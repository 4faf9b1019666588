"""Cells at latitudes and longitudes of two dimensions, put on a regular grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
from numpy.typing import NDArray

from cog.sources.models import SourceVariable
from cog.sources.opening import open_source
from config.declarations.datasets import DatasetDeclaration
from config.errors import SourceRefused

WARP = DatasetDeclaration(warp=True)
Places = tuple[NDArray[np.float64], NDArray[np.float64]]


def write(
    path: Path,
    places: Places,
    cells: NDArray[Any],
    *,
    units: tuple[str, str] = ("degrees_north", "degrees_east"),
    fill: float | None = -9.0,
) -> Path:
    """A file of one variable `v` over (j, i), or (time, j, i), at latitudes and longitudes."""
    with netCDF4.Dataset(str(path), "w") as file:
        for name, size in zip(("j", "i"), places[0].shape, strict=True):
            file.createDimension(name, size)
        dims = ("j", "i") if cells.ndim == 2 else ("time", "j", "i")
        if cells.ndim == 3:
            file.createDimension("time", len(cells))
            time = file.createVariable("time", "f8", ("time",))
            time.units, time[:] = "days since 2001-01-01", np.arange(len(cells))
        for name, values, unit in zip(("lat", "lon"), places, units, strict=True):
            place = file.createVariable(name, "f8", ("j", "i"), fill_value=1e30)
            place[:], place.units = np.ma.masked_invalid(values), unit
            place.standard_name = {"lat": "latitude", "lon": "longitude"}[name]
        variable = file.createVariable("v", cells.dtype, dims, fill_value=fill)
        variable[:], variable.coordinates = cells, "lat lon"
    return path


def swath(rows: int, columns: int, *, west: float = 100.0, south: float = 20.0, tilt: float = 12.0) -> Places:
    """Centres a tenth of a degree apart on the ground along tracks that are tilted against the meridians."""
    i, j = np.meshgrid(np.arange(columns) * 0.1, np.arange(rows) * 0.1)
    turn = np.radians(tilt)
    latitude = south + j * np.cos(turn) - i * np.sin(turn)
    longitude = west + (i * np.cos(turn) + j * np.sin(turn)) / np.cos(np.radians(latitude))
    return latitude, (longitude + 180) % 360 - 180


def numbered(places: Places) -> NDArray[np.int32]:
    """Cells of which each has its own number."""
    return np.arange(places[0].size, dtype="int32").reshape(places[0].shape)


def warped(path: Path, step: int = 0) -> tuple[SourceVariable, NDArray[Any]]:
    """The variable of a file and its cells, put on a regular grid."""
    with open_source(path, WARP) as source:
        variable = source.description.variable("v")
        return variable, source.read("v", step, rows=(0, variable.grid.height))


def centres(variable: SourceVariable) -> Places:
    """(latitude, longitude) of the grid's cells."""
    a, _, c, _, e, f = variable.grid.transform
    longitude, latitude = np.meshgrid(
        c + (np.arange(variable.grid.width) + 0.5) * a, f + (np.arange(variable.grid.height) + 0.5) * e
    )
    return latitude, longitude


def degrees_apart(one: Places, other: Places) -> NDArray[np.float64]:
    """Great-circle distances in degrees (haversine), all of `one` from all of `other`."""
    (lat, lon), (there, along) = ([np.radians(v).ravel() for v in places] for places in (one, other))
    half = np.sin((lat[:, None] - there) / 2) ** 2
    half += np.cos(lat)[:, None] * np.cos(there) * np.sin((lon[:, None] - along) / 2) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(half)))


@pytest.mark.parametrize("west", [100.0, 178.0], ids=["in the east", "across the antimeridian"])
def test_each_cell_shows_the_nearest_one_of_a_swath(tmp_path: Path, west: float) -> None:
    places = swath(30, 40, west=west)
    variable, cells = warped(write(tmp_path / "a.nc", places, numbered(places)))
    apart = degrees_apart(centres(variable), places)
    nearest, distance = apart.argmin(axis=1), apart.min(axis=1)
    shown = cells.ravel() != -9
    assert variable.nodata == -9
    assert variable.grid.transform[0] == pytest.approx(0.1)
    np.testing.assert_allclose(distance[shown], apart[shown, cells.ravel()[shown]], atol=1e-9)
    assert (nearest[shown] == cells.ravel()[shown]).mean() > 0.999  # others are as far from two centres
    assert distance[shown].max() < 0.1 * np.sqrt(2) / 2 * 1.06
    assert distance[~shown].min() > 0.1 * np.sqrt(2) / 2 * 0.99
    assert len(np.unique(cells[cells != -9])) > 0.85 * cells.size * shown.mean()


def test_a_swath_across_the_antimeridian_makes_no_grid_round_the_globe(tmp_path: Path) -> None:
    places = swath(30, 40, west=178.0)
    variable, _ = warped(write(tmp_path / "a.nc", places, numbered(places)))
    west, _, east, _ = variable.grid.bounds
    assert 170 < west < 180 < east < 190


def test_cells_round_the_globe_make_a_grid_from_180_west(tmp_path: Path) -> None:
    latitude, longitude = np.meshgrid(np.arange(-79, 80, 2.0), np.arange(0, 360, 2.0), indexing="ij")
    bent = latitude + 2 * np.sin(np.radians(longitude * 3))
    variable, cells = warped(write(tmp_path / "a.nc", (bent, longitude), numbered((bent, longitude))))
    assert variable.grid.is_global
    assert variable.grid.transform[2] == -180
    assert (cells[20:-20] != -9).all()


def test_places_that_are_not_known_show_nothing(tmp_path: Path) -> None:
    latitude, longitude = swath(30, 40)
    latitude[10:20, 15:25] = np.nan
    variable, cells = warped(write(tmp_path / "a.nc", (latitude, longitude), numbered((latitude, longitude))))
    lost = numbered((latitude, longitude))[np.isnan(latitude)]
    assert not np.isin(cells, lost).any()
    assert (cells == -9).sum() > 80
    assert variable.lineage[0].startswith("Its cells, on a curvilinear grid of 40 x 30, were put by nearest neighbour")


def test_rows_read_alone_are_those_of_the_whole(tmp_path: Path) -> None:
    places = swath(30, 40)
    stack = np.stack([numbered(places), numbered(places) + 5000]).astype("float32")
    path = write(tmp_path / "a.nc", places, stack, fill=float("nan"))
    _, cells = warped(path, step=1)
    with open_source(path, WARP) as source:
        assert len(source.description.variable("v").steps) == 2
        parts = [source.read("v", 1, rows=(row, min(row + 7, len(cells)))) for row in range(0, len(cells), 7)]
    np.testing.assert_array_equal(np.concatenate(parts), cells)
    assert np.nanmin(cells) >= 5000


def test_packed_places_mean_what_they_unpack_to(tmp_path: Path) -> None:
    places = swath(30, 40)
    plain, cells = warped(write(tmp_path / "a.nc", places, numbered(places)))
    with netCDF4.Dataset(str(write(tmp_path / "b.nc", places, numbered(places))), "a") as file:
        file["v"].coordinates = "y x"
        for name, values in zip("yx", places, strict=True):
            packed = file.createVariable(name, "i4", ("j", "i"), fill_value=-1)
            packed.units = {"y": "degrees_north", "x": "degrees_east"}[name]
            packed.scale_factor, packed.add_offset = 1e-6, 10.0
            packed[:] = values
    again, unpacked = warped(tmp_path / "b.nc")
    assert again.grid == plain.grid
    assert (unpacked == cells).mean() > 0.99


def test_without_a_declaration_it_is_refused_with_that_remedy(tmp_path: Path) -> None:
    places = swath(5, 6)
    path = write(tmp_path / "a.nc", places, numbered(places), units=("degrees", "degrees"))
    with pytest.raises(SourceRefused, match=r"variable v is on a curvilinear grid: .*; put it on .* --warp"):
        open_source(path)


def test_cells_without_a_fill_value_are_refused(tmp_path: Path) -> None:
    places = swath(5, 6)
    path = write(tmp_path / "a.nc", places, numbered(places).astype("u1"), fill=False)
    with pytest.raises(SourceRefused, match=r"has no value for cells without data.*declare its `fill`"):
        open_source(path, WARP)


def test_places_that_make_no_grid_are_refused(tmp_path: Path) -> None:
    same = np.full((5, 6), 10.0), np.full((5, 6), 10.0)
    with pytest.raises(SourceRefused, match="are 0 degrees apart, the least that is served is 1e-06"):
        open_source(write(tmp_path / "a.nc", same, numbered(same)), WARP)
    i, j = np.meshgrid(np.linspace(-1, 1, 20), np.linspace(-1, 1, 20))
    pole = 90 - np.hypot(i, j) / 100, np.degrees(np.arctan2(j, i))
    with pytest.raises(SourceRefused, match=r"400 cells on a curvilinear grid; a regular one of .* would have"):
        open_source(write(tmp_path / "b.nc", pole, numbered(pole)), WARP)
    alone = np.array([[10.0]]), np.array([[20.0]])
    with pytest.raises(SourceRefused, match="no two neighbouring cells of variable v have a latitude"):
        open_source(write(tmp_path / "c.nc", alone, numbered(alone)), WARP)


def test_more_cells_than_memory_holds_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with netCDF4.Dataset(str(tmp_path / "a.nc"), "w") as file:
        file.createDimension("j", 5000)
        file.createDimension("i", 5000)
        for name, unit in (("lat", "degrees_north"), ("lon", "degrees_east"), ("v", "K")):
            file.createVariable(name, "f8", ("j", "i"), zlib=True, chunksizes=(500, 500)).units = unit
    with pytest.raises(SourceRefused, match="25000000 cells on a curvilinear grid, the limit is 16777216"):
        open_source(tmp_path / "a.nc", WARP)


def test_one_wrong_place_covers_no_more_than_a_cell_does(tmp_path: Path) -> None:
    latitude, longitude = swath(30, 40)
    latitude[0, 1:] = np.nan
    latitude[0, 0], longitude[0, 0] = 24.5, 103.0
    _, cells = warped(write(tmp_path / "a.nc", (latitude, longitude), numbered((latitude, longitude))))
    assert (cells == 0).sum() < 40


@pytest.mark.parametrize("cell", [0.5, 1.1, 4.5, 8.9, 16.0])
def test_grids_round_the_globe_end_at_the_poles_and_go_round_once(tmp_path: Path, cell: float) -> None:
    latitude, longitude = np.meshgrid(
        np.linspace(-90 + cell / 2, 90 - cell / 2, round(180 / cell)), np.arange(0, 360, cell), indexing="ij"
    )
    longitude += np.sign(latitude) * cell / 100  # rows that are not straight
    variable, cells = warped(write(tmp_path / "a.nc", (latitude, longitude), numbered((latitude, longitude))))
    np.testing.assert_allclose(variable.grid.bounds, (-180, -90, 180, 90), atol=1e-9)
    assert variable.grid.is_global
    assert (cells != -9).mean() > 0.95


def test_index_variables_of_the_dimensions_are_no_axes(tmp_path: Path) -> None:
    places = swath(30, 40)
    _, cells = warped(write(tmp_path / "a.nc", places, numbered(places)))
    with netCDF4.Dataset(str(write(tmp_path / "b.nc", places, numbered(places))), "a") as file:
        file["v"].coordinates = "height"  # names neither place
        for name in ("j", "i"):
            index = file.createVariable(name, "i4", (name,))
            index.units, index[:] = "1", np.arange(len(file.dimensions[name]))
    _, again = warped(tmp_path / "b.nc")
    np.testing.assert_array_equal(again, cells)


def test_dims_in_another_order_than_the_places_and_another_crs_are_refused(tmp_path: Path) -> None:
    places = swath(30, 30)
    path = write(tmp_path / "a.nc", places, numbered(places))
    turned = DatasetDeclaration.model_validate({"warp": True, "variables": [{"source": "v", "dims": ["x", "y"]}]})
    with pytest.raises(SourceRefused, match="`dims` of v are declared in another order than j, i"):
        open_source(path, turned)
    with pytest.raises(SourceRefused, match="and another CRS is declared; leave `grid` out"):
        open_source(path, DatasetDeclaration.model_validate({"warp": True, "grid": {"crs": "EPSG:4490"}}))


def test_places_that_are_no_numbers_or_not_both_there_are_refused(tmp_path: Path) -> None:
    places = swath(5, 6)
    with netCDF4.Dataset(str(write(tmp_path / "a.nc", places, numbered(places))), "a") as file:
        file.renameVariable("lon", "east")
        file["east"].units, file["east"].standard_name = "1", "angle"
    with pytest.raises(SourceRefused, match=r"is on a curvilinear grid: its latitude lat .*; regrid it"):
        open_source(tmp_path / "a.nc", WARP)


def test_an_ocean_model_with_two_poles_keeps_every_value_in_its_place() -> None:
    iris_sample_data = pytest.importorskip("iris_sample_data", reason="the demo extra is not installed")
    path = Path(iris_sample_data.path) / "orca2_votemper.nc"
    with open_source(path, WARP) as source:
        variable = source.description.variables[0]
        cells = source.read(variable.name, 0, rows=(0, variable.grid.height))
    with netCDF4.Dataset(str(path)) as file:
        places = (file["nav_lat"][...].data.astype("f8"), file["nav_lon"][...].data.astype("f8"))
        stored = file["votemper"][...].filled(variable.nodata).ravel()
    some = np.random.default_rng(3).integers(0, cells.size, 500)
    nearest = degrees_apart(tuple(v.ravel()[some] for v in centres(variable)), places).argmin(axis=1)
    np.testing.assert_array_equal(cells.ravel()[some], stored[nearest])
