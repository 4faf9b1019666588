"""Band arithmetic on images and points: a result that is no number, or infinite, is no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numexpr
import numpy as np
from rio_tiler.errors import InvalidExpression
from rio_tiler.expression import get_expression_blocks
from rio_tiler.models import ImageData, PointData

if TYPE_CHECKING:
    from collections.abc import Sequence


def computed_image(image: ImageData, expression: str) -> ImageData:
    """The image that an expression of an image's bands makes; raises InvalidExpression."""
    blocks = get_expression_blocks(expression)
    return ImageData(
        _computed(blocks, image.band_names, image.array),
        assets=image.assets,
        crs=image.crs,
        bounds=image.bounds,
        band_descriptions=blocks,
        metadata=image.metadata,
        alpha_mask=image.alpha_mask,
    )


def computed_point(point: PointData, expression: str) -> PointData:
    """The same of the values at a point."""
    blocks = get_expression_blocks(expression)
    return PointData(
        _computed(blocks, point.band_names, point.array),
        assets=point.assets,
        coordinates=point.coordinates,
        crs=point.crs,
        band_descriptions=blocks,
        metadata=point.metadata,
        pixel_location=point.pixel_location,
    )


def _computed(blocks: Sequence[str], names: Sequence[str], values: np.ma.MaskedArray) -> np.ma.MaskedArray:
    """The results, masked where any band is, and where they are not finite: b1/0 is no number."""
    bands = dict(zip(names, values.data, strict=True))
    masked = np.ma.getmaskarray(values).any(axis=0)
    try:
        results = [np.broadcast_to(numexpr.evaluate(block.strip(), local_dict=bands), masked.shape) for block in blocks]
    except MemoryError:
        raise
    except Exception as error:  # numexpr documents none of those that it raises
        raise InvalidExpression(f"Invalid expression: {error}") from error
    data = np.stack(results)
    return np.ma.MaskedArray(np.where(np.isfinite(data), data, 0).astype(data.dtype), mask=masked | ~np.isfinite(data))
