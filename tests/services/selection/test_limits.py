"""The limits of a selection count what is read, and name the remedy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from config.errors import TooLarge
from services.selection import limits
from services.selection.limits import require_raster_parts, require_values
from tests.services.selection.conftest import GRID

if TYPE_CHECKING:
    from services.web.context import Context


def test_parts_beside_the_region_do_not_count(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RASTER_PARTS", 2)
    dataset = context.catalogue.dataset("country")
    parts = context.catalogue.sheets(dataset, dataset.variable()).granules
    west = replace(GRID, width=20, height=40)
    require_raster_parts(parts, west)
    turned = replace(west, transform=(1.0, 0.0, -260.0, 0.0, -1.0, 50.0))
    require_raster_parts(parts, turned)
    with pytest.raises(TooLarge, match=r"3 parts .* limit is 2: ask for a smaller region, .* part=a"):
        require_raster_parts(parts, GRID)


def test_too_many_values_name_a_shorter_interval() -> None:
    require_values(["2001", "2002"], limits.VALUES // 2)
    with pytest.raises(TooLarge, match="datetime=2001/2002"):
        require_values(["2001", "2002", "2003"], limits.VALUES // 2)
