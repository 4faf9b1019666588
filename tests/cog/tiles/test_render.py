"""Pictures equal those of rio-tiler and titiler, decoded, to the bit; logarithms equal arithmetic."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from rio_tiler.colormap import cmap
from rio_tiler.models import ImageData
from titiler.core.resources.enums import ImageType
from titiler.core.utils import render_image

from cog.tiles.encode import Colored, Indexed, encode, npy
from cog.tiles.render import Drawing, Painter, rescaled
from cog.tiles.source import ImageCells, RasterSource
from config.grids import CRS84, Grid

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 0.0), width=64, height=64)
CLASSES = {value: (value * 20, 255 - value, 7, 255 - value % 2 * 100) for value in range(0, 12, 2)}
INTERVALS = [((0, 40), (255, 0, 0, 255)), ((40, 90), (0, 0, 255, 128))]
DRAWINGS = {
    "viridis": Drawing(ranges=((10.0, 100.0),), colors=cmap.get("viridis")),
    "grey": Drawing(ranges=((0.0, 117.3),)),
    "classes": Drawing(colors=CLASSES),
    "intervals": Drawing(colors=INTERVALS),
    "classes of rescaled": Drawing(ranges=((0.0, 500.0),), colors=CLASSES),
}


def rgba(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))


def cells_of(values: NDArray[Any], source: RasterSource) -> ImageCells:
    return ImageCells(values=values, codec=source.codec(values.dtype.name), fill=source.nodata or 0)


def oracle(source: RasterSource, cells: ImageCells, drawing: Drawing) -> NDArray[np.uint8]:
    image = ImageData(cells.codec.image(np.ma.copy(cells.masked())))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content, _ = render_image(image, colormap=drawing.colors, rescale=drawing.ranges, output_format=ImageType.png)
    return rgba(content)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "float32", "float64"])
@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=list(DRAWINGS))
@settings(max_examples=4, deadline=None, derandomize=True)
@given(seed=st.integers(0, 9999), nodata=st.sampled_from([None, 0.0, 7.0]), scale=st.sampled_from([1.0, 0.05]))
def test_one_band_is_drawn_as_rio_tiler_draws_it(
    dtype: str, drawing: Drawing, seed: int, nodata: float | None, scale: float
) -> None:
    values = np.random.default_rng(seed).integers(0, 120, (1, 64, 64)).astype(dtype)
    source = RasterSource(path="", grid=GRID, nodata=nodata, scale=scale)
    cells = cells_of(values, source)
    wanted = oracle(source, cells, drawing)
    picture = Painter(source, dtype, drawing).paint(cells)
    if picture is None:  # rio-tiler draws it
        assert drawing.ranges is None or not drawing.is_table
        return
    for form in ("png", "webp"):
        np.testing.assert_array_equal(rgba(encode(picture, form)), wanted)


@pytest.mark.parametrize("ranges", [None, ((0.0, 90.0),), ((0.0, 90.0), (5.0, 50.0), (1.0, 200.0))])
@pytest.mark.parametrize(("dtype", "nodata"), [("uint8", 7.0), ("uint8", None), ("uint16", 7.0), ("float32", 7.0)])
def test_three_bands_are_drawn_as_rio_tiler_draws_them(dtype: str, nodata: float | None, ranges: Any) -> None:
    if ranges is None and dtype != "uint8":
        return
    values = np.random.default_rng(5).integers(0, 120, (3, 40, 50)).astype(dtype)
    values[:, :4] = 7
    source, drawing = RasterSource(path="", grid=GRID, nodata=nodata), Drawing(ranges=ranges)
    cells = cells_of(values, source)
    wanted = oracle(source, cells, drawing)
    picture = Painter(source, dtype, drawing).paint(cells)
    assert isinstance(picture, Colored)
    for form in ("png", "webp"):
        np.testing.assert_array_equal(rgba(encode(picture, form)), wanted)


def test_a_gap_takes_a_free_place_of_a_full_palette() -> None:
    values = np.arange(65536, dtype="float32").reshape(1, 256, 256) / 256
    values[0, 0] = np.nan
    drawing = Drawing(ranges=((0.0, 255.0),), colors=cmap.get("viridis"))
    source = RasterSource(path="", grid=GRID, nodata=float("nan"))
    cells = cells_of(values, source)
    picture = Painter(source, "float32", drawing).paint(cells)
    assert isinstance(picture, Indexed)
    np.testing.assert_array_equal(picture.rgba(), oracle(source, cells, drawing))


def test_a_picture_of_more_than_256_colours_needs_no_palette() -> None:
    values = np.arange(65536, dtype="float32").reshape(1, 256, 256) / 256
    values[0, 100, :3] = np.nan
    drawing = Drawing(ranges=((0.0, 255.0),), colors=cmap.get("viridis"))
    source = RasterSource(path="", grid=GRID, nodata=float("nan"))
    cells = cells_of(values, source)
    picture = Painter(source, "float32", drawing).paint(cells)
    assert isinstance(picture, Colored)
    np.testing.assert_array_equal(rgba(encode(picture, "png")), oracle(source, cells, drawing))


def test_a_logarithmic_range_spreads_by_decades() -> None:
    values = np.array([-1, 0, 0.01, 0.1, 1, 10, 100, 1000], "float32")
    assert rescaled(values, (0.01, 100.0), logarithmic=True).tolist() == [0, 0, 0, 63, 127, 191, 255, 255]


def test_a_jpeg_is_white_where_there_is_no_data() -> None:
    index = np.zeros((16, 16), "uint8")
    picture = Indexed(index=index, palette=np.array([[10, 20, 30, 0]], "uint8"))
    assert (rgba(encode(picture, "jpg")) == 255).all()


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64"])
def test_npy_is_titilers(dtype: str) -> None:
    values = np.ma.MaskedArray(np.arange(12).reshape(1, 3, 4).astype(dtype), mask=False)
    values.mask[0, 0, 1] = True
    content, _ = render_image(ImageData(values.copy()), output_format=ImageType.npy)
    assert npy(values) == content
