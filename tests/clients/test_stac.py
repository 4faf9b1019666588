"""pystac-client searches the catalogue, odc-stac and stackstac load it, GDAL's STACIT mosaics an item."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import rioxarray

from tests.clients.conftest import program

pystac_client = pytest.importorskip("pystac_client", reason="not run: pystac-client is not installed")

if TYPE_CHECKING:
    from pystac import Item
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
        fields={"include": ["properties.datetime", "properties.graticule:variables"], "exclude": ["links"]},
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


@pytest.mark.filterwarnings("ignore:The .shapely.ops:DeprecationWarning")  # odc-geo calls it
def test_odc_stac_loads_stored_cells_whose_values_its_bands_tell(demo: str, catalogue: Client) -> None:
    """As docs/stac.md says: cells times the scale of `raster:bands`, where they are not the no-data value."""
    odc = pytest.importorskip("odc.stac", reason="not run: odc-stac is not installed")
    for name, band, box in (
        ("linke-turbidity", "linke_turbidity", (10, 40, 12, 42)),
        (SST, "surface_temperature", None),
    ):
        (item,) = catalogue.search(collections=[name], max_items=1).items()
        cells = odc.load([item], bands=[band], bbox=box)[band]
        packing = item.assets[band].extra_fields.get("raster:bands", [{}])[0]
        valid = cells.where(cells != cells.attrs["nodata"]) if "nodata" in cells.attrs else cells
        values = valid * packing.get("scale", 1) + packing.get("offset", 0)
        told = _mean(demo, item, box)
        assert float(values.mean()) == pytest.approx(told, rel=1e-6)


def test_stackstac_applies_scale_and_no_data_by_itself(demo: str, catalogue: Client) -> None:
    stackstac = pytest.importorskip("stackstac", reason="not run: stackstac, which wants pandas < 3, is not installed")
    (item,) = catalogue.search(collections=["linke-turbidity"], max_items=1).items()
    box = (10, 40, 12, 42)
    values = stackstac.stack([item], bounds_latlon=box, epsg=4326, resolution=1 / 12)
    assert float(values.mean()) == pytest.approx(_mean(demo, item, box), rel=1e-6)


def _mean(demo: str, item: Item, box: tuple[float, ...] | None) -> float:
    """The mean of a time, or of a box of it, as the service computes it."""
    query = {"datetime": item.properties["graticule:time"]} | ({"bbox": ",".join(map(str, box))} if box else {})
    with urlopen(f"{demo}/collections/{item.collection_id}/statistics?{urlencode(query)}", timeout=60) as answer:
        return float(json.load(answer)["statistics"][0]["mean"])


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
