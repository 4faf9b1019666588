"""Legends as pictures: colours as in the tiles, round numbers, letters that can be read, bounded sizes."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from rio_tiler.colormap import apply_cmap, cmap
from rio_tiler.utils import linear_rescale

from config.declarations.datasets import StyleDeclaration
from config.errors import InvalidDeclaration, InvalidParameter
from records.datasets.models import Style
from services.drawing import colormaps
from services.drawing.legends.fonts import Fonts, system_fonts
from services.drawing.legends.legend import Legend, OwnDrawing, legend_of
from services.drawing.legends.legend_layout import LegendOptions, layout_of
from services.drawing.legends.legend_png import to_png
from services.drawing.legends.legend_svg import estimate, to_svg
from services.drawing.legends.ticks import share_of, ticks, value_at, written
from services.ingest.publishing.describe import _style
from tests.support.catalogues import reading
from tests.support.datasets import classified, dated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from numpy.typing import NDArray

    from records.datasets.models import Variable
    from tests.support.database import Server

LEGEND = "/collections/sst/styles/default/legend"


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst`, which no test changes."""
    with reading(server, tmp_path_factory.mktemp("store"), dated) as client:
        yield client


@pytest.fixture
def variable(store: Path) -> Variable:
    return dated(store).variables[0]


def made(variable: Variable, **style: object) -> Legend:
    return legend_of(variable, replace(Style(id="s", colormap="viridis", range=(0.0, 10.0)), **style))


def pixels(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))


def bar(legend: Legend, wish: LegendOptions) -> NDArray[np.uint8]:
    """(position along the bar, RGBA) of a drawn legend's bar, low end first."""
    fonts = system_fonts()
    (box,) = layout_of(legend, wish, fonts.width).boxes
    drawn = pixels(to_png(legend, wish, fonts).content)
    cut = drawn[box.y : box.y + box.height, box.x : box.x + box.width]
    return cut[::-1, 3] if wish.orientation == "vertical" else cut[3]


@pytest.mark.parametrize("name", ["viridis", "thermal", "tab10", "rdylbu_r"])
@pytest.mark.parametrize("orientation", ["horizontal", "vertical"])
def test_a_bar_has_the_colours_that_rio_tiler_gives_the_values(variable: Variable, name: str, orientation: str) -> None:
    found = bar(made(variable, colormap=name, range=(-2.0, 32.0)), LegendOptions(orientation=orientation))
    values = np.linspace(-2.0, 32.0, len(found))[np.newaxis, np.newaxis]
    levels = linear_rescale(values, in_range=(-2.0, 32.0)).astype("uint8")
    expected, _ = apply_cmap(levels, cmap.get(name))
    same = (found[:, :3] == expected[:, 0].T).all(axis=1)
    assert same.mean() > 0.97  # the rest lie on the edge between two bytes
    assert tuple(found[0, :3]) == tuple(cmap.get(name)[0][:3])
    assert tuple(found[-1, :3]) == tuple(cmap.get(name)[255][:3])


def test_the_stops_of_a_drawing_interpolate_to_every_colour_of_the_map(variable: Variable) -> None:
    for name in colormaps.names()[::7]:
        legend = made(variable, colormap=name)
        stops = legend.stops()
        at = np.arange(256) / 255
        for channel in range(3):
            drawn = np.interp(at, [s for s, _, _ in stops], [c[channel] for _, _, c in stops])
            assert np.abs(drawn - [c[channel] for c in legend.colors]).max() <= 1 + 1e-9, name


def test_a_logarithmic_legend_puts_the_geometric_mean_in_the_middle(variable: Variable) -> None:
    legend = made(variable, colormap="algae", range=(0.01, 100.0), scale="log")
    assert next(v for _, v, _ in legend.stops()) == pytest.approx(0.01)
    assert value_at(0.5, 0.01, 100.0, scale="log") == pytest.approx(1.0)
    assert legend.marks() == [(pytest.approx(n / 4), pytest.approx(10.0**n / 100)) for n in range(5)]


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0.01, 20, [0.01, 0.1, 1, 10]),
        (0.03, 3, [0.05, 0.1, 0.2, 0.5, 1, 2]),
        (1, 1e12, [1, 1e3, 1e6, 1e9, 1e12]),
        (2, 8, [2, 5]),
        (2.1, 2.9, [2.2, 2.4, 2.6, 2.8]),
    ],
)
def test_ticks_of_a_logarithmic_axis_are_decades_and_their_round_parts(
    low: float, high: float, marks: list[float]
) -> None:
    assert ticks(low, high, scale="log") == pytest.approx(marks)


