"""Resumption tokens (OAI-PMH 2.0, 3.5): everything that the next page needs, signed, so that the server keeps no state.

The key comes from the database's password, which all web workers share: a token outlives its worker, and becomes
invalid when the password changes. A token gives access to nothing that arguments would not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from records.search.listing import Changes, Place
from services.apis.oai.arguments import OaiFault

if TYPE_CHECKING:
    from sqlalchemy import URL

_SIGNATURE_BYTES: Final = 16


@dataclass(frozen=True, kw_only=True)
class ResumptionToken:
    """The place where a list continues.

    Attributes:
        place: Place where the page before ended.
        cursor: Records of all pages before.
        size: Records of the whole list, as its first page counted them.
    """

    verb: str
    prefix: str
    changes: Changes
    place: Place
    cursor: int
    size: int


def key_of(url: URL) -> bytes:
    """The key of the tokens of a catalogue."""
    return hashlib.sha256(f"oai-pmh {url.database} {url.password or ''}".encode()).digest()


def encode_token(token: ResumptionToken, key: bytes) -> str:
    """A token as harvesters carry it, in characters that no URL needs to escape."""
    changes = token.changes
    times = [changes.first, changes.after, *token.place]
    parts = [token.verb, token.prefix, changes.type, times, token.cursor, token.size]
    body = orjson.dumps(parts)
    return base64.urlsafe_b64encode(_signature(body, key) + body).rstrip(b"=").decode()


def decode_token(text: str, key: bytes, *, verb: str) -> ResumptionToken:
    """The token of a text; raises OaiFault if this server did not make it, or made it for another verb."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(body, key)):
        raise OaiFault("badResumptionToken", "this token is not from this server; start the list again")
    try:
        return _read(orjson.loads(body), verb)
    except (ValueError, TypeError) as error:  # of a server without a password, whose key is no secret
        raise OaiFault("badResumptionToken", "this token is from another version; start the list again") from error


def _read(parts: Any, verb: str) -> ResumptionToken:
    of_verb, prefix, type_, (first, after, moment, record_id), cursor, size = parts
    if of_verb != verb:
        raise OaiFault("badResumptionToken", f"this token continues {of_verb}")
    if not all(isinstance(text, str) and "\0" not in text for text in (prefix, record_id, type_ or "")):
        raise TypeError(prefix, record_id, type_)
    changes = Changes(first=_time(first), after=_time(after), type=type_)
    place = (datetime.fromisoformat(moment), record_id)
    return ResumptionToken(verb=verb, prefix=prefix, changes=changes, place=place, cursor=int(cursor), size=int(size))


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _signature(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_SIGNATURE_BYTES]
