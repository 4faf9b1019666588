"""A generated daily product: evapotranspiration in hundredths of a millimetre, 39 % of the cells without data.

A seasonal cycle times a static pattern, smooth weather that lasts some days, texture, and noise. Any day can be made by
itself, the same in each run.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import netCDF4
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

FIRST = datetime(1990, 1, 1, tzinfo=UTC)
DAYS = 12_418
"""1990 to 2023."""
_PATTERNS = 16
_BIG = 512


class Product:
    """The product on a grid of so many cells."""

    def __init__(self, *, rows: int = 212, columns: int = 348) -> None:
        self.rows, self.columns = rows, columns

    @cached_property
    def _static(self) -> tuple[NDArray[Any], ...]:
        random = np.random.default_rng(7)
        shape, scale = (self.rows, self.columns), self.columns / 1390
        base = 1.6 + 0.6 * _smooth(random, *shape, 60 * scale) + 0.25 * _smooth(random, *shape, 6)
        amplitude = 1.4 + 0.4 * _smooth(random, *shape, 60 * scale) + 0.15 * _smooth(random, *shape, 6)
        height = _smooth(random, *shape, 90 * scale)
        weather = np.stack([_smooth(random, *shape, 25 * max(scale, 0.4)) for _ in range(_PATTERNS)])
        noise = random.standard_normal((self.rows + _BIG, self.columns + _BIG)).astype("float32")
        return base, amplitude, height > np.quantile(height, 0.39), weather, noise

    def day(self, number: int) -> NDArray[np.float32]:
        """The values of a day, counted from 0, in mm; NaN where there are no data."""
        base, amplitude, has_data, weather, noise = self._static
        random = np.random.default_rng([7, number])
        phases = np.random.default_rng(8).uniform(0, 2 * np.pi, _PATTERNS)
        weights = 0.12 * np.sin(phases + number / np.linspace(2, 30, _PATTERNS)).astype("float32")
        field = base + amplitude * np.float32(np.sin(2 * np.pi * (number / 365.25 - 0.3)))
        field += np.tensordot(weights, weather, 1)
        down, right = random.integers(0, _BIG, 2)
        field += np.float32(0.04) * noise[down : down + self.rows, right : right + self.columns]
        hundredths = np.rint(np.clip(field, 0, None) * 100)
        return np.where(has_data, (hundredths / 100).astype("float32"), np.float32("nan"))

    def write(self, folder: Path, *, days: int = DAYS) -> list[Path]:
        """Write one NetCDF a year, as such products are distributed; returns the files."""
        folder.mkdir(parents=True, exist_ok=True)
        return [self.write_days(folder / f"et_{year}.nc", numbers) for year, numbers in _years(days)]

    def write_days(self, path: Path, numbers: range) -> Path:
        """Write some days as one NetCDF."""
        with netCDF4.Dataset(path, "w") as file:
            file.setncatts({"Conventions": "CF-1.11", "title": "Generated evapotranspiration"})
            for name, size in (("time", None), ("lat", self.rows), ("lon", self.columns)):
                file.createDimension(name, size)
            time = file.createVariable("time", "f8", ("time",))
            time.setncatts({"units": "days since 1990-01-01", "calendar": "standard", "standard_name": "time"})
            self._write_axes(file)
            values = file.createVariable(
                "et",
                "f4",
                ("time", "lat", "lon"),
                fill_value=np.float32("nan"),
                compression="zlib",
                complevel=4,
                chunksizes=(1, self.rows, self.columns),
            )
            values.setncatts({"units": "mm", "long_name": "evapotranspiration"})
            for place, number in enumerate(numbers):
                values[place], time[place] = self.day(number), number
        return path

    def _write_axes(self, file: netCDF4.Dataset) -> None:
        axes = (("lat", "latitude", "degrees_north", 40.0, -0.04, self.rows),)
        axes += (("lon", "longitude", "degrees_east", 89.0, 0.04, self.columns),)
        for name, standard_name, units, start, step, count in axes:
            axis = file.createVariable(name, "f8", (name,))
            axis.setncatts({"standard_name": standard_name, "units": units})
            axis[:] = start + step * (np.arange(count) + 0.5)


def date_of(number: int) -> str:
    """The date of a day."""
    return f"{FIRST + timedelta(days=number):%Y-%m-%d}"


def _years(days: int) -> Iterator[tuple[int, range]]:
    start = 0
    while start < days:
        year = (FIRST + timedelta(days=start)).year
        stop = (datetime(year + 1, 1, 1, tzinfo=UTC) - FIRST).days
        yield year, range(start, min(stop, days))
        start = stop


def _smooth(random: np.random.Generator, rows: int, columns: int, scale: float) -> NDArray[np.float32]:
    """A random field of mean 0 and deviation 1, smooth over `scale` cells."""
    down, right = np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None]
    spectrum = np.fft.rfft2(random.standard_normal((rows, columns)))
    spectrum *= np.exp(-2 * (np.pi * scale) ** 2 * (down**2 + right**2))
    field = np.fft.irfft2(spectrum, (rows, columns))
    return ((field - field.mean()) / field.std()).astype("float32")
