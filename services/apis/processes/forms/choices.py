"""What the form of a process offers to choose from: the datasets that may be read, with variables, levels and times."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from records.datasets.models import text_in
from services.access.decision import decide

if TYPE_CHECKING:
    from records.datasets.models import Dataset, Variable
    from services.access.principal import Principal
    from services.web.context import Context

MOST_DATASETS: Final = 300
"""Datasets of a list; where there are more, their ids are typed."""
_SHARE: Final = 0.2
"""Share of a dataset's box, in each direction, that the shapes of examples take."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a form offers.

    Attributes:
        collections: (id, title) of each dataset.
        variables: (title of the dataset, ((id, title) of each variable)) of each dataset.
        fields: The same, with the JSON object that names dataset and variable in the place of the id.
        facts: Of each dataset, by id: its box, times, and the size of each variable, for scripts.
    """

    collections: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    fields: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    facts: dict[str, Any]


NO_CHOICES: Final = Choices(facts={})


def form_choices(context: Context, principal: Principal, language: str) -> Choices:
    """The choices for a principal; none where the catalogue is too large for lists."""
    datasets, total = context.catalogue.repository.datasets(limit=MOST_DATASETS)
    if total > MOST_DATASETS:
        return NO_CHOICES
    readable = [d for d in datasets if d.variables and decide(principal, d, "read", context.settings).allowed]
    titles = {d.id: text_in(d.title, language) or d.id for d in readable}
    variable_names = {d.id: [(v, _named(v, language)) for v in d.variables] for d in readable}
    return Choices(
        collections=tuple((d.id, titles[d.id]) for d in readable),
        variables=tuple((titles[d.id], tuple((v.id, name) for v, name in variable_names[d.id])) for d in readable),
        fields=tuple(
            (titles[d.id], tuple((field_value(d, v), name) for v, name in variable_names[d.id])) for d in readable
        ),
        facts={d.id: _facts(d, language) for d in readable},
    )


def field_value(dataset: Dataset, variable: Variable) -> str:
    """A dataset's variable as a control holds it: the JSON of an input, the first level where there are several."""
    level = {"level": variable.levels.labels[0]} if variable.levels and len(variable.levels.labels) > 1 else {}
    return json.dumps({"collection": dataset.id, "variable": variable.id, **level}, ensure_ascii=False)


def middle_box(bbox: list[float]) -> list[float]:
    """A small box in the middle of a dataset's: (west, south, east, north) in degrees."""
    west, south, east, north = bbox
    east += 360 if east < west else 0
    x, y = (west + east) / 2, (south + north) / 2
    dx, dy = (east - west) * _SHARE / 2, (north - south) * _SHARE / 2
    return [round(value, 4) for value in (x - dx, y - dy, x + dx, y + dy)]


def _named(variable: Variable, language: str) -> str:
    unit = "" if variable.unit in (None, "", "1") else f" ({variable.unit})"
    return f"{text_in(variable.title, language) or variable.id}{unit}"


def _facts(dataset: Dataset, language: str) -> dict[str, Any]:
    time = dataset.time
    return {
        "bbox": list(dataset.bbox),
        "times": {"first": time.first, "last": time.last, "count": time.count} if time else None,
        "variables": {
            v.id: {
                "title": _named(v, language),
                "cells": v.grid.width * v.grid.height,
                "levels": list(v.levels.labels) if v.levels else [],
                "members": list(v.members.labels) if v.members else [],
            }
            for v in dataset.variables
        },
    }
