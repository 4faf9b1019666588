"""A picture of a coverage, in the colours of its variable's default style."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cog.writers.cube import Cube
    from records.datasets.models import Variable


def write_preview(path: Path, cube: Cube, variable: Variable) -> None:
    """Write the first field of the cube's one time to `path` as PNG; cells without data are transparent."""
    from rio_tiler.models import ImageData  # noqa: PLC0415 - takes a second, and few requests need it
    from titiler.core.resources.enums import ImageType  # noqa: PLC0415

    from services.drawing.rendering import draw, plain_rendering  # noqa: PLC0415
    from services.selection.choice import style_of  # noqa: PLC0415

    layer = cube.layers[0]
    strips = cube.strips(layer, layer.paths[0] or "")
    stored = np.concatenate([values for _, values in strips], axis=1)
    codec = layer.field.codec
    valid = codec.valid(stored)
    values = stored if variable.kind == "categorical" else codec.physical(stored)
    image = ImageData(np.ma.MaskedArray(values, mask=~valid))
    render, colors = plain_rendering().colored(variable, style_of(variable, None), ImageType.png)
    drawn = draw(image, ImageType.png, colors, rescale=render.ranges, logarithmic=render.logarithmic)
    path.write_bytes(drawn[0])
