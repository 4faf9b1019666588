"""Tokens that clients write with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from records.database.orm.base import Base


class TokenRow(Base):
    """A token that a client writes with: a salted hash of its secret, never the secret."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(primary_key=True)
    """The part of the token that names it."""
    name: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    salt: Mapped[bytes]
    digest: Mapped[bytes]
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    last_used: Mapped[datetime | None]
