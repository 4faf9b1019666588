"""What a source consists of: items, each a content or why it could not be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.fetch.content import Content


@dataclass(frozen=True, kw_only=True)
class SourceItem:
    """One item of a source.

    Attributes:
        name: The path within a folder, the address of a page, or the identifier that an archive gives a record.
        content: Its bytes; None: see the others.
        refusal: Why it could not be had.
        state: `same`: it is as it was when it was last read; `deleted`: the source says that it is no more.
        structure: Whether it only leads to others, so that it need hold no record.
        etag: Its entity tag, as it was sent.
        modified: Its `Last-Modified`, as it was sent.
        following: (relation, address) of each page that it leads to.
    """

    name: str
    content: Content | None = None
    refusal: str = ""
    state: Literal["read", "same", "deleted"] = "read"
    structure: bool = False
    etag: str | None = None
    modified: str | None = None
    following: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A source as it is read.

    Attributes:
        items: Its items in a stable order; iterating raises SourceRefused if the source cannot be read to its end.
        whole: Whether they are all that it has, rather than what changed.
        paged: Whether a record may move from one item to another between two readings.
        since: What to ask for the next time, to have what changed alone; None: such a question is not known.
    """

    items: Iterator[SourceItem]
    whole: bool = True
    paged: bool = False
    since: str | None = None
