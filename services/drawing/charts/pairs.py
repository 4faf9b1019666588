"""Panels of pairs of measurements and values of a collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from config.grids import CRS84, Grid
from services.drawing.charts.coast import draw_coast
from services.drawing.charts.figure import BLUE, GREY, RED, new_figure, plain_numbers, save_figure
from services.drawing.charts.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_SHOWN: Final = ("n", "n_cells", "bias", "rmse", "mae", "r", "slope", "rma_slope")


@dataclass(frozen=True, kw_only=True)
class PairChart:
    """Pairs to draw.

    Attributes:
        measured: Measurements.
        estimated: Values of the collection.
        lon: Degrees east.
        lat: Degrees north.
        days: Days since the first pair.
        statistics: To be shown.
        measured_label: Label of the axis of measurements, with the unit.
        estimated_label: Label of the axis of the collection.
        is_log: Whether axes are logarithmic.
        language: Of the other labels.
    """

    measured: Numbers
    estimated: Numbers
    lon: Numbers
    lat: Numbers
    days: Numbers
    statistics: Mapping[str, Any]
    measured_label: str
    estimated_label: str
    is_log: bool
    language: str = "en"

    def word(self, key: str) -> str:
        """A word in the language of the chart."""
        return LABELS.text(key, self.language)


def draw_pairs(chart: PairChart, panels: Sequence[str], media_type: str) -> bytes:
    """Draw panels of pairs as SVG or PNG."""
    figure, axes = new_figure(len(panels))
    for axis, panel in zip(axes, panels, strict=True):
        _PANELS[panel](axis, chart)
    return save_figure(figure, media_type)


def _scatter(axis: Axes, chart: PairChart) -> None:
    axis.plot(chart.measured, chart.estimated, ".", color=BLUE, markersize=3, alpha=0.5, rasterized=True)
    _lines(axis, chart)


def _density(axis: Axes, chart: PairChart) -> None:
    scale: Literal["linear", "log"] = "log" if chart.is_log else "linear"
    bins = axis.hexbin(
        chart.measured, chart.estimated, gridsize=50, bins="log", cmap="viridis", mincnt=1, xscale=scale, yscale=scale
    )
    bar = axis.figure.colorbar(bins, ax=axis, label=chart.word("pairs"))
    plain_numbers(bar.ax.yaxis)
    _lines(axis, chart)


def _lines(axis: Axes, chart: PairChart) -> None:
    if chart.is_log:
        axis.set_xscale("log")
        axis.set_yscale("log")
        plain_numbers(axis.xaxis)
        plain_numbers(axis.yaxis)
    both = np.concatenate([chart.measured, chart.estimated])
    low, high = float(both.min()), float(both.max())
    margin = 1.1 if chart.is_log else 0.03 * (high - low or 1)
    ends = np.array([low / margin, high * margin] if chart.is_log else [low - margin, high + margin])
    axis.plot(ends, ends, "-", color=GREY, linewidth=1, label="1 : 1")
    if "slope" in chart.statistics:
        fitted = _line(chart, ends)
        axis.plot(ends, fitted, "--", color=RED, linewidth=1.2, label=chart.word("least_squares"))
    axis.set(xlim=ends, ylim=ends, aspect="equal", xlabel=chart.measured_label, ylabel=chart.estimated_label)
    axis.legend(loc="lower right", frameon=False, fontsize=8)
    words = [f"{name.replace('_', ' ')} = {chart.statistics[name]:.4g}" for name in _SHOWN if name in chart.statistics]
    axis.text(0.03, 0.97, "\n".join(words), transform=axis.transAxes, va="top", fontsize=8)


def _line(chart: PairChart, ends: Numbers) -> Numbers:
    slope, intercept = chart.statistics["slope"], chart.statistics["intercept"]
    if chart.is_log:
        return np.asarray(10 ** (slope * np.log10(ends) + intercept))
    return np.asarray(slope * ends + intercept)


def _residuals(axis: Axes, chart: PairChart) -> None:
    _residuals_over(axis, chart, chart.days, "days_since")


def _residuals_by_latitude(axis: Axes, chart: PairChart) -> None:
    _residuals_over(axis, chart, chart.lat, "latitude")


def _residuals_over(axis: Axes, chart: PairChart, places: Numbers, label: str) -> None:
    ratio = chart.estimated / chart.measured if chart.is_log else chart.estimated - chart.measured
    axis.plot(places, ratio, ".", color=BLUE, markersize=3, alpha=0.5, rasterized=True)
    axis.axhline(1 if chart.is_log else 0, color=GREY, linewidth=1)
    axis.set(xlabel=chart.word(label), ylabel=chart.word("ratio" if chart.is_log else "difference"))


def _map(axis: Axes, chart: PairChart) -> None:
    difference = np.log10(chart.estimated / chart.measured) if chart.is_log else chart.estimated - chart.measured
    edge = float(np.abs(difference).max()) or 1.0
    lon, lat = chart.lon, chart.lat
    margin = 0.08 * max(float(np.ptp(lon)), float(np.ptp(lat)), 1.0)
    west, south = float(lon.min()) - margin, max(-90.0, float(lat.min()) - margin)
    east, north = float(lon.max()) + margin, min(90.0, float(lat.max()) + margin)
    draw_coast(axis, Grid(crs=CRS84, transform=(east - west, 0, west, 0, south - north, north), width=1, height=1))
    axis.set(xlim=(west, east), ylim=(south, north))
    points = axis.scatter(
        chart.lon, chart.lat, c=difference, s=8, cmap="RdBu_r", vmin=-edge, vmax=edge, rasterized=True
    )
    axis.figure.colorbar(points, ax=axis, label=chart.word("log_ratio" if chart.is_log else "difference"))
    axis.set(xlabel=chart.word("longitude"), ylabel=chart.word("latitude"))


_PANELS: Final[dict[str, Callable[[Axes, PairChart], None]]] = {
    "scatter": _scatter,
    "density": _density,
    "residual-time": _residuals,
    "residual-latitude": _residuals_by_latitude,
    "map": _map,
}
