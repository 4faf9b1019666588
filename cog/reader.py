"""A rio-tiler reader of one catalogued COG, with physical values: what titiler's factories read through.

Images on a geographic grid go through `cog.read`; every other grid is read by rio-tiler itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from rasterio.crs import CRS
from rasterio.warp import transform, transform_bounds
from rio_tiler.constants import WGS84_CRS
from rio_tiler.errors import PointOutsideBounds
from rio_tiler.expression import parse_expression
from rio_tiler.io import Reader
from rio_tiler.models import ImageData, Info, PointData

from cog import gridmath
from cog.read import ImageRequest, RasterSource, is_separable, open_raster, read_image, read_point
from config.grids import CRS84

_DEFAULT_SIZE = 1024


class GranuleReader(Reader):  # type: ignore[misc]  # rio-tiler has no types
    """Reads one granule. Opened and closed per request; belongs to one thread.

    Values are physical (scale and offset of the catalogue applied) unless the source is categorical or rgb, so the
    option `unscale` has nothing left to do. `nodata` is a stored value.
    """

    input: RasterSource

    def __attrs_post_init__(self) -> None:
        """Open the COG."""
        self.dataset = self._ctx_stack.enter_context(open_raster(self.input))
        self.crs = self.dataset.crs
        self.transform, self.width, self.height = self.dataset.transform, self.dataset.width, self.dataset.height
        self.bounds = self._bounds()
        self.colormap = self.colormap or {}
        self.options = {"post_process": self.input.physical, **self.options}
        if self.input.nodata is not None:
            self.options.setdefault("nodata", self.input.nodata)

    def _bounds(self) -> gridmath.Bounds:
        if not self.input.grid.is_geographic:
            return tuple(self.dataset.bounds)
        west, south, east, north = self.input.grid.bounds
        if self.input.grid.is_global:
            west, east = -180.0, 180.0
        return west, max(south, -90.0), east, min(north, 90.0)

    def tile(self, tile_x: int, tile_y: int, tile_z: int, tilesize: int | None = None, **options: Any) -> ImageData:  # noqa: ANN401
        """A tile of the reader's tile matrix set; wholly masked where it does not meet the data."""
        matrix = self.tms.matrix(tile_z)
        size = (tilesize or matrix.tileHeight, tilesize or matrix.tileWidth)
        bounds = tuple(self.tms.xy_bounds(tile_x, tile_y, tile_z))
        crs = self.tms.rasterio_crs
        if not is_separable(self.input, _name(crs)) and not self.tile_exists(tile_x, tile_y, tile_z):
            return self._empty(bounds, crs, size, options.get("indexes"))
        return self.part(bounds, dst_crs=crs, bounds_crs=crs, height=size[0], width=size[1], **options)

    def part(  # noqa: PLR0913 - rio-tiler's signature
        self,
        bbox: gridmath.Bounds,
        dst_crs: CRS | None = None,
        bounds_crs: CRS = WGS84_CRS,
        indexes: Any = None,  # noqa: ANN401 - int, sequence or None, as rio-tiler has it
        expression: str | None = None,
        max_size: int | None = None,
        height: int | None = None,
        width: int | None = None,
        **options: Any,  # noqa: ANN401
    ) -> ImageData:
        """An image of a bounding box; see `rio_tiler.io.Reader.part`."""
        target = dst_crs or bounds_crs
        if not is_separable(self.input, _name(target)):
            options.pop("unscale", None)
            image = super().part(
                bbox,
                dst_crs=target,
                bounds_crs=bounds_crs,
                indexes=indexes,
                expression=expression,
                max_size=max_size,
                height=height,
                width=width,
                **options,
            )
            image.dataset_statistics = None  # of stored values
            return image
        bounds = tuple(bbox)
        if _name(bounds_crs) != _name(target):
            bounds = transform_bounds(bounds_crs, target, *bounds, densify_pts=21)
        shape = self._shape(bounds, _name(target), max_size=max_size, height=height, width=width)
        return self._image(bounds, target, shape, indexes=indexes, expression=expression, **options)

    def preview(  # noqa: PLR0913 - rio-tiler's signature
        self,
        indexes: Any = None,  # noqa: ANN401
        expression: str | None = None,
        max_size: int | None = _DEFAULT_SIZE,
        height: int | None = None,
        width: int | None = None,
        dst_crs: CRS | None = None,
        **options: Any,  # noqa: ANN401
    ) -> ImageData:
        """The whole raster at `max_size` or less; see `rio_tiler.io.Reader.preview`."""
        if is_separable(self.input, CRS84) and (dst_crs is None or _name(dst_crs) == CRS84):
            return self.part(
                self.bounds,
                dst_crs=dst_crs,
                indexes=indexes,
                expression=expression,
                max_size=max_size,
                height=height,
                width=width,
                **options,
            )
        options.pop("unscale", None)
        size = {"max_size": None if height or width else max_size, "height": height, "width": width}
        image = super().preview(indexes=indexes, expression=expression, dst_crs=dst_crs, **size, **options)
        image.dataset_statistics = None
        return image

    def point(  # noqa: PLR0913 - rio-tiler's signature
        self,
        lon: float,
        lat: float,
        coord_crs: CRS = WGS84_CRS,
        indexes: Any = None,  # noqa: ANN401
        expression: str | None = None,
        **options: Any,  # noqa: ANN401
    ) -> PointData:
        """The values of the cell that holds a point; raises PointOutsideBounds."""
        if not is_separable(self.input, CRS84):
            options.pop("unscale", None)
            return super().point(lon, lat, coord_crs=coord_crs, indexes=indexes, expression=expression, **options)
        x, y = lon, lat
        if _name(coord_crs) != CRS84:
            (x,), (y,) = transform(coord_crs, WGS84_CRS, [lon], [lat])
        bands = self._bands(indexes, expression)
        values = read_point(
            self.input, self.dataset, longitude=x, latitude=y, indexes=bands, nodata=options.get("nodata")
        )
        if values is None:
            raise PointOutsideBounds("Point is outside dataset bounds")
        names = [f"b{i}" for i in bands or range(1, len(values) + 1)]
        point = PointData(values, coordinates=(lon, lat), crs=coord_crs, band_names=names, band_descriptions=names)
        return point.apply_expression(expression) if expression else point

    def info(self) -> Info:
        """What the raster is; minimum and maximum are left out, for the file states stored ones."""
        info = super().info()
        return info.model_copy(update={"minmax": None, "bounds": self.bounds})

    def _bands(self, indexes: Any, expression: str | None) -> tuple[int, ...] | None:  # noqa: ANN401
        if expression:
            return tuple(sorted(parse_expression(expression)))
        if indexes is None:
            return None
        return (indexes,) if isinstance(indexes, int) else tuple(indexes)

    def _image(  # noqa: PLR0913 - an image has these parts
        self,
        bounds: gridmath.Bounds,
        crs: CRS,
        shape: tuple[int, int],
        *,
        indexes: Any = None,  # noqa: ANN401
        expression: str | None = None,
        nodata: float | None = None,
        resampling_method: str | None = None,
        reproject_method: str | None = None,
        **_unused: Any,  # noqa: ANN401 - unscale: values are physical already
    ) -> ImageData:
        named = [m for m in (reproject_method, resampling_method) if m and m != "nearest"]
        bands = self._bands(indexes, expression)
        request = ImageRequest(
            bounds=bounds,
            crs=_name(crs),
            shape=shape,
            indexes=bands,
            nodata=nodata,
            resampling=named[0] if named else "nearest",
        )
        values = read_image(self.input, self.dataset, request)
        names = [f"b{i}" for i in bands or range(1, len(values) + 1)]
        image = ImageData(
            values, bounds=bounds, crs=crs, assets=[self.input.path], band_names=names, band_descriptions=names
        )
        return image.apply_expression(expression) if expression else image

    def _empty(self, bounds: gridmath.Bounds, crs: CRS, shape: tuple[int, int], indexes: Any) -> ImageData:  # noqa: ANN401
        bands = self._bands(indexes, None)
        count = len(bands) if bands else min(self.dataset.count, 3)
        stored = np.ma.MaskedArray(np.zeros((count, *shape), self.dataset.dtypes[0]), mask=True)
        return ImageData(self.input.physical(stored), bounds=bounds, crs=crs)

    def _shape(
        self, bounds: gridmath.Bounds, crs: str, *, max_size: int | None, height: int | None, width: int | None
    ) -> tuple[int, int]:
        """(rows, columns): as asked, else of the grid's own resolution within `max_size`."""
        across, down = gridmath.native_cell(self.input.grid, crs)
        columns, lines = (bounds[2] - bounds[0]) / across, (bounds[3] - bounds[1]) / down
        if height and width:
            return height, width
        if height or width:
            ratio = lines / columns
            return (height or max(1, round(width * ratio)), width or max(1, round(height / ratio)))  # type: ignore[operator]
        shrink = max(1.0, max(columns, lines) / (max_size or _DEFAULT_SIZE))
        return max(1, round(lines / shrink)), max(1, round(columns / shrink))


def _name(crs: CRS) -> str:
    """`OGC:CRS84` for every longitude, latitude CRS on WGS 84 as rasterio orders axes, else its `EPSG:<code>`."""
    if crs == WGS84_CRS or crs == _CRS84:
        return CRS84
    return str(crs.to_string())


_CRS84 = CRS.from_user_input(CRS84)
