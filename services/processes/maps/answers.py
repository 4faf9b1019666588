"""Maps in the answer of a process: links to files, never cells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cog.statistics.packing import unpack
from config.vocabulary import COG
from records.datasets.assets.file_links import asset_url
from services.processes.maps.plot import plot_maps
from services.processes.maps.publication import Lineage, dataset_of_maps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.grids import Grid
    from records.datasets.models import Asset
    from services.processes.maps.quantity import MapQuantity
    from services.processes.maps.writer import StagedMap
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest


def answer_maps(
    maps: Sequence[StagedMap],
    quantities: Sequence[MapQuantity],
    grid: Grid,
    *,
    publish: Mapping[str, Any] | None,
    lineage: Lineage,
    environment: Environment,
    request: ExecuteRequest | None = None,
) -> dict[str, Any]:
    """The outputs by id of quantity: links to the maps, which become a dataset if that is asked for.

    A request that names the output `plot` gets a picture of the maps too.

    Files of a job are served at `/jobs/{id}/files/...` until the job is removed; those of a dataset are its assets.
    """
    base = environment.context.settings.base_url
    plots: dict[str, Any] = {}
    if request is not None and "plot" in request.outputs and maps:
        plots["plot"] = plot_maps(maps, quantities, grid, request, environment)
    assets: dict[tuple[str, str | None], Asset] = {}
    if publish:
        dataset = dataset_of_maps(publish, maps, quantities, grid, lineage, environment)
        assets = {
            (each.quantity, each.time.label if each.time else None): asset
            for each, asset in zip(maps, dataset.assets, strict=True)
        }
        shared: dict[str, Any] = {"collection": f"{base}/collections/{publish['id']}"}
    else:
        days = environment.context.settings.limit.job_days
        shared = {"expires": expiry(days)}
    outputs: dict[str, Any] = plots
    for quantity in quantities:
        own = [each for each in maps if each.quantity == quantity.id]
        links = [_link(base, each, assets) for each in own]
        outputs[quantity.output or quantity.id] = {
            "variable": quantity.id,
            "title": quantity.title,
            "unit": quantity.unit,
            "maps": links,
            "grid": grid.to_json(),
            "lineage": lineage.sentences,
            **shared,
        }
    return outputs


def expiry(days: float) -> str:
    """When the files of a job that ends now are removed, in UTC."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _link(base: str, staged: StagedMap, assets: Mapping[tuple[str, str | None], Asset]) -> dict[str, Any]:
    """The link to a map: to its asset where it becomes one, else to the file of the job."""
    time = staged.time
    asset = assets.get((staged.quantity, time.label if time else None))
    if asset is None:
        part, name = PurePosixPath(staged.file.href).parts[-2:]
        job = PurePosixPath(staged.file.href).parts[-3]
        href = f"{base}/jobs/{job}/files/{part}/{quote(name)}"
    else:
        href = asset_url(base, asset)
    times = {} if time is None else {"time": time.label, "start": time.start, "end": time.end}
    return {
        "href": href,
        "type": COG,
        **{name: value for name, value in times.items() if value is not None},
        "bytes": staged.file.size,
        "sha256": staged.file.sha256,
        "statistics": _statistics(staged.statistics),
    }


def _statistics(packed: bytes) -> dict[str, Any]:
    statistics = unpack(packed)
    assert statistics is not None
    moments = statistics.moments
    values = (
        {"minimum": moments.minimum, "maximum": moments.maximum, "mean": moments.mean, "stddev": moments.stddev}
        if statistics.count
        else {}
    )
    return {"cells": statistics.cells, "valid": statistics.count, **values}
