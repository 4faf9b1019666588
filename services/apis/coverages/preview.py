"""A picture of a coverage, in the colours of its variable's default style."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from titiler.core.resources.enums import ImageType

from services.drawing.rendering import Rendering, draw, image_of
from services.drawing.styles import style_of

if TYPE_CHECKING:
    from cog.writers.cube import Cube
    from records.datasets.models import Variable


def write_preview(path: Path, cube: Cube, variable: Variable) -> None:
    """Write the first field of the cube's one time to `path` as PNG; cells without data are transparent."""
    layer = cube.layers[0]
    strips = cube.strips(layer, layer.paths[0] or "")
    stored = np.concatenate([values for _, values in strips], axis=1)
    codec = layer.field.codec
    valid = codec.valid(stored)
    values = stored if variable.kind == "categorical" else codec.physical(stored)
    image = image_of(np.ma.MaskedArray(values, mask=~valid), variable)
    coloring = Rendering().coloring(variable, style_of(variable, None), ImageType.png)
    content, _ = draw(image, ImageType.png, coloring.colormap, **coloring.options())
    path.write_bytes(content)
