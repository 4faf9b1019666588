"""pystac-client searches the catalogue, GDAL's STACIT mosaics an item, rioxarray opens an asset."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import rioxarray

from tests.clients.conftest import program

pystac_client = pytest.importorskip("pystac_client", reason="not run: pystac-client is not installed")

if TYPE_CHECKING:
    from pystac_client import Client

SST = "sea-surface-temperature"
FEBRUARY = {"op": "t_intersects", "args": [{"property": "datetime"}, {"interval": ["2010-02-01T00:00:00Z", ".."]}]}


@pytest.fixture
def catalogue(demo: str) -> Client:
    """The catalogue of the demo; a warning of the client is an error."""
    return pystac_client.Client.open(demo + "/stac")


def test_pystac_client_lists_collections(catalogue: Client) -> None:
    assert {"altitude", SST} <= {collection.id for collection in catalogue.get_collections()}
    found = catalogue.collection_search(bbox=[100, 30, 101, 31], q="altitude")
    assert [collection.id for collection in found.collections()] == ["altitude"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pystac_client_turns_pages(catalogue: Client, method: str) -> None:
    search = catalogue.search(method=method, collections=[SST], limit=10)
    items = list(search.items())
    assert len(items) == len({item.id for item in items}) == search.matched()
    assert len(items) > 20


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pystac_client_searches_by_everything(catalogue: Client, method: str) -> None:
    search = catalogue.search(
        method=method,
        collections=[SST],
        bbox=[170, -4, -170, 4],
        datetime="2010-01-01T00:00:00Z/2010-03-31T00:00:00Z",
        filter=FEBRUARY if method == "POST" else f"collection = '{SST}' AND datetime > DATE('2010-01-31')",
        filter_lang="cql2-json" if method == "POST" else "cql2-text",
        sortby=["+properties.datetime"],
        fields={"include": ["properties.graticule:variables"], "exclude": ["links"]},
    )
    found = [item for page in search.pages_as_dicts() for item in page["features"]]
    assert [item["properties"]["datetime"][:7] for item in found] == ["2010-02", "2010-03"]
    assert "links" not in found[0]


def test_pystac_client_gets_an_item(catalogue: Client) -> None:
    collection = catalogue.get_collection("altitude")
    (item,) = collection.get_items()
    assert collection.get_item(item.id).to_dict() == catalogue.get_collection("altitude").get_item(item.id).to_dict()
    assert item.ext.proj.epsg == 4326
    point = {"type": "Point", "coordinates": [86.9, 28.0]}
    assert item.id in {each.id for each in catalogue.search(intersects=point).items()}


@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")  # rioxarray's, of the newest affine
def test_rioxarray_opens_an_asset(catalogue: Client) -> None:
    item = next(catalogue.search(collections=["altitude"]).items())
    with rioxarray.open_rasterio(item.assets["altitude"].href) as data:
        assert list(data.shape[1:]) == item.properties["proj:shape"]


@pytest.mark.parametrize("name", ["altitude", SST, "toa-brightness-temperature"])
def test_gdal_mosaics_items(demo: str, name: str) -> None:
    if "STACIT" not in _run(program("gdalinfo"), "--formats"):
        pytest.skip("not run: this GDAL has no STACIT driver")
    described: dict[str, Any] = json.loads(
        _run("gdalinfo", "-json", f'STACIT:"{demo}/stac/collections/{name}/items?limit=1"')
    )
    assert min(described["size"]) > 0
    assert described["bands"]


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    return done.stdout
