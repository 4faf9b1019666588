"""The share of times above a threshold, of a block of values that needs no server."""

import numpy as np
from graticule_exceedance.process import ExceedancePart, _share

from cog.grids.lattice import CellBox
from config.grids import CRS84, Grid


class Cells:
    """Stands for cells that are read."""

    def __init__(self, values: list[list[float]]) -> None:
        self.values = np.array(values, dtype="float64")

    def read(self, box: CellBox) -> np.ndarray:
        """The values of a box."""
        return self.values[box.slices]


def test_cells_without_data_do_not_count() -> None:
    """A share is of the times with data."""
    grid = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 1.0), width=3, height=1)
    times = (Cells([[1, 5, np.nan]]), Cells([[5, np.nan, np.nan]]))
    part = ExceedancePart(times=times, threshold=2.0, grid=grid, cells=6)
    share = _share(part, CellBox(top=0, bottom=1, left=0, right=3))
    assert share[0, :2].tolist() == [0.5, 1.0]
    assert np.isnan(share[0, 2])
