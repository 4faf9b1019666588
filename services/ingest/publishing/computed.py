"""Publishing computed maps as a dataset: finished COGs become assets, and one commit makes them visible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cog.convert.convert import Converted
from cog.statistics.packing import pack
from cog.statistics.partial import Partial
from config.errors import CollectionNotFound, Conflict
from records.datasets.models import Access, Granule
from services.ingest.publishing import assembly, describe
from services.ingest.publishing.record import declared_form
from services.ingest.publishing.record_matching import MatchedRecord
from services.ingest.store.locking import ingest_lock
from services.ingest.store.staging import settle, sync_folders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cog.sources.models import SourceVariable, TimeStep
    from config.declarations.datasets import DatasetDeclaration
    from records.datasets.models import Asset, Dataset
    from records.datasets.repository import Repository


@dataclass(frozen=True, kw_only=True)
class ComputedMap:
    """A finished, validated COG.

    Attributes:
        variable: The meaning of its cells, and its grid.
        time: Its time; None where it has none.
        file: The COG, which moves into the store.
    """

    variable: SourceVariable
    time: TimeStep | None
    file: Converted


def publish_computed(
    repository: Repository,
    store: Path,
    declaration: DatasetDeclaration,
    maps: Sequence[ComputedMap],
    *,
    access: Access,
    provenance: Mapping[str, Any],
) -> Dataset:
    """Publish maps as a new dataset, in one commit.

    Args:
        repository: The catalogue.
        store: The store, whose disk the COGs are on.
        declaration: The id, the variables with their styles, and the record.
        maps: The maps; those of one variable share a grid.
        access: Who may read them.
        provenance: Of each granule; `key` says which job they are of. What the same key has published is left.

    Raises:
        Conflict: if there is another dataset of that id.
    """
    dataset_id = declaration.id
    assert dataset_id is not None
    assert declaration.record is not None
    with ingest_lock(repository.engine, dataset_id, waiting=lambda: None):
        published = _published(repository, dataset_id, key=provenance["key"])
        if published is not None:
            return published
        assets = [
            settle(
                store,
                each.file,
                dataset_id=dataset_id,
                variable_id=each.variable.name,
                label=each.time.label if each.time else None,
            )
            for each in maps
        ]
        sync_folders(store, assets)
        pairs = zip(maps, assets, strict=True)
        granules = assembly.in_order([_granule(dataset_id, each, asset, provenance) for each, asset in pairs])
        by_name = {each.variable.name: each.variable for each in maps}
        statistics = {
            name: Partial.merged([each.file.statistics for each in maps if each.variable.name == name])
            for name in by_name
        }
        variables = tuple(
            describe.catalogue_variable(variable, declaration.variable(name), id_=name, statistics=statistics[name])
            for name, variable in by_name.items()
        )
        publication = assembly.publication_of(
            dataset_id,
            declaration,
            variables=variables,
            granules=tuple(granules),
            matched_record=MatchedRecord(document=declared_form(declaration.record)),
            access=access,
            gaps=(),
            climatology=any(variable.climatology for variable in by_name.values()),
            summaries={name: pack(each) for name, each in statistics.items()},
        )
        return repository.publish(publication, who="process")


def require_new(repository: Repository, dataset_id: str, *, key: str | None = None) -> None:
    """Raise Conflict if there is a dataset of that id which `key` has not published."""
    _published(repository, dataset_id, key=key)


def _published(repository: Repository, dataset_id: str, *, key: str | None) -> Dataset | None:
    """The dataset if the job of a key has published it; raises Conflict if another has."""
    try:
        dataset = repository.dataset(dataset_id, hidden=True)
    except CollectionNotFound:
        return None
    keys = {granule.provenance.get("key") for granule in repository.granules(dataset_id)}
    if key is not None and keys == {key}:
        return dataset
    raise Conflict(f"there is a collection {dataset_id} already; publish under another id, or remove it first")


def _granule(dataset_id: str, computed: ComputedMap, asset: Asset, provenance: Mapping[str, Any]) -> Granule:
    time = computed.time
    return Granule(
        dataset_id=dataset_id,
        variable_id=computed.variable.name,
        time=time.label if time else None,
        calendar=time.calendar if time else None,
        key=time.key if time else None,
        start=time.start if time else None,
        end=time.end if time else None,
        start_key=time.start_key if time else None,
        end_key=time.end_key if time else None,
        layer=None,
        part=None,
        asset=asset,
        grid=computed.variable.grid,
        provenance=dict(provenance),
        summary=pack(computed.file.statistics),
    )
