"""The CRS of a COG: by its keys, or by its tag where they cannot express it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio

from cog.grids.georeference import CRS_TAG, base_of, is_same_reference, keys_express, raster_crs, written_crs
from cog.reading.opener import open_raster

POLE = pyproj.CRS.from_cf(
    {
        "grid_mapping_name": "rotated_latitude_longitude",
        "grid_north_pole_latitude": 39.25,
        "grid_north_pole_longitude": -162.0,
    }
).to_wkt("WKT2_2019")
GEOS = pyproj.CRS.from_proj4("+proj=geos +h=35786023 +lon_0=-75 +sweep=x +ellps=GRS80").to_wkt("WKT2_2019")
HUGHES = pyproj.CRS.from_proj4("+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +a=6378273 +b=6356889.449").to_wkt()
BESSEL = pyproj.CRS.from_proj4(
    "+proj=longlat +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +no_defs"
).to_wkt("WKT2_2019")


@pytest.mark.parametrize("crs", ["OGC:CRS84", "EPSG:32722", GEOS, HUGHES, BESSEL])
def test_keys_express_what_a_geotiff_gives_back(crs: str) -> None:
    assert keys_express(crs)
    written, tags = written_crs(crs)
    assert not tags
    assert is_same_reference(written, crs)


def test_a_rotated_pole_is_named_by_a_tag_and_given_back_by_the_opener(tmp_path: Path) -> None:
    written, tags = written_crs(POLE)
    assert (written, tags) == (None, {CRS_TAG: POLE})
    path = tmp_path / "a.tif"
    options = {"driver": "COG", "width": 600, "height": 600, "count": 1, "dtype": "uint8", "blocksize": 256}
    transform = rasterio.Affine(0.01, 0, -3, 0, -0.01, 3)
    with rasterio.open(path, "w", **options, transform=transform, overview_resampling="nearest") as file:
        file.write(np.arange(600 * 600).reshape(600, 600).astype("uint8"), 1)
        file.update_tags(**tags)
    with open_raster(str(path)) as raster:
        assert raster.full.crs == raster_crs(POLE)
        assert raster.at(0).crs == raster_crs(POLE)
        assert raster.overview_sizes
        assert raster.full.transform == transform
        assert raster.full.read(1)[0, :3].tolist() == [0, 1, 2]


def test_the_base_of_a_rotated_crs_is_the_one_that_it_was_derived_from() -> None:
    base = base_of(pyproj.CRS(POLE))
    assert base is not None
    assert not base.is_derived
    assert base_of(pyproj.CRS("EPSG:4326")) is None


def test_a_stated_shift_of_a_datum_is_kept() -> None:
    x, y = pyproj.Transformer.from_crs(BESSEL, "OGC:CRS84", always_xy=True).transform(9, 50)
    assert (x, y) == pytest.approx((8.9990, 49.9988), abs=1e-4)
