"""A folder of source files: a dataset for each file that can become one, and the reason for each that cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.datasets import DatasetDeclaration, read_declaration
from config.errors import InvalidDeclaration, InvalidParameter
from services.demo import DemoDataset
from services.ingest.models import Outcome, Report, Status
from services.ingest.naming import chosen_id

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

SUFFIXES = frozenset({".tif", ".tiff", ".nc", ".nc4", ".cdf", ".h5", ".hdf5", ".he5"})
"""Names of files that may be sources; whether they are is seen when they are opened."""

_DECLARATIONS = (".yaml", ".yml")
_MOST_FILES = 10_000


@dataclass(frozen=True, kw_only=True)
class Folder:
    """What a folder holds: datasets, reports of refused files, and files that no dataset is made of."""

    datasets: tuple[DemoDataset, ...]
    refused: tuple[Report, ...]
    ignored: tuple[Path, ...]


def read_folder(folder: Path, *, taken: Collection[str] = ()) -> Folder:
    """One dataset for each file of a folder with a source's name; a YAML file of the same stem declares it.

    A file whose declaration is wrong, whose name makes no id, or whose id is that of another file or `taken`, is
    refused by itself. Raises InvalidParameter where there is no such folder, or no file with a source's name in it.
    """
    sources, others = _files(folder)
    declared: dict[Path, DatasetDeclaration] = {}
    reasons: dict[Path, str] = {}
    for path in sources:
        try:
            declared[path] = _declaration(path)
        except InvalidDeclaration as error:
            reasons[path] = error.detail
    reasons |= _clashes(declared, taken)
    used = {beside for path in sources if (beside := _beside(path)) is not None}
    return Folder(
        datasets=tuple(DemoDataset(declaration=d, paths=(p,)) for p, d in declared.items() if p not in reasons),
        refused=tuple(refusal(p, declared.get(p), reasons[p]) for p in sources if p in reasons),
        ignored=tuple(path for path in others if path not in used),
    )


def refusal(path: Path, declaration: DatasetDeclaration | None, reason: str) -> Report:
    """The report on a file that was refused before anything was done with it."""
    id_ = (declaration.id if declaration else None) or ""
    return Report(dataset=id_, outcomes=(Outcome(status=Status.REFUSED, path=path, dataset=id_, reason=reason),))


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of a folder that may be sources, and the others."""
    if not folder.is_dir():
        raise InvalidParameter("--data", str(folder), "name a folder with source files")
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise InvalidParameter("--data", str(folder), f"it cannot be read: {error.strerror}") from error
    sources = [path for path in found if path.suffix.lower() in SUFFIXES]
    if not sources:
        raise InvalidParameter("--data", str(folder), f"no file in it ends in {', '.join(sorted(SUFFIXES))}")
    if len(sources) > _MOST_FILES:
        raise InvalidParameter("--data", str(folder), f"{len(sources)} files; at most {_MOST_FILES} are taken")
    return sources, [path for path in found if path.suffix.lower() not in SUFFIXES]


def _beside(path: Path) -> Path | None:
    return next((path.with_suffix(suffix) for suffix in _DECLARATIONS if path.with_suffix(suffix).is_file()), None)


def _declaration(path: Path) -> DatasetDeclaration:
    beside = _beside(path)
    said = read_declaration(beside) if beside else DatasetDeclaration()
    return said.model_copy(update={"id": chosen_id([path], said, None)})


def _clashes(declared: dict[Path, DatasetDeclaration], taken: Collection[str]) -> dict[Path, str]:
    """Why some files cannot have their ids."""
    sharing: dict[str, list[Path]] = {}
    for path, said in declared.items():
        sharing.setdefault(said.id or "", []).append(path)
    reasons = {}
    for id_, paths in sharing.items():
        for path in paths:
            others = [other.name for other in paths if other != path]
            owners = (["a demo dataset"] if id_ in taken else []) + others
            if owners:
                shown = ", ".join(owners[:3])
                reasons[path] = f"its id {id_} is also that of {shown}; declare another `id` in a YAML file beside it"
    return reasons
