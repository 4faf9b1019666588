"""What neither the files nor the declaration of a dataset stated, and how to state it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.ingest.reading.drafting import date_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from records.datasets.models import Dataset


def unstated(dataset: Dataset, sources: Sequence[Path]) -> list[str]:
    """A sentence on each thing that users of a published dataset will miss, with the member of the YAML that states it.

    Args:
        dataset: As it is published.
        sources: The files that it was ingested from just now.
    """
    return [
        *_time(dataset, sources),
        *_units(dataset),
        *([] if dataset.license else ["no licence: state record.license, such as CC-BY-4.0"]),
        *(["its title is its id: state record.title"] if set(dataset.title.values()) <= {dataset.id} else []),
    ]


def _time(dataset: Dataset, sources: Sequence[Path]) -> list[str]:
    if dataset.time is not None:
        return []
    pattern = date_pattern([path.name for path in sources])
    if pattern is None:
        return ["no time: state time.labels, or time.pattern on the names of the files, unless it has none"]
    return [f"no time, though the names look as if they held dates: state time.pattern: '{pattern}'"]


def _units(dataset: Dataset) -> list[str]:
    names = [one.id for one in dataset.variables if one.kind == "continuous" and not one.unit]
    return [f"no unit of {', '.join(names)}: state variables[].unit, 1 for plain numbers"] if names else []
