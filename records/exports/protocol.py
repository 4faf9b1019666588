"""What a format of export is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.exports.models import ExportRecord


@dataclass(frozen=True, kw_only=True)
class Export:
    """One format. Its module holds no state; the modules of formats do not import each other.

    Attributes:
        name: What `f` says.
        title: Its name for people.
        media_type: Of its answers; the registry may hold several formats of one type, told apart by their profile.
        profile: URI of the schema or profile that the format follows; empty if it has none.
        suffix: Of a file, with its dot.
        encode: The bytes of a record, in UTF-8. Never fails for a record that `records.documents.documents` accepts.
        media_types: Further types by which a client may ask for it.
    """

    name: str
    title: str
    media_type: str
    profile: str
    suffix: str
    encode: Callable[[ExportRecord], bytes]
    media_types: tuple[str, ...] = ()
