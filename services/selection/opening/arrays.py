"""A selection as a Dask-backed `xarray.DataArray`, for authors of processes.

xarray takes half a second to import: nothing but processes imports this module.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import dask.array as da
import numpy as np
import xarray as xr

from cog.grids.lattice import CellBox
from cog.writers.cf import field_attributes, grid_mapping, horizontal_axes, layer_attributes, time_axis
from cog.writers.cube import CoverageTime
from config.errors import InvalidInput
from config.layers import MEMBER
from services.selection.moments import codec_of
from services.selection.opening.blocks import BLOCK_EDGE, iterate_block_sources
from services.selection.opening.cubes import field_of, layer_axes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from config.grids import Grid
    from records.datasets.models import Variable
    from services.selection.opening.blocks import BlockSource
    from services.selection.selection import Selection
    from services.web.context import Context

MAPPING: Final = "spatial_ref"
"""Name of the coordinate that holds the CRS (CF 5.6)."""
_NAMES: Final = ("time", "member", "level", "band", "y", "x")
_SINGLE: Final = np.dtype("float32")

_Place = tuple[int, int, int]
"""(number of the time, of the member, of the level)."""


def data_array(context: Context, selection: Selection) -> xr.DataArray:
    """Open a selection as an array of physical values, read block by block when it is computed.

    Dimensions are `time` (if the dataset has times), `member` and `level` (if the variable has them), `band` (if it has
    several), `y` and `x`; chunks hold one time, member, level and band and at most BLOCK_EDGE rows and columns. Values
    are float32 where that holds the stored ones exactly, else float64; NaN means no data. Coordinates are times in the
    calendar of the dataset, members, levels, bands from 1, cell centres with CF attributes, and `spatial_ref` with the
    CRS.

    Raises:
        GranuleNotFound: if the selection means no time.
        InvalidInput: if its times lie on different grids, or the cells of the parts of one do not meet.
    """
    sources = list(iterate_block_sources(context, selection))
    grid = sources[0].grid
    if not all(source.grid.matches(grid) for source in sources):
        raise InvalidInput(f"the granules of {selection.name} have different grids; ask for one time at a time")
    keys = list(dict.fromkeys(source.key for source in sources))
    levels: Sequence[str | None] = selection.levels or (None,)
    members: Sequence[str | None] = selection.members or (None,)
    times, heights, numbers = _numbers(keys), _numbers(levels), _numbers(members)
    by_place = {(times[one.key], numbers[one.member], heights[one.level]): one for one in sources}
    coordinates = _time(selection, keys) | _layers(selection) | _band(selection.variable) | _space(grid)
    shape = (len(keys), len(members), len(levels), selection.variable.band_count)
    cells = _cells(by_place, shape, grid, _dtype(selection.variable))
    absent = tuple(number for number, name in enumerate(_NAMES) if name not in coordinates)
    return xr.DataArray(
        da.squeeze(cells, axis=absent),
        dims=[name for name in _NAMES if name in coordinates],
        coords=coordinates,
        name=selection.variable.id,
        attrs=_attributes(selection.variable),
    )


def _numbers[T](values: Sequence[T]) -> dict[T, int]:
    return {value: number for number, value in enumerate(values)}


def _cells(
    by_place: Mapping[_Place, BlockSource], shape: tuple[int, int, int, int], grid: Grid, dtype: np.dtype[Any]
) -> da.Array:
    """The cells of all times, members, levels and bands as (time, member, level, band, row, column)."""
    chunks = (
        *((1,) * count for count in shape),
        da.core.normalize_chunks(BLOCK_EDGE, (grid.height,))[0],
        da.core.normalize_chunks(BLOCK_EDGE, (grid.width,))[0],
    )
    cells: da.Array = da.map_blocks(
        partial(_read, dict(by_place), dtype), chunks=chunks, dtype=dtype, meta=np.empty((0,) * len(_NAMES), dtype)
    )
    return cells


def _read(
    by_place: Mapping[_Place, BlockSource], dtype: np.dtype[Any], *, block_info: Any = None
) -> NDArray[np.floating[Any]]:
    """Read one chunk: NaN where there is no granule."""
    (time, _), (member, _), (level, _), (band, _), (top, bottom), (left, right) = block_info[None]["array-location"]
    source = by_place.get((time, member, level))
    if source is None:
        return np.full((1, 1, 1, 1, bottom - top, right - left), np.nan, dtype)
    block = source.read(CellBox(top=top, bottom=bottom, left=left, right=right), band=band + 1)
    return block.physical().astype(dtype, copy=False)[np.newaxis, np.newaxis, np.newaxis, np.newaxis]


def _dtype(variable: Variable) -> np.dtype[Any]:
    """The floating type of physical values: single precision where the stored type fits into it."""
    is_single = not variable.is_packed and np.can_cast(np.dtype(variable.dtype), _SINGLE)
    return _SINGLE if is_single else np.dtype("float64")


def _time(selection: Selection, keys: Sequence[int | None]) -> dict[str, Any]:
    """The times, decoded by xarray: `datetime64` of standard calendars within its range, else `cftime`."""
    if selection.dataset.time is None or keys == [None]:
        return {}
    calendar = selection.dataset.time.calendar
    steps = [CoverageTime(label="", key=key, start_key=None, end_key=None) for key in keys if key is not None]
    axis = time_axis(steps, calendar)
    attributes = {"units": axis.units, "calendar": axis.calendar, "standard_name": "time", "axis": "T"}
    return {"time": xr.decode_cf(xr.Dataset(coords={"time": ("time", axis.values, attributes)}))["time"]}


def _layers(selection: Selection) -> dict[str, Any]:
    coordinates = {}
    for axis in layer_axes(selection):
        values = axis.labels if axis.values is None else axis.values
        name = MEMBER if axis.is_of_members else "level"
        coordinates[name] = (name, list(values), layer_attributes(axis))
    return coordinates


def _band(variable: Variable) -> dict[str, Any]:
    count = variable.band_count
    return {} if count == 1 else {"band": ("band", list(range(1, count + 1)))}


def _space(grid: Grid) -> dict[str, Any]:
    y, x = horizontal_axes(grid)
    return {
        "y": ("y", y.values, y.attributes),
        "x": ("x", x.values, x.attributes),
        MAPPING: ((), 0, grid_mapping(grid)),
    }


def _attributes(variable: Variable) -> dict[str, Any]:
    """CF attributes of the physical values."""
    field = field_of(variable, codec=codec_of(variable), method="nearest")
    attributes = field_attributes(field)
    for packing in ("scale_factor", "add_offset"):
        attributes.pop(packing, None)
    return attributes | {"grid_mapping": MAPPING}
