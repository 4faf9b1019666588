"""Catalogue services that are asked page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from records.harvest.services.csw import Csw
from records.harvest.services.oai_pmh import OaiPmh

if TYPE_CHECKING:
    from records.harvest.fetch.fetching import Limits
    from records.harvest.fetch.items import Reading


class Service(Protocol):
    """A way to ask a catalogue service for its records."""

    @property
    def name(self) -> str:
        """The word that `graticule harvest` takes for it."""

    def read(self, url: str, limits: Limits, since: str | None) -> Reading:
        """All of its records, or those that it changed from `since` on, if it can tell; raises SourceRefused."""


def services() -> tuple[Service, ...]:
    """Every service that is asked page by page."""
    return Csw(), OaiPmh()
