"""Titles of the links of named regions."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "regions": {"en": "Named regions (countries, seas)", "zh": "命名区域（国家、海域）"},
        "region": {"en": "Outline of the region", "zh": "区域边界"},
    }
)
