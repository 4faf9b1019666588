"""Documents of several datasets at once, with what all of them need read together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from records.datasets.items import collections
from services.access.decision import decide
from services.access.members import access_members
from services.apis.stac.collection import Background, collection_document
from services.apis.stac.item import Making, item_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.datasets.items.search import Item
    from records.datasets.models import Dataset
    from services.access.principal import Principal
    from services.web.context import Context


def collection_documents(
    context: Context, principal: Principal, datasets: Sequence[Dataset], language: str
) -> list[dict[str, Any]]:
    """Datasets as collections."""
    engine = context.catalogue.repository.engine
    members = collections.record_members(engine, [d.id for d in datasets])
    without = [d.id for d in datasets if d.time is None]
    periods = collections.periods(engine, without) if without else {}
    found = []
    for dataset in datasets:
        contacts, keywords = members.get(dataset.id, ([], {}))
        background = Background(
            contacts=tuple(c for c in contacts if isinstance(c, dict)),
            keywords=keywords,
            undated=periods.get(dataset.id),
        )
        found.append(collection_document(_making(context, principal, dataset, language), dataset, background))
    return found


def item_documents(
    context: Context, principal: Principal, items: Sequence[Item], language: str
) -> list[dict[str, Any]]:
    """Items of any datasets; one whose dataset has just gone is left out."""
    datasets = _datasets(context, {item.dataset_id for item in items})
    return [
        item_document(_making(context, principal, dataset, language), dataset, item)
        for item in items
        if (dataset := datasets.get(item.dataset_id)) is not None
    ]


def _datasets(context: Context, ids: set[str]) -> dict[str, Dataset]:
    """Datasets by id: those that the catalogue has at hand, and the others in one query."""
    at_hand = {i: cached for i in ids if (cached := context.catalogue.cached(i)) is not None}
    others = sorted(ids - at_hand.keys())
    return at_hand | (collections.named(context.catalogue.repository.engine, others) if others else {})


def _making(context: Context, principal: Principal, dataset: Dataset, language: str) -> Making:
    access = access_members(dataset, decide(principal, dataset, "read", context.settings))
    return Making(base=context.settings.base_url, language=language, access=access)
