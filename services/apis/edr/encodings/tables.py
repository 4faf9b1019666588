"""Answers as CSV, a row for each time, level and place, written block by block."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np

from services.apis.edr.places.geometries import GridBlock, SamplePlaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.apis.edr.samples import Sampling


def csv_pieces(answer: Sampling) -> Iterator[bytes]:
    """Iterate over the table: units in its header, missing values empty."""
    levels = answer.query.first.levels
    heads, places = _places(answer)
    member = answer.query.member_label
    header = [*(["time"] if answer.labels else []), *([] if member is None else ["member [1]"])]
    header += [*([_with(levels.name, levels.unit)] if levels else []), *heads]
    header += [_with(p.name, p.field.unit) for p in answer.parameters]
    yield _line(header).encode()
    names = [p.name for p in answer.parameters]
    for times, values in answer.blocks():
        lines: list[str] = []
        for step, time in enumerate(times):
            for level, label in enumerate(answer.query.level_labels):
                texts = [_texts(values[name][step, level]) for name in names]
                head = "".join(f"{text}," for text in (member, label) if text is not None)
                moment = f"{answer.labels[time]}," if answer.labels and not answer.is_path else ""
                for place, cells in zip(places, zip(*texts, strict=True), strict=True):
                    lines.append(f"{moment}{head}{place},{','.join(cells)}\n")
                if len(lines) > 20_000:
                    yield "".join(lines).encode()
                    lines = []
        yield "".join(lines).encode()


def _with(name: str, unit: str | None) -> str:
    return f"{name} [{unit or '1'}]"


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _texts(values: np.ndarray) -> list[str]:
    texts = np.char.mod("%.10g", values)
    shown: list[str] = np.where(np.isfinite(values), texts, "").tolist()
    return shown


def _places(answer: Sampling) -> tuple[list[str], list[str]]:
    """The names of the columns of places, and the text of each place."""
    domain = answer.domain
    degrees = ("longitude [degrees_east]", "latitude [degrees_north]")
    if isinstance(domain, SamplePlaces):
        names = degrees if answer.query.reference.is_degrees else ("x", "y")
        pairs = [f"{x:.12g},{y:.12g}" for x, y in zip(domain.xs.tolist(), domain.ys.tolist(), strict=True)]
        if answer.is_path:  # the first column is the time
            pairs = [f"{label},{pair}" for label, pair in zip(answer.labels, pairs, strict=True)]
        return list(names), pairs
    if isinstance(domain, GridBlock):
        names = degrees if answer.query.first.grid.is_geographic else ("x", "y")
        return list(names), [f"{x:.12g},{y:.12g}" for y in domain.ys.tolist() for x in domain.xs.tolist()]
    return ["location"], [_line([place.id]).strip() for place in domain]
