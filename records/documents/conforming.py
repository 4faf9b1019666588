"""Members of a stored record as the schemas of OGC API Records 1.0 want them (20-004r1, recordGeoJSON.yaml)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from config.vocabulary import HTML

if TYPE_CHECKING:
    from collections.abc import Callable

Member = dict[str, Any]

_PHONE: Final = re.compile(r"\+[1-9][0-9]{3,14}")
_NO_DIGITS: Final = re.compile(r"[^0-9+]")
_DAY: Final = 10
"""Characters of a date."""
_FIRST, _LAST = "T00:00:00Z", "T23:59:59Z"


def time(member: Member | None) -> Member | None:
    """A record's time: timestamps in UTC with Z, ends both dates or both timestamps, `..` for an open one.

    Clauses: /req/record-core/time-zone, time-instant, time-interval.
    """
    if not member:
        return None
    member_ = {name: _in_utc(value) if name in ("date", "timestamp") else value for name, value in member.items()}
    if isinstance(member.get("interval"), list):
        member_["interval"] = _interval([".." if end is None else _in_utc(end) for end in member["interval"]])
    return member_


def _interval(ends: list[Any]) -> list[Any]:
    ends_ = [str(end) for end in ends if end != ".."]
    if len({len(end) == _DAY for end in ends_}) < 2:
        return ends
    return [end + clock if len(end) == _DAY else end for end, clock in zip(ends, (_FIRST, _LAST), strict=False)]


def _in_utc(value: Any) -> Any:
    """A timestamp in UTC; dates and whatever is no time as they are."""
    if not isinstance(value, str) or len(value) <= _DAY:
        return value
    try:
        return datetime.fromisoformat(value).astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return value


def properties(members_: Member) -> Member:
    """A record's properties, those members mended or left out that the schemas refuse."""
    mended = dict(members_)
    for name, mend in _MENDED.items():
        if name in mended:
            members = [mended_member for member in _dicts(mended.pop(name)) if (mended_member := mend(member))]
            if members:
                mended[name] = members
    return mended


def _contact(contact: Member) -> Member | None:
    """A contact that is named; phones in E.164 (contact.yaml), another one as an instruction."""
    if not contact.get("name") and not contact.get("organization"):
        return None
    contact_ = {name: value for name, value in contact.items() if value not in ("", [], {}, None)}
    phones = {str(p.get("value")): _NO_DIGITS.sub("", str(p.get("value"))) for p in _dicts(contact_.pop("phones", []))}
    if numbers := [{"value": number} for number in phones.values() if _PHONE.fullmatch(number)]:
        contact_["phones"] = numbers
    others = [phone for phone, number in phones.items() if not _PHONE.fullmatch(number)]
    if others and "contactInstructions" not in contact_:
        contact_["contactInstructions"] = "Phone: " + ", ".join(others)
    if "addresses" in contact_:
        contact_["addresses"] = [_address(address) for address in _dicts(contact_["addresses"])]
    if "links" in contact_:
        contact_["links"] = [_link(link) for link in _dicts(contact_["links"]) if isinstance(link.get("href"), str)]
    return contact_


def _link(link: Member) -> Member:
    """A link of a contact; what it does not say is absent, not null (link.yaml)."""
    return {"type": HTML, **{name: value for name, value in link.items() if value is not None}}


def _address(address: Member) -> Member:
    """An address, its lines as a list and every other member as one text (contact.yaml)."""
    lines = {name: value if isinstance(value, list) else [value] for name, value in address.items() if value}
    return {n: ls if n in ("deliveryPoint", "roles") else ", ".join(map(str, ls)) for n, ls in lines.items()}


def _theme(theme: Member) -> Member | None:
    concepts = [c for c in _dicts(theme.get("concepts")) if isinstance(c.get("id"), str)]
    scheme = theme.get("scheme")
    return {**theme, "concepts": concepts, "scheme": scheme if isinstance(scheme, str) else ""} if concepts else None


def _format(member: Member) -> Member | None:
    return member if member.get("name") or member.get("mediaType") else None


_MENDED: Final[dict[str, Callable[[Member], Member | None]]] = {
    "contacts": _contact,
    "themes": _theme,
    "formats": _format,
}


def _dicts(value: Any) -> list[Member]:
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []
