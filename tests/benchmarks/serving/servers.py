"""The servers that are compared, each of two processes, and how each is asked for a tile."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket as socketlib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

import psutil

from tests.benchmarks.serving.mapfile import mapfile_text
from tests.benchmarks.serving.rasters import CLASSES, FLOAT_RANGE, INT16_RANGE
from tests.support.serving import reserved_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.benchmarks.serving.rasters import Layer

WORKERS: Final = 2
_START_S = 180
_TITILER_GDAL: Final = {
    "CPL_TMPDIR": "/tmp",
    "GDAL_CACHEMAX": "200",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_INGESTED_BYTES_AT_OPEN": "32768",
    "VSI_CACHE": "TRUE",
    "VSI_CACHE_SIZE": "5000000",
}
"""The settings that titiler's documentation advises (advanced/performance_tuning)."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server: its base URL, the processes that are measured, and the path of a tile."""

    name: str
    base: str
    processes: tuple[psutil.Process, ...]
    path: Callable[[Layer, tuple[int, int, int]], str]


@contextmanager
def graticule(environment: dict[str, str]) -> Iterator[Server]:
    """Graticule over what was published: catalogue, policy and headers as anybody meets them."""
    words = [sys.executable, "-m", "services.cli", "serve", "--workers", str(WORKERS)]
    with reserved_port() as port, _running([*words, "--port", str(port)], environment) as process:
        base = f"http://127.0.0.1:{port}"
        _wait(base + "/healthz")
        workers = [p for p in psutil.Process(process.pid).children(recursive=True) if _is_worker(p)]
        yield Server(name="graticule", base=base, processes=tuple(workers), path=_graticule_path)


def _is_worker(process: psutil.Process) -> bool:
    return "services.serving.worker" in process.cmdline()


def _graticule_path(layer: Layer, tile: tuple[int, int, int]) -> str:
    zoom, column, row = tile
    variable = {"rgb": "rgb"}.get(layer.kind, stem(layer))
    return f"/xyz/{layer.id}/{variable}/{zoom}/{column}/{row}.png"


def stem(layer: Layer) -> str:
    """The variable: the store keeps its file in a folder of that name."""
    return layer.path.parent.name


@contextmanager
def titiler() -> Iterator[Server]:
    """titiler under uvicorn with uvloop and httptools, and GDAL set as it advises."""
    app, environment = "tests.benchmarks.serving.titiler_app:app", dict(os.environ) | _TITILER_GDAL
    words = [sys.executable, "-m", "uvicorn", app, "--workers", str(WORKERS)]
    words += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error"]
    with reserved_port() as port, _running([*words, "--port", str(port)], environment) as process:
        base = f"http://127.0.0.1:{port}"
        _wait(base + "/tileMatrixSets")
        children = psutil.Process(process.pid).children(recursive=True)
        workers = tuple(p for p in children if "spawn_main" in " ".join(p.cmdline()))
        yield Server(name="titiler", base=base, processes=workers, path=_titiler_path)


def _titiler_path(layer: Layer, tile: tuple[int, int, int]) -> str:
    zoom, column, row = tile
    query = {"url": str(layer.path)}
    if layer.kind == "float":
        query |= {"rescale": "{},{}".format(*FLOAT_RANGE), "colormap_name": "viridis"}
    elif layer.kind == "int16":
        query |= {"rescale": "{},{}".format(*INT16_RANGE), "colormap_name": "gray"}
    elif layer.kind == "classes":
        query["colormap"] = json.dumps({str(v): [*color, 255] for v, color in CLASSES if v}, separators=(",", ":"))
    return f"/tiles/WebMercatorQuad/{zoom}/{column}/{row}.png?{urlencode(query)}"


