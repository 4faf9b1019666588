"""The one place that decides whether a request may see a collection and read its data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from config.errors import AccessRestricted

if TYPE_CHECKING:
    from config.settings import Settings
    from records.models import Dataset
    from services.context import Context

_HOW = {"login": "is served to signed-in users only", "apply": "is served on application only"}


def catalogued(context: Context, collection_id: str) -> Dataset:
    """The collection, for its metadata, which is public; raises CollectionNotFound."""
    return context.catalogue.dataset(collection_id)


def readable(context: Context, collection_id: str) -> Dataset:
    """The collection, for its data; raises CollectionNotFound, or AccessRestricted with the reason."""
    dataset = catalogued(context, collection_id)
    reason = restriction(dataset)
    if reason and not context.settings.serve_restricted:
        raise AccessRestricted(f"collection {collection_id} is catalogued, but its data {reason}")
    return dataset


def is_open(settings: Settings, dataset: Dataset) -> bool:
    """Whether the data of a dataset is served to everybody."""
    return settings.serve_restricted or restriction(dataset) is None


def restriction(dataset: Dataset) -> str | None:
    """Why the data of a dataset is not open today (UTC), or None if it is."""
    embargo = dataset.access.embargo_until
    if embargo is not None and datetime.now(UTC).date() < embargo:
        return f"is under embargo until {embargo.isoformat()}"
    return _HOW.get(dataset.access.policy)
