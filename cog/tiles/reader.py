"""A rio-tiler reader of one catalogued COG, with physical values: what titiler's factories read through.

Nearest images go through `cog.tiles.read`, resampled ones of geographic grids through `cog.reading.resample`; rio-tiler
itself reads the others.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from morecantile import Tile
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.warp import transform, transform_bounds
from rio_tiler.constants import WGS84_CRS
from rio_tiler.errors import PointOutsideBounds
from rio_tiler.expression import parse_expression
from rio_tiler.io import Reader
from rio_tiler.models import ImageData, Info, PointData

from cog.grids import gridmath
from cog.reading.opener import OpenRaster, open_raster
from cog.reading.resample import read_resampled
from cog.tiles.computing import computed_image, computed_point
from cog.tiles.proven import is_proven
from cog.tiles.read import bands_of, check_nodata, is_separable, read_image, read_point
from cog.tiles.source import ImageRequest, RasterSource
from config.errors import InvalidParameter
from config.grids import CRS84

if TYPE_CHECKING:
    from collections.abc import Sequence


_DEFAULT_SIZE = 1024
_MAX_CATEGORIES = 1000
_CRS84 = CRS.from_user_input(CRS84)


class GranuleReader(Reader):
    """Reads one granule: `GranuleReader(RasterSource(...), tms=...)`. Opened per request; belongs to one thread.

    Values are physical (scale and offset of the catalogue applied) unless the source is categorical or rgb, so the
    option `unscale` has nothing left to do. `nodata` is a stored value.
    """

    def __attrs_post_init__(self) -> None:
        """Open the COG."""
        self.raster: OpenRaster = self._ctx_stack.enter_context(open_raster(self.source.path, self.source.version))
        self.dataset = full = self.raster.full
        self.crs, self.transform, self.width, self.height = full.crs, full.transform, full.width, full.height
        self.bounds = self._bounds()
        self.colormap = self.colormap or {}
        self.codec = self.source.codec(self.raster.dtype)
        self.options = {"post_process": self.codec.image, **self.options}
        if self.source.nodata is not None:
            self.options.setdefault("nodata", self.source.nodata)

    @property
    def source(self) -> RasterSource:
        """The COG and its meaning by the catalogue; rio-tiler names it `input` and takes it for a path."""
        return cast("RasterSource", self.input)

    def _bounds(self) -> gridmath.Bounds:
        if not (self.source.grid.is_geographic and gridmath.is_upright(self.source.grid)):
            west, south, east, north = self.raster.full.bounds
            return west, south, east, north
        west, south, east, north = self.source.grid.bounds
        if self.source.grid.is_global:
            west, east = -180.0, 180.0
        return west, max(south, -90.0), east, min(north, 90.0)

    def tile(
        self,
        tile_x: int,
        tile_y: int,
        tile_z: int,
        tilesize: int | None = None,
        indexes: Sequence[int] | int | None = None,
        expression: str | None = None,
        buffer: float | None = None,
        **kwargs: Any,
    ) -> ImageData:
        """A tile of the reader's tile matrix set; all masked where it does not meet the data."""
        matrix = self.tms.matrix(tile_z)
        height, width = tilesize or matrix.tileHeight, tilesize or matrix.tileWidth
        west, south, east, north = self.tms.xy_bounds(Tile(x=tile_x, y=tile_y, z=tile_z))
        crs = self.tms.rasterio_crs
        if not is_separable(self.source, _name(crs)) and not self.tile_exists(tile_x, tile_y, tile_z):
            return self._empty((west, south, east, north), crs, (height, width), indexes)
        return self.part(
            (west, south, east, north),
            dst_crs=crs,
            bounds_crs=crs,
            indexes=indexes,
            expression=expression,
            height=height,
            width=width,
            buffer=buffer,
            **kwargs,
        )

    def part(
        self,
        bbox: gridmath.Bounds,
        dst_crs: CRS | None = None,
        bounds_crs: CRS = WGS84_CRS,
        indexes: Sequence[int] | int | None = None,
        expression: str | None = None,
        max_size: int | None = None,
        height: int | None = None,
        width: int | None = None,
        buffer: float | None = None,
        **kwargs: Any,
    ) -> ImageData:
        """An image of a bounding box; see `rio_tiler.io.Reader.part`."""
        target = dst_crs or bounds_crs
        check_nodata(self.raster, kwargs.get("nodata"))
        bands = self._bands(indexes, expression)
        bounds = bbox
        if _name(bounds_crs) != _name(target):
            bounds = transform_bounds(bounds_crs, target, *bbox, densify_pts=21)
        shape = self._shape(bounds, _name(target), max_size=max_size, height=height, width=width)
        bounds, shape = _widened(bounds, shape, buffer or 0.0)
        image = self._image(bounds, target, shape, bands=bands, **kwargs)
        if image is None:
            kwargs.pop("unscale", None)
            image = super().part(
                bbox,
                dst_crs=target,
                bounds_crs=bounds_crs,
                indexes=bands,
                max_size=max_size,
                height=height,
                width=width,
                buffer=buffer,
                **kwargs,
            )
            image.dataset_statistics = None  # of stored values
        return computed_image(image, expression) if expression else image

    def preview(
        self,
        indexes: Sequence[int] | int | None = None,
        expression: str | None = None,
        max_size: int | None = _DEFAULT_SIZE,
        height: int | None = None,
        width: int | None = None,
        dst_crs: CRS | None = None,
        **kwargs: Any,
    ) -> ImageData:
        """The whole raster at `max_size` or less; see `rio_tiler.io.Reader.preview`."""
        if is_separable(self.source, CRS84) and (dst_crs is None or _name(dst_crs) == CRS84):
            return self.part(
                self.bounds,
                dst_crs=dst_crs,
                indexes=indexes,
                expression=expression,
                max_size=max_size,
                height=height,
                width=width,
                **kwargs,
            )
        check_nodata(self.raster, kwargs.get("nodata"))
        kwargs.pop("unscale", None)
        image: ImageData = self.read(
            indexes=self._bands(indexes, expression),
            dst_crs=dst_crs,
            max_size=None if height or width else max_size,
            height=height,
            width=width,
            **kwargs,
        )
        image.dataset_statistics = None
        return computed_image(image, expression) if expression else image

    def statistics(self, *args: Any, **kwargs: Any) -> Any:
        """Statistics of a preview in physical units, by band name; see `rio_tiler.io.Reader.statistics`.

        Raises InvalidParameter for the categories of values that have too many, and for bins too narrow to differ.
        """
        names = ("categorical", "categories", "percentiles", "hist_options")
        counting = dict(zip(names, args, strict=False)) | {n: kwargs.pop(n) for n in names if n in kwargs}
        image = self.preview(**kwargs)
        if counting.get("categorical") and not counting.get("categories"):
            _check_categories(image)
        try:
            return image.statistics(**counting)
        except ValueError as error:  # numpy: too many bins for the data's range
            raise InvalidParameter("histogram_bins", counting.get("hist_options"), str(error)) from error

    def point(
        self,
        lon: float,
        lat: float,
        coord_crs: CRS = WGS84_CRS,
        indexes: Sequence[int] | int | None = None,
        expression: str | None = None,
        **kwargs: Any,
    ) -> PointData:
        """The values of the cell that holds a point, edges of the grid included.

        Raises InvalidParameter for an invalid point, and PointOutsideBounds, also for one that the CRS of the grid does
        not show.
        """
        _check_finite(lon, lat)
        bands = self._bands(indexes, expression)
        check_nodata(self.raster, kwargs.get("nodata"))
        if not is_separable(self.source, CRS84):
            kwargs.pop("unscale", None)
            _require_place(lon, lat, coord_crs, self.crs)
            result: PointData = super().point(lon, lat, coord_crs=coord_crs, indexes=bands, **kwargs)
            result.band_descriptions = result.band_names  # rio-tiler repeats that of the last band
            return computed_point(result, expression) if expression else result
        x, y = lon, lat
        if _name(coord_crs) != CRS84:
            (x,), (y,) = transform(coord_crs, WGS84_CRS, [lon], [lat])
            _check_finite(x, y)
        values = read_point(self.source, self.raster, (x, y), indexes=bands, nodata=kwargs.get("nodata"))
        if values is None:
            raise PointOutsideBounds("Point is outside dataset bounds")
        names = [f"b{i}" for i in bands or range(1, len(values) + 1)]
        point = PointData(values, coordinates=(lon, lat), crs=coord_crs, band_names=names, band_descriptions=names)
        return computed_point(point, expression) if expression else point

    def info(self) -> Info:
        """A description of the raster; minimum and maximum are left out, for the file states stored ones."""
        return super().info().model_copy(update={"minmax": None, "bounds": self.bounds})

    def _bands(self, indexes: Sequence[int] | int | None, expression: str | None) -> tuple[int, ...] | None:
        """The bands to read, None for all but alpha; raises InvalidParameter."""
        if expression:
            return bands_of(self.raster, tuple(sorted(parse_expression(expression))))
        if indexes is None:
            return None
        return bands_of(self.raster, (indexes,) if isinstance(indexes, int) else tuple(indexes))

    def _image(
        self,
        bounds: gridmath.Bounds,
        crs: CRS,
        shape: tuple[int, int],
        *,
        bands: tuple[int, ...] | None,
        nodata: float | None = None,
        resampling_method: str | None = None,
        reproject_method: str | None = None,
        **_unused: Any,
    ) -> ImageData | None:
        """The image, or None if rio-tiler must read it."""
        methods = [m for m in (reproject_method, resampling_method) if m and m != "nearest"]
        request = ImageRequest(
            bounds=bounds,
            crs=_name(crs),
            shape=shape,
            indexes=bands,
            nodata=nodata,
            resampling=methods[0] if methods else "nearest",
        )
        if request.resampling != "nearest" and is_separable(self.source, request.crs):
            values = read_resampled(self.source, self.raster, request)
        else:
            if not (is_proven() or is_separable(self.source, request.crs)):
                return None
            image = read_image(self.source, self.raster, request)
            if image is None:
                return None
            values = image
        names = [f"b{i}" for i in bands or range(1, len(values) + 1)]
        return ImageData(
            values, bounds=bounds, crs=crs, assets=[self.source.path], band_names=names, band_descriptions=names
        )

    def _empty(
        self, bounds: gridmath.Bounds, crs: CRS, shape: tuple[int, int], indexes: Sequence[int] | int | None
    ) -> ImageData:
        count = len(bands_of(self.raster, self._bands(indexes, None)))
        stored = np.ma.MaskedArray(np.zeros((count, *shape), self.raster.dtype), mask=True)
        return ImageData(self.codec.image(stored), bounds=bounds, crs=crs)

    def _shape(
        self, bounds: gridmath.Bounds, crs: str, *, max_size: int | None, height: int | None, width: int | None
    ) -> tuple[int, int]:
        """(rows, columns): as requested, else of the grid's own resolution within `max_size`."""
        across, down = gridmath.native_cell(self.source.grid, crs)
        columns, lines = (bounds[2] - bounds[0]) / across, (bounds[3] - bounds[1]) / down
        if height and width:
            return height, width
        if height:
            return height, max(1, round(height * columns / lines))
        if width:
            return max(1, round(width * lines / columns)), width
        shrink = max(1.0, max(columns, lines) / (max_size or _DEFAULT_SIZE))
        return max(1, round(lines / shrink)), max(1, round(columns / shrink))


