"""A stock pygeoapi in a process of its own, configured as docs/pygeoapi.md shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import DaskSettings

ROOT = Path(__file__).parents[2]
START_S = 100


def documented_configuration() -> dict[str, Any]:
    """The configuration in the documentation."""
    page = (ROOT / "docs" / "pygeoapi.md").read_text("utf-8")
    block = re.search(r"^```yaml\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    assert block is not None
    configuration: dict[str, Any] = yaml.safe_load(block[1])
    return configuration


def configuration(database_url: str, store: Path, dask: DaskSettings) -> dict[str, Any]:
    """The documented configuration with the addresses of a test."""
    document = documented_configuration()
    manager, provider = document["server"]["manager"], document["resources"]["records"]["providers"][0]
    manager["connection"] = provider["data"] = database_url
    manager["store"] = str(store)
    manager["jobs"] = {"public": True}
    manager["dask"] = {name: getattr(dask, name) for name in manager["dask"]}
    return document


@contextmanager
def stock_pygeoapi(document: dict[str, Any], folder: Path) -> Iterator[str]:
    """The base URL of a pygeoapi that serves a configuration, on a port that it binds itself."""
    config, openapi = folder / "pygeoapi.yml", folder / "openapi.yml"
    config.write_text(yaml.safe_dump(document), "utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GRATICULE_")}
    environment = inherited | {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    generate = [Path(sys.executable).with_name("pygeoapi"), "openapi", "generate", config, "--output-file", openapi]
    subprocess.run(generate, check=True, env=environment, cwd=folder, timeout=START_S, capture_output=True)
    serve = [sys.executable, "-m", "flask", "--app", "pygeoapi.flask_app:APP", "run", "--port", "0"]
    process = subprocess.Popen(
        serve, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    log: list[str] = []
    assert process.stdout is not None  # pygeoapi logs there
    reader = threading.Thread(target=log.extend, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait(timeout=30)
        reader.join(timeout=5)
        process.stdout.close()


def _address(process: subprocess.Popen[str], log: list[str]) -> str:
    end = time.monotonic() + START_S
    while True:
        address = re.search(r"Running on (http://[0-9.:]+)", "".join(log))
        if address is not None:
            return address[1]
        assert process.poll() is None, "".join(log)
        assert time.monotonic() < end, "".join(log)
        time.sleep(0.1)
