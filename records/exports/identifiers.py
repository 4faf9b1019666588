"""Identifiers of an exported record as addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from records.exports.models import ExportRecord

_RESOLVERS: Final = {"doi": "https://doi.org/", "cstr": "https://cstr.cn/", "uuid": "urn:uuid:"}


def address(scheme: str, value: str) -> str:
    """An identifier as an address that its scheme resolves; as it is if the scheme has none."""
    resolver = _RESOLVERS.get(scheme.casefold())
    return value if resolver is None else resolver + quote(value, safe="/:;()._-~@+,!*'$&=")


def urls(record: ExportRecord) -> tuple[str, ...]:
    """Each foreign identifier, as an address where it can be one."""
    return tuple(dict.fromkeys(address(scheme, value) for scheme, value in record.external_ids))
