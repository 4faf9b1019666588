"""A folder of source files: a dataset for each file that can become one, and the reason for each that cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.declarations.datasets import DatasetDeclaration
from config.errors import InvalidParameter
from services.demo import DemoDataset
from services.ingest.models import IngestReport, SourceOutcome, SourceStatus
from services.ingest.reading.sources import SUFFIXES, beside, dataset_of_each, is_source

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_MOST_FILES = 10_000


@dataclass(frozen=True, kw_only=True)
class SourceFolder:
    """The content of a folder: datasets, reports of refused files, and files that give no dataset."""

    datasets: tuple[DemoDataset, ...]
    refused: tuple[IngestReport, ...]
    ignored: tuple[Path, ...]


def read_folder(folder: Path, *, taken: Collection[str] = ()) -> SourceFolder:
    """One dataset for each source file of a folder; a YAML file of the same stem declares it.

    A file whose declaration is wrong, whose name makes no id, or whose id is that of another file or `taken`, is
    refused by itself. Raises InvalidParameter where there is no such folder, or no source in it.
    """
    sources, others = source_files(folder)
    datasets = dataset_of_each(sources, DatasetDeclaration(), taken=taken, owner="a demo dataset")
    used = {own for path in sources if (own := beside(path)) is not None}
    return SourceFolder(
        datasets=tuple(DemoDataset(declaration=d, paths=(p,)) for p, d in datasets.declared.items()),
        refused=tuple(refusal(p, None, datasets.reasons[p]) for p in sources if p in datasets.reasons),
        ignored=tuple(path for path in others if path not in used),
    )


def refusal(path: Path, declaration: DatasetDeclaration | None, reason: str) -> IngestReport:
    """The report on a file that was refused before anything was done with it."""
    id_ = (declaration.id if declaration else None) or ""
    return IngestReport(
        dataset=id_, outcomes=(SourceOutcome(status=SourceStatus.REFUSED, path=path, dataset=id_, reason=reason),)
    )


def source_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of a folder that may be sources, and the others; raises InvalidParameter where there is none."""
    if not folder.is_dir():
        raise InvalidParameter("--data", str(folder), "name a folder with source files")
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise InvalidParameter("--data", str(folder), f"it cannot be read: {error.strerror}") from error
    sources = [path for path in paths if is_source(path)]
    if not sources:
        raise InvalidParameter("--data", str(folder), f"no file in it is a source, or ends in {_endings()}")
    if len(sources) > _MOST_FILES:
        raise InvalidParameter("--data", str(folder), f"{len(sources)} files; at most {_MOST_FILES} are taken")
    return sources, [path for path in paths if path not in set(sources)]


def _endings() -> str:
    return ", ".join(sorted(SUFFIXES))
