"""Real files of data centres, where they are beside the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr

from config.datasets import parse_declaration
from records.repository import Repository
from services.ingest.pipeline import ingest
from tests.support.sources import DATA

RASTER = DATA / "raster"
pytestmark = pytest.mark.skipif(not RASTER.is_dir(), reason="the real data are not beside the repository")


def published(repository: Repository, store: Path, path: Path, said: dict[str, Any] | None = None) -> None:
    declaration = parse_declaration({"id": "d"} | (said or {}), name="test")
    report = ingest([path], declaration, repository=repository, store=store, workers=1)
    assert not report.refused, report.outcomes[0].reason


@pytest.mark.parametrize(
    "name",
    [
        "sst/oisst-avhrr-v02r01.20220913-sst.tif",
        "ocean_heat/heat_content_anomaly_0-700_yearly_2021.tif",
        "land/nclimgrid-prcp-189501.tif",
        "land/2021_30m_cdls.tif",
        "formats/OR_ABI-L2-CMIPM1-M6C01_G17_s20200111504255_e20200111504313_c20200111504367_CMI.tif",
    ],
)
def test_a_geotiff_keeps_every_cell(repository: Repository, store: Path, name: str) -> None:
    published(repository, store, RASTER / name)
    (granule,) = repository.granules("d")
    with rasterio.open(RASTER / name) as source, rasterio.open(store / granule.asset.href) as cog:
        assert np.array_equal(source.read(1), cog.read(1), equal_nan=source.dtypes[0].startswith("float"))
        assert source.crs == cog.crs
        assert np.allclose(source.transform[:6], cog.transform[:6], rtol=1e-12)


@pytest.mark.parametrize(("name", "variables"), [("sst/coads_sst.nc", 4), ("land/nclimgrid_prcp.nc", 1)])
def test_a_netcdf_file_keeps_every_cell(repository: Repository, store: Path, name: str, variables: int) -> None:
    published(repository, store, RASTER / name)
    dataset = repository.dataset("d")
    assert len(dataset.variables) == variables
    with xr.open_dataset(RASTER / name) as source:
        for variable in dataset.variables:
            expected = source[variable.source_name].values
            if variable.source_name != "prcp":
                expected = expected[:, ::-1]  # south up in the file
            for step, granule in enumerate(repository.granules("d", variable.id)):
                with rasterio.open(store / granule.asset.href) as cog:
                    found = cog.read(1, masked=True).filled(np.nan)
                assert np.array_equal(found, expected[step], equal_nan=True)


def test_a_land_cover_map_keeps_its_classes(repository: Repository, store: Path) -> None:
    published(repository, store, RASTER / "land" / "40N_080W.tif")
    (variable,) = repository.dataset("d").variables
    assert variable.kind == "categorical"
    with rasterio.open(RASTER / "land" / "40N_080W.tif") as source:
        present, colors = np.unique(source.read(1)), source.colormap(1)
    assert {c.value: c.color for c in variable.classes} == {int(v): colors[int(v)] for v in present}


def test_a_file_whose_two_descriptions_of_its_projection_disagree_is_refused(
    repository: Repository, store: Path
) -> None:
    path = RASTER / "seaice" / "seaice_conc_monthly_nh_202112_f17_v04r00.nc"
    report = ingest(
        [path], parse_declaration({"id": "ice"}, name="test"), repository=repository, store=store, workers=1
    )
    assert report.refused
    assert "mean different projections" in report.outcomes[0].reason
