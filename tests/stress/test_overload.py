"""Twenty clients of one kind, as fast as they can, beside three who want tiles: memory, answers, times of tiles."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from records.database.engine import driver_url
from records.datasets.repository import Repository
from tests.support.clients import Ask, Tally, asking
from tests.support.rasters import coded, global_grid, publication
from tests.support.records import add, document
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.database import Server
    from tests.support.serving import Serving

CLIENTS: Final = 20
SECONDS: Final = 15
RECORDS: Final = 5_000
MOST_GROWTH_MB: Final = 150
"""What a worker may grow by: its caches, which are bounded, and what the allocator keeps."""
MOST_COVERAGES_MB: Final = 500
"""The same where seven coverages are written, or large maps warped, at a time: each takes its arrays meanwhile, and a
coverage the caches of HDF5."""
_LARGE: Final = frozenset({"coverages", "coverages of WCS", "maps of WMS"})
_TYPES: Final = {"Content-Type": "application/json"}
_GET_MAP: Final = (
    "service=WMS&VERSION=1.1.1&REQUEST=GetMap&LAYERS=sst.v&STYLES=&SRS=EPSG:3035&BBOX=1500000,1500000,7000000,7000000"
    "&HEIGHT=900&FORMAT=image/png"
)


@pytest.fixture(scope="module")
def served(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with two workers, a global dataset and some thousand records."""
    folder = tmp_path_factory.mktemp("overload")
    grid = global_grid(3600, 1800)
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        Repository(engine).publish(publication(folder / "store", "sst", {None: coded(grid)}, grid))
        words = [
            "sea",
            "ice",
            "snow",
            "land",
            "river",
            "soil",
            "wind",
            "rain",
            "cloud",
            "temperature",
            "depth",
            "salinity",
        ]
        chance = random.Random(1)
        add(engine, *(document(f"r{n}", " ".join(chance.sample(words, 4)), box=(0, 0, 9, 9)) for n in range(RECORDS)))
        with serving(url, folder, workers=2, gdal_cache_mb="64") as serving_:
            yield serving_


def _tile(chance: random.Random) -> Ask:
    z = chance.randrange(5)
    return Ask(path=f"/xyz/sst/v/{z}/{chance.randrange(2**z)}/{chance.randrange(2**z)}.png")


def _operations(chance: random.Random, properties: list[str], count: int) -> dict[str, object]:
    """A disjunction whose SQL differs from time to time."""
    names = ["=", "<>", "<", ">", "<=", ">=", "like"]

    def one() -> dict[str, object]:
        return {"op": chance.choice(names), "args": [{"property": chance.choice(properties)}, f"x{chance.random()}"]}

    return {"op": "or", "args": [one() for _ in range(count)]}


def _filter(count: int) -> Callable[[random.Random], Ask]:
    def make(chance: random.Random) -> Ask:
        node = _operations(chance, ["title", "description", "id", "type", "language"], count)
        return Ask(path="/collections/records/items", method="POST", body=json.dumps(node).encode(), headers=_TYPES)

    return make


def _stac(chance: random.Random) -> Ask:
    node = {"filter": _operations(chance, ["id", "collection", "graticule:time"], 240)}
    return Ask(path="/stac/search", method="POST", body=json.dumps(node).encode(), headers=_TYPES)


def _csw(chance: random.Random) -> Ask:
    parts = []
    for _ in range(200):
        name = "PropertyIs" + chance.choice(["EqualTo", "LessThan", "GreaterThan"])
        parts.append(f"<{name}><PropertyName>dc:title</PropertyName><Literal>x{chance.random()}</Literal></{name}>")
    body = (
        '<csw:GetRecords xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns="http://www.opengis.net/ogc"'
        ' service="CSW" version="2.0.2" resultType="results"><csw:Query typeNames="csw:Record">'
        '<csw:Constraint version="1.1.0"><Filter><Or>' + "".join(parts) + "</Or></Filter></csw:Constraint>"
        "</csw:Query></csw:GetRecords>"
    )
    return Ask(path="/csw", method="POST", body=body.encode(), headers={"Content-Type": "application/xml"})