def test_ticks_carry_no_noise_of_floating_point() -> None:
    assert ticks(0, 0.6) == [0, 0.2, 0.4, 0.6]
    assert [written(v) for v in (-1.5, 1e-7, 2.5e9, 0.1 + 0.2)] == ["−1.5", "1e−7", "2.5e9", "0.3"]
    assert share_of(1, 0.1, 10, scale="log") == pytest.approx(0.5)


def test_chinese_is_drawn_with_letters_and_never_with_boxes(variable: Variable) -> None:
    fonts = system_fonts()
    if not fonts.has("海表温度"):
        pytest.skip("this machine has no font with Chinese characters")
    one, other = (made(replace(variable, title={"en": "T", "zh": text})) for text in ("海表温度", "叶绿素浓"))
    pictures = [to_png(legend, LegendOptions(language="zh"), fonts) for legend in (one, other)]
    assert [p.language for p in pictures] == ["zh", "zh"]
    titles = [pixels(p.content)[:32] for p in pictures]
    assert not np.array_equal(*titles)  # boxes would be the same


def test_without_a_font_for_it_a_legend_is_drawn_in_english(
    variable: Variable, caplog: pytest.LogCaptureFixture
) -> None:
    legend = made(replace(variable, title={"en": "Temperature", "zh": "温度"}))
    bare = Fonts([])
    picture = to_png(legend, LegendOptions(language="zh"), bare)
    assert picture.language == "en"
    assert picture.content == to_png(legend, LegendOptions(language="en"), bare).content
    assert "drawn in English" in caplog.text


def test_a_legend_whose_only_title_cannot_be_drawn_shows_the_id(variable: Variable) -> None:
    bare = Fonts([])
    only_chinese = to_png(made(replace(variable, title={"zh": "温度"})), LegendOptions(language="zh"), bare)
    assert only_chinese.content == to_png(made(replace(variable, title={})), LegendOptions(), bare).content


def test_signs_that_no_font_has_become_plain_ones() -> None:
    assert Fonts([]).legible("mg m⁻³ − … –") == "mg m-3 - ... -"


def test_class_names_stand_beside_their_colours(store: Path) -> None:
    (cover,) = classified(store).variables
    legend = legend_of(cover, cover.styles[0])
    layout = layout_of(legend, LegendOptions(language="zh", orientation="vertical"), estimate)
    assert [words.text for words in layout.words] == ["值", "森林", "水体"]
    drawn = pixels(to_png(legend, LegendOptions(orientation="vertical"), system_fonts()).content)
    for box, color in zip(layout.boxes, [(255, 0, 0, 255), (0, 0, 255, 255)], strict=True):
        assert tuple(drawn[box.y + 3, box.x + 3]) == color


@pytest.mark.parametrize("orientation", ["horizontal", "vertical"])
def test_a_picture_has_the_size_that_is_asked_for(reader: TestClient, orientation: str) -> None:
    query = {"f": "png", "width": 500, "height": 333, "orientation": orientation}
    answer = reader.get(LEGEND, params=query)
    assert answer.headers["content-type"] == "image/png"
    assert pixels(answer.content).shape == (333, 500, 4)
    svg = ET.fromstring(reader.get(LEGEND, params=query | {"f": "svg"}).text)
    assert (svg.get("width"), svg.get("height")) == ("500", "333")


