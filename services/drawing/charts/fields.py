"""Charts of values over a plane: maps with the coast, Hovmöller diagrams and sections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from matplotlib.colors import ListedColormap, LogNorm, Normalize

from services.drawing import colormaps
from services.drawing.charts.coast import draw_coast
from services.drawing.charts.figure import new_figure, plain_numbers, plain_text, save_figure
from services.drawing.charts.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from config.grids import Grid

    Numbers = NDArray[np.float64]

_LAND: Final = "#e8e4da"
"""Colour of the cells without data."""
_PANEL_INCHES: Final = 7.6
_LEAST_SHARE, _MOST_SHARE = 0.35, 1.3
"""Bounds of height over width of a map."""


@dataclass(frozen=True, kw_only=True)
class FieldColors:
    """The way from values to colours.

    Attributes:
        colormap: Name of a colour map.
        range: Values of both ends; values beyond have their colours.
        scale: How values spread.
        label: Of the colour bar: the quantity with its unit.
    """

    colormap: str
    range: tuple[float, float]
    scale: Literal["linear", "log"] = "linear"
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class MapPanel:
    """A map.

    Attributes:
        values: (row, column), NaN where there are no data.
        grid: The grid of the values, north up.
        colors: The colours.
        title: Above the map.
    """

    values: Numbers
    grid: Grid
    colors: FieldColors
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class FieldAxis:
    """An axis of a diagram.

    Attributes:
        edges: Edges of the cells, one more than cells; they rise or fall.
        label: Its label.
        reverse: Whether the smallest value is at the far end, as of depths.
        degrees: Letters of positive and negative degrees, as "EW"; empty where it is not in degrees.
        ticks: Places and texts of the marks; none: round numbers.
    """

    edges: Numbers
    label: str
    reverse: bool = False
    degrees: Literal["", "EW", "NS"] = ""
    ticks: tuple[tuple[float, str], ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class FieldDiagram:
    """Values over two axes, such as time and latitude, or depth and distance.

    Attributes:
        values: (vertical, horizontal), NaN where there are no data.
        across: The horizontal axis.
        down: The vertical axis.
        colors: The colours.
        title: Above.
    """

    values: Numbers
    across: FieldAxis
    down: FieldAxis
    colors: FieldColors
    title: str = ""


def draw_maps(panels: Sequence[MapPanel], media_type: str, *, language: str = "en", note: str = "") -> bytes:
    """Draw maps with the coast and a colour bar each, as SVG or PNG.

    Args:
        panels: At most some tens, two a row.
        media_type: SVG or PNG.
        language: Of the labels.
        note: Below the maps.
    """
    first = panels[0].grid
    west, south, east, north = first.bounds
    share = min(_MOST_SHARE, max(_LEAST_SHARE, (north - south) / (east - west)))
    width = _PANEL_INCHES if len(panels) == 1 else 0.8 * _PANEL_INCHES
    figure, axes = new_figure(len(panels), size=(width, width * share * 0.86 + 0.9))
    for axis, panel in zip(axes, panels, strict=True):
        _draw_map(axis, panel, language)
    if note:
        figure.supxlabel(plain_text(note), fontsize=8)
    return save_figure(figure, media_type)


def _draw_map(axis: Axes, panel: MapPanel, language: str) -> None:
    west, south, east, north = panel.grid.bounds
    axis.set_facecolor(_LAND)
    image = axis.imshow(
        panel.values, extent=(west, east, south, north), origin="upper", interpolation="nearest",
        cmap=_cmap(panel.colors), norm=_norm(panel.colors), aspect="auto", zorder=1,
    )  # fmt: skip
    draw_coast(axis, panel.grid)
    axis.set(xlim=(west, east), ylim=(south, north), title=plain_text(panel.title, most=90))
    if panel.grid.is_geographic:
        axis.xaxis.set_major_formatter(_degree_format("EW"))
        axis.yaxis.set_major_formatter(_degree_format("NS"))
    else:
        names = [LABELS.text(name, language) for name in ("easting", "northing")]
        axis.set(xlabel=names[0], ylabel=names[1])
    axis.tick_params(labelsize=8)
    axis.title.set_fontsize(10)
    _color_bar(axis, image, panel.colors)


def draw_diagram(diagram: FieldDiagram, media_type: str) -> bytes:
    """Draw values over two axes as SVG or PNG, with a colour bar."""
    figure, [axis] = new_figure(1, size=(_PANEL_INCHES, 5.0))
    axis.set_facecolor(_LAND)
    mesh = axis.pcolormesh(
        diagram.across.edges, diagram.down.edges, np.ma.masked_invalid(diagram.values),
        cmap=_cmap(diagram.colors), norm=_norm(diagram.colors), rasterized=True, zorder=1,
    )  # fmt: skip
    for name, line in (("x", diagram.across), ("y", diagram.down)):
        low, high = float(line.edges.min()), float(line.edges.max())
        limits = (high, low) if line.reverse else (low, high)
        axis.set(**{f"{name}lim": limits, f"{name}label": plain_text(line.label)})
        if line.degrees:
            (axis.xaxis if name == "x" else axis.yaxis).set_major_formatter(_degree_format(line.degrees))
        if line.ticks:
            places, texts = zip(*line.ticks, strict=True)
            axis.set(**{f"{name}ticks": places, f"{name}ticklabels": texts})
    axis.set_title(plain_text(diagram.title, most=90), fontsize=10)
    _color_bar(axis, mesh, diagram.colors)
    return save_figure(figure, media_type)


def _color_bar(axis: Axes, mappable: Any, colors: FieldColors) -> None:
    bar = axis.figure.colorbar(mappable, ax=axis, extend="both", shrink=0.9, pad=0.02)
    bar.set_label(plain_text(colors.label), fontsize=9)
    bar.ax.tick_params(labelsize=8)
    if colors.scale == "log":
        plain_numbers(bar.ax.yaxis)


def _cmap(colors: FieldColors) -> ListedColormap:
    table = colormaps.table(colors.colormap)
    return ListedColormap(np.array([table[number] for number in range(256)]) / 255)


def _norm(colors: FieldColors) -> Normalize:
    low, high = colors.range
    return LogNorm(low, high) if colors.scale == "log" and low > 0 else Normalize(low, high)


def _degree_format(letters: str) -> Callable[[float, float], str]:
    """Writes degrees with the letter of their side; longitudes go on beyond 180."""

    def write(value: float, _position: float) -> str:
        turned = (value + 180) % 360 - 180 if letters == "EW" else value
        letter = "" if round(turned, 6) in (0, -180) else letters[0] if turned > 0 else letters[1]
        return f"{abs(round(turned, 6)):g}\N{DEGREE SIGN}{letter}"

    return write
