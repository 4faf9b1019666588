"""`python -m tests.benchmarks.serving.maps`: the same WMS maps from Graticule and MapServer, and the CPU of each."""

from __future__ import annotations

import argparse
import io
import math
import random
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import numpy as np
from PIL import Image
from rasterio.warp import transform_bounds

from tests.benchmarks.serving import rasters, servers
from tests.benchmarks.serving.__main__ import bench_database, bench_folder, replace_section
from tests.benchmarks.serving.load import load
from tests.benchmarks.serving.mapfile import WMS_CRS
from tests.benchmarks.serving.report import machine

if TYPE_CHECKING:
    from tests.benchmarks.serving.rasters import Layer
    from tests.benchmarks.serving.servers import Server

_FORMATS: Final = ("image/png", "image/jpeg")
_SIZES: Final = (256, 512, 1024, 2048)
_CONNECTIONS: Final = 4
_PIXELS: Final = 6_000_000
"""Pixels of the maps of one kind, about."""
_MOST_MAPS: Final = 40
_DIFFERENCE: Final = 8.0
"""Mean difference of bytes of colour: MapServer draws the ramp in eight straight pieces, and JPEG loses some."""
_COVERAGE: Final = 0.03


@dataclass(frozen=True, kw_only=True)
class MapKind:
    """What maps have in common: a layer, CRS, columns, and format."""

    layer: Layer
    crs: str
    size: int
    format: str

    def boxes(self, edge: int) -> list[tuple[float, float, float, float]]:
        """Boxes in the CRS (east first), of half a cell to two cells a pixel, somewhere in a raster of `edge` cells."""
        west, south, east, north = rasters.mercator_bounds(edge)
        cell = (east - west) / edge
        draws = random.Random(f"{self.layer.id} {self.crs} {self.size}")
        boxes = []
        for _ in range(max(4, min(_MOST_MAPS, _PIXELS // self.size**2))):
            side = min(self.size * cell * 2 ** draws.uniform(-1, 1), east - west)
            left, bottom = draws.uniform(west, east - side), draws.uniform(south, north - side)
            corners = (left, bottom, left + side, bottom + side)
            boxes.append(transform_bounds("EPSG:3857", self.crs, *corners))
        return boxes

    def queries(self, edge: int, layer_name: str) -> list[str]:
        """The GetMap requests, in WMS 1.3.0."""
        return [self._query(box, layer_name) for box in self.boxes(edge)]

    def _query(self, box: tuple[float, float, float, float], layer_name: str) -> str:
        west, south, east, north = box
        corners = (south, west, north, east) if self.crs == "EPSG:4326" else box
        words = {
            "SERVICE": "WMS",
            "VERSION": "1.3.0",
            "REQUEST": "GetMap",
            "LAYERS": layer_name,
            "STYLES": "",
            "CRS": self.crs,
            "BBOX": ",".join(map(repr, corners)),
            "WIDTH": self.size,
            "HEIGHT": round(self.size * (north - south) / (east - west)),
            "FORMAT": self.format,
        }
        return urlencode(words | ({"TRANSPARENT": "TRUE"} if self.format == "image/png" else {}))


@dataclass(frozen=True, kw_only=True)
class MapCost:
    """Milliseconds of CPU a map of one kind, of both servers."""

    kind: MapKind
    ours: float
    theirs: float

    @property
    def share(self) -> float:
        """Ours in theirs."""
        return self.ours / self.theirs


class DifferentMaps(Exception):
    """The servers do not draw the same map."""


def main() -> None:
    """Publish the rasters, start both servers, compare pictures, measure, and print."""
    options = _arguments()
    with bench_folder(options.work) as work, bench_database(work) as environment, ExitStack() as stack:
        layers = [
            rasters.publish(work, options.size, kind, crs, environment)
            for kind, crs in (name.split("-") for name in options.layers)
        ]
        ours = stack.enter_context(servers.graticule(environment))
        theirs = stack.enter_context(servers.mapserver(layers, work, is_wms=True))
        if theirs is None:
            raise SystemExit("mapserv and nginx are not both installed")
        costs = []
        for layer, crs, size, form in product(layers, WMS_CRS, options.sizes, _FORMATS):
            kind = MapKind(layer=layer, crs=crs, size=size, format=form)
            costs.append(_cost(kind, ours, theirs, options))
            cost = costs[-1]
            print(f"{layer.id} {crs} {size} {form}: {cost.ours:.2f} / {cost.theirs:.2f} = {cost.share:.2f}", flush=True)
    page = _page(costs)
    print(page)
    if options.write:
        replace_section(options.write, "maps", page)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.serving.maps", description=__doc__)
    parser.add_argument("--size", type=int, default=4096, help="cells of an edge of the rasters, a multiple of 1024")
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES, help="columns of the maps")
    parser.add_argument("--rounds", type=int, default=3, help="runs, of which the median counts")
    parser.add_argument("--least-cpu", type=float, default=0.4, help="seconds of CPU of a run, about")
    parser.add_argument(
        "--layers", nargs="+", default=["float-geographic", "float-mercator", "float-utm", "classes-geographic"]
    )
    parser.add_argument("--work", type=Path, help="a folder that is kept, with the rasters, for another run")
    parser.add_argument("--write", type=Path, help="a page whose section is replaced by the tables")
    return parser.parse_args()


def _cost(kind: MapKind, ours: Server, theirs: Server, options: argparse.Namespace) -> MapCost:
    """Both servers in turn on the same maps, after a round that is not counted."""
    variable = servers.stem(kind.layer)
    paths = {
        ours: [f"/wms?{query}" for query in kind.queries(options.size, f"{kind.layer.id}.{variable}")],
        theirs: [f"/?{query}" for query in kind.queries(options.size, kind.layer.id)],
    }
    _require_same(ours.base + paths[ours][0], theirs.base + paths[theirs][0])
    runs: dict[Server, list[float]] = {ours: [], theirs: []}
    repeats: dict[Server, int] = {}
    for number in range(options.rounds + 1):
        for server, asked in paths.items():
            run = load(server.base, asked * repeats.get(server, 1), server.processes, connections=_CONNECTIONS)
            if run.errors:
                raise DifferentMaps(f"{server.name} failed on {run.errors} of {run.requests} maps: {asked[0]}")
            if number == 0:
                took = run.cpu_ms * run.requests / 1000
                repeats[server] = max(1, min(20, math.ceil(options.least_cpu / (took + 0.01))))
            else:
                runs[server].append(run.cpu_ms)
    return MapCost(kind=kind, ours=median(runs[ours]), theirs=median(runs[theirs]))


def _require_same(mine: str, their: str) -> None:
    """Stop unless both draw about the same: an empty map is quick to make."""
    first, second = _pixels(mine), _pixels(their)
    if first.shape != second.shape:
        raise DifferentMaps(f"{first.shape} and {second.shape}: {mine}")
    drawn, also = first[..., 3] > 0, second[..., 3] > 0
    coverage = float((drawn != also).mean())
    colors = np.abs(first[drawn & also][:, :3].astype(int) - second[drawn & also][:, :3])
    if not (drawn & also).any() or coverage > _COVERAGE or colors.mean() > _DIFFERENCE:
        raise DifferentMaps(f"coverage differs by {coverage:.3f}, colours by {colors.mean():.1f}: {mine} {their}")


def _pixels(url: str) -> np.ndarray:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return np.array(Image.open(io.BytesIO(answer.read())).convert("RGBA"))


def _page(costs: list[MapCost]) -> str:
    """A line for each layer, CRS and format, sizes side by side: Graticule's CPU, MapServer's, and their ratio."""
    sizes = sorted({cost.kind.size for cost in costs})
    lines = [
        f"| layer | CRS of the map | format | {' | '.join(f'{size} px' for size in sizes)} |",
        f"|---|---|---|{'---:|' * len(sizes)}",
    ]
    for layer, crs, form in dict.fromkeys((c.kind.layer.id, c.kind.crs, c.kind.format) for c in costs):
        row = {
            c.kind.size: f"{c.ours:.1f} / {c.theirs:.1f} = **{c.share:.2f}**"
            for c in costs
            if (c.kind.layer.id, c.kind.crs, c.kind.format) == (layer, crs, form)
        }
        lines.append(f"| {layer} | {crs} | {form.removeprefix('image/')} | {' | '.join(row[s] for s in sizes)} |")
    shares = sorted(cost.share for cost in costs)
    within = sum(share <= 0.5 for share in shares)
    summary = (
        f"{within} of {len(shares)} kinds of maps cost at most half of MapServer's CPU; "
        f"the median ratio is {median(shares):.2f}, the largest {shares[-1]:.2f}."
    )
    return "\n\n".join((machine(), "\n".join(lines), summary)) + "\n"


if __name__ == "__main__":
    main()
