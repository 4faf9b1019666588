"""What processes that draw have in common: the form of the picture, its language, and ranges of colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from config.vocabulary import SVG
from services.processes.protocol import EncodedOutput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from services.processes.fields.field import ProcessField
    from services.processes.requests.execute_request import ExecuteRequest


def drawn_output(drawn: bytes, request: ExecuteRequest, *, output: str = "plot") -> EncodedOutput:
    """A drawn picture as an output, in the form that the request asks for."""
    media_type = request.formats.get(output, SVG)
    return EncodedOutput(value=drawn.decode() if media_type == SVG else drawn, media_type=media_type)


def field_label(field: ProcessField, language: str) -> str:
    """Title of a field in a language, with its unit in brackets."""
    title = field.variable.title
    name = title.get(language) or title.get("en") or field.variable.id
    return f"{name} ({field.unit})" if field.unit and field.unit != "1" else name


def share_range(values: NDArray[np.float64], *, low: float = 2, high: float = 98) -> tuple[float, float]:
    """The range between two percentiles of values, NaN left out; (0, 1) where there are none."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    first, last = (float(each) for each in np.percentile(finite, (low, high)))
    return (first, last) if first < last else (first - 0.5, first + 0.5)
