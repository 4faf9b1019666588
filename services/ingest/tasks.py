"""What worker processes are asked to do with files: the names of the functions, and their arguments.

The process that plans and publishes an ingest imports no reader and no writer of rasters: they take half a second of it
and 70 MB. Its workers are forked from a template that has them (`services.ingest.worker_template`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from cog.convert.profiles import ProfileName
from cog.reading.sheets import Sheet
from cog.sources.models import SourceDescription, SourceVariable
from config.declarations.datasets import DatasetDeclaration
from config.grids import Grid

INSPECT_SOURCE: Final = "services.ingest.file_tasks:inspect_source"
CONVERT_STEPS: Final = "services.ingest.file_tasks:convert_steps"
CATALOGUE_IN_PLACE: Final = "services.ingest.file_tasks:catalogue_in_place"
MEASURE_ASSET: Final = "services.ingest.file_tasks:measure_asset"
INSPECT_WITH_CELLS: Final = "services.ingest.carrying:inspect_with_cells"
CONVERT_CARRIED: Final = "services.ingest.carrying:convert_carried"
BUILD_OVERVIEW: Final = "services.ingest.file_tasks:build_overview"
SMALL_FILE_BYTES = 1024 * 1024
"""Files up to this size are read through and inspected several in one go."""
_CARRIED_BYTES = 64 * 1024 * 1024
"""Cells that are carried at most, of all sources of an ingest."""
_SHARE_BYTES = 128 * 1024
"""Cells that are carried at most of one source."""

Cells = dict[tuple[str, int, int], NDArray[Any]]
"""Cells of a source by the name of the variable in it, step and layer."""


@dataclass(frozen=True, kw_only=True)
class InspectedCells:
    """What a source holds, and all its cells if they are few; else none."""

    description: SourceDescription
    cells: Cells


def share_of(sources: int) -> int:
    """The bytes of cells that each of so many sources may have carried."""
    return min(_SHARE_BYTES, _CARRIED_BYTES // max(1, sources))


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """Some steps of one variable that one worker converts, each to its own file.

    Attributes:
        declaration: The declaration of the dataset.
        variable: As described, with the meaning that the tags will state.
        steps: (step, layer) of each.
        targets: The file that each is written to.
        tags: The tags of each file.
        profile: How the files are encoded.
        finished: Where each waits, once it is finished, for the others (`store.resuming`); None for small ones.
    """

    declaration: DatasetDeclaration
    variable: SourceVariable
    steps: tuple[tuple[int, int], ...]
    targets: tuple[Path, ...]
    tags: tuple[dict[str, str], ...]
    profile: ProfileName
    finished: tuple[Path | None, ...]


@dataclass(frozen=True, kw_only=True)
class CarriedConversion:
    """Granules of one variable of a small source: its cells, the file of each of them, and its tags.

    Attributes:
        variable: As described, with the meaning that the tags will state.
        cells: The cells of each.
        targets: The file that each is written to, in the order of `cells`.
        tags: The tags of each file.
        profile: How the files are encoded.
    """

    variable: SourceVariable
    cells: Cells
    targets: tuple[Path, ...]
    tags: tuple[dict[str, str], ...]
    profile: ProfileName


@dataclass(frozen=True, kw_only=True)
class OverviewBuild:
    """One overview that is to be built.

    Attributes:
        variable: The meaning of its cells, and its grid.
        sheets: What it is made of, in the order in which they count.
        missing: The no-data value of the sheets.
        factor: By how much its cells are larger than theirs.
        target: The file to write.
        before: The file of an overview of the same grid, and the grids of the sheets that changed since, or None.
    """

    variable: SourceVariable
    sheets: tuple[Sheet, ...]
    missing: float | None
    factor: int
    target: Path
    before: tuple[Path, tuple[Grid, ...]] | None
