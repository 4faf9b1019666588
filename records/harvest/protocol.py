"""What an adapter of a metadata format is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.fetch.content import Content
    from records.harvest.models import Harvested


class Adapter(Protocol):
    """Reads one metadata format. Adapters hold no state and do not import each other."""

    @property
    def name(self) -> str:
        """The word that `graticule harvest` takes for it."""

    def recognises(self, content: Content) -> bool:
        """Whether the content, whatever its name, is of this format."""

    def entries(self, content: Content) -> Iterator[Any]:
        """The entries of a content, each of which is one record; a content may hold none."""

    def record(self, entry: Any, *, base: str) -> Harvested:
        """The record of an entry.

        Args:
            entry: What `entries` gave.
            base: The URL or path of the content, against which relative links are resolved.

        Raises:
            InvalidRecord: The entry cannot become a record, not even with notes.
        """
