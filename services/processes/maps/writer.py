"""Writing maps: cells go to a scratch file, and become a COG in the staging area when all are there."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from cog.convert.computed import write_computed
from cog.statistics.packing import pack
from config.times import label_to_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cog.convert.models import Converted
    from cog.grids.lattice import CellBox
    from cog.sources.models import TimeStep
    from config.grids import Grid
    from services.compute.staging import StagedFile, StagingArea
    from services.processes.maps.quantity import MapQuantity


@dataclass(frozen=True, kw_only=True)
class StagedMap:
    """A finished map in the staging area: a reference of a few kilobytes, which travels instead of the cells.

    Attributes:
        quantity: Id of its quantity.
        time: Its time; None where it has none.
        file: The COG.
        statistics: Those of its cells (`cog.statistics.packing`).
    """

    quantity: str
    time: TimeStep | None
    file: StagedFile
    statistics: bytes


class MapWriter:
    """Takes the cells of some quantities on one grid box by box, in any order; cells that are not put are no data.

    Args:
        folder: For scratch files, on the disk of the store: cells take no memory beyond the system's file cache.
        staging: Where the COGs go.
        grid: The grid of all quantities.
        quantities: The quantities.
    """

    def __init__(self, folder: Path, staging: StagingArea, grid: Grid, quantities: Sequence[MapQuantity]) -> None:
        self._staging, self._grid = staging, grid
        self._quantities = {quantity.id: quantity for quantity in quantities}
        self._cells = {id_: self._blank(folder / f"{id_}.cells") for id_ in self._quantities}

    @classmethod
    @contextmanager
    def open(cls, staging: StagingArea, grid: Grid, quantities: Sequence[MapQuantity]) -> Iterator[Self]:
        """A writer whose scratch files are gone afterwards."""
        with staging.scratch() as folder:
            yield cls(folder, staging, grid, quantities)

    def _blank(self, path: Path) -> NDArray[np.float32]:
        cells = np.memmap(path, dtype="float32", mode="w+", shape=(self._grid.height, self._grid.width))
        cells[:] = np.nan
        return cells

    def put(self, quantity: str, box: CellBox, values: NDArray[np.floating]) -> None:
        """Take the (row, column) values of a box of the grid, NaN for no data; infinite values become no data."""
        cells = self._cells[quantity]
        cells[box.slices] = np.where(np.isfinite(values), values, np.nan)

    def finish(self, time: TimeStep | None, *, tags: dict[str, str] | None = None) -> list[StagedMap]:
        """Write a COG of each quantity; the writer may be used again for another time, and begins with its cells.

        Args:
            time: The time of the cells.
            tags: Further tags of the files.
        """
        return [self._finish(id_, time, tags or {}) for id_ in self._quantities]

    def _finish(self, id_: str, time: TimeStep | None, tags: dict[str, str]) -> StagedMap:
        written: list[Converted] = []
        variable = self._quantities[id_].variable(self._grid)

        def write(path: Path) -> None:
            written.append(write_computed(path, variable, self._cells[id_], time=time, tags=tags))

        name = f"{id_}-{label_to_path(time.label)}.tif" if time else f"{id_}.tif"
        file = self._staging.write(name, write)
        return StagedMap(quantity=id_, time=time, file=file, statistics=pack(written[0].statistics))
