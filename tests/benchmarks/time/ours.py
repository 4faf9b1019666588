"""Graticule's own functions on the catalogue of a benchmark, in this process."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from cog.grids.lattice import CellBox
from cog.series.cogs import Cells, read_points
from config import settings as configuration
from config.declarations.datasets import DatasetDeclaration
from records.database.engine import make_engine
from records.datasets.catalogue import Catalogue
from records.datasets.repository import Repository
from services.ingest.pipeline import ingest
from services.ingest.workers import Workers
from services.selection.opening.series import open_series
from services.selection.selection import SelectionRequest, resolve
from services.serving.database import database
from services.web.context import Context

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from services.selection.opening.series import Series


class Ours:
    """The dataset `et`; a context manager."""

    def __init__(self, data_dir: Path) -> None:
        self.settings = configuration.load()
        assert self.settings.data_dir == data_dir
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        url = self._stack.enter_context(database(self.settings, create=False))
        engine = make_engine(url, self.settings.database)
        self.catalogue = Catalogue(engine)
        self.workers = self._stack.enter_context(Workers(1, limits=self.settings.ingest))
        self.context = Context(settings=self.settings, catalogue=self.catalogue, store=self.settings.store_dir)
        self._series = self.series()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()

    def series(self) -> Series:
        selection = resolve(self.catalogue.dataset("et"), SelectionRequest(), default_times="all")
        return open_series(self.context, selection)

    def point(self, row: int, column: int) -> NDArray[Any]:
        """A point, by the parts."""
        return self._series.points([row], [column]).stored[:, 0]

    def cogs(self, row: int, column: int) -> NDArray[Any]:
        """A point, by the directories of the COGs alone."""
        cells = Cells(rows=np.array([row]), columns=np.array([column]))
        return read_points(self.paths(), cells, self._series.codec)[:, 0]

    def area(self, radius: float) -> NDArray[Any]:
        """The means of a disc in the middle of the grid."""
        grid = self._series.grid
        size = int(radius) * 2 + 1
        top, left = max(0, (grid.height - size) // 2), max(0, (grid.width - size) // 2)
        box = CellBox(top=top, bottom=min(top + size, grid.height), left=left, right=min(left + size, grid.width))
        rows, columns = np.mgrid[: box.rows, : box.columns]
        inside = (rows - box.rows / 2) ** 2 + (columns - box.columns / 2) ** 2 <= radius**2
        return self._series.means(box, inside.astype("float64")).means

    def paths(self) -> list[str]:
        return [str(self.context.store / href) for href in self._series.index.hrefs]

    def parts(self) -> list[str]:
        parts = [part for part in self._series.index.parts if len(part) == 4096]
        return [str(self.context.store / part.href) for part in parts]

    def ingest(self, path: Path) -> None:
        report = ingest(
            [path],
            DatasetDeclaration(),
            repository=Repository(self.catalogue.repository.engine),
            store=self.context.store,
            dataset_id="et",
            workers=self.workers,
        )
        assert not report.refused