def _check_categories(image: ImageData) -> None:
    for band in image.array:
        count = len(np.unique(band.compressed()))
        if count > _MAX_CATEGORIES:
            remedy = f"the sample has {count} different values, at most {_MAX_CATEGORIES} are counted; name some with c"
            raise InvalidParameter("categorical", "true", remedy)


def _require_place(x: float, y: float, crs: CRS, target: CRS) -> None:
    """Raise PointOutsideBounds for a point that a CRS does not show, such as the back of the earth seen from space."""
    try:
        (across,), (up,) = transform(crs, target, [x], [y])
    except CPLE_BaseError:
        across = up = math.inf
    if not (math.isfinite(across) and math.isfinite(up)):
        raise PointOutsideBounds("Point is outside dataset bounds")


def _check_finite(x: float, y: float) -> None:
    if not (math.isfinite(x) and math.isfinite(y)):
        raise InvalidParameter("point", (x, y), "two finite numbers are needed, which its CRS can express")


def _name(crs: CRS) -> str:
    """`OGC:CRS84` for every longitude, latitude CRS on WGS 84 as rasterio orders axes, else its `EPSG:<code>`."""
    return CRS84 if crs in (WGS84_CRS, _CRS84) else str(crs.to_string())


def _widened(bounds: gridmath.Bounds, shape: tuple[int, int], buffer: float) -> tuple[gridmath.Bounds, tuple[int, int]]:
    """Bounds and shape with `buffer` pixels more on each side (a multiple of 0.5)."""
    west, south, east, north = bounds
    across, down = (east - west) / shape[1] * buffer, (north - south) / shape[0] * buffer
    more = round(2 * buffer)
    return (west - across, south - down, east + across, north + down), (shape[0] + more, shape[1] + more)
