"""The demo datasets, compared cell by cell with other readings of the same files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from pvlib.clearsky import lookup_linke_turbidity
from pvlib.location import lookup_altitude
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.settings import Settings
from records.database.engine import driver_url
from records.datasets.repository import Repository
from services.demo import demo_datasets
from services.ingest.models import SourceStatus
from services.ingest.pipeline import ingest

RANDOM = np.random.default_rng(11)
FILES = {d.declaration.id or "": d.paths[0] for d in demo_datasets()}


@pytest.fixture(scope="module")
def demo(demo_catalogue: Settings) -> Iterator[tuple[Repository, Path]]:
    """The catalogue and the store after all demo datasets were ingested."""
    engine = create_engine(driver_url(demo_catalogue.database.url.get_secret_value()), poolclass=NullPool)
    yield Repository(engine), demo_catalogue.store_dir
    engine.dispose()


def test_chinese_texts_have_no_blank_where_their_source_lines_join() -> None:
    joined = re.compile("[\u3000-\u9fff\uff00-\uffef] +[\u3000-\u9fff\uff00-\uffef]")
    for dataset in demo_datasets():
        assert not joined.findall(dataset.declaration.model_dump_json())


def test_a_second_run_reports_every_dataset_unchanged(demo: tuple[Repository, Path]) -> None:
    repository, store = demo
    for dataset in demo_datasets():
        report = ingest(dataset.paths, dataset.declaration, repository=repository, store=store)
        assert [o.status for o in report.outcomes] == [SourceStatus.UNCHANGED]


def test_every_step_of_plain_hdf5_equals_h5py(demo: tuple[Repository, Path]) -> None:
    repository, store = demo
    with h5py.File(FILES["linke-turbidity"]) as file:
        for month, granule in enumerate(repository.granules("linke-turbidity")):
            with rasterio.open(store / granule.asset.href) as cog:
                assert np.array_equal(cog.read(1), file["LinkeTurbidity"][:, :, month])
    with h5py.File(FILES["altitude"]) as file:
        (granule,) = repository.granules("altitude")
        with rasterio.open(store / granule.asset.href) as cog:
            assert np.array_equal(cog.read(1), file["Altitude"][()])


@pytest.mark.parametrize(
    ("dataset_id", "variable"),
    [("sea-surface-temperature", "surface_temperature"), ("air-temperature-a1b", "air_temperature")],
)
def test_every_step_of_netcdf_equals_xarray_by_coordinates(
    demo: tuple[Repository, Path], dataset_id: str, variable: str
) -> None:
    repository, store = demo
    with xr.open_dataset(FILES[dataset_id], decode_times=xr.coders.CFDatetimeCoder(use_cftime=True)) as source:
        source = source.assign_coords(longitude=(source.longitude + 180) % 360 - 180)  # noqa: PLW2901
        ordered = source.sortby("longitude").sortby("latitude", ascending=False)[variable]
        granules = list(repository.granules(dataset_id))
        assert [g.time for g in granules] == [t.isoformat() + "Z" for t in ordered.time.to_numpy()]
        for granule, expected in zip(granules, ordered, strict=True):
            with rasterio.open(store / granule.asset.href) as cog:
                found = cog.read(1, masked=True)
            assert np.array_equal(found.filled(np.nan), expected.to_numpy(), equal_nan=True)


@pytest.mark.parametrize("dataset_id", ["sea-surface-temperature", "air-temperature-a1b"])
def test_random_places_hold_the_nearest_cell_of_the_source(demo: tuple[Repository, Path], dataset_id: str) -> None:
    repository, store = demo
    granule = list(repository.granules(dataset_id))[0]  # noqa: RUF015 - read to its end, the cursor closes
    with (
        xr.open_dataset(FILES[dataset_id], decode_times=False) as source,
        rasterio.open(store / granule.asset.href) as cog,
    ):
        first = source[granule.provenance["source"]["variable"]][0]
        for lon, lat in zip(RANDOM.choice(source.longitude, 50), RANDOM.choice(source.latitude, 50), strict=True):
            value = first.sel(longitude=lon, latitude=lat).item()
            (found,) = next(cog.sample([((float(lon) + 180) % 360 - 180, float(lat))], masked=True))
            assert (np.ma.is_masked(found) and np.isnan(value)) or found == value


def test_the_stereographic_cells_lie_where_the_file_says(demo: tuple[Repository, Path]) -> None:
    repository, store = demo
    (granule,) = repository.granules("toa-brightness-temperature")
    with (
        xr.open_dataset(FILES["toa-brightness-temperature"]) as source,
        rasterio.open(store / granule.asset.href) as cog,
    ):
        assert np.array_equal(cog.read(1, masked=True).filled(np.nan), source["data"].to_numpy(), equal_nan=True)
        rows, columns = RANDOM.integers(0, 160, 100), RANDOM.integers(0, 256, 100)
        lon, lat = (source[n].to_numpy()[rows, columns].astype(float) for n in ("lon", "lat"))
        x, y = rasterio.warp.transform(rasterio.CRS.from_dict(proj="longlat", R=6378169), cog.crs, lon, lat)
        found = np.array([cog.index(*xy) for xy in zip(x, y, strict=True)])
    assert np.array_equal(found, np.stack([rows, columns], axis=1))


def test_turbidity_equals_pvlib_at_its_own_look_up(demo: tuple[Repository, Path]) -> None:
    repository, store = demo
    variable = repository.dataset("linke-turbidity").variables[0]
    granules = list(repository.granules("linke-turbidity"))
    for lon, lat in ((-111.0, 32.2), (116.4, 39.9), (0.03, -0.03), (-179.9, 80.1), (179.9, -70.2)):
        for month in (1, 6, 12):
            times = pd.DatetimeIndex([f"2003-{month:02d}-15"], tz="UTC")
            expected = lookup_linke_turbidity(times, lat, lon, interp_turbidity=False).iloc[0]
            with rasterio.open(store / granules[month - 1].asset.href) as cog:
                stored = next(cog.sample([(lon, lat)]))[0]
            assert stored * variable.scale + variable.offset == pytest.approx(expected)


def test_altitude_equals_pvlib_at_its_own_look_up(demo: tuple[Repository, Path]) -> None:
    repository, store = demo
    variable = repository.dataset("altitude").variables[0]
    (granule,) = repository.granules("altitude")
    with rasterio.open(store / granule.asset.href) as cog:
        for lon, lat in ((86.9, 27.98), (116.4, 39.9), (-105.0, 39.7), (10.02, 46.55), (-68.1, -16.5)):
            stored = next(cog.sample([(lon, lat)]))[0]
            assert stored * variable.scale + variable.offset == lookup_altitude(lat, lon)


def test_the_nominal_year_of_the_climatology_is_said_plainly(demo: tuple[Repository, Path]) -> None:
    dataset = demo[0].dataset("linke-turbidity")
    assert dataset.time is not None
    assert (dataset.time.first, dataset.time.end, dataset.time.climatology) == ("2003-01", "2004-01-01T00:00:00Z", True)
    (record,) = [d.declaration.record for d in demo_datasets() if d.declaration.id == "linke-turbidity"]
    assert record is not None
    assert "The year 2003 in their times is nominal" in record.lineage["en"]


@pytest.mark.parametrize("dataset_id", list(FILES))
def test_each_demo_dataset_is_described_in_both_languages_with_unit_and_licence(
    demo: tuple[Repository, Path], dataset_id: str
) -> None:
    dataset = demo[0].dataset(dataset_id)
    assert set(dataset.title) == set(dataset.description) == {"en", "zh"}
    assert dataset.license
    assert dataset.attribution
    assert dataset.variables[0].unit
    assert set(dataset.variables[0].title) == {"en", "zh"}


def test_the_global_strip_starts_with_the_column_centred_at_180(demo: tuple[Repository, Path]) -> None:
    dataset = demo[0].dataset("sea-surface-temperature")
    assert dataset.variables[0].grid.transform[2] == pytest.approx(-180 - 5 / 12, abs=1e-12)
    assert dataset.bbox[::2] == (-180, 180)
    assert demo[0].dataset("air-temperature-a1b").bbox == (-135.9375, 14.375, -44.0625, 60.625)
