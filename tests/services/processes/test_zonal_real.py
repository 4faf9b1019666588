"""Zonal statistics of real data in real polygons, against exactextract on the source files themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from pydantic import SecretStr
from pyproj import Transformer
from shapely.geometry import mapping, shape
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.declarations.datasets import parse_declaration
from config.settings import DatabaseSettings, Settings
from records.database.engine import driver_url
from records.datasets.catalogue import Catalogue
from records.datasets.repository import Repository
from services.ingest.pipeline import ingest
from services.web.context import Context
from tests.support.sources import DATA
from tests.support.zones import answered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.database import Server

COUNTRIES = DATA / "vector" / "ne_110m_admin_0_countries.json"
SEAS = DATA / "vector" / "ne_110m_geography_marine_polys.json"
LAND = DATA / "raster" / "land"
pytestmark = pytest.mark.skipif(not COUNTRIES.is_file(), reason="the real data are not beside the repository")


@pytest.fixture(scope="module")
def demo(demo_catalogue: Settings) -> Iterator[Context]:
    """The application's parts over the demo datasets."""
    engine = create_engine(driver_url(demo_catalogue.database.url.get_secret_value()), poolclass=NullPool)
    catalogue = Catalogue(engine)
    yield Context(settings=demo_catalogue, catalogue=catalogue, store=demo_catalogue.store_dir)
    catalogue.close()
    engine.dispose()


@pytest.fixture(scope="module")
def land(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """The application's parts over crop classes in Albers' projection and a count of people."""
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        settings = Settings(data_dir=tmp_path_factory.mktemp("land"), database=DatabaseSettings(url=SecretStr(url)))
        for id_, name in (("crops", "2021_30m_cdls.tif"), ("people", "abw_ppp_2020_UNadj_constrained.tif")):
            report = ingest(
                [LAND / name],
                parse_declaration({"id": id_}, name="test"),
                repository=Repository(engine),
                store=settings.store_dir,
                workers=1,
            )
            assert not report.refused, report
        catalogue = Catalogue(engine)
        yield Context(settings=settings, catalogue=catalogue, store=settings.store_dir)
        catalogue.close()
        engine.dispose()


def polygons(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The features as exactextract takes them, made valid, without properties."""
    return [
        {"type": "Feature", "properties": {}, "geometry": mapping(shapely.make_valid(shape(f["geometry"])))}
        for f in document["features"]
    ]


def stored(context: Context, dataset_id: str) -> tuple[np.ndarray[Any, Any], tuple[float, float, float, float]]:
    """The physical values of the latest time of a dataset, and its bounds, as rasterio reads them."""
    dataset = context.catalogue.dataset(dataset_id)
    variable = dataset.variables[0]
    with rasterio.open(context.asset_path(context.catalogue.sheets(dataset, variable).granules[0].asset)) as source:
        values = source.read(1, masked=True).astype("float64").filled(np.nan) * variable.scale + variable.offset
        return values, tuple(source.bounds)


@pytest.mark.parametrize(
    ("dataset", "path"), [("linke-turbidity", COUNTRIES), ("linke-turbidity", SEAS), ("sea-surface-temperature", SEAS)]
)
def test_natural_earth_polygons_have_exactextracts_own_answers(demo: Context, dataset: str, path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    names = ["count", "mean", "min", "max", "stdev", "median"]
    found = answered(demo, dataset, document, statistics=names, repair=True, properties=["NAME"])["rows"]
    values, (west, south, east, north) = stored(demo, dataset)
    wide = np.concatenate([values, values], axis=1)  # twice round: a straddling column is there whole
    if west >= -180:
        wide = values
    source = NumPyRasterSource(wide, west, south, west + (east - west) * wide.shape[1] / values.shape[1], north)
    operations = ["count", "mean", "min", "max", "stdev", "median"]
    wanted = [f["properties"] for f in exact_extract(source, polygons(document), operations)]
    assert len(found) == len(wanted) == len(document["features"])
    compared = 0
    for row, one in zip(found, wanted, strict=True):
        statistics = row["statistics"]
        if one["count"] == 0:
            assert statistics["cells"] == 0
            continue
        if west < -180 and touches_seam(polygons(document)[row["feature"]]):
            continue  # exactextract knows no 180 degrees
        compared += 1
        assert statistics["count"] == pytest.approx(one["count"], rel=1e-6)
        for name in ("mean", "min", "max", "stdev", "median"):
            assert statistics[name] == pytest.approx(one[name], rel=1e-6, abs=1e-6), (name, row)
    assert compared >= 5


def touches_seam(feature: dict[str, Any]) -> bool:
    bounds = shape(feature["geometry"]).bounds
    return bounds[0] <= -179 or bounds[2] >= 179


def test_an_antimeridian_cut_country_is_the_mean_of_its_halves_by_weight(demo: Context) -> None:
    document = json.loads(COUNTRIES.read_text("utf-8"))
    fiji = next(f for f in document["features"] if f["properties"]["NAME"] == "Fiji")
    parts = [{"type": "Polygon", "coordinates": rings} for rings in fiji["geometry"]["coordinates"]]
    whole = answered(demo, "linke-turbidity", fiji, statistics=["sum", "count"])["rows"][0]["statistics"]
    halves = [answered(demo, "linke-turbidity", p, statistics=["sum", "count"])["rows"][0]["statistics"] for p in parts]
    for name in ("sum", "count"):
        assert whole[name] == pytest.approx(sum(half[name] for half in halves))
    assert whole["count"] > 1


def test_crop_classes_in_albers_have_gdals_fractions(land: Context) -> None:
    dataset = land.catalogue.dataset("crops")
    square = shapely.segmentize(shapely.box(-100_000, 1_795_000, -80_000, 1_815_000), 500)
    to_degrees = Transformer.from_crs("EPSG:5070", "OGC:CRS84", always_xy=True)
    degrees = shapely.transform(square, lambda points: np.stack(to_degrees.transform(*points.T), axis=1))
    document = json.loads(json.dumps(mapping(degrees)))
    names = (
        ["fractions", "majority"] if dataset.variables[0].kind == "categorical" else ["fractions", "majority", "mean"]
    )
    [row] = answered(land, "crops", document, statistics=names)["rows"]
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(square)}
    source = LAND / "2021_30m_cdls.tif"
    [wanted] = exact_extract(str(source), [feature], ["frac", "unique", "mode"])
    fractions = dict(zip(wanted["properties"]["unique"].tolist(), wanted["properties"]["frac"].tolist(), strict=True))
    found = {share["value"]: share["fraction"] for share in row["statistics"]["fractions"]}
    assert row["statistics"]["majority"] == wanted["properties"]["mode"]
    shown = {value: share for value, share in fractions.items() if share > 1e-4}
    assert {value: found[value] for value in shown} == pytest.approx(shown, abs=1e-5)


def test_people_are_summed_as_they_are_counted(land: Context) -> None:
    with rasterio.open(LAND / "abw_ppp_2020_UNadj_constrained.tif") as source:
        total = float(source.read(1, masked=True).astype("float64").sum())
    everywhere = json.loads(json.dumps(mapping(shapely.box(-71, 12, -69, 13))))
    [row] = answered(land, "people", everywhere, statistics=["sum"])["rows"]
    assert row["statistics"]["sum"] == pytest.approx(total, rel=1e-9)
    assert 90_000 < total < 120_000  # Aruba
