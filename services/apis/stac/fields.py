"""The `fields` extension: which members of an item are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from config.errors import InvalidParameter

MOST: Final = 200
_DEFAULT: Final = (
    "type",
    "stac_version",
    "id",
    "collection",
    "geometry",
    "bbox",
    "links",
    "assets",
    "properties.datetime",
    "properties.start_datetime",
    "properties.end_datetime",
)
"""What makes a valid item, and stays unless it is excluded."""
_MEMBERS: Final = frozenset({
    "type", "stac_version", "stac_extensions", "id", "collection", "geometry", "bbox", "links", "assets", "properties",
})  # fmt: skip

Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Members to answer beside those of a valid item, and members to leave out; without the former, all of them."""

    include: tuple[Path, ...]
    exclude: tuple[Path, ...]

    def of(self, item: dict[str, Any]) -> dict[str, Any]:
        """The item with the members that were asked for."""
        found = item
        if self.include or not self.exclude:
            found = {}
            for path in (*map(_path, _DEFAULT), *self.include):
                _copy(item, found, path)
        for path in self.exclude:
            found = _without(found, path)
        return found


def from_text(text: str) -> Fields:
    """`id,properties.datetime,-geometry` as fields; raises InvalidParameter."""
    names = [name for part in text.split(",") if (name := part.strip())]
    excluded = [name[1:] for name in names if name.startswith("-")]
    return made([name.removeprefix("+") for name in names if not name.startswith("-")], excluded)


def from_object(found: object) -> Fields:
    """{"include": [...], "exclude": [...]} as fields; raises InvalidParameter."""
    if not isinstance(found, dict) or not found.keys() <= {"include", "exclude"}:
        raise InvalidParameter("fields", found, 'give {"include": [...], "exclude": [...]}')
    return made(found.get("include") or [], found.get("exclude") or [])


def made(include: object, exclude: object) -> Fields:
    """Fields of lists of names; raises InvalidParameter."""
    for names in (include, exclude):
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(names) > MOST:
            raise InvalidParameter(
                "fields", names, f"give at most {MOST} names of members, such as properties.datetime"
            )
    assert isinstance(include, list)
    assert isinstance(exclude, list)
    return Fields(include=tuple(map(_path, include)), exclude=tuple(map(_path, exclude)))


def _path(name: str) -> Path:
    """The members that a name leads through; one that is no member of an item is one of its properties."""
    path = tuple(name.split(".", 2))
    return path if path[0] in _MEMBERS else ("properties", name)


def _copy(source: dict[str, Any], target: dict[str, Any], path: Path) -> None:
    head, *rest = path
    if head not in source:
        return
    if not rest or not isinstance(source[head], dict):
        target[head] = source[head]
    elif target.get(head) is not source[head]:
        _copy(source[head], target.setdefault(head, {}), tuple(rest))


def _without(source: dict[str, Any], path: Path) -> dict[str, Any]:
    head, *rest = path
    if head not in source:
        return source
    if not rest:
        return {name: value for name, value in source.items() if name != head}
    inner = source[head]
    return source | {head: _without(inner, tuple(rest))} if isinstance(inner, dict) else source
