"""The maps of an execution as one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from rasterio.enums import Resampling

from cog.reading.opener import open_raster
from cog.statistics.packing import unpack
from cog.statistics.partial import Partial
from config.times import days_between
from config.vocabulary import SVG
from services.processes.plotting import drawn_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cog.sources.models import TimeStep
    from config.grids import Grid
    from services.processes.maps.quantity import MapQuantity
    from services.processes.maps.writer import StagedMap
    from services.processes.protocol import EncodedOutput, Environment
    from services.processes.requests.execute_request import ExecuteRequest

MOST_PANELS: Final = 12
_YEAR_DAYS: Final = 367
_EDGE: Final = 900
"""Most pixels along an edge of a map."""


def plot_maps(
    maps: Sequence[StagedMap],
    quantities: Sequence[MapQuantity],
    grid: Grid,
    request: ExecuteRequest,
    environment: Environment,
) -> EncodedOutput:
    """Draw staged maps, at most `MOST_PANELS`: the picture says how many there are. One range for a quantity."""
    # matplotlib takes 2 s of a core to import: only executions that draw do
    from services.drawing.charts.fields import FieldColors, MapPanel, draw_maps  # noqa: PLC0415
    from services.drawing.charts.labels import LABELS  # noqa: PLC0415

    language = request.inputs.get("language", "en")
    colors, titles = {}, {}
    for quantity in quantities:
        titles[quantity.id] = quantity.title.get(language) or quantity.title.get("en", quantity.id)
        statistics = [unpack(each.statistics) for each in maps if each.quantity == quantity.id]
        known = [each for each in statistics if each is not None and each.count]
        if not known:
            continue
        style = quantity.style(Partial.merged(known))
        unit = f" ({quantity.unit})" if quantity.unit and quantity.unit != "1" else ""
        colors[quantity.id] = FieldColors(
            colormap=style.colormap or "viridis",
            range=style.range or (0.0, 1.0),
            scale=style.scale,
            label=titles[quantity.id] + unit,
        )
    plain = FieldColors(colormap="viridis", range=(0.0, 1.0))
    panels = [
        MapPanel(
            values=_pixels(str(environment.context.store / each.file.href), grid),
            grid=grid,
            colors=colors.get(each.quantity, plain),
            title=", ".join(word for word in (titles[each.quantity], _when(each.time)) if word),
        )
        for each in maps[:MOST_PANELS]
    ]
    note = LABELS.text("some_of", language, shown=MOST_PANELS, count=len(maps)) if len(maps) > MOST_PANELS else ""
    drawn = draw_maps(panels, request.formats.get("plot", SVG), language=language, note=note)
    return drawn_output(drawn, request)


def _when(time: TimeStep | None) -> str:
    """A time in words: from when to when if it is longer than a year."""
    if time is None:
        return ""
    label = time.label.removesuffix("T00:00:00Z")
    if time.start_key is None or time.end_key is None or time.start is None or time.end is None:
        return label
    is_long = days_between(time.start_key, time.end_key, time.calendar) > _YEAR_DAYS
    return f"{time.start[:10]} \N{EN DASH} {time.end[:10]}" if is_long else label


def _pixels(path: str, grid: Grid) -> NDArray[np.float64]:
    """(row, column) values of a map, means of its cells where they are more than a picture shows."""
    share = min(1.0, _EDGE / max(grid.width, grid.height))
    shape = (max(1, round(grid.height * share)), max(1, round(grid.width * share)))
    with open_raster(path) as raster:
        values = raster.full.read(1, out_shape=shape, resampling=Resampling.average, masked=True)
    result: NDArray[np.float64] = np.ma.filled(values.astype("float64"), np.nan)
    return result
