"""Titles of the links to processes and jobs."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "description": {"en": "This description", "zh": "本说明"},
        "execute": {"en": "Execute (POST)", "zh": "执行（POST）"},
        "jobs": {"en": "Jobs", "zh": "作业"},
        "processes": {"en": "Processes", "zh": "处理"},
    }
)
