"""The arguments of the six verbs (OAI-PMH 2.0, 4 and 3.6), checked as the protocol demands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from config.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

OaiCode = Literal[
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
"""The mandatory and the optional arguments of each verb; a resumption token stands alone."""

MAX_VALUE: Final = 2_000
SET_SPEC: Final = re.compile(r"[A-Za-z0-9_.!~*'()-]{1,200}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


class OaiFault(InvalidInput):
    """A condition that OAI-PMH reports within an answer of HTTP 200 (3.6)."""

    kind = "oai-error"

    def __init__(self, code: OaiCode, detail: str) -> None:
        super().__init__(detail)
        self.code: OaiCode = code


@dataclass(frozen=True, kw_only=True)
class VerbRequest:
    """A verb with its arguments, by the names of the protocol."""

    verb: str
    values: dict[str, str]


def parse_request(items: Iterable[tuple[str, str]]) -> VerbRequest:
    """The verb and arguments of a request; raises OaiFault: badVerb or badArgument."""
    arguments: dict[str, list[str]] = {}
    for name, value in items:
        arguments.setdefault(name, []).append(value)
    verb = arguments.pop("verb", [])
    if len(verb) != 1 or verb[0] not in VERBS:
        names = ", ".join(verb)[:100] or "nothing"
        raise OaiFault("badVerb", f"verb is {names}; one of {', '.join(VERBS)} is needed, once")
    mandatory, optional = VERBS[verb[0]]
    for name, values in arguments.items():
        if name not in mandatory | optional:
            raise OaiFault("badArgument", f"{verb[0]} has no argument {name[:100]}")
        if len(values) > 1:
            raise OaiFault("badArgument", f"{name} is given {len(values)} times")
        if not values[0] or len(values[0]) > MAX_VALUE or "\x00" in values[0]:
            raise OaiFault("badArgument", f"{name} needs 1 to {MAX_VALUE} characters, without U+0000")
    if "resumptionToken" in arguments:
        if len(arguments) > 1:
            raise OaiFault("badArgument", "a resumptionToken stands alone beside the verb")
    elif missing := sorted(mandatory - arguments.keys()):
        raise OaiFault("badArgument", f"{verb[0]} needs {' and '.join(missing)}")
    return VerbRequest(verb=verb[0], values={name: values[0] for name, values in arguments.items()})


def span(request: VerbRequest) -> tuple[datetime | None, datetime | None]:
    """The first time of change and the first one after the span (3.3.1, 4.5: `until` is inclusive); raises OaiFault."""
    first, until = request.values.get("from"), request.values.get("until")
    if first and until and len(first) != len(until):
        raise OaiFault("badArgument", f"from {first} and until {until} are of different granularity")
    start = _moment("from", first)[0] if first else None
    end = _moment("until", until)[1] if until else None
    if start and end and start >= end:
        raise OaiFault("badArgument", f"from {first} is later than until {until}")
    return start, end


def _moment(name: str, text: str) -> tuple[datetime, datetime]:
    """The first moment of a day or a second, and the first one after it."""
    is_day = _DAY.fullmatch(text) is not None
    try:
        first = datetime.fromisoformat(text).replace(tzinfo=UTC) if is_day or _SECOND.fullmatch(text) else None
    except ValueError:  # no such day or second
        first = None
    if first is None:
        raise OaiFault("badArgument", f"{name} is {text[:100]}; write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")
    length = timedelta(days=1) if is_day else timedelta(seconds=1)
    return first, first + min(length, datetime.max.replace(tzinfo=UTC) - first)
