"""Links from a record to its exports."""

from __future__ import annotations

from typing import Any, Final

from config.messages import Messages
from records.exports.registry import EXPORTS

TITLES: Final = Messages({"export": {"en": "This record as {format}", "zh": "本记录（{format}）"}})


def alternates(url: str) -> list[dict[str, Any]]:
    """The `alternate` links of the record that is served at a URL: typed, with the profile that tells one from another.

    `profile` is a list as in 20-004r1 (linkBase.yaml).
    """
    return [
        {
            "rel": "alternate",
            "type": export.media_type,
            "title": TITLES.phrase("export", format=export.title),
            "href": f"{url}?f={export.name}",
            **({"profile": [export.profile]} if export.profile else {}),
        }
        for export in EXPORTS.values()
    ]
