"""The `fields` extension v1.0.0: the members of an item that are answered.

Of a member and its own members the most specific name counts, and of equal names that which includes. Without a name
that includes, the names that exclude are taken from those of a valid item; only a body that has no `include` at all
means all members instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Self

from config.errors import InvalidParameter

MOST: Final = 200
_DEFAULT: Final = (
    "type", "stac_version", "id", "collection", "geometry", "bbox", "links", "assets", "properties.datetime",
)  # fmt: skip
"""Members of a valid item."""
_WITHOUT_DATETIME: Final = ("properties.start_datetime", "properties.end_datetime")
"""Members of a valid item whose `datetime` is null, besides."""
_MEMBERS: Final = frozenset({
    "type", "stac_version", "stac_extensions", "id", "collection", "geometry", "bbox", "links", "assets", "properties",
})  # fmt: skip


@dataclass(kw_only=True)
class _Rule:
    """What is said of a member, None for nothing, and of its own members."""

    included: bool | None = None
    members: dict[str, Self] = field(default_factory=dict)

    def say(self, name: str, *, included: bool) -> None:
        """Add what a name says."""
        rule = self
        for member in _path(name):
            rule = rule.members.setdefault(member, type(self)())
        rule.included = included

    def of(self, value: dict[str, Any], *, included: bool) -> dict[str, Any]:
        """The members of an object that are included, where `included` holds for those of which nothing is said."""
        selection = {}
        for name, member in value.items():
            rule = self.members.get(name)
            decided = included if rule is None or rule.included is None else rule.included
            if rule is None or not rule.members or not isinstance(member, dict):
                if decided:
                    selection[name] = member
                continue
            inner = rule.of(member, included=decided)
            if inner or decided:
                selection[name] = inner
        return selection


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Names of members to answer and of members to leave out.

    Attributes:
        include: The former; None if they were not even given.
        exclude: The latter.
    """

    include: tuple[str, ...] | None
    exclude: tuple[str, ...]

    def of(self, item: dict[str, Any]) -> dict[str, Any]:
        """The item with the selected members."""
        everything = self.include is None and bool(self.exclude)
        rules = _Rule()
        for name in self.exclude:
            rules.say(name, included=False)
        for name in self.include or (() if everything else self._default(item)):
            rules.say(name, included=True)
        return rules.of(item, included=everything)

    def _default(self, item: dict[str, Any]) -> list[str]:
        """The members of a valid item that are not excluded: they are no wish of the client."""
        is_dated = item.get("properties", {}).get("datetime") is not None
        excluded = [_path(name) for name in self.exclude]
        names = _DEFAULT if is_dated else _DEFAULT + _WITHOUT_DATETIME
        return [name for name in names if not any(_path(name)[: len(path)] == path for path in excluded)]


def from_text(text: str) -> Fields:
    """`id,properties.datetime,-geometry` as fields; raises InvalidParameter."""
    names = [name for part in text.split(",") if (name := part.strip())]  # an unencoded + arrives as a blank
    excluded = [name[1:] for name in names if name.startswith("-")]
    return _fields([name.removeprefix("+") for name in names if not name.startswith("-")], excluded)


def from_object(value: object) -> Fields:
    """{"include": [...], "exclude": [...]} as fields; raises InvalidParameter."""
    if value is None:
        return _fields([], [])
    if not isinstance(value, dict) or not value.keys() <= {"include", "exclude"}:
        raise InvalidParameter("fields", value, 'give {"include": [...], "exclude": [...]}')
    return _fields((value["include"] or []) if "include" in value else None, value.get("exclude") or [])


def _fields(include: object, exclude: object) -> Fields:
    """Fields from lists of names; raises InvalidParameter."""
    for names in (include, exclude):
        if names is None:
            continue
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(names) > MOST:
            raise InvalidParameter(
                "fields", names, f"give at most {MOST} names of members, such as properties.datetime"
            )
    assert isinstance(include, list | None)
    assert isinstance(exclude, list)
    return Fields(include=None if include is None else tuple(include), exclude=tuple(exclude))


def _path(name: str) -> tuple[str, ...]:
    """The members along a name; a name that is not a member of an item is one of its properties."""
    path = tuple(name.split(".", 4))
    return path if path[0] in _MEMBERS else ("properties", name)
