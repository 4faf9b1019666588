"""Documents that describe a coverage, and its links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate
from pyproj import CRS

from config.grids import Grid
from config.vocabulary import CRS84_URI, REL, epsg_uri
from records.datasets.models import ColorClass
from services.apis.coverages.description import coverage_links, describe
from services.apis.coverages.formats import CoverageFormat
from services.apis.coverages.parameters import KNOWN
from services.apis.coverages.part import PART
from services.web.crs import crs_key, crs_uri
from tests.support.coverages import get, publication, with_first, with_variable
from tests.support.rasters import coded, global_grid

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from records.datasets.repository import Repository

GRID = global_grid(width=72, height=36)
BASE = "http://localhost:8080"
LOCAL = (
    'PROJCRS["local",BASEGEOGCRS["sphere",DATUM["sphere",ELLIPSOID["sphere",6371000,0]]],'
    'CONVERSION["c",METHOD["Polar Stereographic (variant B)"],PARAMETER["Latitude of standard parallel",60,'
    'ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Longitude of origin",10,'
    'ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["False easting",0,LENGTHUNIT["metre",1]],'
    'PARAMETER["False northing",0,LENGTHUNIT["metre",1]]],CS[Cartesian,2],AXIS["(E)",south],AXIS["(N)",south],'
    'LENGTHUNIT["metre",1]]'
)


def test_the_domain_set_tells_the_grid(client: TestClient, repository: Repository, store: Path) -> None:
    repository.publish(publication(store, "domain", {None: coded(GRID)}, GRID))
    general = client.get("/collections/domain/coverage/domainset").json()["generalGrid"]
    assert general["srsName"] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    assert general["axisLabels"] == ["Lon", "Lat"]
    lon, lat = general["axis"]
    assert (lon["lowerBound"], lon["upperBound"], lon["resolution"]) == (-180.0, 180.0, 5.0)
    assert (lat["lowerBound"], lat["upperBound"], lat["resolution"]) == (-90.0, 90.0, 5.0)


def test_the_range_type_names_the_type_as_gdal_reads_it(
    client: TestClient, repository: Repository, store: Path
) -> None:
    dtype = "int16"
    values = (coded(GRID) % 100).astype(dtype)
    repository.publish(publication(store, "range", {None: values}, GRID, nodata=99, unit="K"))
    (field,) = client.get("/collections/range/coverage/rangetype").json()["field"]
    assert (field["name"], field["definition"], field["uom"]["code"]) == ("v", dtype.upper(), "K")
    assert field["nilValues"][0]["value"] == 99


def test_the_schema_tells_the_variables(client: TestClient, repository: Repository, store: Path) -> None:
    base = publication(store, "schema", {None: coded(GRID)}, GRID, unit="K")
    base = with_first(base, standard_name="sea_surface_temperature")
    classes = (ColorClass(value=1, color=(0, 0, 0, 255), title={"en": "ice"}),)
    other = with_variable(base, store, "w", coded(GRID).astype("int32"), classes=classes, standard_name=None)
    repository.publish(other)
    answer = client.get("/collections/schema/schema")
    assert answer.headers["content-type"] == "application/schema+json"
    document = answer.json()
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$id"] == f"{BASE}/collections/schema/schema"
    first, second = document["properties"]["v"], document["properties"]["w"]
    assert (first["type"], first["x-ogc-unit"]) == ("number", "K")
    assert first["x-ogc-definition"].endswith("/sea_surface_temperature/")
    assert (second["type"], second["oneOf"]) == ("integer", [{"const": 1, "title": "ice"}])


def test_the_collection_members_suit_gdal(repository: Repository, store: Path) -> None:
    dataset = repository.publish(publication(store, "gdal", {None: coded(GRID)}, GRID, nodata=float("nan")))
    members = describe(dataset, BASE)
    assert members["scaleDenominator"] == pytest.approx(5 * 111319.49079327358 / 0.00028)
    assert members["rangeType"]["field"][0]["nilValues"][0]["value"] == "nan"  # JSON has no NaN
    first = coverage_links(dataset, BASE)[0]
    assert first["rel"] == "http://www.opengis.net/def/rel/ogc/1.0/coverage"
    assert first["type"] == "image/tiff; application=geotiff"
    assert first["href"] == f"{BASE}/collections/gdal/coverage"


def test_every_link_leads_somewhere(client: TestClient, repository: Repository, store: Path) -> None:
    dataset = repository.publish(publication(store, "links", {None: coded(GRID)}, GRID))
    for link in coverage_links(dataset, BASE):
        answer = client.get(link["href"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, link["type"])


def test_a_crs_that_no_register_names_is_served(client: TestClient, repository: Repository, store: Path) -> None:
    grid = Grid(crs=LOCAL, transform=(50_000.0, 0, -500_000.0, 0, -50_000.0, 500_000.0), width=20, height=20)
    repository.publish(publication(store, "local", {None: coded(grid)}, grid, bbox=(-180.0, 80.0, 180.0, 90.0)))
    uri = get(client, "local").headers["content-crs"].strip("<>")
    assert uri == f"{BASE}/collections/local/coverage/crs/{crs_key(LOCAL)}"
    assert "Polar Stereographic" in client.get(uri).text


def test_the_stored_crs_is_one_of_the_crs_list(client: TestClient, repository: Repository, store: Path) -> None:
    step = (50_000.0, 0, -500_000.0, 0, -50_000.0, 500_000.0)
    laea = CRS.from_epsg(3035).to_wkt()
    stored = {
        "local": f"{BASE}/collections/local/coverage/crs/{crs_key(LOCAL)}",
        "laea": epsg_uri(3035),
        "plain": CRS84_URI,
    }
    for name, crs in (("local", LOCAL), ("laea", laea), ("plain", None)):
        grid = Grid(crs=crs, transform=step, width=20, height=20) if crs else GRID
        repository.publish(publication(store, name, {None: coded(grid)}, grid, bbox=(0.0, 80.0, 10.0, 90.0)))
        document = client.get(f"/collections/{name}").json()
        assert document["storageCrs"] == stored[name]
        assert document["crs"] == list(dict.fromkeys([CRS84_URI, stored[name]]))
        assert get(client, name).headers["content-crs"] == f"<{stored[name]}>"


def test_a_crs_is_looked_up_in_the_register_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wkt = CRS.from_user_input(LOCAL).to_wkt().replace('"local"', '"asked once"')
    grid = Grid(crs=wkt, transform=(1.0, 0, 0.0, 0, -1.0, 0.0), width=2, height=2)
    texts: list[str] = []

    class Counting(CRS):
        def to_epsg(self, min_confidence: int = 70) -> int | None:
            texts.append(self.name)
            return super().to_epsg(min_confidence)

    monkeypatch.setattr("services.web.crs.CRS", Counting)
    assert [crs_uri(grid, "c"), crs_uri(grid, "c")] == [f"c/coverage/crs/{crs_key(wkt)}"] * 2
    assert texts == ["asked once"]


def test_conformance_is_declared_in_both_schemes() -> None:
    for scheme in ("http", "https"):
        assert f"{scheme}://www.opengis.net/spec/ogcapi-coverages-1/1.0/conf/core" in PART.conformance
    assert len(set(PART.conformance)) == len(PART.conformance)


def test_the_openapi_document_names_every_parameter() -> None:
    app = FastAPI()
    for router in PART.routers():
        app.include_router(router)
    document = app.openapi()
    validate(document)
    operation = document["paths"]["/collections/{collectionId}/coverage"]["get"]
    named = [parameter["name"] for parameter in operation["parameters"]]
    assert sorted(named) == sorted({"collectionId", *KNOWN} - {"scaleSize", "scaleFactor"})
    assert set(operation["responses"]["200"]["content"]) == {found.media_type for found in CoverageFormat}


def test_both_coverage_links_are_of_the_last_time(client: TestClient, repository: Repository, store: Path) -> None:
    steps = {f"200{n}": coded(GRID) + n for n in range(3)}
    links = coverage_links(repository.publish(publication(store, "steps", steps, GRID)), BASE)
    geotiff, netcdf = [link["href"] for link in links if link["rel"] == f"{REL}coverage"]
    assert netcdf == f"{BASE}/collections/steps/coverage?f=netcdf&datetime=2002"
    assert client.get(geotiff).status_code == client.get(netcdf).status_code == 200