@contextmanager
def mapserver(layers: list[Layer], work: Path, *, is_wms: bool = False) -> Iterator[Server | None]:
    """MapServer's FastCGI processes behind nginx, whose own work is not counted; None where it is not installed."""
    binary = shutil.which("mapserv") or shutil.which("/usr/lib/cgi-bin/mapserv")
    if binary is None or shutil.which("nginx") is None:
        yield None
        return
    mapfile, socket = work / "layers.map", work / "mapserv.sock"
    mapfile.write_text(mapfile_text(layers, is_wms=is_wms), "utf-8")
    socket.unlink(missing_ok=True)
    environment = dict(os.environ) | {"MAPSERVER_CONFIG_FILE": _ms_config(work, mapfile)}
    proxy = "location / { include /etc/nginx/fastcgi_params; fastcgi_pass ms; }"
    # a process keeps to one connection: kept ones would leave those of all other requests waiting
    upstream = f"upstream ms {{ server unix:{socket}; }}"
    with (
        reserved_port() as port,
        _fastcgi(binary, socket, environment) as workers,
        _nginx(work / "ms-nginx", port, proxy, upstream),
    ):
        base = f"http://127.0.0.1:{port}"
        _wait(base + "/?mode=tile")
        yield Server(name="mapserver", base=base, processes=workers, path=_mapserver_path)


@contextmanager
def _fastcgi(binary: str, path: Path, environment: dict[str, str]) -> Iterator[tuple[psutil.Process, ...]]:
    """Processes that take their requests from one socket, which FastCGI has as their standard input."""
    with contextlib.closing(socketlib.socket(socketlib.AF_UNIX)) as listening, contextlib.ExitStack() as stack:
        listening.bind(str(path))
        path.chmod(0o666)
        listening.listen(128)
        started = [stack.enter_context(_running([binary], environment, listening.fileno())) for _ in range(WORKERS)]
        yield tuple(psutil.Process(process.pid) for process in started)


def _mapserver_path(layer: Layer, tile: tuple[int, int, int]) -> str:
    zoom, column, row = tile
    return f"/?mode=tile&tilemode=gmap&tile={column}+{row}+{zoom}&layers={quote(layer.id)}&map.imagetype=png"


@contextmanager
def static(tile: bytes, work: Path) -> Iterator[Server | None]:
    """nginx with one tile that was drawn before: what the machine and the load generator allow."""
    if shutil.which("nginx") is None:
        yield None
        return
    folder = work / "static"
    folder.mkdir(exist_ok=True)
    (folder / "tile.png").write_bytes(tile)
    where = f"location / {{ root {folder}; try_files /tile.png =404; }}"
    with reserved_port() as port, _nginx(work / "static-nginx", port, where) as process:
        base = f"http://127.0.0.1:{port}"
        _wait(base + "/tile.png")
        workers = tuple(psutil.Process(process.pid).children())
        yield Server(
            name="nginx", base=base, processes=workers, path=lambda _layer, tile: "/{}/{}/{}.png".format(*tile)
        )


@contextmanager
def _nginx(folder: Path, port: int, location: str, upstream: str = "") -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir(exist_ok=True)
    conf = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf.write_text(
        f"{user} worker_processes {WORKERS}; pid {folder}/pid; daemon off; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 1024; }}\n"
        f"http {{ access_log off; keepalive_requests 1000000; {temporary} {upstream}\n"
        f"server {{ listen 127.0.0.1:{port} reuseport; {location} }} }}\n",
        "utf-8",
    )
    with _running(["nginx", "-c", str(conf), "-p", str(folder)], dict(os.environ)) as process:
        yield process


def _ms_config(work: Path, mapfile: Path) -> str:
    """MapServer's settings: each request brings an environment of its own, so that only these last."""
    path = work / "mapserver.conf"
    path.write_text(f'CONFIG\nENV\nMS_MAP_PATTERN "."\nMS_MAPFILE "{mapfile}"\nEND\nEND\n', "utf-8")
    return str(path)


@contextmanager
def _running(
    words: list[str], environment: dict[str, str], stdin: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        words, env=environment, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    family = []
    try:
        yield process
        family = psutil.Process(process.pid).children(recursive=True)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for child in family:
            if child.is_running():
                child.terminate()


def _wait(url: str) -> None:
    end = time.monotonic() + _START_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
