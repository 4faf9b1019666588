"""Whether the parts of a dataset's series are as they were built, and hold the values of its COGs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cog.series.layout import PartLayout
from cog.series.parts import PartFile
from cog.series.verify import file_fault, value_fault
from records.datasets.series.series_parts import SeriesParts, short_checksums
from records.datasets.series.steps import read_steps
from services.ingest.store.verify import AssetCheck
from services.selection.moments import codec_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from records.datasets.models import Dataset
    from records.datasets.repository import Repository
    from records.datasets.series.series_parts import SeriesPart


def verify_series(repository: Repository, store: Path, dataset: Dataset, *, values: bool) -> Iterator[AssetCheck]:
    """Check every part of a dataset: its files and checksums, and with `values` every value against the COGs.

    Values of times whose COG has changed since are not compared: readers do not take them from the part.
    """
    for part in SeriesParts(repository.engine).of(dataset.id):
        opened = PartFile(path=str(store / part.href), layout=PartLayout.from_json(part.layout))
        fault = file_fault(opened, part.sha256)
        if fault is None and values:
            fault = _value_fault(repository, store, dataset, part, opened)
        yield AssetCheck(dataset=dataset.id, href=part.href, fault=fault or "")


def _value_fault(
    repository: Repository, store: Path, dataset: Dataset, part: SeriesPart, opened: PartFile
) -> str | None:
    variable = dataset.variable(part.variable_id)
    index = read_steps(repository.engine, dataset, variable, layer=part.layer, part=None)
    places = np.minimum(np.searchsorted(index.keys, part.keys), len(index) - 1)
    same = (index.keys[places] == part.keys) & (short_checksums(index.checksums)[places] == part.checksums).all(axis=1)
    steps = np.flatnonzero(same)
    paths = [str(store / index.hrefs[place]) for place in places[same].tolist()]
    return value_fault(opened, paths, codec_of(variable), steps=steps)
