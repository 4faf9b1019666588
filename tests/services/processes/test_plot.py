"""`plot` and `animation`: what is read equals arithmetic, pictures repeat byte by byte, and what is refused."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from cog.grids.ellipsoid import cell_areas
from config.errors import InvalidInput, InvalidParameter, TooLarge
from config.grids import CRS84, Grid
from config.settings import LimitSettings, Settings
from services.processes.animation.process import Animation, plan_animation
from services.processes.plot.process import Plot
from services.processes.plot.question import plan_plot
from services.processes.requests import validation
from tests.support.levels import with_levels
from tests.support.processes import JobHere, context_of, execute_here
from tests.support.rasters import publication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(10.0, 0.0, 100.0, 0.0, -10.0, 60.0), width=6, height=12)
"""100 to 160 E, 60 S to 60 N."""
MONTHS = [f"2020-{month:02d}" for month in range(1, 7)]
BOX = {"bbox": [100, -60, 160, 60]}
LINE = {"type": "LineString", "coordinates": [[105, 5], [155, 5]]}


def values_at(month: int) -> NDArray[np.float64]:
    rows, columns = np.mgrid[0:12, 0:6].astype("float64")
    values = 100.0 * month + 10 * rows + columns
    values[0, 0] = np.nan
    return values


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Six months of a field."""
    with context_of(server, tmp_path_factory.mktemp("plot")) as context:
        steps: dict[str | None, Any] = {label: values_at(month) for month, label in enumerate(MONTHS)}
        made = publication(context.store, "field", steps, GRID, nodata=np.nan, unit="degC")
        context.catalogue.repository.publish(made)
        shallow = publication(context.store, "deep", {label: values_at(0) for label in MONTHS}, GRID, nodata=np.nan)
        deep = with_levels(shallow, context.store, {"5": 0.0, "15": 1000.0, "50": 2000.0})
        context.catalogue.repository.publish(deep)
        still = publication(context.store, "still", {None: values_at(0)}, GRID, nodata=np.nan)
        context.catalogue.repository.publish(still)
        yield context


def read(context: Context, **inputs: Any) -> NDArray[np.float64]:
    plan = plan_plot({"field": {"collection": "field"}, **inputs}, context)
    return np.concatenate([Plot().part(part, JobHere(context, "job", "0")) for part in plan.parts])


def drawn(context: Context, media_type: str = "image/png", **inputs: Any) -> bytes:
    form = {"picture": {"format": {"mediaType": media_type}}}
    body, answered = execute_here(context, "plot", {"field": {"collection": "field"}, **inputs}, outputs_=form)
    assert answered == media_type
    return body


def test_latitudes_over_time_are_means_of_their_rows(context: Context) -> None:
    means = read(context, kind="hovmoller", bbox=BOX)
    assert means.shape == (6, 12)
    for month in range(6):
        np.testing.assert_allclose(means[month], np.nanmean(values_at(month), axis=1), rtol=1e-12)


def test_longitudes_over_time_are_means_by_area_of_their_columns(context: Context) -> None:
    means = read(context, kind="hovmoller", bbox=BOX, along="longitude", datetime="2020-03")
    weights = np.repeat(cell_areas(GRID)[:, np.newaxis], 6, axis=1)
    weights[0, 0] = 0
    expected = np.nansum(values_at(2) * weights, axis=0) / weights.sum(axis=0)
    np.testing.assert_allclose(means, expected[np.newaxis], rtol=1e-12)


def test_an_area_over_time_is_its_mean_by_area_and_a_position_its_cell(context: Context) -> None:
    weights = np.repeat(cell_areas(GRID)[:, np.newaxis], 6, axis=1)
    weights[0, 0] = 0
    expected = [np.nansum(values_at(month) * weights) / weights.sum() for month in range(6)]
    np.testing.assert_allclose(read(context, kind="series", bbox=BOX)[:, 0], expected, rtol=1e-12)
    at = read(context, kind="series", position=[125, 5])
    np.testing.assert_array_equal(at[:, 0], [values_at(month)[5, 2] for month in range(6)])


