"""Publishing computed maps as a dataset: finished COGs become assets, and one commit makes them visible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cog.convert.models import Converted
from cog.statistics.packing import pack
from cog.statistics.partial import Partial
from records.datasets.models import Access, Granule
from services.ingest.publishing import assembly, describe
from services.ingest.publishing.record import declared_form
from services.ingest.publishing.record_matching import MatchedRecord
from services.ingest.store.locking import ingest_lock
from services.ingest.store.staging import asset_of, place, sync_folders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cog.sources.models import SourceVariable, TimeStep
    from config.declarations.datasets import DatasetDeclaration
    from records.database.engine import SessionChange
    from records.datasets.models import Asset
    from records.datasets.publication import Publication
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


@dataclass(frozen=True, kw_only=True)
class ComputedDataset:
    """A new dataset of computed maps, ready to be published.

    Attributes:
        maps: Its maps.
        assets: What their files become, in the same order.
        publication: What the catalogue gets.
    """

    maps: Sequence[ComputedMap]
    assets: Sequence[Asset]
    publication: Publication

    def publish(self, repository: Repository, store: Path, *, along: SessionChange) -> None:
        """Move the files into the store, whose disk they are on, and publish in one commit.

        Args:
            repository: The catalogue.
            store: The store.
            along: Changes something else in the same transaction.

        Raises:
            Conflict: A dataset or a record has the id.
        """
        id_ = self.publication.id
        with ingest_lock(repository.engine, id_, waiting=lambda: None):
            repository.require_new(id_)
            for each, asset in zip(self.maps, self.assets, strict=True):
                place(store, each.file, asset)
            sync_folders(store, list(self.assets))
            repository.publish_new(self.publication, who="process", along=along)


def computed_dataset(
    declaration: DatasetDeclaration, maps: Sequence[ComputedMap], *, access: Access, provenance: Mapping[str, Any]
) -> ComputedDataset:
    """Make a new dataset of maps.

    Args:
        declaration: The id, the variables with their styles, and the record.
        maps: The maps; those of one variable share a grid.
        access: Who may read them.
        provenance: Of each granule.
    """
    dataset_id = declaration.id
    assert dataset_id is not None
    assert declaration.record is not None
    assets = [
        asset_of(
            each.file,
            dataset_id=dataset_id,
            variable_id=each.variable.name,
            label=each.time.label if each.time else None,
        )
        for each in maps
    ]
    pairs = zip(maps, assets, strict=True)
    granules = assembly.in_order([_granule(dataset_id, each, asset, provenance) for each, asset in pairs])
    by_name = {each.variable.name: each.variable for each in maps}
    statistics = {
        name: Partial.merged([each.file.statistics for each in maps if each.variable.name == name]) for name in by_name
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
    return ComputedDataset(maps=maps, assets=assets, publication=publication)


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
        summary=computed.file.summary,
    )
