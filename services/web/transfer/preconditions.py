"""Entity tags of records, and the conditions of requests on them (RFC 9110, 8.8 and 13).

A tag is `"STATE.FORM"`: the state is that of the record as it is stored, the same in every language, format and worker;
the form tells the answers of one state apart. A condition of a change is on the state: whoever read the record in any
language may change it. So tags are strong, and stay so when an answer is compressed (`-gzip`).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Self

from config.errors import InvalidParameter, PreconditionFailed, PreconditionRequired

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from records.writing.transactions import Current

STORED: Final = "stored"
"""The form of `?f=stored`, whose bytes are those of the state."""
GZIP: Final = "-gzip"
"""The end of the tag of an answer that is compressed for those who take gzip."""

_TAGS = re.compile(r'\s*(?:(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"\s*(?:,\s*|$))+')
_TAG = re.compile(r'(W/)?"([^"]*)"')
_MOST = 4_000


def served_form(body: bytes, media_type: str) -> str:
    """The form of an answer by its bytes and their label."""
    return hashlib.sha256(media_type.encode() + b"\n" + body).hexdigest()[:8]


def tag(state: str, form: str, *, gzip: bool = False) -> str:
    """The entity tag of a form of a state."""
    return f'"{state}.{form}{GZIP if gzip else ""}"'


def http_date(moment: datetime) -> str:
    """A moment as HTTP writes it, to the second."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """The presumptions of a request that changes a record.

    Attributes:
        match: States of which the record must have one; `*`: it must be there; None: not said.
        none_match: States of which it must have none; `*`: it must not be there.
        unmodified_since: The moment since which it must not have changed; a second is the finest that HTTP writes.
        required: Whether a change of a record that is there must presume a state.
    """

    match: frozenset[str] | None = None
    none_match: frozenset[str] = frozenset()
    unmodified_since: datetime | None = None
    required: bool = False

    @classmethod
    def of(cls, headers: Headers, *, required: bool) -> Self:
        """The conditions of a request; raises InvalidParameter."""
        match, none_match = headers.get("if-match"), headers.get("if-none-match")
        since = headers.get("if-unmodified-since") if match is None else None  # RFC 9110, 13.1.4
        return cls(
            match=None if match is None else _states("If-Match", match),
            none_match=frozenset() if none_match is None else _states("If-None-Match", none_match, weak=True),
            unmodified_since=_date(since),
            required=required,
        )

    def check(self, current: Current | None) -> None:
        """Raise PreconditionFailed unless the state of a record, None without one, is as presumed."""
        if current is None:
            if self.match is not None:
                raise PreconditionFailed("If-Match: there is no such record; leave the header out to create it")
            return
        if self.none_match & {"*", current.state}:
            raise PreconditionFailed("If-None-Match: there is such a record already")
        if self.match is not None and not self.match & {"*", current.state}:
            raise PreconditionFailed("If-Match: the record has changed since, or the tag is weak; read it again")
        changed = current.modified.replace(microsecond=0)
        if self.unmodified_since is not None and changed > self.unmodified_since:
            raise PreconditionFailed(f"If-Unmodified-Since: the record changed on {http_date(changed)}; read it again")
        if self.required and self.match is None and self.unmodified_since is None:
            raise PreconditionRequired(
                "this server changes records only with If-Match; send the ETag that GET answered"
            )

    def check_new(self, current: Current | None) -> None:
        """The same for a record that is created: the tags of If-Match cannot be those of what is not there."""
        if "*" in self.none_match and current is not None:
            raise PreconditionFailed("If-None-Match: there is such a record already")
        if self.match is not None and "*" not in self.match:
            raise PreconditionFailed("If-Match: a record that is created has no tag yet; leave the header out")


def is_known(headers: Headers, etag: str, modified: datetime) -> bool:
    """Whether the client holds an answer: by tag, compared weakly, else by date (RFC 9110, 13.1.2 and 13.1.3)."""
    condition = headers.get("if-none-match")
    if condition is not None:
        return condition.strip() == "*" or etag in {f'"{match[1]}"' for match in _TAG.findall(condition[:_MOST])}
    try:
        since = parsedate_to_datetime(headers.get("if-modified-since", ""))
        return since.tzinfo is not None and modified.replace(microsecond=0) <= since
    except (ValueError, TypeError, OverflowError):  # no date: the condition is ignored
        return False


def _states(name: str, text: str, *, weak: bool = False) -> frozenset[str]:
    """The states of tags; a weak one counts only where tags are compared weakly (RFC 9110, 13.1.1 and 13.1.2)."""
    if text.strip() == "*":
        return frozenset({"*"})
    if len(text) > _MOST or not _TAGS.fullmatch(text):
        raise InvalidParameter(name, text, 'write * or entity tags in quotes, such as "a1b2.stored"')
    states = [opaque.partition(".")[0] for mark, opaque in _TAG.findall(text) if weak or not mark]
    return frozenset(states) - {"*"}


def _date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError, OverflowError):
        return None  # RFC 9110, 13.1.4: a recipient ignores what is no date
    return moment if moment is not None and moment.tzinfo is not None else None
