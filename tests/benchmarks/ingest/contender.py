"""One contender in a process of its own: converts, then prints what it took as JSON on its last line.

`python -m tests.benchmarks.ingest.contender graticule|rio-cogeo` with a JSON object on standard input.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import psutil

SECONDS = 60
"""After which rio-cogeo begins no further step; what it took is then reckoned up to all of them."""


def graticule(work: dict[str, Any]) -> dict[str, float]:
    """Ingest; the conversion is from its first announcement to its last."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    from cog import gdal
    from config.declarations.datasets import parse_declaration
    from records.database.engine import driver_url
    from records.datasets.repository import Repository
    from services.ingest.models import Progress
    from services.ingest.pipeline import ingest

    gdal.configure()
    moments: list[tuple[float, float]] = []

    def listener(progress: Progress) -> None:
        if progress.stage == "converting":
            moments.append((time.monotonic(), cpu()))

    repository = Repository(create_engine(driver_url(work["url"]), poolclass=NullPool))
    declaration = parse_declaration(work["declaration"], name="benchmark")
    store = Path(work["store"])
    report = ingest([Path(work["source"])], declaration, repository=repository, store=store, listener=listener)
    assert not report.refused, report
    (began, before), (ended, after) = moments[0], moments[-1]
    return {"wall": ended - began, "cpu": after - before, "bands": work["bands"]}


def rio_cogeo(work: dict[str, Any]) -> dict[str, float]:
    """What `rio cogeo create` does, for each band, without the start of an interpreter for each.

    It begins no further band after so many seconds, and only the file of the first is kept: disk and time are bounded.
    """
    from rio_cogeo.cogeo import cog_translate
    from rio_cogeo.profiles import cog_profiles

    warnings.simplefilter("ignore")
    profile = cog_profiles.get(work["profile"]) | work["options"]
    config = {"GDAL_NUM_THREADS": "ALL_CPUS", "GDAL_TIFF_INTERNAL_MASK": True}
    config["GDAL_TIFF_OVR_BLOCKSIZE"] = str(profile["blockxsize"])
    began, before = time.monotonic(), cpu()
    size = done = 0
    while done < work["bands"] and time.monotonic() - began < SECONDS:
        done += 1
        target = Path(work["store"]) / f"{done}.tif"
        cog_translate(
            work["name"],
            str(target),
            profile | {"bigtiff": "IF_SAFER"},
            indexes=[done],
            overview_resampling=work["resampling"],
            config=config,
            quiet=True,
        )
        size += target.stat().st_size
        if done > 1:
            target.unlink()
    return {"wall": time.monotonic() - began, "cpu": cpu() - before, "bands": done, "size": size}


def cpu() -> float:
    """CPU seconds of this process and of those that it has started and that still run."""
    family = (psutil.Process(), *psutil.Process().children())
    return sum(times.user + times.system for times in (process.cpu_times() for process in family))


def main() -> None:
    """Run one contender."""
    contender = {"graticule": graticule, "rio-cogeo": rio_cogeo}[sys.argv[1]]
    sys.stdout.write(json.dumps(contender(json.load(sys.stdin))) + "\n")


if __name__ == "__main__":
    main()
