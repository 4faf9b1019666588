"""Titles of the links to styles and legends."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "legend": {"en": "Legend as {format}", "zh": "{format} 格式的图例"},
        "styles": {"en": "Styles", "zh": "样式"},
    }
)
