"""The folders below which files may be catalogued where they lie."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import InvalidParameter, SourceRefused

if TYPE_CHECKING:
    from collections.abc import Sequence


def require_roots(roots: Sequence[Path]) -> None:
    """Raise InvalidParameter where files may be catalogued nowhere."""
    if not roots:
        remedy = "set GRATICULE_INGEST_ROOTS to the folders below which files may be served where they lie"
        raise InvalidParameter("--in-place", "on", remedy)


def require_below(path: Path, roots: Sequence[Path], store: Path) -> None:
    """Raise SourceRefused unless a file, its links followed, lies below one of some folders and outside the store."""
    real = path.resolve()
    if real.is_relative_to(store.resolve()):
        raise SourceRefused(path, "it lies in the store", "name the file that it was made from")
    if not any(real.is_relative_to(root.resolve()) for root in roots):
        names = ", ".join(map(str, roots))
        remedy = "add its folder to GRATICULE_INGEST_ROOTS, or leave --in-place out"
        raise SourceRefused(path, f"it lies below none of {names}, where files may be served as they lie", remedy)
