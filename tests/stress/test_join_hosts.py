"""A join of roads with parcels over three hosts, whose parts write into a shared folder, against PostGIS and a tree."""

from __future__ import annotations

import io
import time
import urllib.request
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import psycopg
import pyarrow.parquet as pq
import pytest
import shapely
from distributed import Client

from tests.stress.test_split_jobs import PATIENCE_S, asked, ended
from tests.stress.test_three_hosts import cluster
from tests.support.hosts import hosts, why_no_hosts
from tests.support.serving import serving
from tests.support.settlements import write_settlements

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = [
    pytest.mark.skipif(bool(why_no_hosts()), reason=why_no_hosts() or "root"),
    pytest.mark.timeout(900),
]
FEATURES: Final = 100_000
INPUTS: Final = {
    "left": {"file": "roads.parquet"}, "right": {"file": "parcels.parquet"}, "engine": "cluster",
    "attributes_only": True,
}  # fmt: skip


def test_a_join_over_three_hosts_has_the_pairs_of_postgis_and_of_one_tree(database_url: str, tmp_path: Path) -> None:
    left, right = write_settlements(tmp_path / "vectors", FEATURES)
    tree = shapely.STRtree(right).query(left, predicate="intersects").T
    theirs = joined_by_postgis(database_url, left, right)
    with hosts(3) as made, cluster() as workers:
        for host in made:
            workers.start(host)
        workers.wait(3)
        folder = str(tmp_path / "vectors")
        with serving(database_url, tmp_path, dask_scheduler=workers.scheduler, vector_folder=folder) as served:
            job = asked(f"{served.base}/processes/spatial-join/execution", {"inputs": INPUTS, "response": "document"})
            here = f"{served.base}/jobs/{job['jobID']}"
            busy = hosts_at_work(workers.scheduler, here)
            status = asked(here)
            assert status["status"] == "successful", (status, "".join(served.log[-30:]))
            result = asked(f"{here}/results")
            own = pairs_of(result, served.base)
    print(
        f"\n{FEATURES} roads x {FEATURES} parcels: {len(own)} pairs by leaves on {len(busy)} hosts, {len(tree)} by one"
    )
    print(f"  tree, {len(theirs)} by PostGIS; {result['summary']}")
    assert len(busy) >= 2
    assert result["summary"]["pairs"] == len(own) > 1000
    np.testing.assert_array_equal(own, in_order(tree))
    np.testing.assert_array_equal(own, theirs)


def hosts_at_work(scheduler: str, job: str) -> set[str]:
    """The addresses of the workers that computed parts until a job ended."""
    busy: set[str] = set()
    end = time.monotonic() + PATIENCE_S
    with Client(scheduler, set_as_default=False) as client:
        while not ended(status := asked(job)):
            assert time.monotonic() < end, status
            processing = client.processing()
            busy |= {who for who, keys in processing.items() if any("part-" in str(key) for key in keys)}
            time.sleep(0.05)
    return busy


def pairs_of(result: dict[str, Any], base: str) -> NDArray[np.int64]:
    """(pair, left and right number) in order, of the Parquet files that the parts have written."""
    value = result["pairs"].get("value", result["pairs"])
    tables = []
    for link in value["files"]:
        with urllib.request.urlopen(link["href"].replace("http://localhost:8080", base)) as file:
            tables.append(pq.read_table(io.BytesIO(file.read()), columns=["left", "right"]))
    return in_order(np.concatenate([np.stack([table["left"], table["right"]], axis=1) for table in tables]))


def joined_by_postgis(url: str, left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.int64]:
    """The same pairs by GiST indices."""
    with psycopg.connect(url) as link, link.cursor() as cursor:
        cursor.execute("set jit = off")
        for name, shapes in (("roads", left), ("parcels", right)):
            cursor.execute(f"create temp table {name} (id int, shape geometry)")
            with cursor.copy(f"copy {name} from stdin") as copy:
                for number, shape in enumerate(shapely.to_wkb(shapes, hex=True)):
                    copy.write_row((number, shape))
            cursor.execute(f"create index on {name} using gist (shape)")
            cursor.execute(f"analyze {name}")
        cursor.execute("select r.id, p.id from roads r join parcels p on st_intersects(r.shape, p.shape)")
        return in_order(np.array(cursor.fetchall()))


def in_order(pairs: NDArray[Any]) -> NDArray[np.int64]:
    """Pairs in the order of their numbers."""
    ordered: NDArray[np.int64] = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].astype("int64")
    return ordered
