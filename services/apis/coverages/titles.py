"""Titles of the links to a coverage and its descriptions."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "coverage": {"en": "Coverage of {name} as {format}", "zh": "{format} 格式的覆盖数据"},
        "domain_set": {"en": "Domain set", "zh": "定义域"},
        "range_type": {"en": "Range type", "zh": "值域类型"},
        "values": {"en": "Its values", "zh": "数据值"},
        "schema": {"en": "Schema of the variables", "zh": "变量的模式"},
    }
)
