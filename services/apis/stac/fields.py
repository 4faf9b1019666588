"""The `fields` extension: the members of an item that are answered."""

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
"""Members of a valid item, which stay unless they are excluded."""
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
        """The item with the selected members."""
        selection = item
        if self.include or not self.exclude:
            selection = {}
            for path in (*map(_path, _DEFAULT), *self.include):
                _copy(item, selection, path)
        for path in self.exclude:
            selection = _without(selection, path)
        return selection


def from_text(text: str) -> Fields:
    """`id,properties.datetime,-geometry` as fields; raises InvalidParameter."""
    names = [name for part in text.split(",") if (name := part.strip())]
    excluded = [name[1:] for name in names if name.startswith("-")]
    return _fields([name.removeprefix("+") for name in names if not name.startswith("-")], excluded)


def from_object(value: object) -> Fields:
    """{"include": [...], "exclude": [...]} as fields; raises InvalidParameter."""
    if not isinstance(value, dict) or not value.keys() <= {"include", "exclude"}:
        raise InvalidParameter("fields", value, 'give {"include": [...], "exclude": [...]}')
    return _fields(value.get("include") or [], value.get("exclude") or [])


def _fields(include: object, exclude: object) -> Fields:
    """Fields from lists of names; raises InvalidParameter."""
    for names in (include, exclude):
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(names) > MOST:
            raise InvalidParameter(
                "fields", names, f"give at most {MOST} names of members, such as properties.datetime"
            )
    assert isinstance(include, list)
    assert isinstance(exclude, list)
    return Fields(include=tuple(map(_path, include)), exclude=tuple(map(_path, exclude)))


def _path(name: str) -> Path:
    """The members along a name; a name that is not a member of an item is one of its properties."""
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
