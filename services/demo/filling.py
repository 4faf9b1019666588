"""Filling the demo's catalogue, in the child process that `services.demo.fill` starts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cog import gdal
from config.errors import InvalidInput
from records.database.engine import make_engine
from records.datasets.repository import Repository
from services.demo import DemoDataset, demo_datasets
from services.demo.folder import read_folder, refusal
from services.ingest.pipeline import ingest
from services.ingest.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.settings import Settings
    from services.compute.children.call import Slot
    from services.ingest.models import IngestReport, Listener

_MOST_NAMES = 20
"""Ignored files that are named; the others are counted."""


def fill_here(slot: Slot, settings: Settings, url: str, folder: Path | None) -> list[str]:
    """Fill the catalogue at a URL, and report each `Progress` and `IngestReport`; returns the ids of all datasets."""
    gdal.configure(settings.gdal_cache_mb)
    datasets = _datasets(folder, slot.report)
    engine = make_engine(url, settings.database)
    try:
        repository = Repository(engine)
        with Workers(limits=settings.ingest) as workers:
            for dataset in datasets:
                slot.report(_ingest(dataset, repository, settings.store_dir, workers, slot.report))
        return repository.dataset_ids()
    finally:
        engine.dispose()


def _datasets(folder: Path | None, say: Callable[[IngestReport], None]) -> list[DemoDataset]:
    """The demo datasets and those of a folder; what is wrong with the folder's files is reported."""
    datasets = demo_datasets()
    if folder is not None:
        content = read_folder(folder, taken={dataset.declaration.id or "" for dataset in datasets})
        datasets += content.datasets
        _name_ignored(content.ignored)
        for report in content.refused:
            say(report)
    return datasets


def _ingest(
    dataset: DemoDataset, repository: Repository, store: Path, workers: Workers, listener: Listener
) -> IngestReport:
    try:
        return ingest(
            dataset.paths, dataset.declaration, repository=repository, store=store, workers=workers, listener=listener
        )
    except InvalidInput as error:  # what is declared does not fit the file
        return refusal(dataset.paths[0], dataset.declaration, error.detail)


def _name_ignored(paths: tuple[Path, ...]) -> None:
    names = [path.name for path in paths[:_MOST_NAMES]]
    more = f" and {len(paths) - len(names)} more" if len(paths) > len(names) else ""
    if names:
        sys.stderr.write(f"graticule: ignored, for their names are not those of sources: {', '.join(names)}{more}\n")
