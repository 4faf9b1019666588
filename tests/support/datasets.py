"""Datasets for tests of services: small, published, known by arithmetic."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from records.datasets.models import ColorClass, Style
from records.datasets.publication import Publication
from tests.support.rasters import coded, global_grid, publication

if TYPE_CHECKING:
    from pathlib import Path

STEPS = ("2006-04-16T00:00:00Z", "2006-05-16T12:00:00Z", "2006-06-16T00:00:00Z")
CLASSES = (
    ColorClass(value=1, color=(255, 0, 0, 255), title={"en": "Forest", "zh": "森林"}),
    ColorClass(value=2, color=(0, 0, 255, 255), title={"en": "Water", "zh": "水体"}),
)


def dated(store: Path, dataset_id: str = "sst", **options: Any) -> Publication:
    """Three months of a global 1 degree grid; the cells of month i say row * 10,000 + column + i * 2,000,000."""
    grid = global_grid()
    steps: dict[str | None, Any] = {label: coded(grid) + i * 2_000_000 for i, label in enumerate(STEPS)}
    made = publication(store, dataset_id, steps, grid, value_range=(0.0, 1_800_000.0), unit="K", **options)
    second = Style(id="grey", title={"en": "Grey"}, colormap="gray", range=(0.0, 900_000.0))
    variable = replace(made.variables[0], styles=(*made.variables[0].styles, second))
    return replace(made, variables=(variable,), attribution="Test data")


def classified(store: Path, dataset_id: str = "cover") -> Publication:
    """A categorical dataset: class 1 in the west, 2 in the east, 0 (no data) in the southern hemisphere."""
    codes = np.where(np.arange(360) < 180, 1, 2) * np.ones((180, 1), "uint8")
    codes[90:] = 0
    made = publication(store, dataset_id, {None: codes.astype("uint8")}, global_grid(), nodata=0.0)
    style = Style(id="default", title={"en": "Classes"}, colormap=None, range=None)
    variable = replace(made.variables[0], kind="categorical", classes=CLASSES, styles=(style,))
    return replace(made, variables=(variable,))
