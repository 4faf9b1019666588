"""Files of the store while an ingest makes them, and their final names."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import batched
from pathlib import Path

from cog.convert.models import Converted
from cog.reading.integrity import elsewhere_name
from config.folders import make_private, sync_file
from config.times import label_to_path
from config.vocabulary import COG, GEOTIFF
from records.datasets.models import Asset
from services.ingest.store.resuming import FOLDER

TEMPORARY = ".tmp"
_SYNCING = 32
"""Threads that put files on disk, and files that each takes at a time."""


@contextmanager
def fresh_folder(store: Path, dataset_id: str) -> Iterator[Path]:
    """An empty folder of the store for one ingest of a dataset, which is removed afterwards in any case.

    Beside it large COGs wait that are finished (`resuming`); they stay if the ingest ends by an error. Under the
    dataset's lock nobody else has a folder for it: what interrupted ingests left is removed. Its name is its own, so
    that nothing that still runs somewhere can write into it.
    """
    make_private(store)
    place = store / TEMPORARY / dataset_id
    _discard_unfinished(place)
    place.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=place))
    try:
        yield folder
    except BaseException:
        _discard_unfinished(place)
        raise
    _discard(place)


def _discard_unfinished(place: Path) -> None:
    """Remove all but the COGs that are finished."""
    if not (place / FOLDER).is_dir():
        _discard(place)
        return
    for folder in place.iterdir():
        if folder.name != FOLDER:
            _discard(folder)


def _discard(folder: Path) -> None:
    """Remove a temporary folder; what cannot be removed is left to the next ingest."""
    shutil.rmtree(folder, ignore_errors=True)


def asset_of(
    converted: Converted, *, dataset_id: str, variable_id: str, label: str | None, layer: str | None = None
) -> Asset:
    """The asset that a COG becomes, `{dataset}/{variable}/{key}-{first 12 of sha256}.tif`.

    The name of a file that stays where it lies holds its size and time, too.
    """
    key = label_to_path(label) if label else "static"
    key += "" if layer is None else "-" + layer.lstrip("@").replace("@", "-")
    name = f"{key}-{converted.sha256[:12]}.tif"
    if converted.mtime_ns is not None:
        name = elsewhere_name(key, size=converted.size, mtime_ns=converted.mtime_ns, sha256=converted.sha256)
    return Asset(
        href=f"{dataset_id}/{variable_id}/{name}",
        sha256=converted.sha256,
        size=converted.size,
        media_type=COG if converted.is_cog else GEOTIFF,
    )


def settle(
    store: Path,
    converted: Converted,
    *,
    dataset_id: str,
    variable_id: str,
    label: str | None,
    layer: str | None = None,
) -> Asset:
    """Give a COG the name of its asset, for good.

    The name holds the checksum, so a file that has it already has the same content and is left as it is. Of a file that
    stays where it lies the link gets the name.
    """
    asset = asset_of(converted, dataset_id=dataset_id, variable_id=variable_id, label=label, layer=layer)
    place(store, converted, asset)
    return asset


def place(store: Path, converted: Converted, asset: Asset) -> None:
    """Give a COG the name of its asset."""
    final = store / asset.href
    try:
        _put(converted.path, final)
    except FileNotFoundError:
        final.parent.mkdir(parents=True, exist_ok=True)
        _put(converted.path, final)


def _put(path: Path, final: Path) -> None:
    """Give a file its final name; one that waits keeps its first one too, for the ingest may yet be interrupted."""
    if path.parent.name != FOLDER:
        path.replace(final)
    elif not final.exists():
        final.hardlink_to(path)


def sync_files(converted: Sequence[Converted]) -> None:
    """Put the bytes of files on disk that are not there for certain: many at once share the work of the file system."""
    waiting = [one.path for one in converted if not one.is_on_disk]
    if waiting:
        with ThreadPoolExecutor(_SYNCING) as pool:
            for _ in pool.map(_sync, batched(waiting, _SYNCING)):
                pass


def _sync(paths: Sequence[Path]) -> None:
    for path in paths:
        sync_file(path)


def sync_folders(store: Path, assets: list[Asset]) -> None:
    """Put the names of assets on disk, before a commit refers to them."""
    folders = {(store / a.href).parent for a in assets}
    for folder in {*folders, *(f.parent for f in folders), store}:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
