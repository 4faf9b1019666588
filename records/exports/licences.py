"""The licence of an exported record as addresses; `records.harvest.values.licences` reads them back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from records.exports.models import ExportRecord

_CC: Final = re.compile(r"CC-(BY(?:-NC)?(?:-ND|-SA)?)-([1-4]\.[05])")
_SPDX: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,60}")
_ZERO: Final = "https://creativecommons.org/publicdomain/zero/1.0/"


def spdx_of(record: ExportRecord) -> str:
    """The SPDX identifier of a record's licence; empty if it has none."""
    name = record.word("license")
    return name if name != "other" and _SPDX.fullmatch(name) else ""


def licence_urls(record: ExportRecord) -> tuple[str, ...]:
    """Where the texts of a record's licences are: of its SPDX identifier, then of its links."""
    name = spdx_of(record)
    linked = [link.href for link in record.links if link.rel == "license"]
    return tuple(dict.fromkeys([*([url_of(name)] if name else []), *linked]))


def url_of(name: str) -> str:
    """The address of a licence by its SPDX identifier: at Creative Commons, else at SPDX."""
    if match := _CC.fullmatch(name):
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
    return _ZERO if name == "CC0-1.0" else f"https://spdx.org/licenses/{name}"
