"""Rasters that GDAL reads: GeoTIFF, ASCII grids and Erdas Imagine, each by its own driver and no other."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from cog.sources.calendars import declared_steps
from cog.sources.crs import grid_crs
from cog.sources.declared import choose_variables, declared_crs, declared_grid, fits, require_storable, usable_variables
from cog.sources.layout import CellRules, normalise
from cog.sources.models import SourceClass, SourceDescription, SourceVariable, TimeStep
from cog.sources.raster import warping
from cog.sources.raster.bands import BandGroup, band_groups
from cog.sources.raster.masks import value_for_hidden
from config.declarations.datasets import DatasetDeclaration, TimeDeclaration, VariableDeclaration
from config.errors import InvalidParameter, SourceRefused
from config.grids import Grid
from config.times import parse_time

_STRIP_CELLS = 4_000_000
_STANDARD_NAME = re.compile(r"[a-z][a-z0-9_]*_[a-z0-9_]*")
_LEGEND_LINE = re.compile(r"^\s*(\d+)\s+(\S.*?)\s*$", re.MULTILINE)
"""A line of the tag `legend` of land-cover products: value and name."""
_NO_UNIT = ("", "none", "unknown")


@dataclass(frozen=True, kw_only=True)
class RasterDriver:
    """A GDAL driver that may open a source, and the options with which it does. None reads any other file."""

    name: str
    format: str
    options: dict[str, str]


GEOTIFF = RasterDriver(name="GTiff", format="GeoTIFF", options={})
ERDAS = RasterDriver(name="HFA", format="Erdas Imagine", options={})


class RasterFileSource:
    """An open raster file."""

    def __init__(self, path: Path, declaration: DatasetDeclaration, driver: RasterDriver = GEOTIFF) -> None:
        self._path = path
        self._closing = ExitStack()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                dataset = rasterio.open(path, driver=driver.name, sharing=False, **driver.options)
            self._file: DatasetReader = self._closing.enter_context(dataset)
        except RasterioError as error:
            raise SourceRefused(path, f"GDAL cannot open it: {error}", "check that the file is whole") from error
        try:
            self._describe(declaration, driver)
        except BaseException:
            self.close()
            raise

    def _describe(self, declaration: DatasetDeclaration, driver: RasterDriver) -> None:
        self._require_real()
        self._cells, placing = self._place(declaration)
        grid, notes = self._stored_grid(declaration)
        self._grid, self._layout, moves = normalise(grid)
        groups = band_groups(self._file, self._cells, declaration, path=self._path)
        self._groups = {group.name: group for group in groups}
        selection, skipped = choose_variables(list(self._groups), declaration, path=self._path)
        self._rules: dict[str, CellRules] = {}
        self._masked: set[str] = set()
        lineage = (*placing, *notes, *moves)
        variables, unusable = usable_variables(
            selection,
            lambda name, overrides: self._variable(
                self._groups[name], overrides or VariableDeclaration(), declaration, lineage
            ),
            strict=declaration.strict,
        )
        self.description = SourceDescription(
            path=str(self._path),
            format=driver.format,
            variables=variables,
            unusable=unusable,
            skipped=tuple(skipped),
            attributes={k: str(v) for k, v in self._file.tags().items() if len(str(v)) <= 4000},
        )

    def _require_real(self) -> None:
        """Raise SourceRefused for cells that no service here can show."""
        if any(dtype.startswith("complex") for dtype in self._file.dtypes):
            remedy = "give amplitude and phase, or real and imaginary part, as bands of their own"
            raise SourceRefused(self._path, "complex cells are not ingested", remedy)

    def _place(self, declaration: DatasetDeclaration) -> tuple[DatasetReader | WarpedVRT, tuple[str, ...]]:
        """The raster on a north-up grid: as it is, or warped where that is declared."""
        why = warping.why_no_grid(self._file)
        if why is None or (declaration.grid is not None and declaration.grid.origin is not None):
            return self._file, ()
        if not declaration.warp:
            raise SourceRefused(self._path, why, warping.remedy(self._file))
        cells, note = warping.warped(self._file, self._closing, path=self._path)
        return cells, (note,)

    def _stored_grid(self, declaration: DatasetDeclaration) -> tuple[Grid, tuple[str, ...]]:
        cells, path = self._cells, self._path
        placement = declared_grid(declaration, width=cells.width, height=cells.height, path=path)
        if placement is not None:
            return placement
        if cells.transform.is_identity:
            raise SourceRefused(path, "it has no georeference", "declare `grid`: crs, origin and cell")
        reference = declared_crs(declaration, path=path)
        if reference is None:
            if cells.crs is None:
                cause = "it does not say in which coordinate reference system its cells lie"
                raise SourceRefused(path, cause, "declare `grid: {crs: EPSG:<code>}`")
            code = cells.crs.to_epsg(confidence_threshold=100)
            crs = pyproj.CRS.from_epsg(code) if code else pyproj.CRS.from_wkt(cells.crs.to_wkt())
            reference = grid_crs(crs, path=path)
        a, b, c, d, e, f = cells.transform[:6]
        return Grid(crs=reference[0], transform=(a, b, c, d, e, f), width=cells.width, height=cells.height), reference[
            1
        ]

    def _variable(
        self, group: BandGroup, overrides: VariableDeclaration, declaration: DatasetDeclaration, notes: tuple[str, ...]
    ) -> SourceVariable:
        file, band = self._file, group.bands[0]
        rules, masking = self._cell_rules(group, overrides)
        self._rules[group.name] = rules
        require_storable(np.dtype(rules.dtype), self._grid, name=group.name, path=self._path)
        steps = self._steps(group, declaration)
        climatology = declaration.time is not None and declaration.time.climatology
        if group.role == "rgb":
            return SourceVariable(
                name=group.name,
                title="True colour image",
                dtype=rules.dtype,
                grid=self._grid,
                nodata=rules.nodata,
                kind="rgb",
                band_count=3 + (group.name in self._masked),
                steps=steps,
                climatology=climatology,
                lineage=(*notes, *masking),
            )
        classes = self._palette(band)
        return SourceVariable(
            name=group.name,
            title=self._title(group),
            dtype=rules.dtype,
            grid=self._grid,
            nodata=rules.nodata,
            scale=file.scales[band - 1] if overrides.scale is None else overrides.scale,
            offset=file.offsets[band - 1] if overrides.offset is None else overrides.offset,
            unit=overrides.unit or self._unit(band),
            standard_name=overrides.standard_name or self._standard_name(band),
            kind=overrides.kind or ("categorical" if classes or overrides.classes else "continuous"),
            classes=classes,
            steps=steps,
            climatology=climatology,
            lineage=(*notes, *masking),
        )

    def _cell_rules(self, group: BandGroup, overrides: VariableDeclaration) -> tuple[CellRules, tuple[str, ...]]:
        """The rules for cells without data, by the no-data value and by a mask or alpha band; and notes on them."""
        band = group.bands[0]
        notes: tuple[str, ...] = ()
        dtype = np.dtype(self._file.dtypes[band - 1])
        require_storable(dtype, self._grid, name=group.name, path=self._path)
        file_nodata = self._file.nodatavals[band - 1]
        nodata = file_nodata if overrides.fill is None else overrides.fill
        if nodata is not None and not fits(nodata, dtype.name):
            nodata, notes = None, (f"The no-data value {nodata!r} fits no {dtype.name} cell and was dropped.",)
        name = dtype.name
        masked = MaskFlags.per_dataset in self._cells.mask_flag_enums[band - 1]
        if masked:
            self._masked.add(group.name)
        if masked and group.role == "rgb":
            nodata = None
        elif masked:
            if file_nodata is None or nodata is None:
                visible = (cells for b in group.bands for cells in self._visible(b))
                hidden = value_for_hidden(visible, dtype, fill=overrides.fill, path=self._path)
                name, nodata = hidden.dtype, hidden.value
            notes = (*notes, f"Cells that the source's mask or alpha band hides became no data ({nodata:g}).")
        elif nodata is None and dtype.kind == "f":
            nodata = float("nan")
        missing = (
            (file_nodata,) if file_nodata is not None and file_nodata != nodata and fits(file_nodata, name) else ()
        )
        return CellRules(dtype=name, nodata=nodata, missing=missing, valid=overrides.valid_range), notes

    def _visible(self, band: int) -> Iterator[NDArray[Any]]:
        """The cells of a band that its mask shows, strip by strip."""
        width, height = self._cells.width, self._cells.height
        rows = max(1, _STRIP_CELLS // width)
        for first in range(0, height, rows):
            window = Window(0, first, width, min(rows, height - first))
            yield self._cells.read(band, window=window)[self._cells.read_masks(band, window=window) > 0]

    def _steps(self, group: BandGroup, declaration: DatasetDeclaration) -> tuple[TimeStep | None, ...]:
        time = declaration.time
        if group.role == "times" and (time is None or not (time.labels or time.pattern)):
            labels = [self._file.descriptions[b - 1] or "" for b in group.bands]
            if not all(labels):
                cause = "its bands are declared to be times, and nothing says which"
                raise SourceRefused(self._path, cause, "declare `time.labels`, one a band")
            time = self._described_times(labels, time or TimeDeclaration())
        if time is None:
            return (None,)
        return declared_steps(time, len(group.bands) if group.role == "times" else 1, path=self._path)

    def _described_times(self, labels: list[str], time: TimeDeclaration) -> TimeDeclaration:
        """Times that the descriptions of the bands state; raises SourceRefused for an invalid one."""
        for label in labels:
            try:
                parse_time(label)
            except InvalidParameter as error:
                cause = f"its bands are declared to be times, and the description {label[:40]!r} is not a time"
                raise SourceRefused(self._path, cause, "declare `time.labels`, one a band") from error
        return time.model_copy(update={"labels": labels})

    def _title(self, group: BandGroup) -> str:
        if group.role == "times":
            return group.name
        band = group.bands[0]
        return str(self._file.descriptions[band - 1] or self._file.tags(band).get("long_name") or group.name)

    def _unit(self, band: int) -> str | None:
        unit = self._file.units[band - 1] or self._file.tags(band).get("units", "")
        return None if unit.strip().lower() in _NO_UNIT else unit.strip()

    def _standard_name(self, band: int) -> str | None:
        name = self._file.tags(band).get("standard_name", "")
        return name if _STANDARD_NAME.fullmatch(name) else None

    def _palette(self, band: int) -> tuple[SourceClass, ...]:
        if self._file.colorinterp[band - 1] is not ColorInterp.palette:
            return ()
        names = dict(_LEGEND_LINE.findall(self._file.tags().get("legend", "")))
        entries = self._file.colormap(band).items()
        return tuple(
            SourceClass(value=value, name=names.get(str(value), ""), color=(r, g, b, a))
            for value, (r, g, b, a) in entries
        )

    def read(self, variable: str, step: int, *, rows: tuple[int, int], layer: int = 0) -> NDArray[Any]:
        """See `cog.sources.protocol.GridSource`."""
        del layer  # a raster has none
        group = self._groups[variable]
        try:
            if group.role == "rgb":
                return self._image(group, rows)
            return self._measured(group, group.bands[step if group.role == "times" else 0], rows)
        except RasterioError as error:
            cause = f"rows {rows[0]} to {rows[1]} of {variable} cannot be read: {error}"
            raise SourceRefused(self._path, cause, "check that the file is whole") from error

    def _measured(self, group: BandGroup, band: int, rows: tuple[int, int]) -> NDArray[Any]:
        """Cells of a band, those that a mask or an alpha band hides being no data."""
        rules = self._rules[group.name]
        cells = rules.clean(self._layout.read(self._stored(band), rows))
        if group.name not in self._masked:
            return cells
        visible = self._layout.read(self._mask(band), rows) > 0
        return np.where(visible, cells, np.asarray(rules.nodata).astype(cells.dtype))

    def _image(self, group: BandGroup, rows: tuple[int, int]) -> NDArray[Any]:
        """Red, green, blue and, where a mask or an alpha band hides cells, alpha."""
        bands = [self._layout.read(self._stored(band), rows) for band in group.bands]
        if group.name in self._masked:
            alpha = [b for b in self._cells.indexes if self._cells.colorinterp[b - 1] is ColorInterp.alpha]
            if alpha:
                bands.append(self._layout.read(self._stored(alpha[0]), rows))
            else:
                visible = self._layout.read(self._mask(group.bands[0]), rows) > 0
                bands.append(np.where(visible, np.iinfo(bands[0].dtype).max, 0).astype(bands[0].dtype))
        return np.stack(bands)

    def _stored(self, band: int) -> Callable[[int, int], NDArray[Any]]:
        def stored(first: int, last: int) -> NDArray[Any]:
            window = Window(0, first, self._cells.width, last - first)
            return np.asarray(self._cells.read(band, window=window))

        return stored

    def _mask(self, band: int) -> Callable[[int, int], NDArray[Any]]:
        def mask(first: int, last: int) -> NDArray[Any]:
            window = Window(0, first, self._cells.width, last - first)
            return np.asarray(self._cells.read_masks(band, window=window))

        return mask

    def close(self) -> None:
        """Release the file."""
        self._closing.close()

    def __enter__(self) -> Self:
        """The source itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close it."""
        self.close()
