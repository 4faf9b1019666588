"""Tokens that clients write with: shown once when they are made, afterwards known by a salted hash alone.

A token is `graticule_ID_SECRET`. The id finds its row; of the secret, 256 bits of the system's random source, the
table holds HMAC-SHA-256 keyed by a salt of the token's own, compared in constant time. So many bits are not guessed,
whatever the hash, so that it need not be a slow one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from config.errors import Conflict, InvalidParameter, NotFound
from records.database.engine import translated_errors
from records.database.orm import TokenRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

WRITE: Final = "records:write"
HISTORY: Final = "records:history"
PUBLISH: Final = "datasets:publish"
STYLE: Final = "datasets:style"
SCOPES: Final = {
    WRITE: "create, replace, change and delete records",
    HISTORY: "list the versions of records",
    PUBLISH: "publish results of processes as collections",
    STYLE: "save styles of collections",
}
"""What a token may allow."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_TOKEN = re.compile(r"graticule_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_USED_EVERY = timedelta(minutes=1)
"""`last_used` is as exact as this, so that a write of a record is not two."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token, without its secret. Times are in UTC."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    last_used: datetime | None = None

    @property
    def fault(self) -> str | None:
        """Why it is not valid now, or None if it is."""
        if self.revoked is not None:
            return "was revoked"
        if self.expires is not None and self.expires <= datetime.now(UTC):
            return f"expired on {self.expires.isoformat(timespec='seconds')}"
        return None


class TokenStore:
    """The tokens behind an engine. Thread-safe: every call has its own session."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, name: str, scopes: Sequence[str], *, expires: datetime | None = None) -> tuple[Token, str]:
        """Make a token; returns it and its text, which nobody can be told again.

        Raises InvalidParameter, or Conflict if there is or was one of that name: names stand in the history.
        """
        _require_possible(name, scopes, expires)
        token_id, secret, salt = secrets.token_hex(6), secrets.token_urlsafe(32), secrets.token_bytes(16)
        with translated_errors(), Session(self._engine) as session, session.begin():
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("token:" + name, 0))))
            if session.scalar(select(TokenRow.id).where(TokenRow.name == name)) is not None:
                raise Conflict(f"there is or was a token {name!r}; choose another name, for it stands in the history")
            row = TokenRow(id=token_id, name=name, scopes=sorted(set(scopes)), salt=salt, expires=expires)
            row.digest = _digest(salt, secret)
            session.add(row)
            session.flush()
            return _token(row), f"graticule_{token_id}_{secret}"

    def list(self) -> list[Token]:
        """Every token, revoked and expired ones too, in the order in which they were made."""
        with translated_errors(), Session(self._engine) as session:
            return [_token(row) for row in session.scalars(select(TokenRow).order_by(TokenRow.created, TokenRow.name))]

    def revoke(self, name: str) -> bool:
        """End a token at once and for good; whether it was valid until now. Raises NotFound."""
        with translated_errors(), Session(self._engine) as session, session.begin():
            row = session.scalar(select(TokenRow).where(TokenRow.name == name).with_for_update())
            if row is None:
                raise NotFound(f"there is no token {name[:80]!r}; `graticule tokens list` names those there are")
            was_valid = _token(row).fault is None
            if row.revoked is None:
                row.revoked = datetime.now(UTC)
            return was_valid

    def any_valid(self) -> bool:
        """Whether there is a token that is neither revoked nor expired."""
        valid = TokenRow.revoked.is_(None), or_(TokenRow.expires.is_(None), TokenRow.expires > func.now())
        with translated_errors(), Session(self._engine) as session:
            return session.scalar(select(TokenRow.id).where(*valid).limit(1)) is not None

    def known(self, text: str) -> Token | None:
        """The token of a text, whether valid now or not; None if there is none. Notes that it was used."""
        parts = _TOKEN.fullmatch(text)
        if parts is None:
            return None
        with translated_errors(), Session(self._engine) as session, session.begin():
            row = session.get(TokenRow, parts[1])
            salt, digest = (row.salt, row.digest) if row is not None else (b"", bytes(32))
            is_same = hmac.compare_digest(_digest(salt, parts[2]), digest)
            if row is None or not is_same:
                return None
            now = datetime.now(UTC)
            if row.last_used is None or now - row.last_used > _USED_EVERY:
                session.execute(update(TokenRow).where(TokenRow.id == row.id).values(last_used=now))
            return _token(row)


def _require_possible(name: str, scopes: Sequence[str], expires: datetime | None) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidParameter("NAME", name, "give 1 to 64 letters, digits or ._@-, the first a letter or digit")
    for scope in scopes:
        if scope not in SCOPES:
            raise InvalidParameter("--scope", scope, f"there are {' and '.join(SCOPES)}")
    if not scopes:
        raise InvalidParameter("--scope", "", f"name one at least of {' and '.join(SCOPES)}")
    if expires is not None and expires <= datetime.now(UTC):
        raise InvalidParameter("--expires", expires.isoformat(), "name a time to come")


def _digest(salt: bytes, secret: str) -> bytes:
    return hmac.new(salt, secret.encode(), hashlib.sha256).digest()


def _token(row: TokenRow) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        scopes=tuple(row.scopes),
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
        last_used=row.last_used,
    )
