"""Titles of the links to notebooks."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages({"notebook": {"en": "Jupyter notebook for this dataset", "zh": "此数据集的 Jupyter 笔记本"}})
