"""The arguments of the six verbs (OAI-PMH 2.0, 4 and 3.6), checked as the protocol wants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from config.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

Code = Literal[
    "badArgument",
    "badResumptionToken",
    "badVerb",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noMetadataFormats",
    "noRecordsMatch",
    "noSetHierarchy",
]

VERBS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
    "ListRecords": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
}
"""The arguments that each verb needs, and those that it may have; a resumption token stands alone."""

MAX_VALUE: Final = 2_000
SET_SPEC: Final = re.compile(r"[A-Za-z0-9_.!~*'()-]{1,200}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


class OaiFault(InvalidInput):
    """A condition that OAI-PMH reports within an answer of HTTP 200 (3.6)."""

    kind = "oai-error"

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.code: Code = code


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A verb with its arguments, by the names of the protocol."""

    verb: str
    values: dict[str, str]


def checked(items: Iterable[tuple[str, str]]) -> Asked:
    """The verb and arguments of a request; raises OaiFault: badVerb or badArgument."""
    given: dict[str, list[str]] = {}
    for name, value in items:
        given.setdefault(name, []).append(value)
    verb = given.pop("verb", [])
    if len(verb) != 1 or verb[0] not in VERBS:
        shown = ", ".join(verb)[:100] or "nothing"
        raise OaiFault("badVerb", f"verb is {shown}; one of {', '.join(VERBS)} is needed, once")
    needed, possible = VERBS[verb[0]]
    for name, values in given.items():
        if name not in needed | possible:
            raise OaiFault("badArgument", f"{verb[0]} has no argument {name[:100]}")
        if len(values) > 1:
            raise OaiFault("badArgument", f"{name} is given {len(values)} times")
        if not values[0] or len(values[0]) > MAX_VALUE or "\x00" in values[0]:
            raise OaiFault("badArgument", f"{name} needs 1 to {MAX_VALUE} characters, without U+0000")
    if "resumptionToken" in given:
        if len(given) > 1:
            raise OaiFault("badArgument", "a resumptionToken stands alone beside the verb")
    elif missing := sorted(needed - given.keys()):
        raise OaiFault("badArgument", f"{verb[0]} needs {' and '.join(missing)}")
    return Asked(verb=verb[0], values={name: values[0] for name, values in given.items()})


def span(asked: Asked) -> tuple[datetime | None, datetime | None]:
    """The first time of change, and the first one outside (3.3.1, 4.5: `until` is inside); raises OaiFault."""
    first, until = asked.values.get("from"), asked.values.get("until")
    if first and until and len(first) != len(until):
        raise OaiFault("badArgument", f"from {first} and until {until} are of different granularity")
    start = _moment("from", first)[0] if first else None
    end = _moment("until", until)[1] if until else None
    if start and end and start >= end:
        raise OaiFault("badArgument", f"from {first} is later than until {until}")
    return start, end


def _moment(name: str, text: str) -> tuple[datetime, datetime]:
    """A day or a second: its first moment, and the first one after it."""
    is_day = _DAY.fullmatch(text) is not None
    try:
        first = datetime.fromisoformat(text).replace(tzinfo=UTC) if is_day or _SECOND.fullmatch(text) else None
    except ValueError:  # a day or a second that there is not
        first = None
    if first is None:
        raise OaiFault("badArgument", f"{name} is {text[:100]}; write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")
    length = timedelta(days=1) if is_day else timedelta(seconds=1)
    return first, first + min(length, datetime.max.replace(tzinfo=UTC) - first)