def test_a_line_over_time_holds_the_cells_that_it_crosses(context: Context) -> None:
    values = read(context, kind="hovmoller", section=LINE)
    assert set(values[4]) <= set(values_at(4)[4:7].ravel())
    assert values.shape[0] == 6
    assert values[3, 0] == values_at(3)[5, 0]


def test_a_section_goes_over_levels_and_distance_and_a_position_over_levels_and_time(context: Context) -> None:
    deep = {"field": {"collection": "deep"}}
    values = read(context, kind="section", section=LINE, **deep)
    line = read(context, kind="hovmoller", section=LINE, datetime="2020-01", **deep)[0]
    np.testing.assert_array_equal(values, line + np.array([[0.0], [1000.0], [2000.0]]))
    profile = read(context, kind="hovmoller", position=[125, 5], **deep)
    np.testing.assert_array_equal(profile, np.tile(values_at(0)[5, 2] + np.array([0.0, 1000.0, 2000.0]), (6, 1)))
    for inputs in ({"kind": "section", "section": LINE}, {"kind": "hovmoller", "position": [125, 5], "language": "zh"}):
        assert drawn(context, **inputs, **deep) == drawn(context, **inputs, **deep)


def test_a_map_shows_the_cells_of_its_time(context: Context) -> None:
    np.testing.assert_array_equal(read(context, kind="map", datetime="2020-02"), values_at(1))
    cut = read(context, kind="map", datetime="2020-02", bbox={"bbox": [120, 0, 140, 20]})
    np.testing.assert_array_equal(cut, values_at(1)[4:6, 2:4])


@pytest.mark.parametrize("media_type", ["image/png", "image/svg+xml"])
@pytest.mark.parametrize(
    "inputs",
    [
        {"kind": "map", "language": "zh", "title": "一月海气二氧化碳通量 $x^2$"},
        {"kind": "series", "bbox": BOX},
        {"kind": "hovmoller", "bbox": BOX, "along": "longitude"},
        {"kind": "hovmoller", "section": LINE, "colormap": "thermal", "range": [0, 700]},
    ],
    ids=["map", "series", "longitude", "line"],
)
def test_a_picture_has_the_same_bytes_each_time(context: Context, inputs: dict[str, Any], media_type: str) -> None:
    first = drawn(context, media_type, **inputs)
    assert first == drawn(context, media_type, **inputs)
    if media_type == "image/png":
        picture = Image.open(io.BytesIO(first)).convert("RGB")
        assert min(picture.size) > 300
        assert len(picture.getcolors(1 << 24) or ()) > 50
    else:
        assert first.startswith(b"<?xml")
        assert b"<dc:date>" not in first


def test_the_colours_of_a_map_are_those_of_its_range(context: Context) -> None:
    picture = Image.open(io.BytesIO(drawn(context, kind="map", range=[10_000, 20_000], colormap="viridis")))
    colors = picture.convert("RGB").getcolors(1 << 24)
    assert colors is not None
    lowest = (68, 1, 84)
    assert max(count for count, color in colors if color == lowest) > 20_000  # every cell is below the range


