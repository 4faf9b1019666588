"""`python -m tests.benchmarks.time`: a daily product of 34 years, made, ingested, served and read, beside its peers.

    python -m tests.benchmarks.time --folder /var/tmp/series              # 12,418 days of 212 x 348 cells
    python -m tests.benchmarks.time --folder /var/tmp/short --days 400    # for a quick look

The folder keeps what was made, so that a second run begins with measuring. Graticule answers over HTTP, one worker; the
peers run in this process, on the same files: a loop over the COGs with rasterio, xarray over the source NetCDF, and
zarr-python over the parts. What each finds is compared with the generated values.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import rasterio
import xarray
import zarr

from tests.benchmarks.time.ours import Ours
from tests.benchmarks.time.product import DAYS, Product, date_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

PORT = 18590


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.time", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, required=True, help="where the product, its catalogue and store are kept"
    )
    parser.add_argument("--days", type=int, default=DAYS, help="number of days")
    parser.add_argument("--port", type=int, default=PORT, help="port of the server")
    parser.add_argument("--no-peers", action="store_true", help="measure Graticule alone")
    arguments = parser.parse_args()
    os.environ["GRATICULE_DATA_DIR"] = str(arguments.folder / "data")
    product = Product()
    sources = prepare(product, arguments.folder, arguments.days)
    with serving(arguments.port) as url, httpx.Client(base_url=url, timeout=600) as client:
        bench = Bench(product, arguments.days, client)
        bench.points()
        bench.tiles()
        with Ours(arguments.folder / "data") as ours:
            bench.areas(ours)
            if not arguments.no_peers:
                bench.peers(ours, sources)
            bench.append(ours, arguments.folder)


def prepare(product: Product, folder: Path, days: int) -> list[Path]:
    """The source files; the first run ingests them and builds the parts."""
    sources = sorted((folder / "src").glob("et_*.nc"))
    if not sources:
        sources = timed("generate the source NetCDF", lambda: product.write(folder / "src", days=days))
    if not (folder / "data" / "store" / "et").exists():
        timed("ingest", lambda: command("ingest", *sources, "--id", "et"))
        product.write_days(folder / "one.nc", range(1))
        command("ingest", folder / "one.nc", "--id", "one")
        timed("build the parts", lambda: command("series", "build", "et"))
    command("series", "status")
    sizes = {name: size_of(folder / "data" / "store" / "et", pattern) for name, pattern in PATTERNS.items()}
    sizes["source"] = sum(path.stat().st_size for path in sources)
    for name, size in sizes.items():
        print(f"{name:<32}{size / 1e6:>10.0f} MB  {size / sizes['source']:.2f} of the source")
    return sources


PATTERNS = {"COGs with overviews": "et/*.tif", "parts by time": "et/series/**/*"}


def size_of(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file())


class Bench:
    """Measures, and compares what it reads with the product."""

    def __init__(self, product: Product, days: int, client: httpx.Client) -> None:
        self.product, self.days, self.client = product, days, client
        random = np.random.default_rng(11)
        rows, columns = np.nonzero(np.isfinite(product.day(0)))
        chosen = random.choice(len(rows), 400, replace=False)
        self.cells = list(zip(rows[chosen].tolist(), columns[chosen].tolist(), strict=True))
        self.warm_ms = 0.0

    def points(self) -> None:
        for media in ("CoverageJSON", "csv"):
            self.point(*self.cells[0], media)
            times = [elapsed_ms(lambda cell=cell, media=media: self.point(*cell, media)) for cell in self.cells[:200]]
            self.warm_ms = self.warm_ms or median(times)
            report(f"point, {self.days} days, {media}, warm", times)
        cold = []
        for cell in self.cells[200:230]:
            evict(Path(os.environ["GRATICULE_DATA_DIR"]) / "store" / "et" / "et" / "series")
            cold.append(elapsed_ms(lambda cell=cell: self.point(*cell, "CoverageJSON")))
        report(f"point, {self.days} days, CoverageJSON, page cache dropped", cold)
        self.check()

    def point(self, row: int, column: int, media: str = "CoverageJSON") -> httpx.Response:
        x, y = 89 + 0.04 * (column + 0.5), 40 - 0.04 * (row + 0.5)
        answer = self.client.get(f"/collections/et/position?coords=POINT({x:.6f} {y:.6f})&datetime=../..&f={media}")
        answer.raise_for_status()
        return answer

    def check(self) -> None:
        """Compare 1,000 random places and times with the product."""
        days = np.random.default_rng(12).integers(0, self.days, 20)
        truth = {int(day): self.product.day(int(day)) for day in days}
        wrong = 0
        for row, column in self.cells[300:350]:
            values = self.point(row, column).json()["ranges"]["et"]["values"]
            read = np.array([values[day] for day in truth], "float64").astype("float32")
            wrong += int((read != np.array([day[row, column] for day in truth.values()])).sum())
        print(f"values that differ from the source, of {50 * len(truth)} places and times: {wrong}")

    def tiles(self) -> None:
        where = "tiles/WebMercatorQuad/6/25/48?f=png"
        paths = {"a day of the series": f"/collections/et/map/{where}&datetime={date_of(self.days // 2)}"}
        paths["the only date of a dataset"] = f"/collections/one/map/{where}"
        medians = {}
        for name, path in paths.items():
            self.client.get(path).raise_for_status()
            times = [elapsed_ms(lambda path=path: self.client.get(path).raise_for_status()) for _ in range(300)]
            medians[name] = report(f"tile of {name}", times)
        first, second = medians.values()
        print(f"ratio of the tiles: {first / second:.2f}")

    def areas(self, ours: Ours) -> None:
        for cells, half in ((10_000, 56.4), (40_000, 112.8)):
            ours.area(half)
            times = [elapsed_ms(lambda half=half: ours.area(half)) for _ in range(5)]
            report(f"mean of {cells} cells, all days", times)

    def peers(self, ours: Ours, sources: list[Path]) -> None:
        row, column = self.cells[0]
        truth = ours.point(row, column)
        peers: dict[str, Callable[[], NDArray[Any]]] = {
            "loop over the COGs, rasterio": lambda: cog_loop(ours.paths(), row, column),
            "the same COGs by their directories": lambda: ours.cogs(row, column),
            "zarr-python on the long parts": lambda: zarr_point(ours.parts(), row, column),
            "xarray on the source NetCDF": lambda: netcdf_point(sources, row, column),
        }
        for name, read in peers.items():
            begin = time.perf_counter()
            values = read()
            took = (time.perf_counter() - begin) * 1000
            same = np.array_equal(values, truth[: len(values)], equal_nan=True)
            print(f"{name:<48}{took:>10.1f} ms  {took / self.warm_ms:>8.0f} x Graticule over HTTP  equal: {same}")

    def append(self, ours: Ours, folder: Path) -> None:
        times = []
        first = len(ours.series())
        for day in range(first, first + 4):
            path = self.product.write_days(folder / "next.nc", range(day, day + 1))
            times.append(elapsed_ms(lambda path=path: ours.ingest(path)))
        report(f"append a day to {first}, after the first", times[1:])


def cog_loop(paths: list[str], row: int, column: int) -> NDArray[Any]:
    window = rasterio.windows.Window(column, row, 1, 1)
    values = []
    for path in paths:
        with rasterio.open(path) as file:
            values.append(file.read(1, window=window)[0, 0])
    return np.array(values)


def zarr_point(parts: list[str], row: int, column: int) -> NDArray[Any]:
    values = []
    for path in parts:
        array = zarr.open_array(path, mode="r")
        stored = np.asarray(array[:, row, column])
        scale, offset = array.attrs["scale_factor"], array.attrs["add_offset"]
        values.append(np.where(stored == -32768, np.nan, stored * scale + offset).astype("float32"))
    return np.concatenate(values)


def netcdf_point(sources: list[Path], row: int, column: int) -> NDArray[Any]:
    parts = []
    for path in sources:
        with xarray.open_dataset(path) as dataset:
            parts.append(dataset["et"][:, row, column].to_numpy())
    return np.concatenate(parts)


@contextmanager
def serving(port: int) -> Iterator[str]:
    environment = os.environ | {"GRATICULE_SERVER_PORT": str(port), "GRATICULE_SERVER_WORKERS": "1"}
    server = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "serve"], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                if httpx.get(f"{url}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(30)


def command(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "services.cli", *map(str, arguments)], check=True, stderr=subprocess.DEVNULL)


def evict(folder: Path) -> None:
    """Drop the page cache of files; the machine under a virtual disk may keep them."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def elapsed_ms(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def timed[Result](name: str, work: Callable[[], Result]) -> Result:
    begin = time.perf_counter()
    result = work()
    print(f"{name}: {time.perf_counter() - begin:.1f} s")
    return result


def report(name: str, times: list[float]) -> float:
    """Print the median and the 95th percentile; returns the median."""
    high = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    print(f"{name:<64}p50 {median(times):>8.2f} ms  p95 {high:>8.2f} ms")
    return median(times)


if __name__ == "__main__":
    main()
