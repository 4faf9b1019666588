"""Building the overviews across the sheets of a published dataset again, where they are missing or damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from records.datasets.mosaic_overviews import overviews_of, replace_overviews
from records.datasets.publication import MosaicOverview
from services.ingest.models import Listener, Progress, silent
from services.ingest.mosaics.building import OverviewBuilder
from services.ingest.store import staging
from services.ingest.store.damage import content_fault
from services.ingest.store.locking import ingest_lock
from services.ingest.workers import Workers, pool_of

if TYPE_CHECKING:
    from pathlib import Path

    from records.datasets.repository import Repository


def rebuild(
    repository: Repository,
    store: Path,
    dataset_id: str,
    *,
    everything: bool = False,
    workers: Workers | int | None = None,
    listener: Listener = silent,
) -> tuple[tuple[MosaicOverview, ...], int]:
    """Build the overviews of a dataset that are missing or damaged, or all; returns those it has, and how many are new.

    Raises:
        CollectionNotFound: There is no such dataset.
        SourceRefused: A sheet cannot be read.
        OSError: The store cannot be written.
    """

    def waiting() -> None:
        listener(Progress(dataset=dataset_id, stage="waiting", done=0, total=1))

    dataset = repository.dataset(dataset_id, hidden=True)
    if not repository.has_parts(dataset_id):
        return (), 0
    with (
        ingest_lock(repository.engine, dataset_id, waiting=waiting),
        staging.fresh_folder(store, dataset_id) as folder,
        pool_of(workers) as pool,
    ):
        before = overviews_of(repository.engine, dataset_id)
        right = (
            [] if everything else [one for one in before if content_fault(store / one.asset.href, one.asset) is None]
        )
        builder = OverviewBuilder(dataset_id=dataset_id, store=store, folder=folder, pool=pool, listener=listener)
        after = builder.built(dataset.variables, repository.granules(dataset_id), right)
        made = [one for one in after if one not in right]
        if made or len(after) != len(before):
            staging.sync_folders(store, [one.asset for one in made])
            replace_overviews(repository.engine, dataset_id, after)
    return after, len(made)
