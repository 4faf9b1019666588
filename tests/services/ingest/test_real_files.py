"""Real files of data centres, where they are beside the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import xarray as xr
from pyhdf.SD import SD

from cog.convert.convert import convert
from cog.convert.profiles import profile
from cog.sources.opening import open_source
from config.declarations.datasets import parse_declaration, read_declaration
from config.errors import SourceRefused
from records.datasets.repository import Repository
from services.ingest.pipeline import ingest
from tests.support.sources import DATA

RASTER = DATA / "raster"
pytestmark = [
    pytest.mark.skipif(not RASTER.is_dir(), reason="the real data are not beside the repository"),
    pytest.mark.usefixtures("shared_worker"),
]


def published(repository: Repository, store: Path, path: Path, said: dict[str, Any] | None = None) -> None:
    declaration = parse_declaration({"id": "d"} | (said or {}), name="test")
    report = ingest([path], declaration, repository=repository, store=store, workers=1)
    assert not report.refused, report.outcomes[0].reason


def converted(path: Path, folder: Path) -> list[Path]:
    """The COG of each variable's first granule, made in this process: what an ingest's worker does."""
    with open_source(path) as source:
        return [
            convert(source, variable, 0, target=folder / f"{n}.tif", profile=profile(), tags={}).path
            for n, variable in enumerate(source.description.variables)
        ]


GEOTIFFS = sorted(path.relative_to(RASTER).as_posix() for path in RASTER.glob("*/*.tif"))
LARGE = "land/ESA_WorldCover_10m_2021_v200_N00E006_Map.tif"
"""36,000 x 36,000 cells: inspected whole, and compared in windows as `cog.convert.convert` reads them."""


@pytest.mark.parametrize("name", [name for name in GEOTIFFS if name != LARGE])
def test_a_geotiff_keeps_every_cell(tmp_path: Path, name: str) -> None:
    (path,) = converted(RASTER / name, tmp_path)
    with rasterio.open(RASTER / name) as source, rasterio.open(path) as cog:
        assert np.array_equal(source.read(1), cog.read(1), equal_nan=source.dtypes[0].startswith("float"))
        assert source.crs == cog.crs
        assert np.allclose(source.transform[:6], cog.transform[:6], rtol=1e-12)


def test_a_large_geotiff_is_read_as_it_is() -> None:
    with open_source(RASTER / LARGE) as source, rasterio.open(RASTER / LARGE) as oracle:
        (variable,) = source.description.variables
        assert (variable.grid.height, variable.grid.width, variable.nodata) == (36000, 36000, 0)
        assert {c.value: c.name for c in variable.classes if c.name}[95] == "Mangroves"
        for first in (0, 17920, 35840):
            rows = (first, min(first + 256, 36000))
            expected = oracle.read(1, window=((rows[0], rows[1]), (0, 36000)))
            assert np.array_equal(source.read(variable.name, 0, rows=rows), expected)


@pytest.mark.parametrize(
    ("name", "variables", "south_up"),
    [
        ("raster/sst/coads_sst.nc", 4, True),
        ("raster/land/nclimgrid_prcp.nc", 1, False),
        ("raster/formats/CMIP5_rcp8.5_annual_abs_latlon1x1_PCP_pctl25_P1Y.nc", 1, False),
        ("carbon/M2001001.1200.a7.all_products.BIN.01jan011200.v1.20132321105.data.nc", 14, False),
        ("carbon/M2001182.1200.a7.all_products.BIN.01jul011200.v1.20132321234.data.nc", 14, False),
        ("carbon/20130601_OCF-SST-GLO-1M-100-REYNOLDS_TMH.nc", 6, True),
        ("carbon/20130701_OCF-SST-GLO-1M-100-REYNOLDS_TMH.nc", 6, True),
    ],
)
def test_a_netcdf_file_keeps_every_cell(name: str, variables: int, *, south_up: bool) -> None:
    with xr.open_dataset(DATA / name) as oracle, open_source(DATA / name) as source:
        assert len(source.description.variables) == variables
        for variable in source.description.variables:
            expected = oracle[variable.name].values
            if south_up:
                expected = expected[:, ::-1]
            if expected.dtype.kind == "f":
                # xarray knows neither an undeclared fill value nor a valid range
                low, high = (oracle[variable.name].attrs.get(n) for n in ("valid_min", "valid_max"))
                low, high = (-np.inf if low is None else low), (9.9e36 if high is None else high)
                expected = np.where((expected >= low) & (expected <= high), expected, np.nan)
            for step in range(len(variable.steps)):
                found = source.read(variable.name, step, rows=(0, variable.grid.height))
                if variable.nodata is not None:
                    found = np.where(found == found.dtype.type(variable.nodata), np.nan, found)
                assert np.array_equal(found, expected[step], equal_nan=True)


def test_an_undeclared_fill_value_is_reported(repository: Repository, store: Path) -> None:
    published(repository, store, DATA / "carbon" / "20130601_OCF-SST-GLO-1M-100-REYNOLDS_TMH.nc")
    granule = next(repository.granules("d", "sst_mean"))
    assert any("9.96921e+36" in note for note in granule.provenance["lineage"])
    statistics = repository.dataset("d").variable("sst_mean").statistics
    assert statistics is not None
    assert statistics.maximum < 40


def test_a_land_cover_map_keeps_its_classes(repository: Repository, store: Path) -> None:
    published(repository, store, RASTER / "land" / "40N_080W.tif")
    (variable,) = repository.dataset("d").variables
    assert variable.kind == "categorical"
    with rasterio.open(RASTER / "land" / "40N_080W.tif") as source:
        present, colors = np.unique(source.read(1)), source.colormap(1)
    assert {c.value: c.color for c in variable.classes} == {int(v): colors[int(v)] for v in present}


def test_flags_of_sea_ice_are_no_concentrations(repository: Repository, store: Path) -> None:
    path = RASTER / "seaice" / "seaice_conc_monthly_nh_202112_f17_v04r00.nc"
    published(repository, store, path)
    variable = repository.dataset("d").variable("cdr_seaice_conc_monthly")
    assert variable.statistics is not None
    assert variable.statistics.maximum == pytest.approx(1.0)
    (granule,) = repository.granules("d", variable.id)
    assert "254 land mask" in " ".join(granule.provenance["lineage"])
    with xr.open_dataset(path, mask_and_scale=False) as source, rasterio.open(store / granule.asset.href) as cog:
        stored = source["cdr_seaice_conc_monthly"].values[0]
        assert np.array_equal(cog.read(1), np.where(stored <= 100, stored, 255))


def test_sea_ice_lies_where_its_registered_projection_says() -> None:
    path = RASTER / "seaice" / "seaice_conc_monthly_nh_202112_f17_v04r00.nc"
    with open_source(path) as opened:
        variable = opened.description.variable("cdr_seaice_conc_monthly")
    assert variable.grid.crs == "EPSG:3411"  # its CF parameters alone turn it by 180 degrees
    place = pyproj.Transformer.from_crs("OGC:CRS84", variable.grid.crs, always_xy=True).transform
    a, _, c, _, e, f = variable.grid.transform
    with xr.open_dataset(path, mask_and_scale=False) as source:
        stored = source["cdr_seaice_conc_monthly"].values[0]
    for (lon, lat), is_land in (((-40.0, 72.0), True), ((100.0, 65.0), True), ((-5.0, 70.0), False)):
        x, y = place(lon, lat)
        assert (stored[int((y - f) / e), int((x - c) / a)] == 254) == is_land


def test_a_scale_that_only_the_documentation_tells_is_declared(repository: Repository, store: Path) -> None:
    path = RASTER / "sst" / "oisst-avhrr-v02r01.20220913-sst.tif"
    said = read_declaration(Path(__file__).parent / "declarations" / "oisst-sst.yaml")
    report = ingest([path], said, repository=repository, store=store, workers=1)
    assert not report.refused, report.outcomes[0].reason
    (variable,) = repository.dataset("oisst-sst").variables
    (granule,) = repository.granules("oisst-sst")
    assert (variable.id, variable.unit, variable.scale, granule.time) == ("sst", "degree_Celsius", 0.01, "2022-09-13")
    with rasterio.open(path) as source:
        stored = source.read(1, masked=True)
    assert variable.statistics is not None
    assert variable.statistics.mean == pytest.approx(stored.mean() * 0.01)
    ends = (variable.statistics.minimum, variable.statistics.maximum)
    assert ends == pytest.approx((stored.min() * 0.01, stored.max() * 0.01))


def test_an_hdf_eos_file_keeps_every_cell_class_and_time(repository: Repository, store: Path) -> None:
    (path,) = (RASTER / "land").glob("MOD10A2*.hdf")
    published(repository, store, path)
    snow = repository.dataset("d").variable("Maximum_Snow_Extent")
    assert {c.value: c.title["en"] for c in snow.classes}[200] == "snow"
    oracle = SD(str(path))
    for granule in repository.granules("d"):
        with rasterio.open(store / granule.asset.href) as cog:
            assert np.array_equal(cog.read(1), oracle.select(granule.variable_id)[:])
            # the tile h09v05 of the sinusoidal grid: 1,111,950.5 m a tile, from -20,015,109.354 m and 10,007,554.677 m
            assert cog.bounds == pytest.approx((-10007554.677, 3335851.559, -8895604.157333, 4447802.078667))
        assert (granule.start, granule.end) == ("2022-02-02T00:00:00Z", "2022-02-10T00:00:00Z")


def test_a_grib_file_keeps_every_value(repository: Repository, store: Path) -> None:
    (path,) = (RASTER / "formats").glob("*.grib2")
    published(repository, store, path)
    (variable,) = repository.dataset("d").variables
    (granule,) = repository.granules("d")
    assert (variable.id, variable.unit) == ("MultiSensor_QPE_72H_Pass2", "mm")
    assert granule.time == "2022-06-01T23:00:00Z"
    with rasterio.open(path) as source, rasterio.open(store / granule.asset.href) as cog:
        assert np.abs(cog.read(1) - source.read(1)).max() < 1e-5  # GDAL computes in single precision
        assert np.allclose(cog.transform[:6], source.transform[:6], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("dsg_trajectory_example.nc", "observations of the feature type 'Trajectory'"),
        ("kitidis_consistent.tsv", "unknown signature"),
    ],
)
def test_what_is_no_grid_is_refused_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(SourceRefused, match=why):
        open_source(DATA / "insitu" / name)