@pytest.mark.parametrize(
    ("inputs", "error"),
    [
        ({"kind": "map", "section": LINE}, InvalidInput),
        ({"kind": "map", "datetime": ["2020-01", "2020-02"]}, InvalidInput),
        ({"kind": "map", "range": [3, 1]}, InvalidParameter),
        ({"kind": "map", "colormap": "nothing"}, InvalidParameter),
        ({"kind": "series"}, InvalidInput),
        ({"kind": "series", "bbox": BOX, "position": [1, 2]}, InvalidInput),
        ({"kind": "series", "position": [1, 200]}, InvalidParameter),
        ({"kind": "section", "section": LINE}, InvalidInput),
        ({"kind": "hovmoller", "position": [110, 5]}, InvalidInput),
        ({"kind": "hovmoller", "section": LINE, "along": "latitude"}, InvalidInput),
        ({"kind": "series", "bbox": BOX, "field": {"collection": "still"}}, InvalidInput),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_acceptance(
    context: Context, inputs: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        plan_plot({"field": {"collection": "field"}, **inputs}, context)


def test_the_cost_is_known_before_acceptance_and_refused_above_the_limit(context: Context) -> None:
    inputs = {"field": {"collection": "field"}, "kind": "series", "bbox": BOX}
    request = validation.check({"inputs": inputs}, Plot.description)
    assert Plot().require(request, context) == 6 * 72
    small = Settings(data_dir=context.settings.data_dir, limit=LimitSettings(process_cells=431))
    with pytest.raises(TooLarge, match=r"about 432 cells .* limit is 431: ask for fewer times or a smaller bbox"):
        Plot().require(request, replace(context, settings=small))


def animated(context: Context, **inputs: Any) -> Image.Image:
    request = {"field": {"collection": "field"}, "width": 120, **inputs}
    body, media_type = execute_here(context, "animation", request, outputs_={"animation": {}})
    assert media_type == "image/webp"
    assert body == execute_here(context, "animation", request, outputs_={"animation": {}})[0]
    picture = Image.open(io.BytesIO(body))
    assert picture.format == "WEBP"
    return picture


def frame(picture: Image.Image, number: int) -> NDArray[np.uint8]:
    picture.seek(number)
    picture.load()
    return np.asarray(picture.convert("RGB"))


def test_an_animation_has_a_picture_of_each_time_in_one_range(context: Context) -> None:
    """Cells are drawn in the colours of one range: the same value has the same colour at every time."""
    picture = animated(context, range=[0, 700], quality=100, frame_ms=150, coast=False)
    assert (getattr(picture, "n_frames", 1), picture.info["loop"]) == (6, 0)
    assert picture.size[0] == 120
    assert picture.size[1] > 240
    first, last = frame(picture, 0), frame(picture, 5)
    assert picture.info["duration"] == 150
    cell = 120 / 6
    at = [(30 + round(cell * (row + 0.5)), round(cell * (column + 0.5))) for row, column in ((11, 2), (1, 2))]
    # 112 in January and 512 in June; the second value of January's range is seen again nowhere
    from rio_tiler.colormap import cmap

    table = cmap.get("viridis")
    for shown, value in ((first[at[0]], 112), (last[at[1]], 512)):
        assert tuple(shown) == tuple(table[int(value / 700 * 255)][:3])
    assert (first[:30] != last[:30]).any()  # the date
    np.testing.assert_array_equal(first[30 + 240 :], last[30 + 240 :])  # the legend


def test_every_nth_time_may_be_shown_and_the_rest_is_told(context: Context) -> None:
    request = {"field": {"collection": "field"}, "every": 4, "width": 100}
    assert plan_animation(request, context).times == ("2020-01", "2020-05")
    environment = JobHere(context, "0d9ab5f9-6c4c-4a9e-9d2b-3d5b0d8b0a11", "0")
    process, plan = Animation(), plan_animation(request, context)
    [staged] = [process.part(part, environment) for part in plan.parts]
    assert environment.seen == sorted(environment.seen)
    assert (context.store / staged.href).is_file()


@pytest.mark.parametrize(
    ("inputs", "error", "words"),
    [
        ({"field": {"collection": "still"}}, InvalidInput, "process plot"),
        ({"width": 2000, "bbox": {"bbox": [100, -60, 110, 60]}}, TooLarge, "smaller width"),
        ({"datetime": "1990"}, Exception, "1990"),
        ({"style": "none"}, Exception, "none"),
    ],
)
def test_an_animation_that_cannot_be_made_is_refused(
    context: Context, inputs: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        plan_animation({"field": {"collection": "field"}, **inputs}, context)
