"""A served record (OGC 20-004r1) as its page shows it; members of unexpected types are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shapely.errors import GEOSException
from shapely.geometry import shape

from services.portal.pages.about import KNOWN, About, about
from services.portal.pages.records.data_centre import RESOLVERS, DataCentre, data_centre

if TYPE_CHECKING:
    from collections.abc import Iterable

_POLICIES: Final = ("open", "login", "apply")
_SHOWN: Final = frozenset({
    "title", "description", "keywords", "contacts", "externalIds", "license", "licenseUrl", "attribution", "source",
    "lineage", "created", "updated", "type", "language", "languages", "themes",
    "access",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ContactCard:
    """A party: its name, what it does, where it is found, and its mail if the record publishes one."""

    name: str
    roles: str
    url: str
    email: str


@dataclass(frozen=True, kw_only=True)
class AccessNotice:
    """The access policy: `open`, `login` or `apply`, and the first day after an embargo, else empty."""

    policy: str
    embargo: str


@dataclass(frozen=True, kw_only=True)
class RecordView:
    """A record, taken apart.

    Attributes:
        title: Its title.
        description: Its description.
        keywords: Keywords and the concepts of its themes.
        identifiers: (text, URL or nothing) of each external identifier.
        contacts: The responsible parties.
        times: Both ends of its time; empty without one.
        boxes: (west, south, east, north) of its geometry, in degrees; two of them across 180 degrees.
        about: Sizes, versions, quality, papers and projects.
        licence: (text, URL or nothing); None if it is not known.
        access: Who may have the data; None if it does not say.
        data: The link to its data as a collection, if it has one.
        centre: Who has the data of a record that has no collection, if it says so.
        dates: (word key, date) of its entry in this catalogue.
        rest: What is not shown otherwise.
    """

    title: str
    description: str
    keywords: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]
    contacts: tuple[ContactCard, ...]
    times: tuple[str, ...]
    boxes: tuple[tuple[float, float, float, float], ...]
    about: About
    licence: tuple[str, str] | None
    access: AccessNotice | None
    data: str
    centre: DataCentre | None
    dates: tuple[tuple[str, str], ...]
    rest: dict[str, Any]


def record_view(document: dict[str, Any]) -> RecordView:
    """Take a record apart."""
    properties = document.get("properties")
    members: dict[str, Any] = properties if isinstance(properties, dict) else {}
    links = [link for link in _list(document.get("links")) if isinstance(link, dict) and "href" in link]
    data = next((str(k["href"]) for k in links if k.get("rel") == "data"), "")
    return RecordView(
        title=_text(members.get("title")) or _text(document.get("id")),
        description=_text(members.get("description")),
        keywords=tuple(dict.fromkeys(_words(members))),
        identifiers=tuple(_identifier(e) for e in _list(members.get("externalIds")) if isinstance(e, dict)),
        contacts=contacts_of(members),
        times=_times(document.get("time")),
        boxes=_boxes(document.get("geometry")),
        about=about(document),
        licence=_licence(members, links),
        access=_access(members.get("access")),
        data=data,
        centre=None if data else data_centre(members, links),
        dates=tuple(
            (f"catalogue_{key}", _text(members.get(key))[:10])
            for key in ("created", "updated")
            if _text(members.get(key))
        ),
        rest={name: value for name, value in members.items() if name not in _SHOWN | KNOWN},
    )


def _words(members: dict[str, Any]) -> Iterable[str]:
    yield from (word for word in _list(members.get("keywords")) if isinstance(word, str))
    for theme in _list(members.get("themes")):
        for concept in _list(theme.get("concepts") if isinstance(theme, dict) else None):
            if isinstance(concept, dict) and (text := _text(concept.get("title")) or _text(concept.get("id"))):
                yield text


def _identifier(identifier: dict[str, Any]) -> tuple[str, str]:
    scheme, value = _text(identifier.get("scheme")), _text(identifier.get("value"))
    resolver = RESOLVERS.get(scheme.lower())
    href = value if value.startswith(("http://", "https://")) else f"{resolver}{value}" if resolver else ""
    return (f"{scheme.upper()}:{value}" if resolver else f"{scheme}:{value}" if scheme else value), href


def contacts_of(properties: dict[str, Any]) -> tuple[ContactCard, ...]:
    """The responsible parties that a record's properties name."""
    return tuple(_contact(c) for c in _list(properties.get("contacts")) if isinstance(c, dict))


def _contact(contact: dict[str, Any]) -> ContactCard:
    names = dict.fromkeys(_text(contact.get(key)) for key in ("name", "organization"))
    roles = [_text(role) for role in _list(contact.get("roles"))]
    links = [link for link in _list(contact.get("links")) if isinstance(link, dict)]
    url = next((_text(link.get("href")) for link in links), "")
    mails = [mail for mail in _list(contact.get("emails")) if isinstance(mail, dict)]
    return ContactCard(
        name=", ".join(n for n in names if n),
        roles=", ".join(r for r in roles if r),
        url=url,
        email=next((_text(mail.get("value")) for mail in mails), ""),
    )


def _times(time: Any) -> tuple[str, ...]:
    if not isinstance(time, dict):
        return ()
    if isinstance(time.get("interval"), list):
        return tuple("\u2026" if end in ("..", None) else _text(end) for end in time["interval"][:2])
    return tuple(text for text in (_text(time.get("timestamp") or time.get("date")),) if text)


def _boxes(geometry: Any) -> tuple[tuple[float, float, float, float], ...]:
    if not isinstance(geometry, dict):
        return ()
    try:
        outline = shape(geometry)
    except (GEOSException, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return ()
    parts = list(getattr(outline, "geoms", [outline]))
    return tuple(tuple(part.bounds) for part in parts[:20] if not part.is_empty)


def _licence(members: dict[str, Any], links: list[dict[str, Any]]) -> tuple[str, str] | None:
    name = _text(members.get("license"))
    linked = next((str(k["href"]) for k in links if k.get("rel") == "license"), "") or _text(members.get("licenseUrl"))
    if not name:
        return (linked, linked) if linked else None
    spdx_page = f"https://spdx.org/licenses/{name}.html" if name != "other" else ""
    return (linked if name == "other" and linked else name, linked or spdx_page)


def _access(access: Any) -> AccessNotice | None:
    policy = access.get("policy") if isinstance(access, dict) else None
    return AccessNotice(policy=policy, embargo=_text(access.get("embargoUntil"))) if policy in _POLICIES else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
