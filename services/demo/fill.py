"""Ingesting the demo datasets, and every supported file of a folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cog import gdal
from config.datasets import DatasetDeclaration, read_declaration
from config.errors import InvalidParameter
from records import schema
from records.engine import make_engine
from records.repository import Repository
from services.demo import DemoDataset, demo_datasets
from services.ingest.pipeline import ingest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.settings import Settings
    from services.ingest.models import Listener, Report

SUFFIXES = frozenset({".tif", ".tiff", ".nc", ".nc4", ".cdf", ".h5", ".hdf5", ".he5"})
"""Names of files that may be sources; whether they are is seen when they are opened."""

_DECLARATIONS = (".yaml", ".yml")
_MOST_FILES = 10_000


def fill(
    settings: Settings, url: str, folder: Path | None, *, say: Callable[[Report], None], listener: Listener
) -> list[str]:
    """Migrate the catalogue, and ingest the demo datasets and those of a folder; returns the ids of those that exist.

    Raises:
        InvalidParameter: The folder is none.
        EnvironmentFault: The packages with the demo data are missing.
    """
    gdal.configure(settings.gdal_cache_mb)
    wanted = [*demo_datasets(), *(folder_datasets(folder) if folder else ())]
    engine = make_engine(url, settings.database)
    try:
        schema.migrate(engine)
        repository = Repository(engine)
        for dataset in wanted:
            report = ingest(
                dataset.paths,
                dataset.declaration,
                repository=repository,
                store=settings.store_dir,
                listener=listener,
            )
            say(report)
        return repository.dataset_ids()
    finally:
        engine.dispose()


def folder_datasets(folder: Path) -> list[DemoDataset]:
    """One dataset for each file of a folder with a source's name; a YAML file of the same stem declares it."""
    if not folder.is_dir():
        raise InvalidParameter("--data", str(folder), "name a folder with source files")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not files:
        raise InvalidParameter("--data", str(folder), f"no file in it ends in {', '.join(sorted(SUFFIXES))}")
    if len(files) > _MOST_FILES:
        raise InvalidParameter("--data", str(folder), f"{len(files)} files; at most {_MOST_FILES} are taken")
    return [DemoDataset(declaration=_declaration(path), paths=(path,)) for path in files]


def _declaration(path: Path) -> DatasetDeclaration:
    beside = next((path.with_suffix(suffix) for suffix in _DECLARATIONS if path.with_suffix(suffix).is_file()), None)
    declared = read_declaration(beside) if beside else DatasetDeclaration()
    return declared if declared.id else declared.model_copy(update={"id": _slug(path.stem)})


def _slug(stem: str) -> str | None:
    """A dataset id of a file's name; None where nothing is left of it, and then ingest says so."""
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:100] or None
