"""How a process imports rio-tiler whose readers need no xarray."""

from __future__ import annotations

import sys
from importlib import import_module

_XARRAY = "xarray"
_READERS = "rio_tiler.io"


def import_readers() -> None:
    """Import rio-tiler as where xarray is not installed, which it supports; for processes that draw and serve.

    rio-tiler has a reader of xarray's arrays, which brings pandas, pyarrow, scipy and dask.array. None of ours needs
    them: a web worker has 55 MB of its own and 770 modules less without, and starts with a fifth less CPU. Whoever
    imports xarray later gets it. Where it was imported before, there is nothing to save.
    """
    if _XARRAY in sys.modules or _READERS in sys.modules:
        return
    sys.modules[_XARRAY] = None  # type: ignore[assignment]  # as the language says: importing it fails
    try:
        import_module(_READERS)
    finally:
        del sys.modules[_XARRAY]
