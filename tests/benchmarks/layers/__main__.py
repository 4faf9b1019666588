"""Publish many layers, and measure the capabilities of each service, and tiles of WMTS beside XYZ tiles."""

from __future__ import annotations

import argparse
import asyncio
import gzip
import tempfile
import time
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine

from config.settings import DatabaseSettings, Settings
from config.times import parse_time
from records.database import postgis
from records.database.engine import driver_url
from records.datasets.models import Style
from records.datasets.repository import Repository
from services.app import create_app
from tests.support.database import Server
from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

DOCUMENTS = {
    "WMTS 1.0.0": "/wmts?service=WMTS&request=GetCapabilities",
    "WMS 1.3.0": "/wms?service=WMS&version=1.3.0&request=GetCapabilities",
    "WMS 1.1.1": "/wms?service=WMS&version=1.1.1&request=GetCapabilities",
    "WCS 2.0.1": "/wcs?service=WCS&acceptversions=2.0.1&request=GetCapabilities",
    "WCS 1.0.0": "/wcs?service=WCS&version=1.0.0&request=GetCapabilities",
}
XYZ = "/xyz/d-0/v/{z}/{x}/{y}.png"
REST = "/wmts/1.0.0/d-0.v/default/current/WebMercatorQuad/{z}/{y}/{x}.png"
KVP = (
    "/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=d-0.v&STYLE=default&FORMAT=image/png"
    "&TILEMATRIXSET=WebMercatorQuad&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)
_TILES = [(4, x, y) for x in range(16) for y in range(16)]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=5000)
    layers = parser.parse_args().layers
    settings = DatabaseSettings()
    with (
        tempfile.TemporaryDirectory() as folder,
        _discarded(Path(folder), settings),
        postgis.running(Path(folder), settings, durable=False) as admin,
    ):
        server = Server(admin)
        server.make_template()
        with server.database() as url:
            store = Path(folder) / "store"
            _publish(url, store, layers)
            application = Settings(
                data_dir=Path(folder), store=str(store), database=DatabaseSettings(url=SecretStr(url))
            )
            with TestClient(create_app(application), base_url="http://localhost:8080") as client:
                _documents(client)
                _tiles(client)


@contextmanager
def _discarded(folder: Path, settings: DatabaseSettings) -> Iterator[None]:
    """Remove the cluster of a folder at the end."""
    try:
        yield
    finally:
        postgis.discard(folder, settings)


def _publish(url: str, store: Path, layers: int) -> None:
    """Datasets of four variables with four styles each and three years of monthly granules of one file."""
    engine = create_engine(driver_url(url))
    steps: dict[str | None, Any] = {"2000-01-01T00:00:00Z": np.random.default_rng(1).random((512, 1024), "float32")}
    made = publication(store, "d", steps, global_grid(1024, 512), value_range=(0.0, 1.0))
    styles = tuple(Style(id=name, colormap="viridis", range=(0.0, 1.0)) for name in ("default", "a", "b", "c"))
    (granule,) = made.granules
    months = [f"{2000 + n // 12}-{n % 12 + 1:02d}-01T00:00:00Z" for n in range(36)]
    for number in range(layers // 4):
        variables = tuple(replace(made.variables[0], id=name, styles=styles) for name in ("v", "w", "x", "y"))
        granules = []
        for variable in variables:
            for month in months:
                key = parse_time(month).start
                granules.append(
                    replace(granule, dataset_id=f"d-{number}", variable_id=variable.id, time=month, key=key)
                )
        record = made.record | {"id": f"d-{number}"}
        publishable = replace(made, id=f"d-{number}", variables=variables, granules=tuple(granules), record=record)
        Repository(engine).publish(publishable)
    engine.dispose()


def _documents(client: TestClient) -> None:
    print("| document | cold s | warm s | bytes | gzip | peak MB |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, path in DOCUMENTS.items():
        began = time.perf_counter()
        answer = client.get(path, headers={"Accept-Encoding": "identity"})
        cold = time.perf_counter() - began
        assert answer.status_code == 200, answer.text[:500]
        began = time.perf_counter()
        client.get(path, headers={"Accept-Encoding": "identity"})
        warm = time.perf_counter() - began
        tracemalloc.start()
        client.get(path, headers={"Accept-Encoding": "identity"})
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        size, packed = len(answer.content), len(gzip.compress(answer.content, 6))
        print(f"| {name} | {cold:.2f} | {warm:.2f} | {size:,} | {packed:,} | {peak:.0f} |")


def _tiles(client: TestClient) -> None:
    """CPU of tiles by the lane, called as a server calls it, without sockets."""
    app: FastAPI = client.app  # type: ignore[assignment]  # it is ours
    for template in (XYZ, REST, KVP):
        for z, x, y in _TILES[:4]:
            assert client.get(template.format(z=z, x=x, y=y)).status_code == 200
    best: dict[str, float] = {}
    portal: Any = client.portal
    for _ in range(7):
        for template in (XYZ, REST, KVP):
            used = portal.call(_ask, app, template) * 1e3 / len(_TILES)
            best[template] = min(best.get(template, used), used)
    print("\n| tile | CPU ms | ratio to XYZ |\n|---|---:|---:|")
    for name, template in (("XYZ", XYZ), ("WMTS by path", REST), ("WMTS by keywords", KVP)):
        print(f"| {name} | {best[template]:.3f} | {best[template] / best[XYZ]:.2f} |")


async def _ask(app: FastAPI, template: str) -> float:
    """Seconds of CPU that all tiles of one kind take."""

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    sizes = []

    async def send(message: Any) -> None:
        sizes.append(len(message.get("body", b"")))

    scopes = []
    for z, x, y in _TILES:
        path, _, query = template.format(z=z, x=x, y=y).partition("?")
        headers = [(b"host", b"localhost"), (b"accept", b"image/png")]
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": headers}
        scopes.append(scope | {"query_string": query.encode(), "http_version": "1.1", "client": ("127.0.0.1", 1)})
    began = time.process_time()
    for scope in scopes:
        await app(scope, receive, send)
    used = time.process_time() - began
    assert sum(size > 100 for size in sizes) == len(_TILES)
    return used


if __name__ == "__main__":
    main()
