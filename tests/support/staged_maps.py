"""A process of another package: it writes a map for each time of a collection, doubled, and answers where they are."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import rasterio

from services.access.guards import require_readable
from services.access.principal import ANONYMOUS
from services.selection.opening.blocks import block_sources
from services.selection.selection import SelectionRequest, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from services.compute.staging import StagedFile
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.selection.opening.blocks import BlockSource
    from services.web.context import Context

TEXT = {"type": "string"}


def publish(folder: Path) -> Path:
    """Publish the process as an installed package does, by an entry point; returns the folder to import from."""
    metadata = folder / "staged_maps-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: staged-maps\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[graticule.processes]\ndouble = tests.support.staged_maps:Double\n")
    return folder


@dataclass(frozen=True, kw_only=True)
class Doubling:
    """One time."""

    source: BlockSource
    pause: float
    cells: int


@dataclass(frozen=True, kw_only=True)
class Doublings:
    """All times."""

    parts: tuple[Doubling, ...]


class Double:
    """Doubles values; after each map but the first it pauses."""

    description: ClassVar[Mapping[str, Any]] = {
        "id": "double",
        "version": "1.0.0",
        "title": "Double",
        "description": "Doubles values.",
        "jobControlOptions": ["async-execute"],
        "outputTransmission": ["value"],
        "inputs": {
            "collection": {"title": "Collection", "schema": TEXT, "minOccurs": 1, "maxOccurs": 1},
            "pause": {"title": "Pause", "schema": {"type": "number"}, "minOccurs": 0, "maxOccurs": 1},
        },
        "outputs": {"maps": {"title": "Maps", "schema": {"type": "array", "items": {"type": "object"}}}},
    }

    def require(self, request: ExecuteRequest, context: Context) -> None:
        """Nothing."""

    def plan(self, request: ExecuteRequest, environment: Environment) -> Doublings:
        """A part for each time."""
        inputs = request.inputs
        dataset, _ = require_readable(environment.context, ANONYMOUS, inputs["collection"])
        selection = resolve(dataset, SelectionRequest(), default_times="all")
        sources = block_sources(environment.context, [selection], most_times=10)
        pauses = [0.0, *[float(inputs.get("pause", 0))] * (len(sources) - 1)]
        return Doublings(
            parts=tuple(
                Doubling(source=source, pause=pause, cells=source.whole.cells)
                for source, pause in zip(sources, pauses, strict=True)
            )
        )

    def part(self, part: Doubling, environment: Environment) -> StagedFile:
        """Write the map of one time."""
        time.sleep(part.pause)
        return environment.staging.write("map.tif", lambda path: _write(part.source, path))

    def combine(
        self, request: ExecuteRequest, plan: Doublings, results: Sequence[StagedFile], environment: Environment
    ) -> Mapping[str, Any]:
        """Answer with the references."""
        del request, plan, environment
        return {"maps": [asdict(result) for result in results]}


def _write(source: BlockSource, path: Path) -> None:
    grid = source.grid
    profile: dict[str, Any] = {"driver": "GTiff", "count": 1, "dtype": "float64", "nodata": np.nan}
    with rasterio.open(
        path, "w", width=grid.width, height=grid.height, transform=rasterio.Affine(*grid.transform), **profile
    ) as file:
        for block in source.blocks():
            window = rasterio.windows.Window(block.box.left, block.box.top, block.box.columns, block.box.rows)
            file.write(2 * block.physical(), 1, window=window)
