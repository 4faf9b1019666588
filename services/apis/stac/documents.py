"""Documents of several datasets at once: what all of them need is read together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from records.datasets.items import collections
from services.access.decision import decide
from services.access.members import access_members, public_view
from services.apis.stac.collection import DatasetFacts, collection_document
from services.apis.stac.item import ServiceFacts, item_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.settings import Settings
    from records.datasets.items.search import Item
    from records.datasets.models import Dataset
    from services.access.decision import Decision
    from services.access.principal import Principal
    from services.web.context import Context


def collection_documents(
    context: Context, principal: Principal, datasets: Sequence[Dataset], language: str
) -> list[dict[str, Any]]:
    """The collections of datasets."""
    engine = context.catalogue.repository.engine
    members = collections.record_members(engine, [d.id for d in datasets])
    without = [d.id for d in datasets if d.time is None]
    periods = collections.periods(engine, without) if without else {}
    documents = []
    for dataset in datasets:
        contacts, keywords = members.get(dataset.id, ([], {}))
        facts = DatasetFacts(
            contacts=tuple(c for c in contacts if isinstance(c, dict)),
            keywords=keywords,
            undated=periods.get(dataset.id),
        )
        decision = decide(principal, dataset, "read", context.settings)
        view = public_view(dataset, decision, context.settings)
        documents.append(collection_document(_facts(context, view, decision, language), view, facts))
    return documents


def item_documents(
    context: Context, principal: Principal, items: Sequence[Item], language: str
) -> list[dict[str, Any]]:
    """Items of any datasets; an item whose dataset has just been removed is left out."""
    datasets = _datasets(context, {item.dataset_id for item in items})
    documents = []
    for item in items:
        dataset = datasets.get(item.dataset_id)
        if dataset is not None:
            decision = decide(principal, dataset, "read", context.settings)
            facts = _facts(context, dataset, decision, language)
            documents.append(item_document(facts, dataset, _public_item(item, decision, context.settings)))
    return documents


def _public_item(item: Item, decision: Decision, settings: Settings) -> Item:
    """An item without the statistics of data that may not be read (`public_view`)."""
    if decision.allowed or settings.restricted_statistics:
        return item
    return replace(item, granules=tuple(replace(granule, summary=None) for granule in item.granules))


def _datasets(context: Context, ids: set[str]) -> dict[str, Dataset]:
    """Datasets by id: cached ones from the catalogue, the others by one query."""
    cached = {i: dataset for i in ids if (dataset := context.catalogue.cached(i)) is not None}
    others = sorted(ids - cached.keys())
    return cached | (collections.named(context.catalogue.repository.engine, others) if others else {})


def _facts(context: Context, dataset: Dataset, decision: Decision, language: str) -> ServiceFacts:
    access = access_members(dataset, decision)
    return ServiceFacts(base=context.settings.base_url, language=language, access=access)
