"""What every format of export is written from: a stored record with what the server knows of it, safely read.

A stored document is checked in part only (`records.documents.documents.require_valid`): a member that is of another
type than the standard gives it counts as absent here, so that no writer has to ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Final

from config.vocabulary import LANGUAGE_TAG

_TAG: Final = re.compile(LANGUAGE_TAG)

Texts = dict[str, str]
"""A text by language tag, the record's main language first."""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A party of a record; a name, an organization or both are known."""

    name: Texts
    organization: Texts
    position: Texts
    roles: tuple[str, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    url: str
    """Its page, or empty."""

    @property
    def is_person(self) -> bool:
        """Whether it has a name of its own."""
        return bool(self.name)


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Concepts of one knowledge system: (id, titles by language) each."""

    scheme: str
    concepts: tuple[tuple[str, Texts], ...]


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link of a record, absolute."""

    href: str
    rel: str = ""
    type: str = ""
    title: str = ""
    protocol: str = ""
    templated: bool = False
    """Whether the address has variables in braces (RFC 6570)."""


@dataclass(frozen=True, kw_only=True)
class ExportRecord:
    """A record to be exported.

    Attributes:
        document: The stored form (`records.documents.documents`): all languages, and what a published dataset says
        better. language: The main language, the tag of one of the titles. links: Its links to services, files and
        pages, absolute, their titles in the main language; without those to
            its own representations.
        created: When it entered the catalogue, RFC 3339 in UTC.
        updated: When it last changed, RFC 3339 in UTC.
        url: Where the record is served.
        page: Where its page for people is.
        retrieved: The day on which it is exported, UTC, which some styles of citation state.
    """

    document: dict[str, Any]
    language: str
    links: tuple[Link, ...]
    created: str
    updated: str
    url: str
    page: str
    retrieved: date = field(default_factory=lambda: datetime.now(UTC).date())

    @property
    def id(self) -> str:
        """Its id in the catalogue."""
        return str(self.document["id"])

    @property
    def type(self) -> str:
        """What it describes: `dataset`, `series`, `service` and others."""
        return str(self.properties["type"])

    @property
    def properties(self) -> dict[str, Any]:
        """Its properties as they are stored."""
        members: dict[str, Any] = self.document["properties"]
        return members

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Tags of its languages, the main one first."""
        return (self.language, *(tag for tag in self.properties["title"] if tag != self.language))

    def texts(self, name: str) -> Texts:
        """The texts of a property by language, those that are blank left out."""
        return self.by_language(self.properties.get(name))

    def text(self, name: str) -> str:
        """The text of a property in the main language, else in any; empty without one."""
        return next(iter(self.texts(name).values()), "")

    def word(self, name: str) -> str:
        """The text of a property that has no language, such as `issued`; empty without one."""
        value = self.properties.get(name)
        return value.strip() if isinstance(value, str) else ""

    def by_language(self, value: object) -> Texts:
        """A member that is a text or texts by language, the main language first."""
        texts = {self.language: value} if isinstance(value, str) else value if isinstance(value, dict) else {}
        valid = {tag: text for tag, text in texts.items() if _TAG.fullmatch(tag) and isinstance(text, str)}
        valid = {tag: text for tag, text in valid.items() if text.strip()}
        return {tag: valid[tag] for tag in sorted(valid, key=lambda tag: tag != self.language)}

    def member(self, name: str) -> dict[str, Any]:
        """A property that is an object; empty without one."""
        return _dict(self.properties.get(name))

    @cached_property
    def keywords(self) -> dict[str, tuple[str, ...]]:
        """Keywords by language tag, the main language first."""
        by_tag = _dict(self.properties.get("keywords"))
        words = {
            tag: tuple(w for w in _list(listing) if isinstance(w, str) and w.strip()) for tag, listing in by_tag.items()
        }
        return {tag: words[tag] for tag in sorted(words, key=lambda tag: tag != self.language) if words[tag]}

    @cached_property
    def themes(self) -> tuple[Theme, ...]:
        """Its themes, those without a concept left out."""
        themes_ = []
        for theme in _dicts(self.properties.get("themes")):
            concepts = tuple(
                (_text(c.get("id")) or next(iter(titles.values())), titles)
                for c in _dicts(theme.get("concepts"))
                if (titles := self.by_language(c.get("title"))) or _text(c.get("id"))
            )
            if concepts:
                themes_.append(Theme(scheme=_text(theme.get("scheme")), concepts=concepts))
        return tuple(themes_)

    @cached_property
    def contacts(self) -> tuple[Contact, ...]:
        """Its parties, in the order of the record."""
        parties = (self._contact(member) for member in _dicts(self.properties.get("contacts")))
        return tuple(party for party in parties if party.name or party.organization)

    def _contact(self, member: dict[str, Any]) -> Contact:
        links = (_text(link.get("href")) for link in _dicts(member.get("links")))
        return Contact(
            name=self.by_language(member.get("name")),
            organization=self.by_language(member.get("organization")),
            position=self.by_language(member.get("position")),
            roles=tuple(r for r in _list(member.get("roles")) if isinstance(r, str) and r.strip()),
            emails=_values(member.get("emails")),
            phones=_values(member.get("phones")),
            url=next((href for href in links if href.startswith(("http://", "https://"))), ""),
        )

    def parties(self, *roles: str) -> tuple[Contact, ...]:
        """The parties that have one of these roles."""
        return tuple(party for party in self.contacts if set(party.roles) & set(roles))

    @cached_property
    def external_ids(self) -> tuple[tuple[str, str], ...]:
        """(scheme or nothing, value) of each foreign identifier."""
        members = _dicts(self.properties.get("externalIds"))
        return tuple((_text(e.get("scheme")), _text(e.get("value"))) for e in members if _text(e.get("value")))

    def identifier(self, scheme: str) -> str:
        """The first foreign identifier of a scheme, such as `doi`; empty without one."""
        return next((value for scheme_, value in self.external_ids if scheme_.casefold() == scheme), "")

    @cached_property
    def formats(self) -> tuple[tuple[str, str], ...]:
        """(name, media type or nothing) of each format in which the data can be had."""
        pairs = ((_text(f.get("name")), _text(f.get("mediaType"))) for f in _dicts(self.properties.get("formats")))
        return tuple((name or media_type, media_type) for name, media_type in pairs if name or media_type)

    @cached_property
    def interval(self) -> tuple[str, str] | None:
        """Both ends of its time, RFC 3339 dates or date-times, empty for an open one; None without time."""
        time = _dict(self.document.get("time"))
        ends = _list(time.get("interval"))
        if len(ends) == 2:
            start, end = ("" if end == ".." else _text(end) for end in ends)
            return (start, end) if start or end else None
        instant = _text(time.get("timestamp")) or _text(time.get("date"))
        return (instant, instant) if instant else None

    @property
    def resolution(self) -> str:
        """Its resolution in time, an ISO 8601 duration; empty without one."""
        return _text(_dict(self.document.get("time")).get("resolution")) or self.word("temporalResolution")


def _values(members: object) -> tuple[str, ...]:
    return tuple(value for m in _dicts(members) if (value := _text(m.get("value"))))


def _dicts(value: object) -> list[dict[str, Any]]:
    return [member for member in _list(value) if isinstance(member, dict)]


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
