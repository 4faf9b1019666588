"""A record in the making: an adapter adds what its source gives, in any order, and notes what is irregular."""

from __future__ import annotations

import re
from typing import Any

from config.errors import InvalidRecord
from records.documents.documents import MAX_TITLE_CHARACTERS, require_valid
from records.harvest.models import MAX_MEMBERS, MAX_TEXT, Harvested, Note, shown
from records.harvest.values import times
from records.harvest.values.identifiers import anonymous, external_id, is_slug, slug
from records.harvest.values.languages import UNDETERMINED, holds_chinese
from records.harvest.values.licences import spdx
from records.harvest.values.markup import plain_text, unclosed_tags
from records.harvest.values.places import Geometry

RECORD_CORE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"
MAX_NOTES = 200
_SENTENCE = re.compile(r"(?<=[^\W\d_]{4}[.!?])\s+|(?<=[。！？])")
"""Where a sentence ends: not in `4.4 Ga` and not behind an abbreviation (`Mt. St. Helens`)."""
_LINKABLE = re.compile(r"(?!file:|javascript:)[a-z][a-z0-9+.-]{1,30}://\S+", re.IGNORECASE)
_SECRET = 6
"""Characters from which a private text is removed from the public ones wherever it stands."""


class Draft:
    """A record in the making.

    Attributes:
        language: The tag of texts whose language is not given beside them.
        properties: Members of the record's `properties`, as far as they are known.
        geometry: Where the record is, GeoJSON in CRS84, or None.
        time: The OGC `time` member, or None.
    """

    def __init__(self, format_name: str, *, language: str | None = None) -> None:
        self.format = format_name
        self.language = language or UNDETERMINED
        self.geometry: Geometry | None = None
        self.time: dict[str, Any] | None = None
        self.conforms_to: list[str] = []
        self.link_templates: list[dict[str, Any]] = []
        self.properties: dict[str, Any] = {"type": "dataset"}
        self._notes: list[Note] = []
        self._unsaid = 0
        self._links: list[dict[str, Any]] = []
        self._contacts: list[dict[str, Any]] = []
        self._private_contacts: list[dict[str, Any]] = []
        self._fields: dict[str, Any] = {}
        self._full: set[str] = set()

    def note(self, field: str, value: object, action: str) -> None:
        """Report an irregularity: the source's field, what stands there, what was done."""
        if len(self._notes) < MAX_NOTES:
            self._notes.append(Note(field=field, value=shown(value), action=action))
        else:
            self._unsaid += 1

    def keep(self, field: str, value: object) -> None:
        """Keep a member of the source for operators, unpublished, unless it says nothing."""
        if value not in (None, "", [], {}):
            self._fields[field] = value

    def text(self, name: str, value: object, *, language: str | None = None, field: str = "") -> None:
        """Add a text by language to a property; HTML is made plain, an empty text is left out."""
        if not isinstance(value, str) or not value.strip():
            return
        if len(value) > MAX_TEXT:
            self.note(field or name, value, f"cut after {MAX_TEXT} characters")
            value = value[:MAX_TEXT]
        if unclosed := unclosed_tags(value):
            self.note(field or name, value, f"unclosed tags closed: {', '.join(f'<{tag}>' for tag in unclosed)}")
        plain = plain_text(value)
        if plain:
            tag = self._tag(plain, language, field or name)
            self.properties.setdefault(name, {}).setdefault(tag, plain)

    def _tag(self, text: str, language: str | None, field: str) -> str:
        if language:
            return language
        if self.language == UNDETERMINED and holds_chinese(text):
            self.note(field, text, "no language is given; taken for Chinese by its characters")
            return "zh"
        return self.language

    def keyword(self, word: object, *, language: str | None = None) -> None:
        """Add a keyword, once."""
        if isinstance(word, str) and (plain := plain_text(word)):
            tag = language or ("zh" if self.language == UNDETERMINED and holds_chinese(plain) else self.language)
            words = self.properties.setdefault("keywords", {}).setdefault(tag, [])
            if self._has_room("keywords", words) and plain not in words:
                words.append(plain)

    def theme(self, scheme: str, concepts: list[dict[str, Any]]) -> None:
        """Add concepts of a knowledge system; each has an `id` and perhaps a `title`."""
        themes = self.properties.setdefault("themes", []) if concepts else []
        if concepts and self._has_room("themes", themes):
            themes.append({"scheme": scheme, "concepts": concepts})

    def identifier(self, value: object, scheme: str | None = None) -> None:
        """Add a foreign identifier, once."""
        if isinstance(value, str) and value.strip():
            identifier_ = external_id(value, scheme)
            identifiers = self.properties.setdefault("externalIds", [])
            if self._has_room("externalIds", identifiers) and all(
                identifier_["value"].casefold() != k["value"].casefold() for k in identifiers
            ):
                identifiers.append(identifier_)

    def contact(
        self,
        contact: dict[str, Any],
        *,
        roles: list[str],
        emails: list[str] | None = None,
        phones: list[str] | None = None,
        private: bool = False,
    ) -> None:
        """Add a party; one that is there already gets the further roles.

        Mails and phones of a person are kept for operators alone; those of an organization without a person are
        published, because the source publishes them for that, unless it says that they are `private`.
        """
        if not self._has_room("contacts", self._contacts) or not self._has_room("contacts", self._private_contacts):
            return
        members_ = {name: value for name, value in contact.items() if value not in (None, "", [], {})}
        reach = {"emails": _distinct(emails), "phones": _distinct(phones)}
        reach = {name: values for name, values in reach.items() if values}
        is_named = bool(members_.get("name") or members_.get("organization"))
        if reach and (private or members_.get("name") or not is_named):
            _merge(self._private_contacts, {**members_, **reach}, roles)
        else:
            members_ |= {name: [{"value": value} for value in values] for name, values in reach.items()}
        if is_named:
            _merge(self._contacts, members_, roles)

    def link(self, href: object, **members: str | None) -> None:
        """Add a link, once; one that is no absolute address is noted and kept for operators."""
        if not isinstance(href, str) or not href.strip():
            return
        href = href.strip()
        if not _LINKABLE.fullmatch(href):
            self.note("link", href, "left out: it is no absolute address")
            return
        link_ = {"href": href, **{name: value for name, value in members.items() if value}}
        if self._has_room("links", self._links) and all(
            link["href"] != href or link.get("rel") != link_.get("rel") for link in self._links
        ):
            self._links.append(link_)

    def has_link(self, rel: str) -> bool:
        """Whether there is a link of that relation."""
        return any(link.get("rel") == rel for link in self._links)

    def format_name(self, name: object, media_type: str | None = None) -> None:
        """Add a format in which the data can be had, once."""
        if isinstance(name, str) and name.strip():
            format_ = {"name": name.strip(), **({"mediaType": media_type} if media_type else {})}
            formats = self.properties.setdefault("formats", [])
            if self._has_room("formats", formats) and format_ not in formats:
                formats.append(format_)

    def _has_room(self, name: str, members: list[Any]) -> bool:
        """Whether a record may have one more of these; if not, that is noted, once."""
        if len(members) < MAX_MEMBERS:
            return True
        if name not in self._full:
            self._full.add(name)
            self.note(name, "", f"those after the first {MAX_MEMBERS} are left out")
        return False

    def license(self, value: object, *, title: str = "", field: str = "license") -> None:
        """Set the licence from its SPDX identifier, URL or text; the first one counts."""
        text = value.strip() if isinstance(value, str) else ""
        if not text and not title:
            return
        identifier = spdx(text) or spdx(title)
        if identifier:
            if self.properties.setdefault("license", identifier) != identifier:
                self.note(field, text, f"left out: the licence is {self.properties['license']} already")
        elif _LINKABLE.fullmatch(text) and "license" not in self.properties:
            self.properties["license"] = "other"
        else:
            self.text("rights", title or text, field=field)
        if _LINKABLE.fullmatch(text) and text.startswith("http"):
            self.link(text, rel="license", title=title or None)

    def interval(self, start: str | None, end: str | None, *, field: str, zone: str = "Z") -> None:
        """Set the time from two ends, None or empty for an open one, or widen the time that is set.

        What is no time, or ends before it begins, is noted and left out.
        """
        if not start and not end:
            return
        first = times.moment(start, zone=zone) if start and start != times.OPEN else times.OPEN
        final = times.moment(end, last=True, zone=zone) if end and end != times.OPEN else times.OPEN
        if first is None or final is None:
            self.note(field, f"{start}/{end}", "left out: it is no interval of ISO 8601 times")
            return
        if any(text and times.has_no_zone(text) for text in (start, end)):
            self.note(field, f"{start}/{end}", f"no zone is given; taken for {'UTC' if zone == 'Z' else zone}")
        if times.OPEN not in (first, final) and times.order(first) > times.order(final, last=True):
            self.note(field, f"{start}/{end}", "left out: it ends before it begins")
            return
        if first == final == times.OPEN:
            return
        known = (self.time or {}).get("interval")
        if known:
            self.note(field, f"{start}/{end}", "several times; their first and last moment count")
            first, final = times.hull(known, (first, final))
        self.time = {**(self.time or {}), "interval": [first, final]}

    def time_resolution(self, text: object, *, field: str) -> None:
        """Set the resolution in time, an ISO 8601 duration."""
        if not isinstance(text, str) or not text.strip():
            return
        duration = times.duration(text)
        if duration is None:
            self.note(field, text, "kept: it is no duration that is known")
            self.keep(field, text)
        else:
            self.time = {**(self.time or {}), "resolution": duration}

    def finish(self, source_id: str | None) -> Harvested:
        """The record; raises InvalidRecord if it cannot be stored."""
        self._require_title(source_id)
        if not source_id:
            source_id = record_id = anonymous(sorted(self.properties["title"].items()), self.geometry, self.time)
            self.note("id", "", f"none is given; {record_id} is made of its title, place and time")
        else:
            record_id = slug(source_id)
            if not is_slug(source_id):
                self.identifier(source_id)
        self._settle_time()
        private = self._private()
        document = {
            "id": record_id,
            "type": "Feature",
            "conformsTo": [RECORD_CORE, *self.conforms_to],
            "geometry": self.geometry,
            "time": self.time,
            "properties": {**self.properties, **({"contacts": self._contacts} if self._contacts else {})},
            "links": self._links,
        }
        if self.link_templates:
            document["linkTemplates"] = self.link_templates
        document = self._without_secrets(document)
        require_valid(document)
        if self._unsaid:
            self._notes.append(Note(field="notes", value=str(self._unsaid), action="as many more are not told"))
        return Harvested(
            document=document, format=self.format, source_id=source_id, notes=tuple(self._notes), private=private
        )

    def _require_title(self, source_id: str | None) -> None:
        titles = self.properties.get("title") or {}
        if not titles:
            descriptions = self.properties.get("description", {})
            titles = {tag: _first_sentence(text) for tag, text in descriptions.items()}
            action = "none is given; the description's first sentence stands for it"
            if not titles and source_id:
                titles, action = {self.language: source_id}, "none is given; the identifier stands for it"
            if not titles:
                raise InvalidRecord("the record has neither title, description nor identifier")
            self.note("title", "", action)
        for tag, title in titles.items():
            if len(title) > MAX_TITLE_CHARACTERS:
                self.note("title", title, f"cut after {MAX_TITLE_CHARACTERS} characters")
                titles[tag] = title[:MAX_TITLE_CHARACTERS]
        self.properties["title"] = {tag: " ".join(title.split()) for tag, title in titles.items()}
        if self.language == UNDETERMINED and UNDETERMINED in titles:
            self.note("language", "", f"none is given; texts are marked {UNDETERMINED}, undetermined")

    def _settle_time(self) -> None:
        """A resolution without an interval says nothing of when, so it is kept as a property instead."""
        if (
            self.time is not None
            and "interval" not in self.time
            and "date" not in self.time
            and "timestamp" not in self.time
        ):
            self.properties["temporalResolution"] = self.time["resolution"]
            self.time = None

    def _private(self) -> dict[str, Any]:
        if self._private_contacts:
            names = ", ".join(str(c.get("name") or c.get("organization") or "?") for c in self._private_contacts)
            self.note("contacts", names, "mails and phones are kept for operators, not published")
        members = {"contacts": self._private_contacts, "fields": self._fields}
        return {name: value for name, value in members.items() if value}

    def _without_secrets(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document without private mails and phones, should a text repeat one."""
        reach = [v for c in self._private_contacts for name in ("emails", "phones") for v in c.get(name, ())]
        secrets = [value for value in reach if len(value) >= _SECRET]
        cleaned: dict[str, Any] = _replaced(document, secrets)
        if secrets and cleaned != document:
            self.note("contacts", "", "a private mail or phone in a public text was removed from it")
        return cleaned


def _replaced(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "…")
        return value
    if isinstance(value, list):
        return [_replaced(item, secrets) for item in value]
    if isinstance(value, dict):
        return {name: _replaced(member, secrets) for name, member in value.items()}
    return value


def _merge(contacts: list[dict[str, Any]], contact: dict[str, Any], roles: list[str]) -> None:
    """Add a party, or its roles to the same one that is there."""
    match = next((c for c in contacts if {n: v for n, v in c.items() if n != "roles"} == contact), None)
    if match is None:
        contacts.append({**contact, "roles": list(dict.fromkeys(roles))} if roles else contact)
    else:
        match["roles"] = list(dict.fromkeys([*match.get("roles", []), *roles]))


def _distinct(values: list[str] | None) -> list[str]:
    return list(dict.fromkeys(v.strip() for v in values or [] if isinstance(v, str) and v.strip()))


def _first_sentence(text: str) -> str:
    return _SENTENCE.split(" ".join(text.split()), maxsplit=1)[0][:200]
