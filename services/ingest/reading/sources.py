"""The source files that words on a command line mean: files, folders and patterns."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cog.sources.signature import identify
from config.declarations.datasets import DatasetDeclaration, read_declaration
from config.errors import InvalidDeclaration, InvalidParameter, SourceRefused
from services.ingest.reading.naming import chosen_id

SUFFIXES = frozenset(
    {".tif", ".tiff", ".nc", ".nc4", ".cdf", ".h5", ".hdf5", ".he5", ".hdf", ".grib", ".grib2", ".grb", ".grb2", ".asc"}
)
"""Names that a source has; a file of such a name is never skipped silently, regardless of its content."""
MAX_FILES = 200_000
DECLARATIONS = (".yaml", ".yml")


@dataclass(frozen=True, kw_only=True)
class SourceMatches:
    """Source files, in order, each once, and files of folders that are none."""

    sources: tuple[Path, ...]
    ignored: tuple[Path, ...] = ()


def find_sources(words: Sequence[Path], *, name: str = "PATH") -> SourceMatches:
    """The files that paths and patterns mean.

    A file that is named is a source regardless of its content. Of a folder, and the folders in it, each file is one
    that is so by content or suffix; hidden ones (`.name`) are left out. A pattern (`*`, `?`, `[...]`, `**` for any
    folders) means the files that it matches. Raises InvalidParameter for a folder or pattern without sources.
    """
    sources: dict[Path, None] = {}
    ignored: list[Path] = []
    for word in words:
        matches = _of_word(word, name)
        sources |= dict.fromkeys(matches.sources)
        ignored += matches.ignored
        if len(sources) > MAX_FILES:
            raise InvalidParameter(name, str(word), f"more than {MAX_FILES} files; ingest them in several calls")
    return SourceMatches(sources=tuple(sources), ignored=tuple(path for path in ignored if path not in sources))


def _of_word(word: Path, name: str) -> SourceMatches:
    if os.path.isdir(word):
        return _of_folder(word, name)
    if os.path.lexists(word):
        return SourceMatches(sources=(word,))
    if not glob.has_magic(str(word)):
        _require_place(word, name)
        return SourceMatches(sources=(word,))  # its folder may not be read: refused with its line
    matches = sorted(Path(match) for match in glob.iglob(str(word), recursive=True))  # noqa: PTH207 - absolute too
    files = tuple(path for path in matches if path.is_file())
    if not files:
        raise InvalidParameter(name, str(word), "the pattern matches no file")
    return SourceMatches(sources=files)


def _require_place(word: Path, name: str) -> None:
    """Raise InvalidParameter for a file that is certainly not there."""
    try:
        word.lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InvalidParameter(name, str(word), "there is no such file or folder") from error
    except OSError:
        return


def _of_folder(folder: Path, name: str) -> SourceMatches:
    try:
        files = list(_walk(folder))
    except OSError as error:
        raise InvalidParameter(name, str(folder), f"it cannot be read: {error.strerror}") from error
    sources = tuple(path for path in files if is_source(path))
    if not sources:
        reason = f"none of its {len(files)} files is a source" if files else "the folder is empty"
        raise InvalidParameter(name, str(folder), reason)
    taken = set(sources)
    return SourceMatches(sources=sources, ignored=tuple(path for path in files if path not in taken))


def _walk(folder: Path) -> Iterator[Path]:
    """The files of a folder and of those in it, by name; links to folders are not followed, for they may go round."""

    def failed(error: OSError) -> None:
        raise error

    for place, folders, files in os.walk(folder, onerror=failed):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for file in sorted(files):
            if not file.startswith("."):
                yield Path(place) / file


def is_source(path: Path) -> bool:
    """Whether a file is a source by its content, or should be one by its name."""
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        identify(path)
    except SourceRefused:
        return False
    return True


def beside(path: Path) -> Path | None:
    """The declaration that stands beside a source: a YAML file of its stem."""
    return next((p for p in (path.with_suffix(suffix) for suffix in DECLARATIONS) if p.is_file()), None)


@dataclass(frozen=True, kw_only=True)
class DeclaredFiles:
    """A dataset of each file: its declaration, with its id; and the reasons of files that can be none."""

    declared: dict[Path, DatasetDeclaration]
    reasons: dict[Path, str]


def dataset_of_each(
    sources: Sequence[Path],
    shared: DatasetDeclaration,
    *,
    taken: Collection[str] = (),
    owner: str = "another dataset",
) -> DeclaredFiles:
    """Declare each file, by the YAML file beside it or else as all files; a wrong one is refused by itself.

    Two files of one id, or the id of a dataset that is `taken` by its `owner`, are refused.
    """

    def declare(path: Path) -> DatasetDeclaration:
        own = beside(path)
        declaration = read_declaration(own) if own else shared
        declaration = with_options(declaration, warp=shared.warp, strict=shared.strict)
        return declaration.model_copy(update={"id": chosen_id([path], declaration, None)})

    declarations, reasons = _tried(sources, declare)
    clashing = _clashes(declarations, taken, owner)
    return DeclaredFiles(
        declared={p: d for p, d in declarations.items() if p not in clashing}, reasons=reasons | clashing
    )


def with_options(
    declaration: DatasetDeclaration, *, warp: bool, strict: bool, keep_source: bool = False
) -> DatasetDeclaration:
    """A declaration with what the command line switches on."""
    switches = (("warp", warp), ("strict", strict), ("keep_source", keep_source))
    options = {name: True for name, is_on in switches if is_on}
    return declaration.model_copy(update=options) if options else declaration


def _tried(
    sources: Sequence[Path], declare: Callable[[Path], DatasetDeclaration]
) -> tuple[dict[Path, DatasetDeclaration], dict[Path, str]]:
    declarations: dict[Path, DatasetDeclaration] = {}
    reasons: dict[Path, str] = {}
    for path in sources:
        try:
            declarations[path] = declare(path)
        except InvalidDeclaration as error:
            reasons[path] = error.detail
    return declarations, reasons


def _clashes(declarations: dict[Path, DatasetDeclaration], taken: Collection[str], owner: str) -> dict[Path, str]:
    """Why some files cannot have their ids."""
    sharing: dict[str, list[Path]] = {}
    for path, declaration in declarations.items():
        sharing.setdefault(declaration.id or "", []).append(path)
    reasons = {}
    for id_, paths in sharing.items():
        for path in paths:
            owners = ([owner] if id_ in taken else []) + [other.name for other in paths if other != path]
            if owners:
                names = ", ".join(owners[:3])
                reasons[path] = f"its id {id_} is also that of {names}; declare another `id` in a YAML file beside it"
    return reasons