def _words(chance: random.Random) -> Ask:
    return Ask(path=f"/collections/records/items?q={chance.choice(['sea', 'ice'])},x{chance.random()}&facets=keyword")


KINDS: Final[dict[str, Callable[[random.Random], Ask]]] = {
    "filters of 880 terms": _filter(880),
    "filters of 240 terms": _filter(240),
    "STAC filters": _stac,
    "CSW filters": _csw,
    "searches": _words,
    "pages of records": lambda _: Ask(path="/collections/records/items?limit=100", headers={"Accept": "text/html"}),
    "harvests by OAI-PMH": lambda _: Ask(path="/oai?verb=ListRecords&metadataPrefix=oai_dc"),
    "coverages": lambda _: Ask(path="/collections/sst/coverage?f=netcdf"),
    "maps": lambda chance: Ask(path=f"/collections/sst/map?width={900 + chance.randrange(99)}&crs=EPSG:3035"),
    "statistics": lambda chance: Ask(path=f"/collections/sst/statistics?bbox=-180,-90,{chance.randrange(180)},90"),
    "tiles of titiler": lambda chance: Ask(path=f"/titiler/sst/tiles/WebMercatorQuad/1/{chance.randrange(2)}/0.png"),
    "new styles of tiles": lambda chance: Ask(path=f"/xyz/sst/v/1/0/0.png?rescale=0,{chance.randrange(10**6) + 1}"),
    "maps of WMS": lambda chance: Ask(path=f"/wms?{_GET_MAP}&WIDTH={900 + chance.randrange(99)}"),
    "coverages of WCS": lambda _: Ask(
        path="/wcs?service=WCS&version=2.0.1&request=GetCoverage&coverageId=sst.v&format=image/tiff"
    ),
    "values by OPeNDAP": lambda _: Ask(path="/dap/sst.dods?v"),
    "text by OPeNDAP": lambda _: Ask(path="/dap/sst.ascii?v[0:999][0:999]"),
    "tables of griddap": lambda _: Ask(path="/erddap/griddap/sst.csv?v[(0):(80)][(0):(100)]"),
    "chunks of Zarr": lambda chance: Ask(path=f"/collections/sst/zarr/v/c/{chance.randrange(3)}/{chance.randrange(7)}"),
    "areas of EDR": lambda chance: Ask(
        path=f"/edr/collections/sst/area?coords=POLYGON((0%200,60%200,60%20{1 + chance.randrange(60)},0%2060,0%200))"
    ),
    "HTML of a collection": lambda _: Ask(path="/collections/sst", headers={"Accept": "text/html"}),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_twenty_clients_leave_the_service_to_others(
    served: Serving, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with asking(served.port, _tile, clients=3, pause_s=0.02) as calm:
        time.sleep(3)
    before = _megabytes(served)
    with (
        asking(served.port, _tile, clients=3, pause_s=0.02) as tiles,
        asking(served.port, KINDS[kind], clients=CLIENTS) as many,
    ):
        time.sleep(SECONDS)
    after = _megabytes(served)
    with capsys.disabled():
        print(f"\n{kind}: {_shown(many)}; MB a worker {before} -> {after}")
        print(f"  tiles: {_shown(tiles)}; without them p99 {calm.quantile(0.99):.3f} s")
    assert set(many.statuses) <= {200, 400, 503}
    assert many.statuses[200] or kind == "filters of 880 terms"
    assert many.hurried == 0
    assert set(tiles.statuses) == {200}
    assert max(after) - max(before) < (MOST_COVERAGES_MB if kind in _LARGE else MOST_GROWTH_MB)
    assert not [line for line in served.log if "Traceback" in line or " ERROR " in line]


def _megabytes(served: Serving) -> list[int]:
    return sorted(worker.memory_info().rss // 2**20 for worker in served.workers())


def _shown(tally: Tally) -> str:
    times = f"p50 {tally.quantile(0.5):.3f}, p99 {tally.quantile(0.99):.3f}, max {tally.quantile(1):.3f} s"
    return f"{dict(tally.statuses)}, {times}"
