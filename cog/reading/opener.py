"""The one way in which rasters of the store are opened, and by which they stay open.

Opening costs more than drawing a tile, and GDAL's datasets must not cross threads: each thread keeps a bounded number
for itself, as long as the catalogue's version of them stands.
"""

from __future__ import annotations

import atexit
import logging
import resource
import threading
from collections import OrderedDict
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import rasterio
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioError

from cog.grids.georeference import CRS_TAG
from cog.reading.integrity import files_elsewhere, require_intact
from cog.reading.sheets import referenced
from config.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rasterio.io import DatasetReader

    from cog.reading.integrity import Identity

log = logging.getLogger(__name__)

MAX_RASTERS = 64
"""Rasters that one thread keeps open."""
_SHARE = 4
"""All threads together keep at most one descriptor in this many of those that the process may have (RLIMIT_NOFILE)."""

_local = threading.local()
_lock = threading.Lock()
_open = {"datasets": 0}


class OpenRaster:
    """A COG, open in one thread: at full resolution, and each overview once it has been read.

    A CRS that its keys cannot express is put over it as a virtual raster (GDAL, `vrt://`).
    """

    def __init__(self, path: str, version: str = "", identity: Identity | None = None) -> None:
        self.path = path
        self.version = version
        self.identity = identity
        """That of the file when it was opened; None if its name says nothing of its content."""
        self._source = path
        self.full: DatasetReader = rasterio.open(path, sharing=False)
        reference = self.full.tags().get(CRS_TAG) if self.full.crs is None else None
        if reference is not None:
            self.full.close()
            self._source = referenced(path, reference)
            self.full = rasterio.open(self._source, sharing=False)
        self._levels: dict[int, DatasetReader] = {}
        self._counted = 1
        _count(1)

    @cached_property
    def overview_sizes(self) -> tuple[tuple[int, int], ...]:
        """(width, height) of each overview, finest first, as GDAL builds them."""
        width, height = self.full.width, self.full.height
        return tuple((-(-width // factor), -(-height // factor)) for factor in self.full.overviews(1))

    @cached_property
    def bands(self) -> tuple[int, ...]:
        """All bands but alpha."""
        meanings = zip(self.full.indexes, self.full.colorinterp, strict=True)
        return tuple(band for band, meaning in meanings if meaning != ColorInterp.alpha)

    @property
    def count(self) -> int:
        """Number of bands, alpha included."""
        return int(self.full.count)

    @cached_property
    def has_mask(self) -> bool:
        """Whether something other than a nodata value may say where there is no data: an alpha band or a mask."""
        plain = ([MaskFlags.all_valid], [MaskFlags.nodata])
        return len(self.bands) < self.full.count or any(flags not in plain for flags in self.full.mask_flag_enums)

    @cached_property
    def is_plain(self) -> bool:
        """Whether its cells lie along the axes of its CRS, all of one dtype."""
        transform = self.full.transform
        return transform.b == 0 and transform.d == 0 and not self.full.gcps[0] and len(set(self.full.dtypes)) == 1

    @cached_property
    def dtype(self) -> str:
        """The numpy name of the first band's dtype."""
        return str(self.full.dtypes[0])

    def size(self, level: int | None) -> tuple[int, int]:
        """(width, height) of an overview; None: of full resolution."""
        return (self.full.width, self.full.height) if level is None else self.overview_sizes[level]

    def at(self, level: int | None) -> DatasetReader:
        """The overview of that number; None: full resolution."""
        if level is None:
            return self.full
        if level not in self._levels:
            self._levels[level] = rasterio.open(self._source, sharing=False, overview_level=level)
            self._counted += 1
            _count(1)
        return self._levels[level]

    def close(self) -> None:
        """Close it and its overviews."""
        for dataset in (self.full, *self._levels.values()):
            dataset.close()
        self._levels.clear()
        count, self._counted = self._counted, 0
        _count(-count)

    def __del__(self) -> None:
        """Count what a thread left open when it ended."""
        _count(-getattr(self, "_counted", 0))


@contextmanager
def open_raster(path: str, version: str = "") -> Iterator[OpenRaster]:
    """A raster of the store, open for the calling thread.

    With a version, which must change whenever the file does, it is kept for the thread's next request; without one it
    is closed at the end.

    Raises:
        DamagedAsset: The file does not hold what its name says (`cog.reading.integrity`).
        EnvironmentFault: The raster cannot be opened or, inside the context, read.
    """
    elsewhere = files_elsewhere(path) if "@" in path else ()
    try:
        if version:
            yield _keep(path, version)
        else:
            for each in elsewhere or (path,):
                require_intact(each)
            raster = OpenRaster(path)
            try:
                yield raster
            finally:
                raster.close()
        for each in elsewhere:  # somebody may have written there meanwhile
            require_intact(each)
    except RasterioError as error:
        log.exception("cannot read %s", path)
        raise EnvironmentFault("a file of the store cannot be read; the operator finds its name in the log") from error


def open_datasets() -> int:
    """Number of datasets, full rasters and overviews, that the process holds open."""
    return _open["datasets"]


def close_all() -> None:
    """Close what the calling thread keeps."""
    shelf = _shelf()
    while shelf:
        shelf.popitem()[1].close()


atexit.register(close_all)  # what the main thread keeps can no longer be closed when Python has gone


def _keep(path: str, version: str) -> OpenRaster:
    """The thread's own raster of that version, opened unless it is open; others are closed beyond the limits."""
    shelf = _shelf()
    raster = shelf.get(path)
    identity = require_intact(path, raster.identity if raster is not None else None)
    if raster is not None and (raster.version, raster.identity) == (version, identity):
        shelf.move_to_end(path)
    else:
        if raster is not None:
            shelf.pop(path).close()
        raster = shelf[path] = OpenRaster(path, version, identity)
    while len(shelf) > 1 and (len(shelf) > MAX_RASTERS or open_datasets() > _limit()):
        shelf.popitem(last=False)[1].close()
    return raster


def _shelf() -> OrderedDict[str, OpenRaster]:
    shelf: OrderedDict[str, OpenRaster] | None = getattr(_local, "rasters", None)
    if shelf is None:
        shelf = _local.rasters = OrderedDict()
    return shelf


def _limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 30 if soft == resource.RLIM_INFINITY else soft // _SHARE


def _count(change: int) -> None:
    with _lock:
        _open["datasets"] += change
