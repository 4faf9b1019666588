"""Links from a record to the services that serve its data, which the application knows and this layer does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from records.datasets.models import Dataset


@dataclass(frozen=True, kw_only=True)
class DataLinks:
    """Links and link templates (OGC 20-004r1, 8.4) of a record to its data."""

    links: list[dict[str, Any]] = field(default_factory=list)
    templates: list[dict[str, Any]] = field(default_factory=list)


type DataLinker = Callable[[Dataset, str, str, bool], DataLinks]
"""(dataset, base URL, language tag, whether the client may read the data) -> links."""


def no_data_links(_dataset: Dataset, _base_url: str, _language: str, _readable: bool) -> DataLinks:
    """Return no links: a record is linked to the collection of its data alone."""
    return DataLinks()
