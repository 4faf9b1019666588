"""What neither the files nor the declaration of a dataset stated, and how to state it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.ingest.reading.drafting import date_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from records.datasets.models import Dataset

_LICENCE: Final = "no licence: add --title and --license, such as CC-BY-4.0, or record.license in a declaration"
_TITLE: Final = "its title is its id: add --title, or record.title in a declaration"
_TIME: Final = "no time: add --time-pattern for the names of files, or time.labels in a declaration, unless it has none"


def unstated(dataset: Dataset, sources: Sequence[Path]) -> list[str]:
    """A sentence on each thing that users of a published dataset will miss, with the option or member that states it.

    Args:
        dataset: As it is published.
        sources: The files that it was ingested from just now.
    """
    is_untitled = set(dataset.title.values()) <= {dataset.id}
    notes = [*_time(dataset, sources), *_units(dataset)]
    return notes + ([] if dataset.license else [_LICENCE]) + ([_TITLE] if is_untitled else [])


def _time(dataset: Dataset, sources: Sequence[Path]) -> list[str]:
    if dataset.time is not None:
        return []
    pattern = date_pattern([path.name for path in sources])
    if pattern is None:
        return [_TIME]
    return [f"no time, though the names look as if they held dates: add --time-pattern '{pattern}'"]


def _units(dataset: Dataset) -> list[str]:
    names = [one.id for one in dataset.variables if one.kind == "continuous" and not one.unit]
    remedy = "add --unit, or" if len(dataset.variables) == 1 else "state"
    what = f"{remedy} variables[].unit in a declaration, 1 for plain numbers"
    return [f"no unit of {', '.join(names)}: {what}"] if names else []
