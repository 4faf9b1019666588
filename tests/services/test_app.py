"""What a server's process sets up, and what an application made with settings leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys

SCRIPT = """
import json, os
from services.app import create_app
create_app()
print(json.dumps({name: value for name, value in os.environ.items() if name.startswith(("GDAL_", "PROJ_"))}))
"""


def test_a_servers_process_sets_gdals_options_and_forgets_foreign_ones() -> None:
    foreign = {"GDAL_HTTP_PROXY": "http://proxy.example", "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE"}
    environment = {**os.environ, **foreign, "GRATICULE_GDAL_CACHE_MB": "77"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    found = json.loads(done.stdout)
    assert "GDAL_HTTP_PROXY" not in found
    assert found["GDAL_DISABLE_READDIR_ON_OPEN"] == "EMPTY_DIR"
    assert found["GDAL_CACHEMAX"] == "77"
    assert found["PROJ_NETWORK"] == "OFF"