def test_accept_chooses_the_picture_and_its_ground_may_be_left_out(reader: TestClient) -> None:
    drawn = reader.get(LEGEND, headers={"Accept": "image/png"})
    assert pixels(drawn.content)[0, 0].tolist() == [255, 255, 255, 255]
    assert pixels(reader.get(LEGEND + "?f=png&transparent=true").content)[0, 0, 3] == 0
    again = reader.get(LEGEND, headers={"Accept": "image/png", "If-None-Match": drawn.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "query",
    [
        "width=2001",
        "height=1",
        "width=nan",
        "orientation=diagonal",
        "rescale=5,1",
        "rescale=nan,1",
        "rescale=0,1&rescale=2,3",
        "colormap_name=nothing",
        "colormap={",
        "expression=b1*2",
        "expression=9**9**9&rescale=0,1",
        "expression=b1;b1&rescale=0,1",
        "bidx=1",
        "f=gif",
    ],
)
def test_a_bad_parameter_of_a_legend_is_refused(reader: TestClient, query: str) -> None:
    assert reader.get(f"{LEGEND}?{query}").status_code == 400


def test_a_legend_follows_the_rendering_parameters_of_the_tiles(reader: TestClient) -> None:
    own = reader.get(f"{LEGEND}?rescale=-5,5&colormap_name=thermal").json()
    assert (own["range"], own["colormap"], own["unit"]) == ([-5, 5], "thermal", "K")
    assert own["stops"][-1]["color"].startswith("#{:02x}{:02x}{:02x}".format(*cmap.get("thermal")[255][:3]))
    computed = reader.get(f"{LEGEND}?expression=b1*2&rescale=0,4").json()
    assert (computed["title"], computed["unit"], computed["range"]) == ("b1*2", None, [0, 4])
    ranges = json.dumps([[[0, 10], [1, 2, 3, 255]], [[10, 20], [4, 5, 6, 255]]])
    found = reader.get(LEGEND, params={"colormap": ranges}).json()
    assert found["intervals"][1] == {"interval": [10, 20], "color": "#040506ff", "title": "10 – 20"}


def test_a_style_is_a_document_with_its_legend(reader: TestClient) -> None:
    found = reader.get("/collections/sst/styles/grey").json()
    assert (found["id"], found["variable"], found["scale"], found["legend"]["unit"]) == ("grey", "v", "linear", "K")
    assert {k["type"] for k in found["links"] if k["rel"].endswith("legend")} == {
        "application/json",
        "image/png",
        "image/svg+xml",
    }
    assert reader.get("/collections/sst/styles/none").status_code == 404
    assert "Grey" in reader.get("/collections/sst/styles/grey?f=html").text


def test_a_range_of_the_requests_own_is_linear_as_in_the_tiles(variable: Variable) -> None:
    style = Style(id="s", colormap="algae", range=(0.01, 10.0), scale="log")
    assert legend_of(variable, style).scale == "log"
    own = legend_of(variable, style, OwnDrawing(range=(0.0, 5.0)))
    assert (own.scale, own.range) == ("linear", (0.0, 5.0))
    log = legend_of(variable, style, OwnDrawing(range=(0.1, 5.0), scale="log"))
    assert (log.scale, log.range) == ("log", (0.1, 5.0))
    with pytest.raises(InvalidParameter, match="above zero"):
        legend_of(variable, style, OwnDrawing(range=(0.0, 5.0), scale="log"))


@pytest.mark.parametrize("ends", [None, (0.0, 1.0), (-1.0, 1.0)])
def test_a_declared_logarithmic_style_needs_a_positive_range(ends: tuple[float, float] | None) -> None:
    with pytest.raises(ValueError, match="positive values"):
        StyleDeclaration(scale="log", range=ends)


def test_an_unknown_colour_map_is_refused_at_ingest_with_those_near_it() -> None:
    with pytest.raises(InvalidDeclaration, match="viridis"):
        _style(StyleDeclaration(colormap="viridid"), (0.0, 1.0))
    kept = _style(StyleDeclaration(colormap="algae", range=(0.01, 20), scale="log"), (0.0, 1.0))
    assert (kept.colormap, kept.scale) == ("algae", "log")


def test_a_long_title_keeps_its_unit(variable: Variable) -> None:
    title = {"en": "Concentration of chlorophyll a in the uppermost layer of the sea " * 3}
    legend = made(replace(variable, title=title, unit="mg m-3"))
    for orientation in ("horizontal", "vertical"):
        lines = [w for w in layout_of(legend, LegendOptions(orientation=orientation), estimate).words if w.bold]
        assert len(lines) <= 3
        assert lines[-1].text.endswith("(mg m-3)")
    assert ET.fromstring(to_svg(legend, LegendOptions())).get("aria-label", "").endswith("(mg m-3)")


def test_classes_that_do_not_fit_are_counted(store: Path) -> None:
    (cover,) = classified(store).variables
    many = replace(cover, classes=tuple(replace(cover.classes[0], value=n) for n in range(300)))
    legend = legend_of(many, many.styles[0])
    layout = layout_of(legend, LegendOptions(orientation="vertical", height=200), estimate)
    assert layout.words[-1].text == f"+ {300 - len(layout.boxes)}"
    assert layout_of(legend, LegendOptions(orientation="vertical"), estimate).height <= 2000


def test_a_title_with_markup_or_control_characters_makes_a_valid_drawing(variable: Variable) -> None:
    legend = made(replace(variable, title={"en": 'a \x0c<b> & \u202e"c"'}))
    drawn = ET.fromstring(to_svg(legend, LegendOptions()))
    assert 'a <b> & "c" (K)' in list(drawn.itertext())
