"""Tile matrix sets: their arithmetic equals morecantile's, their limits hold the data, and bad files are refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import morecantile
import numpy as np
import pytest
from pyproj import Transformer

from config.errors import TileOutsideMatrix, UnsafeSetting
from services.drawing.tiles.custom_matrix_sets import read_matrix_sets
from services.drawing.tiles.matrices import MatrixSet, address, clipped, document, is_met, limits
from services.drawing.tiles.matrix_sets import MatrixSets, builtin, builtin_ids

if TYPE_CHECKING:
    from pathlib import Path

CHINA = (73.3, 18.2, 134.7, 53.6)


@pytest.mark.parametrize("name", builtin_ids())
def test_bounds_of_tiles_are_morecantiles_to_the_bit(name: str) -> None:
    entry = builtin(name)
    for number in sorted(entry.matrices)[:7]:
        level = entry.matrices[number]
        for row, column in ((0, 0), (level.rows - 1, level.columns - 1), (level.rows // 3, level.columns // 3)):
            wanted = entry.definition.xy_bounds(morecantile.Tile(x=column, y=row, z=number))
            assert level.bounds(row, column) == tuple(wanted)


@pytest.mark.parametrize("name", builtin_ids())
def test_limits_hold_every_place_of_a_box_that_the_set_shows(name: str) -> None:
    entry = builtin(name)
    if not is_met(CHINA, entry):
        assert name in {"EPSG3031Quad", "NZTM2000Quad", "EuropeanETRS89_LAEAQuad"}
        return
    west, south, east, north = clipped(CHINA, entry)
    lon, lat = np.meshgrid(np.linspace(west, east, 37), np.linspace(south, north, 41))
    x, y = Transformer.from_crs("OGC:CRS84", entry.crs, always_xy=True).transform(lon.ravel(), lat.ravel())
    number = sorted(entry.matrices)[3]
    level, (top, bottom, left, right) = entry.matrices[number], limits(CHINA, entry)[number]
    column = np.floor((x - level.left) / level.cell / level.tile)
    row = np.floor((level.top - y) / level.cell / level.tile)
    inside = (column >= 0) & (column < level.columns) & (row >= 0) & (row < level.rows)
    assert ((column[inside] >= left) & (column[inside] <= right)).all()
    assert ((row[inside] >= top) & (row[inside] <= bottom)).all()


def test_polar_sets_show_their_pole_and_all_longitudes() -> None:
    assert builtin("EPSG3413Quad").world[3] == 90.0
    assert builtin("EPSG3031Quad").world[1] == -90.0
    for name in ("EPSG3413Quad", "EPSG3995Quad", "EPSG3031Quad"):
        entry = builtin(name)
        assert (entry.world[0], entry.world[2]) == (-180.0, 180.0)
        first = entry.definition.tileMatrices[0]
        assert first.scaleDenominator == pytest.approx(117028571.42857143, rel=1e-15)
        assert tuple(first.pointOfOrigin) == (-4194304, 4194304)


def test_cgcs2000_is_cut_as_tianditu_cuts_it() -> None:
    entry = builtin("CGCS2000Quad")
    first = entry.definition.tileMatrices[0]
    assert (first.id, first.matrixWidth, first.matrixHeight, tuple(first.pointOfOrigin)) == ("1", 2, 1, (90, -180))
    assert first.scaleDenominator == pytest.approx(279541132.0143589, rel=1e-13)
    assert entry.crs_urn == "urn:ogc:def:crs:EPSG::4490"
    assert entry.in_crs_order((-180, -90, 180, 90)) == (-90, -180, 90, 180)


def test_tiles_that_are_merged_about_a_pole_have_one_box() -> None:
    level = builtin("GNOSISGlobalGrid").matrices[2]
    assert level.bounds(0, 0) == level.bounds(0, 3) == (-180.0, 67.5, -90.0, 90.0)
    assert level.bounds(3, 0) == (-180.0, 0.0, -157.5, 22.5)


def test_matrices_need_not_begin_at_0() -> None:
    entry = builtin("CGCS2000Quad")
    assert address(entry, matrix="1", row="0", column="1").bounds == (0.0, -90.0, 180.0, 90.0)
    with pytest.raises(TileOutsideMatrix, match="whose matrices are 1 to 18"):
        address(entry, matrix="0", row="0", column="0")
    assert address(builtin("CDB1GlobalGrid"), matrix="-10", row="90", column="180").bounds == (0.0, -1.0, 1.0, 0.0)


def own_set(**changes: Any) -> dict[str, Any]:
    body = builtin("EPSG3413Quad").definition.model_dump(mode="json", exclude_none=True)
    return body | {"id": "Own", "title": "Mine"} | changes


def write(folder: Path, *bodies: dict[str, Any]) -> Path:
    for number, body in enumerate(bodies):
        (folder / f"{number}.json").write_text(json.dumps(body))
    return folder


def test_sets_of_the_operator_stand_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a set")
    sets = MatrixSets(read_matrix_sets(write(tmp_path, own_set())))
    assert [entry.id for entry in sets][-1] == "Own"
    assert sets["Own"].title == "Mine"
    assert document(sets["Own"])["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3413"
    assert isinstance(sets["Own"], MatrixSet)


def matrix(**changes: Any) -> dict[str, Any]:
    return {"tileMatrices": [own_set()["tileMatrices"][0] | changes]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "WebMercatorQuad"}, "another tile matrix set 'WebMercatorQuad'"),
        ({"id": "a/b"}, "no tile matrix set"),
        ({"id": "9"}, "letters, digits"),
        ({"crs": "http://www.opengis.net/def/crs/EPSG/0/99999"}, "PROJ does not know it"),
        ({"tileMatrices": []}, "tile matrix set|0 matrices"),
        (matrix(id="-3"), "whole numbers"),
        (matrix(cornerOfOrigin="bottomLeft"), "topLeft"),
        (matrix(tileWidth=512), "equal"),
        (matrix(cellSize=0), "positive"),
    ],
)
def test_a_set_that_cannot_be_served_is_refused_with_its_file(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnsafeSetting, match=message) as refusal:
        read_matrix_sets(write(tmp_path, own_set(**changes)))
    assert "0.json" in str(refusal.value)


def test_what_is_no_json_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "0.json").write_text("{")
    with pytest.raises(UnsafeSetting, match="no tile matrix set"):
        read_matrix_sets(tmp_path)
    with pytest.raises(UnsafeSetting, match="not a folder"):
        read_matrix_sets(tmp_path / "absent")
