"""What a record says of its dataset beside title, place and time: sizes, versions, quality, papers, projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from services.portal.texts.labels import size_label

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD_CHARACTERS: Final = 420
"""Characters of an abstract that are seen at once, about."""
_SENTENCE_ENDS: Final = ("。", ". ", "！", "! ", "？", "? ", "；", "; ")
_TEXTS: Final = (
    "purpose", "quality", "lineage", "source", "technicalInfo", "contents", "place", "attribution", "rights",
    "citationInstructions",
)  # fmt: skip
_PROJECTS: Final = ("projects", "project", "funding", "funders")
_PAPERS: Final = ("relatedPublication", "relatedPublications", "publications", "references")
_DATES: Final = ("issued", "modified")
KNOWN: Final = frozenset({
    *_TEXTS, *_PROJECTS, *_PAPERS, *_DATES, "size", "fileCount", "version", "formats", "spatialResolution",
    "temporalResolution", "citation",
})  # fmt: skip
"""The members of a record that are shown here, or with the citations."""
_RELATED: Final = ("references", "cites", "is-referenced-by")


@dataclass(frozen=True, kw_only=True)
class About:
    """What a record says of its dataset.

    Attributes:
        facts: (word key, short text).
        texts: (word key, text of several sentences).
        papers: (text, URL or nothing) of related publications.
        projects: Names of projects and funders.
    """

    facts: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]
    papers: tuple[tuple[str, str], ...]
    projects: tuple[str, ...]


def about(document: dict[str, Any]) -> About:
    """Take a served record apart; members of unexpected types are left out."""
    properties = document.get("properties")
    members: dict[str, Any] = properties if isinstance(properties, dict) else {}
    links = [link for link in document.get("links") or () if isinstance(link, dict)]
    linked = [(str(k.get("title") or k["href"]), str(k["href"])) for k in links if k.get("rel") in _RELATED]
    papers = [paper for name in _PAPERS for entry in _entries(members.get(name)) if (paper := _paper(entry))[0]]
    projects = [text for name in _PROJECTS for entry in _entries(members.get(name)) if (text := _name(entry))]
    time = document.get("time")
    resolution = _measure(time.get("resolution")) if isinstance(time, dict) else ""
    return About(
        facts=tuple((key, text) for key, text in _facts(members, resolution) if text),
        texts=tuple((key, members[key]) for key in _TEXTS if isinstance(members.get(key), str) and members[key]),
        papers=tuple(dict.fromkeys((*papers, *linked))),
        projects=tuple(dict.fromkeys(projects)),
    )


def abstract(text: str) -> tuple[str, str]:
    """An abstract as what is seen at once and what is opened, cut behind a sentence or a word near HEAD_CHARACTERS."""
    if len(text) <= HEAD_CHARACTERS * 1.25:
        return text, ""
    ends = [place + len(end.rstrip()) for end in _SENTENCE_ENDS if (place := text.rfind(end, 0, HEAD_CHARACTERS)) > 0]
    end = max(ends, default=0)
    if end < HEAD_CHARACTERS // 3:
        end = text.rfind(" ", 0, HEAD_CHARACTERS) if " " in text[:HEAD_CHARACTERS] else HEAD_CHARACTERS
    return text[:end].rstrip(), text[end:].lstrip()


def _facts(members: dict[str, Any], resolution: str) -> Iterable[tuple[str, str]]:
    yield "version", str(members["version"]) if isinstance(members.get("version"), str | int | float) else ""
    yield from ((key, str(members[key])[:10]) for key in _DATES if isinstance(members.get(key), str))
    size, count = members.get("size"), members.get("fileCount")
    yield "size", size_label(size) if isinstance(size, int) else ""
    yield "file_count", f"{count:,}" if isinstance(count, int) else ""
    yield "formats", ", ".join(name for entry in _entries(members.get("formats")) if (name := _name(entry)))
    yield "spatial_resolution", _measure(members.get("spatialResolution"))
    yield "temporal_resolution", _measure(members.get("temporalResolution")) or resolution


def _measure(value: Any) -> str:
    """A resolution: `{"value": 1000.0, "unit": "m"}` is `1000 m`."""
    measures = (
        f"{entry['value']:g} {entry.get('unit') or ''}".strip()
        if isinstance(entry, dict) and isinstance(entry.get("value"), int | float)
        else _name(entry)
        for entry in _entries(value)
    )
    return ", ".join(text for text in measures if text)


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _name(entry: Any) -> str:
    if isinstance(entry, dict):
        entry = next((entry[key] for key in ("title", "name", "id", "value") if isinstance(entry.get(key), str)), "")
    return entry if isinstance(entry, str) else ""


def _paper(entry: Any) -> tuple[str, str]:
    text = _name(entry)
    href = entry.get("href") or entry.get("url") if isinstance(entry, dict) else text
    return text, href if isinstance(href, str) and href.startswith(("http://", "https://")) else ""
