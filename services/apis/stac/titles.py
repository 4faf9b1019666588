"""Titles of the links to the STAC catalogue."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "catalogue": {"en": "STAC catalogue", "zh": "STAC 目录"},
        "collection": {"en": "The dataset as a STAC collection", "zh": "数据集（STAC 集合）"},
    }
)
