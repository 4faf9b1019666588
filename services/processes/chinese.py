"""The descriptions of processes in Chinese, beside the English that they carry themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.processes.describing import ProcessTexts

Translation = tuple[str, str]
"""Title and description."""


def in_chinese(texts: ProcessTexts) -> dict[str, Any]:
    """The description of a process (OGC 18-062r2, 7.10) with Chinese titles and descriptions.

    They are a member `chinese` of the process: a title and a description by path below its description, which is empty
    for the process itself, `inputs/{id}` or `outputs/{id}`. What has none stays in English.
    """
    words = texts.chinese
    translation = _translated(texts.english, words.get(""))
    for group in ("inputs", "outputs"):
        if group in translation:
            members = translation[group].items()
            translation[group] = {name: _translated(member, words.get(f"{group}/{name}")) for name, member in members}
    return translation


def _translated(member: Mapping[str, Any], words: Translation | None) -> dict[str, Any]:
    return dict(member) if words is None else {**member, "title": words[0], "description": words[1]}
