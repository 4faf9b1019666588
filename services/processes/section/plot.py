"""The plot of a section: the mean flux density of carbon across it, by distance and depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from config.vocabulary import SVG
from services.processes.plotting import drawn_output, share_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cog.science.sections import Section
    from services.processes.protocol import EncodedOutput
    from services.processes.requests.execute_request import ExecuteRequest


def plot_density(
    section: Section,
    tops: Sequence[float],
    density: NDArray[np.float64],
    request: ExecuteRequest,
    *,
    title: str,
) -> EncodedOutput:
    """Draw the mean of concentration times velocity to the right.

    Args:
        section: The pieces.
        tops: Depths of the edges of the layers, metres, one more than layers.
        density: (layer, piece), mmol m-2 s-1, NaN where dry.
        request: Says form and language.
        title: Above the plot.
    """
    # matplotlib takes 2 s of a core to import: only executions that draw do
    from services.drawing.charts.fields import FieldAxis, FieldColors, FieldDiagram, draw_diagram  # noqa: PLC0415
    from services.drawing.charts.labels import LABELS  # noqa: PLC0415

    language = request.inputs.get("language", "en")
    _, high = share_range(np.abs(density), low=0, high=98)
    edges = np.concatenate([[0.0], np.cumsum(section.length)]) / 1000
    diagram = FieldDiagram(
        values=density,
        across=FieldAxis(edges=edges, label=LABELS.text("distance", language)),
        down=FieldAxis(edges=np.array(tops), label=LABELS.text("depth", language), reverse=True),
        colors=FieldColors(
            colormap="balance",
            range=(-high, high),
            label=f"{LABELS.text('carbon_density', language)} (mmol m-2 s-1)",
        ),
        title=title,
    )
    return drawn_output(draw_diagram(diagram, request.formats.get("plot", SVG)), request)
