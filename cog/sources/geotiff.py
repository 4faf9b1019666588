"""GeoTIFF: one variable a band."""

from __future__ import annotations

import re
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from cog.models import SourceClass, SourceDescription, SourceVariable, TimeStep
from cog.sources.calendars import declared_steps
from cog.sources.crs import grid_crs
from cog.sources.declared import chosen, declared_grid, fits, require_storable
from cog.sources.layout import CellRules, Layout, normalise
from config.datasets import DatasetDeclaration, VariableDeclaration
from config.errors import SourceRefused
from config.grids import Grid

DRIVER = "GTiff"
"""The only GDAL driver that may open a source: no VRT, no network format."""


class GeotiffSource:
    """An open GeoTIFF."""

    def __init__(self, path: Path, declaration: DatasetDeclaration) -> None:
        self._path = path
        self._closing = ExitStack()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                self._file = self._closing.enter_context(rasterio.open(path, driver=DRIVER, sharing=False))
        except RasterioError as error:
            raise SourceRefused(path, f"GDAL cannot open it: {error}", "check that the file is whole") from error
        try:
            self._describe(declaration)
        except BaseException:
            self.close()
            raise

    def _describe(self, declaration: DatasetDeclaration) -> None:
        self._require_plain()
        grid, notes = self._stored_grid(declaration)
        self._grid, self._layout, moves = normalise(grid)
        self._bands = {self._band_name(band): band for band in self._file.indexes}
        wanted, skipped = chosen(list(self._bands), declaration, path=self._path)
        steps: tuple[TimeStep | None, ...] = (None,)
        if declaration.time is not None:
            steps = declared_steps(declaration.time, 1, path=self._path)
        self._rules: dict[str, CellRules] = {}
        climatology = declaration.time is not None and declaration.time.climatology
        variables = [self._variable(n, d, steps, (*notes, *moves), climatology=climatology) for n, d in wanted]
        self.description = SourceDescription(
            path=str(self._path),
            format="GeoTIFF",
            variables=tuple(variables),
            skipped=tuple(skipped),
            attributes={k: str(v) for k, v in self._file.tags().items() if len(str(v)) <= 4000},  # noqa: PLR2004
        )

    def _require_plain(self) -> None:
        file, path = self._file, self._path
        if file.gcps[0] or file.rpcs is not None:
            raise SourceRefused(path, "is placed by ground control points or RPCs", "warp it to a grid with gdalwarp")
        if file.transform.b or file.transform.d:
            raise SourceRefused(path, "its grid is rotated", "warp it to a north-up grid with gdalwarp")
        if ColorInterp.alpha in file.colorinterp or any(MaskFlags.per_dataset in m for m in file.mask_flag_enums):
            raise SourceRefused(path, "has an alpha band or a mask", "turn it into a no-data value with gdal_translate")
        if file.count >= 3 and ColorInterp.red in file.colorinterp:  # noqa: PLR2004 - red, green, blue
            raise SourceRefused(path, "is a colour image, not a measured quantity", "give its measured bands instead")

    def _stored_grid(self, declaration: DatasetDeclaration) -> tuple[Grid, tuple[str, ...]]:
        file = self._file
        declared = declared_grid(declaration, width=file.width, height=file.height, path=self._path)
        if declared is not None:
            return declared
        if file.crs is None or file.transform.is_identity:
            raise SourceRefused(self._path, "it has no georeference", "declare `grid`: crs, origin and cell")
        code = file.crs.to_epsg(confidence_threshold=100)
        crs = pyproj.CRS.from_epsg(code) if code else pyproj.CRS.from_wkt(file.crs.to_wkt())
        text, notes = grid_crs(crs, path=self._path)
        a, b, c, d, e, f = file.transform[:6]
        return Grid(crs=text, transform=(a, b, c, d, e, f), width=file.width, height=file.height), notes

    def _band_name(self, band: int) -> str:
        if self._file.count == 1:
            return self._file.descriptions[0] or re.sub(r"\W+", "_", self._path.stem).strip("_") or "band_1"
        name = self._file.descriptions[band - 1] or f"band_{band}"
        repeated = self._file.descriptions[: band - 1].count(self._file.descriptions[band - 1])
        return f"{name}_{band}" if repeated and self._file.descriptions[band - 1] else name

    def _variable(
        self,
        name: str,
        said: VariableDeclaration | None,
        steps: tuple[TimeStep | None, ...],
        notes: tuple[str, ...],
        *,
        climatology: bool,
    ) -> SourceVariable:
        file, band = self._file, self._bands[name]
        said = said or VariableDeclaration()
        dtype = np.dtype(file.dtypes[band - 1])
        require_storable(dtype, self._grid, name=name, path=self._path)
        nodata = file.nodatavals[band - 1] if said.fill is None else said.fill
        if nodata is not None and not fits(nodata, dtype.name):
            nodata, notes = None, (*notes, f"The no-data value {nodata!r} fits no {dtype.name} cell and was dropped.")
        if nodata is None and dtype.kind == "f":
            nodata = float("nan")
        missing = tuple(
            v for v in (file.nodatavals[band - 1],) if v is not None and v != nodata and fits(v, dtype.name)
        )
        self._rules[name] = CellRules(dtype=dtype.name, nodata=nodata, missing=missing, valid=said.valid_range)
        classes = self._palette(band)
        return SourceVariable(
            name=name,
            title=self._file.descriptions[band - 1] or name,
            dtype=dtype.name,
            grid=self._grid,
            nodata=nodata,
            scale=file.scales[band - 1] if said.scale is None else said.scale,
            offset=file.offsets[band - 1] if said.offset is None else said.offset,
            unit=said.unit or file.units[band - 1] or None,
            standard_name=said.standard_name,
            kind=said.kind or ("categorical" if classes or said.classes else "continuous"),
            classes=classes,
            steps=steps,
            climatology=climatology,
            lineage=notes,
        )

    def _palette(self, band: int) -> tuple[SourceClass, ...]:
        if self._file.colorinterp[band - 1] is not ColorInterp.palette:
            return ()
        entries = self._file.colormap(band).items()
        return tuple(SourceClass(value=value, color=(r, g, b, a)) for value, (r, g, b, a) in entries)

    def read(self, variable: str, step: int, *, rows: tuple[int, int]) -> NDArray[Any]:
        """See `cog.sources.protocol.Source`."""
        del step  # a GeoTIFF has one
        band, width = self._bands[variable], self._file.width

        def stored(first: int, last: int) -> NDArray[Any]:
            return np.asarray(self._file.read(band, window=Window(0, first, width, last - first)))

        try:
            return self._rules[variable].clean(Layout.read(self._layout, stored, rows))
        except RasterioError as error:
            cause = f"rows {rows[0]} to {rows[1]} of {variable} cannot be read: {error}"
            raise SourceRefused(self._path, cause, "check that the file is whole") from error

    def close(self) -> None:
        """Release the file."""
        self._closing.close()

    def __enter__(self) -> Self:
        """The source itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close it."""
        self.close()
