"""The demo datasets as xarray and h5py read their sources: an oracle that shares no code with the product."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cftime
import h5py
import iris_sample_data
import numpy as np
import pvlib
import xarray as xr

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Oracle:
    """A source's own values.

    Attributes:
        x: Column centres in the source's order; degrees east (any turn) or metres.
        y: Row centres in the source's order.
        labels: Time labels in order; [None] without time.
        stored: (row, column) stored values of step i in the source's order.
        fill: Stored value that means no data, or None.
        factor: physical = stored * factor + addend.
        addend: See `factor`.
    """

    variable: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    labels: list[str | None]
    stored: Callable[[int], NDArray[Any]]
    geographic: bool = True
    fill: float | None = None
    factor: float = 1.0
    addend: float = 0.0

    def at(self, step: int, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[Any]:
        """Stored values (len(y), len(x)) at the source cells whose centres are nearest to x and y."""
        values = self.stored(step)
        return np.asarray(values.take(self._nearest_y(y), axis=0).take(self._nearest_x(x), axis=1))

    def _nearest_y(self, y: NDArray[np.float64]) -> NDArray[np.intp]:
        return _nearest(self.y, y, tolerance=abs(self.y[1] - self.y[0]) * 0.01)

    def _nearest_x(self, x: NDArray[np.float64]) -> NDArray[np.intp]:
        tolerance = abs(self.x[1] - self.x[0]) * 0.01
        return _nearest(self.x, x, tolerance=tolerance, modulo=360.0 if self.geographic else None)


def _nearest(
    centres: NDArray[np.float64], asked: NDArray[np.float64], *, tolerance: float, modulo: float | None = None
) -> NDArray[np.intp]:
    """The index of the centre nearest to each asked coordinate, which must be within the tolerance."""
    if modulo is not None:
        centres, asked = centres % modulo, asked % modulo
    order = np.argsort(centres)
    turns = (-modulo, 0.0, modulo) if modulo is not None else (0.0,)
    axis = np.concatenate([centres[order] + turn for turn in turns])
    right = np.searchsorted(axis, asked).clip(1, len(axis) - 1)
    near = np.where(asked - axis[right - 1] < axis[right] - asked, right - 1, right)
    distance = np.abs(axis[near] - asked)
    assert (distance <= tolerance).all(), f"no source cell has its centre at {asked[distance > tolerance][0]}"
    return order[near % len(order)]


def oracles() -> dict[str, Oracle]:
    """An oracle for each demo dataset, by its id."""
    return {
        "linke-turbidity": _turbidity(),
        "altitude": _altitude(),
        "sea-surface-temperature": _netcdf("ostia_monthly.nc", "surface_temperature", 1.0000000200408773e20),
        "air-temperature-a1b": _netcdf("A1B_north_america.nc", "air_temperature", None),
        "toa-brightness-temperature": _netcdf(
            "toa_brightness_stereographic.nc", "data", -1073741824.0, served_as="toa_brightness_temperature"
        ),
    }


def _pvlib(name: str) -> Path:
    return Path(pvlib.__file__).parent / "data" / name


def _five_minutes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres of a global 5 arc minute grid, from 180W eastward and from 90N southward."""
    return (np.arange(4320) + 0.5) / 12 - 180, 90 - (np.arange(2160) + 0.5) / 12


def _turbidity() -> Oracle:
    with h5py.File(_pvlib("LinkeTurbidities.h5")) as file:
        values = np.ascontiguousarray(np.moveaxis(file["LinkeTurbidity"][:], -1, 0))
    x, y = _five_minutes()
    return Oracle(
        variable="linke_turbidity",
        x=x,
        y=y,
        labels=[f"2003-{month:02d}" for month in range(1, 13)],
        stored=lambda step: values[step],
        factor=1 / 20,
    )


def _altitude() -> Oracle:
    with h5py.File(_pvlib("Altitude.h5")) as file:
        values = file["Altitude"][:]
    x, y = _five_minutes()
    return Oracle(
        variable="altitude", x=x, y=y, labels=[None], stored=lambda _: values, fill=255, factor=28.0, addend=-450.0
    )


def _netcdf(name: str, variable: str, fill: float | None, *, served_as: str | None = None) -> Oracle:
    path = Path(iris_sample_data.path) / name
    with xr.open_dataset(path, decode_cf=False) as dataset:
        field = dataset[variable].load()
        times = dataset["time"].load()
    vertical, horizontal = field.dims[-2:]
    geographic = vertical == "latitude"
    moments = cftime.num2date(np.atleast_1d(times.values), times.attrs["units"], times.attrs["calendar"])
    return Oracle(
        variable=served_as or variable,
        x=field[horizontal].values.astype("float64"),
        y=field[vertical].values.astype("float64"),
        labels=[f"{m:%Y-%m-%dT%H:%M:%S}Z" for m in moments],
        stored=lambda step: field.values[step] if field.ndim == 3 else field.values,
        geographic=geographic,
        fill=fill,
    )
