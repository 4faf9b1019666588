"""Ingesting the demo datasets, and every supported file of a folder."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cog import gdal
from config.errors import InvalidInput
from records import schema
from records.engine import make_engine
from records.repository import Repository
from services.demo import DemoDataset, demo_datasets
from services.demo.folder import read_folder, refusal
from services.ingest.pipeline import ingest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.settings import Settings
    from services.ingest.models import Listener, Report

_MOST_SHOWN = 20
"""Ignored files that are named; of the others the count is told."""


def fill(
    settings: Settings, url: str, folder: Path | None, *, say: Callable[[Report], None], listener: Listener
) -> list[str]:
    """Migrate the catalogue, and ingest the demo datasets and those of a folder; returns the ids of those that exist.

    A file of the folder that cannot become a dataset is reported as refused, and the others go on.

    Raises:
        InvalidParameter: The folder is none.
        EnvironmentFault: The packages with the demo data are missing.
    """
    gdal.configure(settings.gdal_cache_mb)
    wanted = demo_datasets()
    if folder is not None:
        found = read_folder(folder, taken={dataset.declaration.id or "" for dataset in wanted})
        wanted += found.datasets
        _tell_ignored(found.ignored)
        for report in found.refused:
            say(report)
    engine = make_engine(url, settings.database)
    try:
        schema.migrate(engine)
        repository = Repository(engine)
        for dataset in wanted:
            say(_ingested(dataset, repository, settings.store_dir, listener))
        return repository.dataset_ids()
    finally:
        engine.dispose()


def _ingested(dataset: DemoDataset, repository: Repository, store: Path, listener: Listener) -> Report:
    try:
        return ingest(dataset.paths, dataset.declaration, repository=repository, store=store, listener=listener)
    except InvalidInput as error:  # what is declared does not fit the file
        return refusal(dataset.paths[0], dataset.declaration, error.detail)


def _tell_ignored(paths: tuple[Path, ...]) -> None:
    names = [path.name for path in paths[:_MOST_SHOWN]]
    more = f" and {len(paths) - len(names)} more" if len(paths) > len(names) else ""
    if names:
        sys.stderr.write(f"graticule: ignored, for their names are not those of sources: {', '.join(names)}{more}\n")
